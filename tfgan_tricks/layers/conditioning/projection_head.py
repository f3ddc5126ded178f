"""The last layer of a conditional discriminator: projection on the class."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer
from tfgan_tricks.layers.conditioning.labels import check_label_shape, rows_of
from tfgan_tricks.layers.conditioning.pairs import split_pair
from tfgan_tricks.layers.spectral_norm_dense import SpectralNormDense
from tfgan_tricks.layers.spectral_norm_embedding import SpectralNormEmbedding


@keras.saving.register_keras_serializable("tfgan_tricks")
class ProjectionHead(keras.layers.Layer):
    """Ends a class-conditional discriminator: one logit, ψ(h) + ⟨embed(y), h⟩, both maps spectral-normalised.

    The usual way to tell a discriminator the class, from the projection paper to BigGAN: ψ, a dense layer, says whether
    the features h look real, and the inner product whether they look like class y. A label that is concatenated to
    the input must be carried through the whole network instead.

    Features of a convolution are summed over their positions first, as in the paper; pool them before the layer for
    anything else. Everything is computed in float32; for float32 logits under mixed precision pass `dtype="float32"`,
    as for any last layer.

    A class number out of range raises an error in eager calls. In a traced function (`tf.function`, `fit`, XLA,
    `jax.jit`), where its value cannot be read, its logit is ψ(h) alone.

    **Source**: Miyato and Koyama, 2018, arXiv:1802.05637, section 3 and figure 1(d); spectral normalisation: Miyato et
    al., 2018, arXiv:1802.05957.

    **Differs from the paper**: the ũ start from the initial kernels instead of at random.

    Args:
        classes: number of classes, at least 1.
        power_iterations: power iterations per training call, at least 1.
        **kwargs: arguments of `keras.layers.Layer`.

    Attributes:
        linear: ψ, a `SpectralNormDense` of one unit with a bias.
        embedding: a `SpectralNormEmbedding`, [classes, channels].

    Call arguments:
        inputs: list [features, labels]; labels are integers from 0 to classes − 1, or floats, a weight per class.
        training: whether the power iterations move.

    Input shape: [(n, ..., channels), (n,) or (n, 1) or (n, classes)].

    Output shape: (n, 1).

    **Cost**: 2 · channels multiplications per example, and the power iterations of a kernel of `channels` values and a
    table of `classes` · `channels`.

    **Combines badly with**: an activation after it; an auxiliary classifier, which states the class a second time.

    Example:

    >>> layer = tt.layers.ProjectionHead(classes=10)
    >>> layer([np.ones((2, 4, 4, 128), "float32"), np.array([3, 9])]).shape
    TensorShape([2, 1])
    """

    def __init__(self, classes: int, power_iterations: int = 1, **kwargs):
        check_integer("classes", classes, at_least=1)
        check_integer("power_iterations", power_iterations, at_least=1)
        super().__init__(**kwargs)
        self.classes = classes
        self.power_iterations = power_iterations

    def build(self, input_shape):
        features_shape, labels_shape = split_pair(self, input_shape)
        check_label_shape(self, features_shape, labels_shape)
        channels = features_shape[-1]
        options = {
            "power_iterations": self.power_iterations,
            "dtype": keras.backend.result_type(self.variable_dtype, "float32"),
        }
        self.linear = SpectralNormDense(1, name="linear", **options)
        self.embedding = SpectralNormEmbedding(self.classes, channels, name="embedding", **options)
        self.linear.build((None, channels))
        self.embedding.build((None,))
        super().build(input_shape)

    def call(self, inputs, training=False):
        features, labels = inputs
        check_label_shape(self, features.shape, labels.shape)
        features = ops.cast(features, self.linear.compute_dtype)
        if len(features.shape) > 2:
            features = ops.sum(features, axis=tuple(range(1, len(features.shape) - 1)))  # [n, c]
        table = self.embedding.normalized_kernel(training)  # [classes, c]
        (embedded,) = rows_of(labels, table, otherwise=(0.0,))  # [n, c]
        projection = ops.sum(embedded * features, axis=-1, keepdims=True)  # [n, 1]
        return ops.cast(self.linear(features, training=training) + projection, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        features_shape, labels_shape = split_pair(self, input_shape)
        check_label_shape(self, features_shape, labels_shape)
        return (features_shape[0], 1)

    def get_config(self):
        return {**super().get_config(), "classes": self.classes, "power_iterations": self.power_iterations}
