"""InfoGAN's code."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer
from tfgan_tricks.latents.prior import Prior
from tfgan_tricks.randomness import stream_of


@keras.saving.register_keras_serializable("tfgan_tricks")
class Code(Prior):
    """A code of categories and continuous factors, for a generator that is to use each for something of its own.

    Concatenate it with noise: `Concatenated(Normal(62), Code(categorical=(10,), continuous=2))`, and add the term
    `MutualInformation`, which lets the critic guess the code from the image.

    **Source**: Chen et al., 2016, arXiv:1606.03657, sections 5 and 7.

    **Differs from the paper**: no.

    Args:
        categorical: number of classes of each categorical factor.
        continuous: number of continuous factors, uniform in [-1, 1).

    Output shape: [n, sum(categorical) + continuous], float32: the one-hot factors, then the continuous ones.

    **Cost**: none.

    **Combines badly with**: nothing known.

    Example:

    >>> code = tfgan_tricks.latents.Code(categorical=(3, 2), continuous=1)
    >>> code.categorical_slices, code.continuous_slice
    ((slice(0, 3, None), slice(3, 5, None)), slice(5, 6, None))
    """

    def __init__(self, categorical: tuple[int, ...] = (10,), continuous: int = 2):
        for classes in categorical:
            check_integer("categorical", classes, at_least=2)
        check_integer("continuous", continuous, at_least=0 if categorical else 1)
        self.categorical = tuple(categorical)
        self.continuous = continuous

    @property
    def shape(self) -> tuple[int, ...]:
        return (sum(self.categorical) + self.continuous,)

    @property
    def categorical_slices(self) -> tuple[slice, ...]:
        """Where each categorical factor is."""
        ends = [sum(self.categorical[: i + 1]) for i in range(len(self.categorical))]
        return tuple(slice(end - classes, end) for end, classes in zip(ends, self.categorical, strict=True))

    @property
    def continuous_slice(self) -> slice:
        """Where the continuous factors are."""
        return slice(sum(self.categorical), self.shape[0])

    def sample(self, n, seed):
        seed, parts = stream_of(seed), []
        for classes in self.categorical:
            numbers = keras.random.randint((n,), 0, classes, dtype="int32", seed=seed)
            parts.append(ops.one_hot(numbers, classes, dtype="float32"))
        if self.continuous:
            parts.append(keras.random.uniform((n, self.continuous), -1.0, 1.0, dtype="float32", seed=seed))
        return ops.concatenate(parts, axis=1)
