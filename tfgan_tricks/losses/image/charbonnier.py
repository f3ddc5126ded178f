"""A smooth absolute difference."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range
from tfgan_tricks.losses.image.image_comparison import ImageComparison
from tfgan_tricks.losses.reading import difference, per_example


@keras.saving.register_keras_serializable("tfgan_tricks")
class Charbonnier(ImageComparison):
    """Compares images by √((x - y)² + ε²): L1 where they differ, smooth where they agree.

    For super-resolution and restoration: outliers count less than under L2, and unlike under L1 the gradient fades
    out as a pixel comes right.

    **Source**: Lai et al., 2017, arXiv:1704.03915, section 3.2; Charbonnier et al., 1994.

    **Differs from the paper**: the mean over pixels and channels, not their sum.

    Args:
        epsilon: ε, in the units of the images, above 0.
        weight: factor, a number or a schedule in images seen.
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the generator's update, with aux["target"] like `fake`.

    Output shape: `call` returns one value per image, [n]; two equal images cost ε.

    **Cost**: none worth naming.

    **Combines badly with**: tasks without pairs, which have no target.

    Example:

    >>> image = np.zeros((1, 1, 2, 1), "float32")
    >>> match = tfgan_tricks.types.Match(real=None, fake=image, aux={"target": image + 3.0})
    >>> round(float(tfgan_tricks.losses.image.Charbonnier(epsilon=4.0)(match)), 3)
    5.0
    """

    def __init__(self, epsilon: float = 1e-3, weight=1.0, every: int = 1, name: str | None = None):
        check_range("epsilon", epsilon, low=0.0, low_open=True)
        super().__init__(weight=weight, every=every, name=name)
        self.epsilon = epsilon

    def compare(self, fake, target):
        return per_example(ops.sqrt(difference("l2", fake, target) + self.epsilon**2))
