"""Dropout that is never switched off by inference."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range
from tfgan_tricks.layers.always_on import AlwaysOn


@keras.saving.register_keras_serializable("tfgan_tricks")
class AlwaysOnDropout(AlwaysOn):
    """Dropout in training and in use: the noise of a generator that has no latents.

    A conditional generator learns to ignore a noise vector beside its input; dropout in its layers is harder to
    ignore. Each number is set to 0 with probability `rate`, independently; the others are multiplied by
    1/(1 - rate), so that the mean stays.

    Which numbers fall out is new in each call and on each replica, and follows from the seed. It stays on in
    inference and in an exported model; `tfgan_tricks.export.deterministic(model)` and
    `gan.export(..., deterministic=True)` make it the identity.

    **Source**: Isola et al., 2017, arXiv:1611.07004, section 3.2 (dropout of 50% in the first decoder layers, at
    training and test time).

    **Differs from the paper**: no.

    Args:
        rate: probability that a number is set to 0, in [0, 1).
        seed: integer from which the randomness descends; drawn at random unless given.

    Call arguments:
        inputs: float tensor.

    Input shape: any, [n, ..., c] as a rule.

    Output shape: the same.

    **Cost**: one random number per input.

    **Combines badly with**: serving without it if a batch normalisation comes after it, whose stored variance is that
    of features with dropout; pixel-wise comparison of two calls.

    Example:

    >>> dropout = tfgan_tricks.layers.AlwaysOnDropout(0.75, seed=1)
    >>> outputs = np.asarray(dropout(np.ones((10, 10), "float32"), training=False))
    >>> sorted(float(value) for value in set(outputs.flatten()))
    [0.0, 4.0]
    """

    def __init__(self, rate: float = 0.5, seed: int | None = None, **kwargs):
        super().__init__(seed=seed, **kwargs)
        check_range("rate", rate, low=0.0, high=1.0, high_open=True)
        self.rate = rate

    def disturb(self, inputs, seed):
        # float32 also for half-precision inputs, whose uniform numbers are too coarse for an exact rate
        kept = keras.random.uniform(ops.shape(inputs), dtype="float32", seed=seed) >= self.rate
        return ops.where(kept, inputs / (1.0 - self.rate), ops.zeros_like(inputs))

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}
