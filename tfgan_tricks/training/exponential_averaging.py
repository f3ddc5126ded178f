"""Exponential moving average of the generator's weights."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range
from tfgan_tricks.training.averaging import Averaging


@keras.saving.register_keras_serializable("tfgan_tricks")
class ExponentialAveraging(Averaging):
    """Exponential moving average of the generator's weights, with its half-life counted in images.

    GAN training circles around its equilibrium; the average sits in the middle. After each generator update
    w̄ ← β·w̄ + (1 - β)·w with β = ½^(n / half-life), n images per update. Everything that is not trained (batch
    norm's statistics, spectral norm's vectors) is copied. Sampling, evaluation and export use the average.

    **Source**: Yazıcı et al., 2019, arXiv:1806.04498; the half-life in images and its ramp-up from Karras et al.,
    2020, arXiv:2006.06676, appendix B.

    **Differs from the paper**: batch norm's statistics are copied, not averaged.

    Args:
        half_life_images: images after which an old weight counts half, above 0.
        start_images: until so many images the average is a plain copy.
        ramp_up: if given, the half-life is at most this share of the images seen so far (0.05 is usual), so that
            the average forgets the first, bad generators sooner.

    Call arguments:
        images_seen: integer scalar, images seen after this update.
        n: images of this update.

    Output shape: `decay(images_seen, n)` returns β, a float32 scalar.

    **Cost**: one more copy of the generator's weights, one pass over them per update.

    **Combines badly with**: runs shorter than a few half-lives: the average still remembers the start.

    Example:

    >>> averaging = tt.training.ExponentialAveraging(half_life_images=1_000)
    >>> round(float(averaging.decay(images_seen=5_000, n=1_000)), 3)
    0.5
    """

    def __init__(self, half_life_images: int = 10_000, start_images: int = 0, ramp_up: float | None = None):
        super().__init__(start_images)
        check_range("half_life_images", half_life_images, low=0, low_open=True)
        if ramp_up is not None:
            check_range("ramp_up", ramp_up, low=0.0, low_open=True)
        self.half_life_images = half_life_images
        self.ramp_up = ramp_up

    def decay(self, images_seen, n):
        """Returns the share β of the old average that is kept."""
        seen = ops.cast(images_seen, "float32")
        half_life = ops.convert_to_tensor(self.half_life_images, "float32")
        if self.ramp_up is not None:
            half_life = ops.minimum(half_life, seen * self.ramp_up)
        kept = ops.power(0.5, ops.cast(n, "float32") / ops.maximum(half_life, 1e-8))
        return ops.where(seen > self.start_images, kept, 0.0)
