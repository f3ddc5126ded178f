"""Structural similarity on several scales."""

import keras
from keras import ops

from tfgan_tricks.checks import explain
from tfgan_tricks.losses.image.image_comparison import ImageComparison
from tfgan_tricks.losses.image.ssim import check_room, check_window
from tfgan_tricks.losses.image.structural_similarity import halve, similarity, to_unit_range


@keras.saving.register_keras_serializable("tfgan_tricks")
class MultiScaleSSIM(ImageComparison):
    """Compares images by structural similarity at the full size, the half, the quarter and so on: 1 - MS-SSIM(x, y).

    One window size judges only details of its size; the product over scales judges coarse and fine ones, whatever
    the distance that an image is looked at from. The value is between 0 and 1.

    **Source**: Wang et al., 2003, Multi-scale structural similarity for image quality assessment, equation 7; as a
    loss: Zhao et al., 2015, arXiv:1511.08861, section III.

    **Differs from the paper**: a scale whose similarity is negative counts as 0, and then passes no gradient; images in
    [-1, 1] are moved to [0, 1] first, and the channels are averaged. The values are those of
    `tf.image.ssim_multiscale`, whose gradient is NaN there.

    Args:
        power_factors: exponent of each scale, from fine to coarse; the paper's five need images of at least 161 pixels.
        filter_size: side of the Gaussian window in pixels, at most the coarsest image's.
        filter_sigma: its standard deviation in pixels.
        weight: factor, a number or a schedule in images seen.
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the generator's update, with aux["target"] like `fake`.

    Output shape: `call` returns one value per image, [n].

    **Cost**: ten small convolutions over the images on each scale.

    **Combines badly with**: images that share nothing yet, on which it is 1 without a gradient: start with
    `Reconstruction`, or add it.

    Example:

    >>> image = np.random.default_rng(0).uniform(-1, 1, (1, 16, 16, 1)).astype("float32")
    >>> match = tfgan_tricks.types.Match(real=None, fake=image, aux={"target": 0.9 * image})
    >>> term = tfgan_tricks.losses.image.MultiScaleSSIM(power_factors=(0.4, 0.6), filter_size=5)
    >>> bool(0.0 < term(match) < 0.1)
    True
    """

    def __init__(
        self,
        power_factors: tuple[float, ...] = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333),
        filter_size: int = 11,
        filter_sigma: float = 1.5,
        weight=1.0,
        every: int = 1,
        name: str | None = None,
    ):
        if not power_factors or min(power_factors) <= 0:
            raise ValueError(
                explain(
                    "`power_factors` must have an exponent for each scale.",
                    received=f"power_factors={power_factors!r}",
                    expected="one number above 0 or more",
                    fix="leave out the scales that are not to count.",
                )
            )
        check_window(filter_size, filter_sigma)
        super().__init__(weight=weight, every=every, name=name or "ms_ssim")
        self.power_factors = tuple(power_factors)
        self.filter_size = filter_size
        self.filter_sigma = filter_sigma

    def compare(self, fake, target):
        check_room(self, fake.shape, self.filter_size, scales=len(self.power_factors))
        fake, target = to_unit_range(fake), to_unit_range(target)
        product, last = 1.0, len(self.power_factors) - 1
        for scale, exponent in enumerate(self.power_factors):
            both, structure = similarity(fake, target, self.filter_size, self.filter_sigma)  # [n, c]
            product *= _power(both if scale == last else structure, exponent)
            if scale < last:
                fake, target = halve(fake), halve(target)
        return 1.0 - ops.mean(product, axis=-1)


def _power(value, exponent: float):
    """Returns value^exponent where the value is positive and 0 elsewhere, where its slope is 0 too."""
    positive = value > 0.0
    return ops.where(positive, ops.power(ops.where(positive, value, 1.0), exponent), 0.0)
