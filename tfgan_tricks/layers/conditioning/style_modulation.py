"""Scale and offset as dense maps of a vector."""

import keras

from tfgan_tricks.checks import check_type
from tfgan_tricks.layers.conditioning.modulation import Modulation
from tfgan_tricks.layers.conditioning.pairs import check_rank, split_pair
from tfgan_tricks.layers.spectral_norm_dense import SpectralNormDense


@keras.saving.register_keras_serializable("tfgan_tricks")
class StyleModulation(Modulation):
    """A scale and an offset per channel, each a dense map of the condition vector, for `Modulated`.

    For generators that are steered by a vector in every layer: a style w from a mapping network, a share of the latent
    vector, an embedded label or text, or several of them concatenated.

    **Source**: Karras et al., 2019, arXiv:1812.04948, equation 1 and appendix C (the bias of the scale starts at
    one). With `spectral_norm=True` over batch normalisation it is the conditional norm of Brock et al., 2019,
    arXiv:1809.11096, appendix B.

    **Differs from the paper**: kernels start as Glorot's and have no equalised learning rate. Brock et al. have no
    trained bias; their constant one in the scale is the bias here, where it starts.

    Args:
        spectral_norm: whether the two kernels are spectral-normalised.
        **kwargs: arguments of `keras.layers.Layer`.

    Attributes:
        to_scale: dense layer from the vector to the scale.
        to_offset: dense layer from the vector to the offset.

    Call arguments:
        inputs: list [x, vector].
        training: whether the power iteration moves, with `spectral_norm`.

    Input shape: [(n, ..., channels), (n, size)].

    Output shape: a pair of (n, 1, ..., 1, channels).

    **Cost**: 2 · size · channels multiplications per example.

    **Combines badly with**: vectors of large or uneven scale, which make γ far from one: normalise them first.

    Example:

    >>> norm = keras.layers.GroupNormalization(groups=-1, center=False, scale=False)
    >>> adain = tt.layers.Modulated(norm, tt.layers.StyleModulation())
    >>> adain([np.ones((2, 4, 4, 5), "float32"), np.ones((2, 16), "float32")]).shape
    TensorShape([2, 4, 4, 5])
    """

    def __init__(self, spectral_norm: bool = False, **kwargs):
        check_type("spectral_norm", spectral_norm, bool, "pass True or False.")
        super().__init__(**kwargs)
        self.spectral_norm = spectral_norm

    def build(self, input_shape):
        x_shape, vector_shape = split_pair(self, input_shape)
        check_rank(
            self,
            "condition",
            vector_shape,
            2,
            "a vector per example, (n, size)",
            "flatten it; integer labels go to LabelModulation, feature maps to StatisticsModulation.",
        )
        dense = SpectralNormDense if self.spectral_norm else keras.layers.Dense
        self.to_scale = dense(x_shape[-1], bias_initializer="ones", dtype=self.dtype_policy, name="to_scale")
        self.to_offset = dense(x_shape[-1], dtype=self.dtype_policy, name="to_offset")
        self.to_scale.build(vector_shape)
        self.to_offset.build(vector_shape)
        super().build(input_shape)

    def call(self, inputs, training=False):
        x, vector = inputs
        scale, offset = (dense(vector, training=training) for dense in (self.to_scale, self.to_offset))  # [n, c]
        return self.per_channel(scale, x), self.per_channel(offset, x)  # [n, 1, ..., 1, c]

    def get_config(self):
        return {**super().get_config(), "spectral_norm": self.spectral_norm}
