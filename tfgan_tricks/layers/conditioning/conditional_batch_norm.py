"""Batch normalisation with a scale and an offset per class."""

import keras

from tfgan_tricks.checks import check_range
from tfgan_tricks.layers.conditioning.label_modulation import LabelModulation
from tfgan_tricks.layers.conditioning.modulated import Modulated


@keras.saving.register_keras_serializable("tfgan_tricks")
class ConditionalBatchNorm(Modulated):
    """Batch normalisation whose scale and offset are looked up by label.

    The usual way to tell a generator its class: y = γ_label · x̂ + β_label, where x̂ is normalised over the whole batch,
    all classes together. γ starts at one and β at zero. It is `Modulated(keras.layers.BatchNormalization(...),
    LabelModulation(classes))`; make that pair yourself for other options, such as `synchronized=True`.

    A class number out of range raises an error in eager calls; in a traced function it gives x̂ as it is.

    **Source**: Dumoulin et al., 2017, arXiv:1610.07629, section 2.2 (per instance); De Vries et al., 2017,
    arXiv:1707.00683 (over the batch); in a GAN by Miyato and Koyama, 2018, arXiv:1802.05637.

    **Differs from the paper**: De Vries et al. predict changes of γ and β from a sentence; here, as in the GAN, the
    condition is a label.

    Args:
        classes: number of classes, at least 1.
        momentum: of the moving statistics, in [0, 1]: the share that they keep in a training call.
        epsilon: added to the variance, above 0.
        **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: list [x, labels]; labels are integers from 0 to classes − 1, or floats, a weight per class.
        training: whether x is normalised by its own statistics, which also move the moving ones, or by the latter.

    Input shape: [(n, ..., channels), (n,) or (n, 1) or (n, classes)].

    Output shape: that of x.

    **Cost**: a batch normalisation and one lookup; 2 · (classes + 1) · channels values.

    **Combines badly with**: small batches; replicas, which each normalise by their own part of the batch and keep
    moving statistics of their own, the first of which are saved; penalties on the gradient of each example, since the
    statistics tie the examples together.

    Example:

    >>> layer = tt.layers.ConditionalBatchNorm(classes=10)
    >>> layer([np.ones((3, 8, 8, 4), "float32"), np.array([7, 0, 7])]).shape
    TensorShape([3, 8, 8, 4])
    """

    def __init__(self, classes: int, momentum: float = 0.99, epsilon: float = 1e-3, **kwargs):
        check_range("momentum", momentum, low=0.0, high=1.0)
        check_range("epsilon", epsilon, low=0.0, low_open=True)
        dtype = kwargs.get("dtype")
        norm = keras.layers.BatchNormalization(
            momentum=momentum, epsilon=epsilon, center=False, scale=False, dtype=dtype
        )
        super().__init__(norm, LabelModulation(classes, dtype=dtype), **kwargs)
        self.classes = classes
        self.momentum = momentum
        self.epsilon = epsilon

    def get_config(self):
        own = {"classes": self.classes, "momentum": self.momentum, "epsilon": self.epsilon}
        return {**keras.layers.Layer.get_config(self), **own}  # these say what norm and modulation are
