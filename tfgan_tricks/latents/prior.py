"""The protocol of a prior: where a generator's noise comes from."""

from tfgan_tricks.serialization import Configurable


class Prior(Configurable):
    """A distribution that latents are drawn from.

    A subclass implements `shape` and `sample` with `keras.ops` and `keras.random`, and takes every random number
    from `seed`, so that it works inside a graph, on each replica and in an exported model.
    """

    @property
    def needs_label(self) -> bool:
        """Whether `sample` takes the labels of the images that are to be drawn, as `label`; without, it draws them."""
        return False

    @property
    def labels(self) -> int | None:
        """How many labels it knows, of a prior that takes labels; `None` if that is open."""
        return None

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one latent, without the batch dimension."""
        raise NotImplementedError(f"{type(self).__name__} must implement the property `shape`.")

    def sample(self, n, seed):
        """Draws latents.

        Args:
            n: how many, an integer or an integer scalar tensor.
            seed: an integer, a `keras.random.SeedGenerator` or a `tfgan_tricks.randomness.SeedStream`.

        Returns:
            float32 tensor of shape (n, *shape).
        """
        raise NotImplementedError(f"{type(self).__name__} must implement sample(n, seed).")
