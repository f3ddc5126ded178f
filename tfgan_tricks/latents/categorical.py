"""One class of several, as a latent."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer
from tfgan_tricks.latents.prior import Prior


@keras.saving.register_keras_serializable("tfgan_tricks")
class Categorical(Prior):
    """One-hot latents, every class equally likely.

    Alone it says which of k images is meant; together with noise (`Concatenated`, `AppendedNoise`) which kind of image.

    **Source**: Chen et al., 2016, arXiv:1606.03657, section 7.

    **Differs from the paper**: no.

    Args:
        classes: number of classes, at least 2.

    Output shape: [n, classes], float32, one 1 in each row.

    **Cost**: none.

    **Combines badly with**: `slerp`: between two classes there is nothing that the generator has seen.

    Example:

    >>> np.asarray(tfgan_tricks.latents.Categorical(3).sample(4, seed=0)).sum(axis=1).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """

    def __init__(self, classes: int):
        check_integer("classes", classes, at_least=2)
        self.classes = classes

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.classes,)

    def sample(self, n, seed):
        numbers = keras.random.randint((n,), 0, self.classes, dtype="int32", seed=seed)
        return ops.one_hot(numbers, self.classes, dtype="float32")
