"""Instance normalisation that takes its scale and offset from another image's features."""

import keras

from tfgan_tricks.layers.conditioning.modulated import Modulated
from tfgan_tricks.layers.conditioning.statistics_modulation import StatisticsModulation
from tfgan_tricks.layers.normalization.instance_norm import InstanceNorm


@keras.saving.register_keras_serializable("tfgan_tricks")
class AdaptiveInstanceNorm(Modulated):
    """Gives features x the mean and standard deviation, per channel, of a style's features.

    For style transfer with any style image: AdaIN(x, s) = σ(s) · (x − μ(x)) / σ(x) + μ(s). There is nothing to train.
    It is `Modulated(InstanceNorm(center=False, scale=False), StatisticsModulation())`. StyleGAN's layer of the same
    name maps a style vector instead: the same pair with `StyleModulation()`.

    **Source**: Huang and Belongie, 2017, arXiv:1703.06868, equation 8.

    **Differs from the paper**: no.

    Args:
        epsilon: added to both variances, above 0.
        **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: list [x, style], two feature maps with the same number of channels; their sizes may differ.

    Input shape: [(n, ..., channels), (n, ..., channels)].

    Output shape: that of x.

    **Cost**: an instance normalisation and two passes over the style.

    **Combines badly with**: channels of x without variance, which carry the style's mean alone.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> x, style = rng.normal(size=(1, 8, 8, 4)), rng.normal(2.0, 3.0, size=(1, 6, 5, 4))
    >>> outputs = tt.layers.AdaptiveInstanceNorm()([x, style])
    >>> np.allclose(np.mean(outputs, (1, 2)), style.mean((1, 2)), atol=1e-4)
    True
    """

    def __init__(self, epsilon: float = 1e-5, **kwargs):
        dtype = kwargs.get("dtype")
        norm = InstanceNorm(epsilon=epsilon, center=False, scale=False, dtype=dtype)
        super().__init__(norm, StatisticsModulation(epsilon, dtype=dtype), **kwargs)
        self.epsilon = epsilon

    def get_config(self):
        # The base class would also write norm and modulation, which epsilon says.
        return {**keras.layers.Layer.get_config(self), "epsilon": self.epsilon}
