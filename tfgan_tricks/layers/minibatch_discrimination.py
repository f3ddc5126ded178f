"""Minibatch discrimination."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, check_type, explain
from tfgan_tricks.replicas import gather_batch


@keras.saving.register_keras_serializable("tfgan_tricks")
class MinibatchDiscrimination(keras.layers.Layer):
    """Appends features that say how close each example is to the others of its batch.

    For a critic, on a vector of features near its end. A generator whose images are too alike gives itself away,
    which punishes mode collapse; the matrices T learn in which respects closeness is suspicious.

    M_i = f(x_i)·T is a B x C matrix per example, one row per new feature b:
    o_b(x_i) = Σ_{j≠i} exp(-‖M_ib - M_jb‖₁), summed over the other examples j, the norm over the C columns. The
    output is f(x_i) followed by o(x_i). o_b lies between 0 (nobody near) and n - 1 (all alike), so it depends on
    the batch size: judge with batches of the size that was trained with.

    The others are those of the same replica, so that each replica of a strategy judges its part by itself.

    **Source**: Salimans et al., 2016, arXiv:1606.03498, section 3.2.

    **Differs from the paper**: j = i, a constant 1 in the paper's sum, is left out, as in the authors' code; T
    starts as a Glorot-uniform matrix [A, B·C], and there is no bias.

    Args:
        features: new features B, at least 1.
        kernel_dims: columns C that each of them compares, at least 1.
        across_replicas: whether the others are the examples of all replicas, as if one device had the whole batch.
        kernel_initializer: initializer of T as a matrix [A, B·C].

    Call arguments:
        inputs: float tensor, 2-D.

    Input shape: [n, A].

    Output shape: [n, A + B].

    **Cost**: n·A·B·C multiplications, and n²·B·C numbers of memory for the pairs, in float32 (n = 64, B = 100, C = 5:
    8 MB, and again for the gradient). Across replicas n times the global batch.

    **Combines badly with**: gradient penalties, which mean a gradient per example while the score of one example now
    depends on the others; a one-stage update for the same reason; large batches. `across_replicas=True` with lazy
    terms (`every` above 1), because replicas cannot wait for each other inside a condition: that is an error.

    Example:

    >>> layer = tfgan_tricks.layers.MinibatchDiscrimination(features=7, kernel_dims=3)
    >>> alike = layer(np.ones((4, 5), "float32"))
    >>> tuple(alike.shape), float(alike[0, -1])
    ((4, 12), 3.0)
    """

    def __init__(
        self,
        features: int = 100,
        kernel_dims: int = 5,
        across_replicas: bool = False,
        kernel_initializer="glorot_uniform",
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_integer("features", features, at_least=1)
        check_integer("kernel_dims", kernel_dims, at_least=1)
        check_type("across_replicas", across_replicas, bool, "pass True or False.")
        self.features = features
        self.kernel_dims = kernel_dims
        self.across_replicas = across_replicas
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        self._check_shape(input_shape)
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.features * self.kernel_dims),
            initializer=self.kernel_initializer,
            autocast=False,  # distances are taken in float32
            name="kernel",
        )
        self.built = True

    def call(self, inputs):
        compared = ops.matmul(ops.cast(inputs, "float32"), self.kernel)  # [n, B·C]
        compared = ops.reshape(compared, (-1, self.features, self.kernel_dims))  # [n, B, C]
        everyone, start = gather_batch(compared) if self.across_replicas else (compared, 0)  # [N, B, C]
        distance = ops.sum(ops.abs(compared[:, None] - everyone[None]), axis=-1)  # [n, N, B]
        own = start + ops.arange(ops.shape(compared)[0])
        others = own[:, None] != ops.arange(ops.shape(everyone)[0])  # [n, N]
        closeness = ops.sum(ops.cast(others, "float32")[:, :, None] * ops.exp(-distance), axis=1)  # [n, B]
        return ops.concatenate([inputs, ops.cast(closeness, inputs.dtype)], axis=-1)  # [n, A + B]

    def compute_output_shape(self, input_shape):
        self._check_shape(input_shape)
        return (input_shape[0], input_shape[1] + self.features)

    def get_config(self):
        return {
            **super().get_config(),
            "features": self.features,
            "kernel_dims": self.kernel_dims,
            "across_replicas": self.across_replicas,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }

    def _check_shape(self, shape) -> None:
        if len(shape) != 2 or shape[-1] is None:
            raise ValueError(
                explain(
                    "MinibatchDiscrimination compares vectors.",
                    received=f"inputs of shape {tuple(shape)}",
                    expected="(batch, features) with a known number of features, e.g. (None, 256)",
                    fix="put keras.layers.Flatten() or a pooling layer before it.",
                )
            )
