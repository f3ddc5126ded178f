"""One row of the table of cases."""

import dataclasses
from typing import Any

import numpy as np

import tfgan_tricks as tt


@dataclasses.dataclass(frozen=True)
class Case:
    """One public name, called with these arguments on inputs of these shapes.

    Attributes:
        name: public name below `tfgan_tricks`, e.g. "layers.SpectralNormDense".
        arguments: what it is made with, other than the defaults wherever it has some.
        shapes: shapes of the inputs, batch axis first; () for a count of images.
        output_shape: shape of the output, of layers and input transforms.
        variant: tells the rows of one name apart.
        random: whether the values depend on the seed.
    """

    name: str
    arguments: dict[str, Any]
    shapes: tuple[tuple[int, ...], ...]
    output_shape: tuple[int, ...] | None = None
    variant: str = ""
    random: bool = False

    @property
    def id(self) -> str:
        return self.name + (f"-{self.variant}" if self.variant else "")

    @property
    def kind(self) -> str:
        """First part of the name: the folder."""
        return self.name.split(".")[0]

    @property
    def factory(self) -> Any:
        """The public class or function."""
        found: Any = tt
        for part in self.name.split("."):
            found = getattr(found, part)
        return found

    @property
    def is_layer(self) -> bool:
        return self.kind in ("layers", "inputs")

    @property
    def is_batched(self) -> bool:
        """Whether the inputs have a batch axis."""
        return all(self.shapes)

    def build(self) -> Any:
        """Returns the object, with its weights if it has some."""
        built = self.factory(**self.arguments)
        if self.is_layer:
            built.build(self.shapes[0])
        return built

    def inputs(self, seed: int = 0) -> tuple[np.ndarray, ...]:
        """Returns random inputs, float32, different at each place; a count of images is a few hundred."""
        generator = np.random.default_rng(seed)
        draw = [generator.normal(size=shape) if shape else generator.integers(100, 900) for shape in self.shapes]
        return tuple(np.asarray(value, "float32") for value in draw)

    def filled(self, value: float) -> tuple[np.ndarray, ...]:
        """Returns inputs that hold one value everywhere."""
        return tuple(np.full(shape, value, "float32") for shape in self.shapes)
