"""Instance normalisation with a scale and an offset per class."""

import keras

from tfgan_tricks.layers.conditioning.label_modulation import LabelModulation
from tfgan_tricks.layers.conditioning.modulated import Modulated
from tfgan_tricks.layers.normalization.instance_norm import InstanceNorm


@keras.saving.register_keras_serializable("tfgan_tricks")
class ConditionalInstanceNorm(Modulated):
    """Instance normalisation whose scale and offset are looked up by label.

    For one network that knows many styles or domains: y = γ_label · x̂ + β_label, where x̂ is normalised per image and
    channel. γ starts at one and β at zero. It is `Modulated(InstanceNorm(center=False, scale=False),
    LabelModulation(classes))`.

    A class number out of range raises an error in eager calls; in a traced function it gives x̂ as it is.

    **Source**: Dumoulin et al., 2017, arXiv:1610.07629, section 2.2.

    **Differs from the paper**: no.

    Args:
        classes: number of styles, at least 1.
        epsilon: added to the variance, above 0.
        **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: list [x, labels]; labels are integers from 0 to classes − 1, or floats, a weight per class, to
            interpolate between styles.

    Input shape: [(n, ..., channels), (n,) or (n, 1) or (n, classes)].

    Output shape: that of x.

    **Cost**: an instance normalisation and one lookup; 2 · classes · channels weights.

    **Combines badly with**: x of one position, which it turns into β; styles that lie in the mean of the features.

    Example:

    >>> layer = tt.layers.ConditionalInstanceNorm(classes=10)
    >>> halfway = np.eye(10, dtype="float32")[[2]] / 2 + np.eye(10, dtype="float32")[[5]] / 2
    >>> layer([np.ones((1, 8, 8, 4), "float32"), halfway]).shape
    TensorShape([1, 8, 8, 4])
    """

    def __init__(self, classes: int, epsilon: float = 1e-5, **kwargs):
        dtype = kwargs.get("dtype")
        norm = InstanceNorm(epsilon=epsilon, center=False, scale=False, dtype=dtype)
        super().__init__(norm, LabelModulation(classes, dtype=dtype), **kwargs)
        self.classes = classes
        self.epsilon = epsilon

    def get_config(self):
        own = {"classes": self.classes, "epsilon": self.epsilon}
        return {**keras.layers.Layer.get_config(self), **own}  # these say what norm and modulation are
