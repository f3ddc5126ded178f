"""The one-hot label appended to a vector or to each pixel."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer
from tfgan_tricks.layers.conditioning.labels import check_label_shape, one_hot_of
from tfgan_tricks.layers.conditioning.pairs import split_pair


@keras.saving.register_keras_serializable("tfgan_tricks")
class LabelConcat(keras.layers.Layer):
    """Appends the one-hot label to a vector, or to each position of an image.

    The first conditional GAN: the generator sees [z, label], the discriminator [x, label]. It has no weights.

    A class number out of range raises an error in eager calls. In a traced function (`tf.function`, `fit`, XLA,
    `jax.jit`), where its value cannot be read, zeros are appended.

    **Source**: Mirza and Osindero, 2014, arXiv:1411.1784, section 3.2; tiled over positions: Reed et al., 2016,
    arXiv:1605.05396, section 4.1.

    **Differs from the paper**: Mirza and Osindero give x and the label a dense layer each before they are joined;
    here the label is joined as it is.

    Args:
        classes: number of classes, at least 1.
        **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: list [x, labels]; labels are integers from 0 to classes − 1, or floats, a weight per class.

    Input shape: [(n, ..., channels), (n,) or (n, 1) or (n, classes)].

    Output shape: (n, ..., channels + classes).

    **Cost**: `classes` more channels for the layer that follows.

    **Combines badly with**: many classes, which outnumber the channels: use `LabelChannel` or `ProjectionHead`.

    Example:

    >>> layer = tt.layers.LabelConcat(classes=3)
    >>> layer([np.array([[0.5, 0.25]], "float32"), np.array([1])]).numpy().tolist()
    [[0.5, 0.25, 0.0, 1.0, 0.0]]
    """

    def __init__(self, classes: int, **kwargs):
        check_integer("classes", classes, at_least=1)
        super().__init__(**kwargs)
        self.classes = classes

    def build(self, input_shape):
        check_label_shape(self, *split_pair(self, input_shape))
        super().build(input_shape)

    def call(self, inputs):
        x, labels = inputs
        check_label_shape(self, x.shape, labels.shape)
        x = ops.cast(x, self.compute_dtype)
        label = one_hot_of(labels, self.classes, self.compute_dtype)  # [n, classes]
        label = ops.reshape(label, (-1, *[1] * (len(x.shape) - 2), self.classes))  # [n, 1, ..., 1, classes]
        tiled = label * ops.ones_like(x[..., :1])  # [n, ..., classes]
        return ops.concatenate([x, tiled], axis=-1)  # [n, ..., c + classes]

    def compute_output_shape(self, input_shape):
        x_shape, label_shape = split_pair(self, input_shape)
        check_label_shape(self, x_shape, label_shape)
        return (*x_shape[:-1], x_shape[-1] + self.classes)

    def get_config(self):
        return {**super().get_config(), "classes": self.classes}
