"""Scale and offset looked up by label."""

import keras

from tfgan_tricks.checks import check_integer
from tfgan_tricks.layers.conditioning.labels import check_label_shape, rows_of
from tfgan_tricks.layers.conditioning.modulation import Modulation
from tfgan_tricks.layers.conditioning.pairs import split_pair


@keras.saving.register_keras_serializable("tfgan_tricks")
class LabelModulation(Modulation):
    """A scale and an offset per class and channel, for `Modulated`.

    For class-conditional generators: each class keeps all weights in common except these two vectors per norm.

    γ starts at one and β at zero for every class, so that the layer starts as the norm with its usual affine part.
    The condition may also be a weight per class; then γ and β are the weighted sums of the classes' rows, which
    interpolates between classes.

    A class number out of range raises an error in eager calls. In a traced function (`tf.function`, `fit`, XLA,
    `jax.jit`), where its value cannot be read, such an example gets γ = 1, β = 0: the plain norm.

    **Source**: Dumoulin et al., 2017, arXiv:1610.07629, section 2.2.

    **Differs from the paper**: no; weights per class are the interpolation of styles of its section 3.4.

    Args:
        classes: number of classes, at least 1.
        **kwargs: arguments of `keras.layers.Layer`.

    Attributes:
        gamma: scales, [classes, channels], float32.
        beta: offsets, [classes, channels], float32.

    Call arguments:
        inputs: list [x, labels]; labels are integers from 0 to classes − 1, or floats, a weight per class.

    Input shape: [(n, ..., channels), (n,) or (n, 1) or (n, classes)].

    Output shape: a pair of (n, 1, ..., 1, channels).

    **Cost**: one lookup; 2 · classes · channels weights.

    **Combines badly with**: many classes with few examples each: the rows of a class learn from its examples only.

    Example:

    >>> modulation = tt.layers.LabelModulation(classes=3)
    >>> scale, offset = modulation([np.ones((2, 4, 4, 5), "float32"), np.array([2, 0])])
    >>> scale.shape
    TensorShape([2, 1, 1, 5])
    """

    def __init__(self, classes: int, **kwargs):
        check_integer("classes", classes, at_least=1)
        super().__init__(**kwargs)
        self.classes = classes

    def build(self, input_shape):
        x_shape, label_shape = split_pair(self, input_shape)
        check_label_shape(self, x_shape, label_shape)
        shape = (self.classes, x_shape[-1])
        self.gamma = self.add_weight(name="gamma", shape=shape, initializer="ones", autocast=False)
        self.beta = self.add_weight(name="beta", shape=shape, initializer="zeros", autocast=False)
        super().build(input_shape)

    def call(self, inputs, training=False):
        x, labels = inputs
        check_label_shape(self, x.shape, labels.shape)
        scale, offset = rows_of(labels, self.gamma, self.beta, otherwise=(1.0, 0.0))  # [n, c]
        return self.per_channel(scale, x), self.per_channel(offset, x)  # [n, 1, ..., 1, c]

    def compute_output_shape(self, input_shape):
        check_label_shape(self, *split_pair(self, input_shape))
        return super().compute_output_shape(input_shape)

    def get_config(self):
        return {**super().get_config(), "classes": self.classes}
