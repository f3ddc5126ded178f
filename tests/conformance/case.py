"""One row of the table of cases."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

import tfgan_tricks as tt
from tfgan_tricks.parts import Part

# What the tests of this folder hold a layer to, each in the file named.
PROPERTIES = {
    "harness": "test_keras_harness.py",
    "xla": "test_execution.py",
    "any_batch": "test_execution.py",
    "extremes": "test_extremes.py",
    "precision": "test_precision.py",
    "replicas": "test_replicas.py",
    "keras_file": "test_saving.py",
    "saved_model": "test_saving.py",
    "jax": "test_backends.py",
}

CODE = tt.latents.Code(categorical=(3,), continuous=1)  # in the latents of the task that parts are prepared with


@dataclasses.dataclass(frozen=True)
class Case:
    """One public name, called with these arguments on inputs of these shapes.

    Attributes:
        name: public name below `tfgan_tricks`, e.g. "layers.SpectralNormDense".
        arguments: what it is made with, other than the defaults wherever it has some.
        shapes: shapes of the inputs, batch axis first; () for a count of images. A layer of several inputs gets
            them as a list.
        output_shape: shape of the output, of layers and input transforms; a tuple of shapes for several outputs.
        variant: tells the rows of one name apart.
        random: whether the values depend on a seed.
        labels: for inputs that are integer labels, by their index, the number of classes.
        masks: indices of inputs that hold zeros and ones.
        positional: what it is made with by place, of names that take any number of arguments.
        explained: properties that this row is not held to here, each with the reason and where it is tested instead.
    """

    name: str
    arguments: dict[str, Any]
    shapes: tuple[tuple[int, ...], ...]
    output_shape: tuple | None = None
    variant: str = ""
    random: bool = False
    labels: Mapping[int, int] = dataclasses.field(default_factory=dict)
    masks: tuple[int, ...] = ()
    positional: tuple = ()
    explained: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        unknown = set(self.explained) - set(PROPERTIES)
        if unknown:
            raise ValueError(f"{self.id} explains {sorted(unknown)}; the properties are {sorted(PROPERTIES)}.")

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

    @property
    def dtypes(self) -> list[str]:
        """Type of each input."""
        return ["int32" if index in self.labels else "float32" for index in range(len(self.shapes))]

    @property
    def input_shape(self):
        """What `build` of a layer gets: one shape, or a list of them."""
        return self.shapes[0] if len(self.shapes) == 1 else list(self.shapes)

    @property
    def output_shapes(self) -> list[tuple[int, ...]]:
        """Shapes of the outputs, one or several."""
        assert self.output_shape is not None, f"{self.id} needs an output_shape"
        several = isinstance(self.output_shape[0], tuple)
        return list(self.output_shape) if several else [self.output_shape]

    def fresh(self) -> Any:
        """Returns the object as it is made, without weights."""
        arguments = {name: _fresh(value) for name, value in self.arguments.items()}
        return self.factory(*self.positional, **arguments)

    def build(self) -> Any:
        """Returns the object, with its weights if it has some; those of a layer are moved off their initial values,
        so that a scale that starts at 0 or 1 counts."""
        built = self.fresh()
        if isinstance(built, Part):
            built.task = _task()
            built.prepare(built.task)
        if self.is_layer:
            built.build(self.input_shape)
            generator = np.random.default_rng(11)
            for weight in built.trainable_weights:
                weight.assign(weight + generator.normal(scale=0.1, size=weight.shape).astype("float32"))
        return built

    def inputs(self, seed: int = 0) -> tuple[np.ndarray, ...]:
        """Returns random inputs, different at each place; a count of images is a few hundred."""
        generator = np.random.default_rng(seed)
        draws = []
        for index, (shape, dtype) in enumerate(zip(self.shapes, self.dtypes, strict=True)):
            if index in self.labels:
                value = generator.integers(self.labels[index], size=shape)
            elif index in self.masks:
                value = generator.integers(2, size=shape)
            else:
                value = generator.normal(size=shape) if shape else generator.integers(100, 900)
            draws.append(np.asarray(value, dtype))
        return tuple(draws)

    def filled(self, value: float) -> tuple[np.ndarray, ...]:
        """Returns inputs that hold one value everywhere; masks and labels, which have values of their own, hold 0."""
        fixed = {*self.labels, *self.masks}
        return tuple(
            np.full(shape, 0 if index in fixed else value, dtype)
            for index, (shape, dtype) in enumerate(zip(self.shapes, self.dtypes, strict=True))
        )


def _task() -> tt.tasks.Task:
    """Returns a small task with the same weights each time, for parts that read or remember weights."""
    prior = tt.latents.Concatenated(tt.latents.Normal(2), CODE)
    networks = tt.architectures.mlp(resolution=2, channels=1, latent_dim=prior.shape[0], widths=(3,))
    generator = np.random.default_rng(5)
    for network in networks:
        for weight in network.trainable_variables:
            weight.assign(generator.normal(size=weight.shape).astype("float32"))
    return tt.tasks.Unconditional(*networks, prior)


def _fresh(value: Any) -> Any:
    """Returns a layer anew, so that no two builds share its weights; anything else as it is."""
    return type(value).from_config(value.get_config()) if isinstance(value, keras.Layer) else value
