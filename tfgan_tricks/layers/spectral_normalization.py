"""Spectral normalisation of any layer that has one kernel."""

import keras
from keras import ops

from tfgan_tricks.layers.spectral_norm import SpectrallyNormalized
from tfgan_tricks.layers.substituted_kernel import SubstitutedKernel, dtype_of, full_precision


@keras.saving.register_keras_serializable("tfgan_tricks")
class SpectralNormalization(SpectrallyNormalized, SubstitutedKernel):
    """Wraps a layer and calls it with its kernel divided by the kernel's largest singular value.

    For layers that have no spectral-normalised form here: 1-D, 3-D, depthwise and separable convolutions,
    `EinsumDense`, layers of your own. `SpectralNormDense` and its like give the same numbers with less indirection.

    W̄ = W/σ(W) with σ ≈ ũᵀWṽ after one power iteration per training call. Unlike `keras.layers.SpectralNormalization`,
    the kernel that is trained is never assigned: it stays as the optimizer left it, and gradient flows through σ: with
    λ = ⟨∂V/∂W̄, W̄⟩ it is ∂V/∂W = (∂V/∂W̄ − λ ũṽᵀ)/σ. ũ starts as the exact dominant vector of the initial kernel, so
    that the layer is normalised from the first call on. Frozen (`trainable=False`, of the wrapper or of the layer) and
    inference calls use ũ without moving it.

    W has a row per output: ũ runs along the last axis of the kernel, for transposed convolutions along the last but one
    (as in PyTorch), for depthwise ones along both (channels and multiplier), for `EinsumDense` along the axes that the
    output has, and for `Embedding` along the entries. `axis` says otherwise.

    **Source**: Miyato et al., 2018, arXiv:1802.05957, equations 8 to 12 and algorithm 1.

    **Differs from the paper**: ũ starts from the initial kernel instead of at random.

    Args:
        layer: the layer to wrap, of one input, with one weight whose name ends in "kernel" or "embeddings" and is used
            as it is stored: not normalised or scaled already.
        weight_name: where it has several, the end of the path of the one to divide, such as "depthwise_kernel" or
            "gru_cell/kernel"; the others are used as they are.
        axis: axis of the kernel that ũ runs along, or a tuple of them; chosen by the kind of layer unless given.
        power_iterations: power iterations per training call, at least 1.
        epsilon: floor of σ and of the norms in the power iteration, above 0; it matters for a kernel of zeros only.
        **kwargs: arguments of `keras.layers.Layer`; the precision policy is that of `layer` unless given.

    Attributes:
        layer: the wrapped layer.
        kernel: its raw W, trainable.
        u: ũ, float32, not trainable, saved with the wrapper; call `reset_vector()` after assigning the kernel,
            which makes ũ exact for it.

    Call arguments:
        inputs: what `layer` takes.
        training: whether ũ is moved by the power iteration; passed on to `layer`.

    Input shape: that of `layer`.

    Output shape: that of `layer`.

    **Cost**: 2 · `power_iterations` + 1 products of the kernel with a vector per training call, 2 otherwise; a copy of
    the kernel where ũ does not run along its last axis. Nothing grows with the batch.

    **Combines badly with**: constraints and weight decay on the kernel (its length has no effect on the output, only on
    the step size); a regularizer of the layer, which sees the raw kernel; LoRA and quantization.

    Example:

    >>> layer = tfgan_tricks.layers.SpectralNormalization(keras.layers.Conv1D(8, 3))
    >>> tuple(layer(np.ones((2, 10, 5), "float32")).shape)
    (2, 8, 8)
    >>> round(float(np.linalg.norm(np.reshape(layer.normalized_kernel(), (3 * 5, 8)), 2)), 4)
    1.0
    """

    def __init__(
        self,
        layer,
        *,
        weight_name: str | None = None,
        axis: int | tuple[int, ...] | None = None,
        power_iterations: int = 1,
        epsilon: float = 1e-12,
        **kwargs,
    ):
        super().__init__(
            layer,
            weight_name=weight_name,
            axis=axis,
            power_iterations=power_iterations,
            epsilon=epsilon,
            **kwargs,
        )

    def kernel_matrix(self, kernel):
        axes = self.output_axes
        kernel = ops.moveaxis(kernel, axes, tuple(range(-len(axes), 0)))
        columns = 1
        for size in kernel.shape[-len(axes) :]:
            columns *= size
        return ops.reshape(kernel, (-1, columns))

    def substitute(self, training):
        return self.normalized_kernel(training)

    def _is_trained(self):
        return self.trainable and any(weight is self.kernel for weight in self.layer.trainable_weights)

    def _full_precision_kernel(self):
        return full_precision(self.kernel)

    def _sigma_dtype(self):
        return dtype_of(self._full_precision_kernel())
