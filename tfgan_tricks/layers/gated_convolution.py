"""What the gated convolutions share: one kernel with features and gates side by side."""

import contextlib

from keras import ops

from tfgan_tricks.layers.image_convolution import ImageConvolution


class GatedConvolution(ImageConvolution):
    """Makes a Keras convolution compute 2 · `filters` channels and multiplies one half by the sigmoid of the other.

    `linear_map` applies the kernel. The layer says `filters` in its configuration and its output shape.

    Args:
        *args: positional arguments of the Keras layer.
        **kwargs: arguments of the Keras layer.
    """

    filters: int  # set by the Keras layer

    def linear_map(self, inputs):
        """Returns features and gates, [n, new h, new w, 2 · filters], before bias and activation."""
        raise NotImplementedError(f"{type(self).__name__} must implement linear_map(inputs).")

    def call(self, inputs):
        self.check_inputs(inputs.shape)
        outputs = self.linear_map(inputs)  # [n, new h, new w, 2 · filters]
        if self.bias is not None:
            outputs = ops.add(outputs, self.bias)
        features, gates = ops.split(outputs, 2, axis=-1)  # [n, new h, new w, filters] each
        if self.activation is not None:
            features = self.activation(features)
        return features * ops.sigmoid(gates)

    def build(self, input_shape):
        with self._both_halves():
            super().build(input_shape)

    def enable_lora(self, *args, **kwargs):
        with self._both_halves():
            super().enable_lora(*args, **kwargs)

    @contextlib.contextmanager
    def _both_halves(self):
        """Doubles `filters` while Keras sizes weights by it."""
        filters = self.filters
        self.filters = 2 * filters
        try:
            yield
        finally:
            self.filters = filters
