"""Spectral-normalised convolution."""

import keras

from tfgan_tricks.checks import check_integer
from tfgan_tricks.layers.image_convolution import check_sizes
from tfgan_tricks.layers.spectral_norm import SpectralNormKernel


@keras.saving.register_keras_serializable("tfgan_tricks")
class SpectralNormConv2D(SpectralNormKernel, keras.layers.Conv2D):
    """Convolution whose kernel, read as a matrix, is divided by its largest singular value.

    The standard way to keep a discriminator's Lipschitz constant bounded without a penalty; used in every layer of
    it, and in the generator too by SAGAN and BigGAN.

    W̄ = W/σ(W), where W is the kernel read as filters × (inputs · height · width) and σ ≈ ũᵀWṽ after one power
    iteration per training call. The kernel that is trained stays as the optimizer left it. The gradient flows
    through σ: with λ = ⟨∂V/∂W̄, W̄⟩ it is ∂V/∂W = (∂V/∂W̄ − λ ũṽᵀ)/σ. ũ starts as the exact dominant vector of the
    initial kernel, so that the layer is normalised from the first call on. Frozen (`trainable=False`) and inference
    calls use ũ without moving it.

    **Source**: Miyato et al., 2018, arXiv:1802.05957, equations 8 to 12 and algorithm 1; the matrix of a convolution
    as in section 4.

    **Differs from the paper**: ũ starts from the initial kernel instead of at random. As in the paper, σ is that of
    the matrix, not of the convolution as an operator, whose norm is at most √(height · width) times as large.

    Args:
        filters: number of output channels, at least 1.
        kernel_size: integer or pair.
        strides: integer or pair.
        padding: "valid" or "same".
        power_iterations: power iterations per training call, at least 1.
        epsilon: floor of σ and of the norms in the power iteration, above 0; it matters for a kernel of zeros only.
        **kwargs: arguments of `keras.layers.Conv2D` (dilation_rate, groups, activation, use_bias, ...), except LoRA
            and quantization. With groups, W has (inputs/groups · height · width) columns.

    Attributes:
        kernel: the raw W, [height, width, inputs/groups, filters], trainable.
        u: ũ, [filters], float32, not trainable, saved with the layer; call `reset_vector()` after
            assigning the kernel, which makes ũ exact for it.

    Call arguments:
        inputs: float tensor, 4-D.
        training: whether ũ is moved by the power iteration.

    Input shape: (n, h, w, c).

    Output shape: (n, new h, new w, filters).

    **Cost**: 2 · `power_iterations` + 1 products of the kernel with a vector per training call, 2 otherwise; nothing
    that grows with the batch.

    **Combines badly with**: kernel constraints and weight decay on the kernel (its length has no effect on the
    output, only on the step size); batch normalisation after it, which undoes the bound.

    Example:

    >>> layer = tfgan_tricks.layers.SpectralNormConv2D(8, 3, strides=2, padding="same")
    >>> tuple(layer(np.ones((2, 16, 16, 3), "float32")).shape)
    (2, 8, 8, 8)
    >>> matrix = np.reshape(layer.normalized_kernel(), (3 * 3 * 3, 8))
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
        power_iterations: int = 1,
        epsilon: float = 1e-12,
        **kwargs,
    ):
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

    def linear_map(self, inputs, kernel):
        return self.convolution_op(inputs, kernel)  # [n, new h, new w, filters]
