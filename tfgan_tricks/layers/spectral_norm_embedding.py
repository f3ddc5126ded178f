"""Spectral-normalised embedding."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.layers.conditioning.labels import value_of
from tfgan_tricks.layers.spectral_norm import SpectralNormKernel


@keras.saving.register_keras_serializable("tfgan_tricks")
class SpectralNormEmbedding(SpectralNormKernel, keras.layers.Embedding):
    """Embedding whose table, read as a matrix, is divided by its largest singular value.

    For the class embedding of a conditional discriminator (see `ProjectionHead`) whose other layers are
    spectral-normalised too: without it one class could get any weight.

    W̄ = W/σ(W), where W is the table [entries, size] as it is stored and σ ≈ ũᵀWṽ after one power iteration per
    training call. ũ runs along the entries and ṽ along the size, as PyTorch's `spectral_norm` reads `nn.Embedding`; σ
    is the same the other way round, only the vector that is stored between steps would be another. All entries share
    one σ, so that every call moves all of them. The table that is trained stays as the optimizer left it. The gradient
    flows through σ: with λ = ⟨∂V/∂W̄, W̄⟩ it is ∂V/∂W = (∂V/∂W̄ − λ ũṽᵀ)/σ. ũ starts as the exact dominant vector of the
    initial table, so that the layer is normalised from the first call on. Frozen (`trainable=False`) and inference
    calls use ũ without moving it.

    **Source**: Miyato et al., 2018, arXiv:1802.05957, equations 8 to 12 and algorithm 1; of an embedding, in the
    projection discriminator: Miyato and Koyama, 2018, arXiv:1802.05637.

    **Differs from the paper**: ũ starts from the initial table instead of at random.

    Args:
        input_dim: number of entries, at least 1.
        output_dim: size of each, at least 1.
        power_iterations: power iterations per training call, at least 1.
        epsilon: floor of σ and of the norms in the power iteration, above 0; it matters for a table of zeros only.
        **kwargs: arguments of `keras.layers.Embedding` (embeddings_initializer, mask_zero, ...), except weights, LoRA
            and quantization.

    Attributes:
        embeddings: the raw W, [entries, size], trainable; also named `kernel`, as in the other layers.
        u: ũ, [entries], float32, not trainable, saved with the layer; call `reset_vector()` after
            assigning the table, which makes ũ exact for it.

    Call arguments:
        inputs: integers from 0 to input_dim − 1. Others are refused in eager calls, for which the value is read, which
            waits for the device; in a compiled function (`tf.function`, `fit`, XLA) they get what
            `keras.layers.Embedding` gives for them.
        training: whether ũ is moved by the power iteration.

    Input shape: (n, ...).

    Output shape: (n, ..., size).

    **Cost**: 2 · `power_iterations` + 1 products of the table with a vector per training call, 2 otherwise; nothing
    that grows with the batch. The gradient is dense, since σ depends on all entries.

    **Combines badly with**: optimizers for sparse gradients; constraints and weight decay on the table (its length has
    no effect on the output, only on the step size).

    Example:

    >>> layer = tfgan_tricks.layers.SpectralNormEmbedding(10, 4)
    >>> tuple(layer(np.array([3, 0, 3])).shape)
    (3, 4)
    >>> round(float(np.linalg.norm(layer.normalized_kernel(), 2)), 4)
    1.0
    """

    output_axis = 0

    def __init__(self, input_dim, output_dim, *, power_iterations: int = 1, epsilon: float = 1e-12, **kwargs):
        check_integer("input_dim", input_dim, at_least=1)
        check_integer("output_dim", output_dim, at_least=1)
        if kwargs.pop("weights", None) is not None:
            raise ValueError(
                explain(
                    f"{type(self).__name__} does not take initial values as `weights`.",
                    received="weights=...",
                    expected="an initializer, from which ũ starts too",
                    fix="pass embeddings_initializer=lambda shape, dtype=None: values.",
                )
            )
        super().__init__(input_dim, output_dim, power_iterations=power_iterations, epsilon=epsilon, **kwargs)

    @property
    def kernel(self):
        """The raw table."""
        return self.embeddings

    def call(self, inputs, training=False):
        if keras.backend.standardize_dtype(inputs.dtype) not in ("int32", "int64"):
            inputs = ops.cast(inputs, "int32")
        self._check_range(inputs)
        table = ops.cast(self.normalized_kernel(training), self.compute_dtype)
        return ops.take(table, inputs, axis=0)  # [n, ..., size]

    def _check_range(self, inputs) -> None:
        values = value_of(inputs)
        if values is not None and ((values < 0) | (values >= self.input_dim)).any():
            outside = sorted({int(value) for value in values[(values < 0) | (values >= self.input_dim)]})
            raise ValueError(
                explain(
                    f"{type(self).__name__} got an index that is out of range.",
                    received=f"{', '.join(map(str, outside[:5]))} for input_dim={self.input_dim}",
                    expected=f"integers from 0 to {self.input_dim - 1}",
                    fix="count entries from 0, and pass `input_dim` as many as there are.",
                )
            )

    def compute_output_spec(self, inputs, training=False):
        return super().compute_output_spec(inputs)
