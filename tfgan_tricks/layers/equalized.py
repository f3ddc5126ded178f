"""What the layers with an equalised learning rate share: the kernel is scaled when it is used, not when it is made."""

import math

import keras
from keras import ops

from tfgan_tricks.checks import check_range, explain


class EqualizedKernel(keras.layers.Layer):
    """Multiplies a layer's kernel by gain/√fan_in in every call; a layer derives from it before its Keras class.

    The kernel that the optimizer trains starts from N(0, 1). The product is taken in the kernel's own type, float32
    under mixed precision, and then cast.

    Args:
        *args: positional arguments of the Keras layer.
        gain: above 0.
        learning_rate_multiplier: above 0.
        **kwargs: arguments of the Keras layer.
    """

    def __init__(self, *args, gain: float = 2**0.5, learning_rate_multiplier: float = 1.0, **kwargs):
        check_range("gain", gain, low=0.0, low_open=True)
        check_range("learning_rate_multiplier", learning_rate_multiplier, low=0.0, low_open=True)
        normal = keras.initializers.RandomNormal(stddev=1.0 / learning_rate_multiplier)
        super().__init__(*args, **{"kernel_initializer": normal, **kwargs})
        if self.quantization_mode is not None:
            self._refuse(f"quantization (dtype={self.dtype_policy.name!r})")
        self.gain = gain
        self.learning_rate_multiplier = learning_rate_multiplier

    def linear_map(self, inputs, kernel):
        """Returns what the layer computes from `inputs` with `kernel`, before bias and activation."""
        raise NotImplementedError(f"{type(self).__name__} must implement linear_map(inputs, kernel).")

    @property
    def scale(self) -> float:
        """What the kernel is multiplied by: learning_rate_multiplier · gain/√fan_in."""
        return self.learning_rate_multiplier * self.gain / math.sqrt(math.prod(self.kernel.shape[:-1]))

    def add_weight(self, *args, name=None, **kwargs):
        """Adds a weight, exempt from autocast, so that it is scaled in its full precision."""
        return super().add_weight(*args, name=name, **{**kwargs, "autocast": False})

    def call(self, inputs):
        kernel = ops.cast(self.kernel * self.scale, self.compute_dtype)
        outputs = self.linear_map(inputs, kernel)
        if self.bias is not None:
            outputs = ops.add(outputs, ops.cast(self.bias * self.learning_rate_multiplier, self.compute_dtype))
        return outputs if self.activation is None else self.activation(outputs)

    def get_config(self):
        own = {"gain": self.gain, "learning_rate_multiplier": self.learning_rate_multiplier}
        return {**super().get_config(), **own}

    def enable_lora(self, *args, **kwargs):
        self._refuse("LoRA")

    def quantize(self, *args, **kwargs):
        self._refuse("quantization")

    def _refuse(self, what: str):
        raise NotImplementedError(
            explain(
                f"{type(self).__name__} does not support {what}.",
                received=f"a request for {what}",
                expected="a kernel that is stored whole, in a floating-point type",
                fix="train and serve the layer in float32 or under a mixed_* policy.",
            )
        )
