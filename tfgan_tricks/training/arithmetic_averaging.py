"""Arithmetic mean of the generator's weights."""

import keras
from keras import ops

from tfgan_tricks.training.averaging import Averaging


@keras.saving.register_keras_serializable("tfgan_tricks")
class ArithmeticAveraging(Averaging):
    """Plain mean of the generator's weights after all updates since a start.

    Every update counts alike, however old: in convex-concave games it is this mean that converges where the players go
    round in circles. It settles down, where an exponential average goes on moving, but it never forgets, so start it
    late, when the samples are good.
    After the t-th update past the start w̄ ← (1 - 1/t)·w̄ + w/t. Everything that is not trained (batch norm's statistics,
    spectral norm's vectors, frozen networks) is copied. Sampling, evaluation and export use the average.

    **Source**: Yazıcı et al., 2019, arXiv:1806.04498, there "MA".

    **Differs from the paper**: the start is counted in images; batch norm's statistics are copied, not averaged.

    Args:
        start_images: until so many images the average is a plain copy, at least 0.

    Call arguments:
        images_seen: integer scalar, images seen after this update.
        n: images of this update. Where it changes during a run, images count alike instead of updates.

    Output shape: `decay(images_seen, n)` returns β = 1 - 1/t, a float32 scalar.

    **Cost**: one more copy of the generator's weights, one pass over them per update.

    **Combines badly with**: an early start: the mean holds the first, bad generators for ever. Learning rates that fall
    to 0: the last weights are better than their mean with those before.

    Example:

    >>> averaging = tt.training.ArithmeticAveraging(start_images=1_000)
    >>> [round(float(averaging.decay(seen, n=100)), 3) for seen in (900, 1_100, 1_200, 1_300, 2_000)]
    [0.0, 0.0, 0.5, 0.667, 0.9]
    """

    def decay(self, images_seen, n):
        """Returns the share β of the old average that is kept."""
        integer = "int32" if keras.backend.backend() == "jax" else "int64"  # float32 would miscount after 16 million
        seen, n = ops.cast(images_seen, integer), ops.maximum(ops.cast(n, integer), 1)
        updates = ops.maximum((seen - self.start_images + n - 1) // n, 1)
        return 1.0 - 1.0 / ops.cast(updates, "float32")
