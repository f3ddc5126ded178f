"""Weight clipping."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range


@keras.saving.register_keras_serializable("tfgan_tricks")
class ClipWeights(keras.constraints.Constraint):
    """Clips each of the critic's weights to [-limit, limit] after each of its updates.

    The first WGAN's way to a Lipschitz critic: pass it as `weight_constraint` to `GAN.compile`. It is part of the
    compile configuration, so it survives save and load. Gradient penalties and spectral normalisation have
    replaced it where quality counts; it remains the baseline that they are measured against.

    **Source**: Arjovsky et al., 2017, arXiv:1701.07875, algorithm 1.

    **Differs from the paper**: no.

    Args:
        limit: largest absolute value of a weight, above 0.

    Call arguments:
        weights: a tensor.

    Input shape: any.

    Output shape: the same.

    **Cost**: one pass over the critic's weights per update.

    **Combines badly with**: optimizers with momentum (the paper uses RMSprop); batch normalisation in the critic,
    whose scale it clips to almost nothing.

    Example:

    >>> clipped = tfgan_tricks.constraints.ClipWeights(0.01)(np.array([-1.0, 0.005, 1.0], "float32"))
    >>> [round(float(weight), 3) for weight in clipped]
    [-0.01, 0.005, 0.01]
    """

    def __init__(self, limit: float = 0.01):
        check_range("limit", limit, low=0.0, low_open=True)
        self.limit = limit

    def __call__(self, weights):
        return ops.clip(weights, -self.limit, self.limit)

    def get_config(self):
        return {"limit": self.limit}

    def __repr__(self) -> str:
        return f"ClipWeights(limit={self.limit!r})"
