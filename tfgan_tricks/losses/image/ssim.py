"""Structural similarity."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, check_range, explain
from tfgan_tricks.losses.image.image_comparison import ImageComparison
from tfgan_tricks.losses.image.structural_similarity import similarity, to_unit_range


@keras.saving.register_keras_serializable("tfgan_tricks")
class SSIM(ImageComparison):
    """Compares images by the brightness, contrast and structure of small windows: 1 - SSIM(x, y).

    Closer to what an eye minds than a difference of pixels: a constant shift or a weaker contrast cost little, a lost
    edge costs much. The value is 0 for equal images and at most 2.

    **Source**: Wang et al., 2004, Image quality assessment: from error visibility to structural similarity, section
    3; as a loss: Zhao et al., 2015, arXiv:1511.08861, section III.

    **Differs from the paper**: no; images in [-1, 1] are moved to [0, 1] first, and the channels are averaged. The
    values are those of `tf.image.ssim`.

    Args:
        filter_size: side of the Gaussian window in pixels, at most the image's.
        filter_sigma: its standard deviation in pixels.
        weight: factor, a number or a schedule in images seen.
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the generator's update, with aux["target"] like `fake`.

    Output shape: `call` returns one value per image, [n].

    **Cost**: ten small convolutions over the images.

    **Combines badly with**: use alone: it allows shifts of colour and brightness, so add `Reconstruction`.

    Example:

    >>> image = np.random.default_rng(0).uniform(-1, 1, (1, 16, 16, 1)).astype("float32")
    >>> match = tfgan_tricks.types.Match(real=None, fake=image, aux={"target": -image})
    >>> bool(tfgan_tricks.losses.image.SSIM()(match) > 1.0)  # the structure is reversed
    True
    """

    def __init__(
        self,
        filter_size: int = 11,
        filter_sigma: float = 1.5,
        weight=1.0,
        every: int = 1,
        name: str | None = None,
    ):
        check_window(filter_size, filter_sigma)
        super().__init__(weight=weight, every=every, name=name or "ssim")
        self.filter_size = filter_size
        self.filter_sigma = filter_sigma

    def compare(self, fake, target):
        check_room(self, fake.shape, self.filter_size, scales=1)
        fake, target = to_unit_range(fake), to_unit_range(target)
        both, _ = similarity(fake, target, self.filter_size, self.filter_sigma)  # [n, c]
        return 1.0 - ops.mean(both, axis=-1)


def check_window(filter_size, filter_sigma) -> None:
    """Raises `ValueError` unless a Gaussian window has such a side and width."""
    check_integer("filter_size", filter_size, at_least=1)
    check_range("filter_sigma", filter_sigma, low=0.0, low_open=True)


def check_room(term, shape, filter_size: int, scales: int) -> None:
    """Raises `ValueError` if the window does not fit into the images on the coarsest scale."""
    needed = (filter_size - 1) * 2 ** (scales - 1) + 1
    if any(side is not None and side < needed for side in shape[1:3]):
        raise ValueError(
            explain(
                f"The images are too small for the window of {type(term).__name__}.",
                received=f"images of {shape[1]} x {shape[2]}, a window of {filter_size} on {scales} scale(s)",
                expected=f"images of at least {needed} x {needed}",
                fix="pass a smaller filter_size" + (", or fewer power_factors." if scales > 1 else "."),
            )
        )
