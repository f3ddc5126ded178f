"""Spectral-normalised transposed convolution."""

import keras
from keras import ops

from tfgan_tricks.checks import check_choice, check_integer
from tfgan_tricks.layers.image_convolution import check_sizes
from tfgan_tricks.layers.spectral_norm import SpectralNormKernel

CONVENTIONS = {"torch": -2, "adjoint": -1}  # which axis of [height, width, filters, inputs] ũ runs along


@keras.saving.register_keras_serializable("tfgan_tricks")
class SpectralNormConv2DTranspose(SpectralNormKernel, keras.layers.Conv2DTranspose):
    """Transposed convolution whose kernel, read as a matrix, is divided by its largest singular value.

    For generators that are spectral-normalised too, as in SAGAN and BigGAN.

    W̄ = W/σ(W) with σ ≈ ũᵀWṽ after one power iteration per training call. The kernel [height, width, filters, inputs]
    can be read as a matrix in two ways, and their σ differ:

    * `convention="torch"`: filters × (inputs · height · width), the layer's own output channels against the rest, as
      PyTorch's `spectral_norm` reads a transposed convolution;
    * `convention="adjoint"`: inputs × (filters · height · width), the matrix of the convolution whose adjoint this
      layer is, as TF-GAN reads it.

    The kernel that is trained stays as the optimizer left it. The gradient flows through σ: with λ = ⟨∂V/∂W̄, W̄⟩ it
    is ∂V/∂W = (∂V/∂W̄ − λ ũṽᵀ)/σ. ũ starts as the exact dominant vector of the initial kernel, so that the layer is
    normalised from the first call on. Frozen (`trainable=False`) and inference calls use ũ without moving it.

    **Source**: Miyato et al., 2018, arXiv:1802.05957, equations 8 to 12 and algorithm 1; in the generator: Zhang et
    al., 2019, arXiv:1805.08318, section 4.1.

    **Differs from the paper**: ũ starts from the initial kernel instead of at random; the paper does not say how a
    transposed convolution is read.

    Args:
        filters: number of output channels, at least 1.
        kernel_size: integer or pair.
        strides: integer or pair.
        padding: "valid" or "same".
        convention: "torch" or "adjoint", see above.
        power_iterations: power iterations per training call, at least 1.
        epsilon: floor of σ and of the norms in the power iteration, above 0; it matters for a kernel of zeros only.
        **kwargs: arguments of `keras.layers.Conv2DTranspose` (output_padding, activation, use_bias, ...).

    Attributes:
        kernel: the raw W, [height, width, filters, inputs], trainable.
        u: ũ, [filters] or, by the adjoint convention, [inputs]; float32, not trainable, saved with the layer; call
            `reset_vector()` after assigning the kernel, which makes ũ exact for it.

    Call arguments:
        inputs: float tensor, 4-D.
        training: whether ũ is moved by the power iteration.

    Input shape: (n, h, w, c).

    Output shape: (n, new h, new w, filters).

    **Cost**: 2 · `power_iterations` + 1 products of the kernel with a vector per training call, 2 otherwise; by the
    torch convention also one transposition of the kernel. Nothing grows with the batch.

    **Combines badly with**: kernel constraints and weight decay on the kernel (its length has no effect on the
    output, only on the step size).

    Example:

    >>> layer = tfgan_tricks.layers.SpectralNormConv2DTranspose(8, 4, strides=2, padding="same")
    >>> tuple(layer(np.ones((2, 4, 4, 16), "float32")).shape)
    (2, 8, 8, 8)
    >>> matrix = np.reshape(np.moveaxis(layer.normalized_kernel(), 2, 0), (8, 4 * 4 * 16))
    >>> round(float(np.linalg.norm(matrix, 2)), 4)
    1.0
    """

    def __init__(
        self,
        filters,
        kernel_size,
        strides=(1, 1),
        padding="valid",
        *,
        convention: str = "torch",
        power_iterations: int = 1,
        epsilon: float = 1e-12,
        **kwargs,
    ):
        check_choice("convention", convention, CONVENTIONS)
        check_integer("filters", filters, at_least=1)
        check_sizes("kernel_size", kernel_size)
        check_sizes("strides", strides)
        super().__init__(
            filters,
            kernel_size,
            strides=strides,
            padding=padding,
            power_iterations=power_iterations,
            epsilon=epsilon,
            **kwargs,
        )
        self.convention = convention
        self.output_axis = CONVENTIONS[convention]

    def linear_map(self, inputs, kernel):
        return ops.conv_transpose(  # [n, new h, new w, filters]
            inputs,
            kernel,
            strides=list(self.strides),
            padding=self.padding,
            output_padding=self.output_padding,
            dilation_rate=self.dilation_rate,
            data_format=self.data_format,
        )

    def get_config(self):
        return {**super().get_config(), "convention": self.convention}
