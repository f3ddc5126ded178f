"""The label as one more channel of an image."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.layers.conditioning.labels import check_label_shape, rows_of
from tfgan_tricks.layers.conditioning.pairs import check_rank, split_pair


@keras.saving.register_keras_serializable("tfgan_tricks")
class LabelChannel(keras.layers.Layer):
    """Embeds a label, maps it to an h × w plane and appends that to the image as its last channel.

    The simplest way to show a label to a convolutional network: to a discriminator at its input, to a generator at its
    first, small feature map. The plane is learned per class, through an embedding of few dimensions.

    A class number out of range raises an error in eager calls. In a traced function (`tf.function`, `fit`, XLA,
    `jax.jit`), where its value cannot be read, it is embedded as zeros, so that its plane is the dense layer's bias.

    **Source**: Chintala et al., 2016, "How to train a GAN?" (ganhacks), item 16; the plane from a linear layer:
    Denton et al., 2015, arXiv:1506.05751, section 3.2.

    **Differs from the paper**: the list says to upsample the embedding to the size of the image; a dense layer does it
    here. Denton et al. have no embedding between label and plane.

    Args:
        classes: number of classes, at least 1.
        embedding_dim: dimensions of the embedding, at least 1; keep it low.
        **kwargs: arguments of `keras.layers.Layer`.

    Attributes:
        embeddings: [classes, embedding_dim], float32.
        to_plane: dense layer from the embedding to the plane.

    Call arguments:
        inputs: list [image, labels]; labels are integers from 0 to classes − 1, or floats, a weight per class.

    Input shape: [(n, h, w, channels), (n,) or (n, 1) or (n, classes)], with h and w known.

    Output shape: (n, h, w, channels + 1).

    **Cost**: embedding_dim · h · w multiplications per example, and as many weights.

    **Combines badly with**: images of varying size (refused); tricks that move the image but not its plane, such as
    augmentation after it.

    Example:

    >>> layer = tt.layers.LabelChannel(classes=10, embedding_dim=4)
    >>> layer([np.ones((2, 28, 28, 1), "float32"), np.array([3, 9])]).shape
    TensorShape([2, 28, 28, 2])
    """

    def __init__(self, classes: int, embedding_dim: int, **kwargs):
        check_integer("classes", classes, at_least=1)
        check_integer("embedding_dim", embedding_dim, at_least=1)
        super().__init__(**kwargs)
        self.classes = classes
        self.embedding_dim = embedding_dim

    def build(self, input_shape):
        image_shape, label_shape = split_pair(self, input_shape)
        check_rank(self, "x", image_shape, 4, "images, (n, h, w, channels)", "for vectors use LabelConcat.")
        check_label_shape(self, image_shape, label_shape)
        height, width = image_shape[1:3]
        if height is None or width is None:
            raise ValueError(
                explain(
                    f"{type(self).__name__} needs the height and width of the image: its dense layer has one output "
                    "per pixel.",
                    received=f"images of shape {image_shape}",
                    expected="known h and w",
                    fix="give the input a fixed size, or use LabelConcat, which takes any.",
                )
            )
        self.embeddings = self.add_weight(
            name="embeddings", shape=(self.classes, self.embedding_dim), initializer="uniform", autocast=False
        )
        self.to_plane = keras.layers.Dense(height * width, dtype=self.dtype_policy, name="to_plane")
        self.to_plane.build((None, self.embedding_dim))
        super().build(input_shape)

    def call(self, inputs):
        images, labels = inputs
        check_label_shape(self, images.shape, labels.shape)
        (embedded,) = rows_of(labels, self.embeddings, otherwise=(0.0,))  # [n, embedding_dim]
        plane = ops.reshape(self.to_plane(embedded), (-1, *images.shape[1:3], 1))  # [n, h, w, 1]
        return ops.concatenate([ops.cast(images, plane.dtype), plane], axis=-1)  # [n, h, w, c + 1]

    def compute_output_shape(self, input_shape):
        image_shape, label_shape = split_pair(self, input_shape)
        check_label_shape(self, image_shape, label_shape)
        return (*image_shape[:-1], image_shape[-1] + 1)

    def get_config(self):
        return {**super().get_config(), "classes": self.classes, "embedding_dim": self.embedding_dim}
