"""Spectral-normalised dense layer."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer
from tfgan_tricks.layers.spectral_norm import SpectralNormKernel


@keras.saving.register_keras_serializable("tfgan_tricks")
class SpectralNormDense(SpectralNormKernel, keras.layers.Dense):
    """Dense layer whose kernel is divided by its largest singular value, so that it is 1-Lipschitz before the bias.

    For every dense layer of a discriminator that is to be Lipschitz, the last one included: with 1-Lipschitz
    activations the whole network is then 1-Lipschitz, and its gradients can neither explode nor need a penalty.

    W̄ = W/σ(W), with σ ≈ ũᵀWṽ after one power iteration per training call. The kernel that is trained stays as the
    optimizer left it. The gradient flows through σ: with λ = ⟨∂V/∂W̄, W̄⟩ it is ∂V/∂W = (∂V/∂W̄ − λ ũṽᵀ)/σ, which
    takes out the direction that only scales the kernel. ũ starts as the exact dominant vector of the initial kernel,
    so that the layer is normalised from the first call on. Frozen (`trainable=False`) and inference calls use ũ
    without moving it.

    **Source**: Miyato et al., 2018, arXiv:1802.05957, equations 8 to 12 and algorithm 1.

    **Differs from the paper**: ũ starts from the initial kernel instead of at random.

    Args:
        units: number of outputs, at least 1.
        power_iterations: power iterations per training call, at least 1.
        epsilon: floor of σ and of the norms in the power iteration, above 0; it matters for a kernel of zeros only.
        **kwargs: arguments of `keras.layers.Dense` (activation, use_bias, kernel_initializer, ...), except LoRA and
            quantization.

    Attributes:
        kernel: the raw W, [inputs, units], trainable.
        u: ũ, [units], float32, not trainable, saved with the layer; call `reset_vector()` after
            assigning the kernel, which makes ũ exact for it.

    Call arguments:
        inputs: float tensor, at least 2-D.
        training: whether ũ is moved by the power iteration.

    Input shape: (n, ..., inputs).

    Output shape: (n, ..., units).

    **Cost**: 2 · `power_iterations` + 1 products of the kernel with a vector per training call, 2 otherwise; nothing
    that grows with the batch.

    **Combines badly with**: kernel constraints and weight decay on the kernel (its length has no effect on the
    output, only on the step size); batch normalisation after it, which undoes the bound.

    Example:

    >>> layer = tfgan_tricks.layers.SpectralNormDense(8)
    >>> outputs = layer(np.ones((2, 5), "float32"))
    >>> round(float(np.linalg.norm(layer.normalized_kernel(), 2)), 4)
    1.0
    >>> bool(abs(layer.spectral_norm() - np.linalg.norm(layer.kernel, 2)) < 1e-4)
    True
    """

    def __init__(self, units, *, power_iterations: int = 1, epsilon: float = 1e-12, **kwargs):
        check_integer("units", units, at_least=1)
        super().__init__(units, power_iterations=power_iterations, epsilon=epsilon, **kwargs)

    def linear_map(self, inputs, kernel):
        return ops.matmul(inputs, kernel)  # [n, ..., units]
