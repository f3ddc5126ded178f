"""What the spectral-normalised layers share: the vector ũ, the power iteration and the division by σ.

`SpectrallyNormalized` is all that has a `kernel` to divide: the layers here, and the wrapper of any layer. A Keras
layer with a kernel becomes spectral-normalised in three steps: it derives from `SpectralNormKernel` before its Keras
class, names in `output_axis` the axis of the kernel that ũ runs along, and applies a given kernel in `linear_map`. The
arithmetic is in the functions below, on Wᵀ, because that is how Keras lays a kernel out.
"""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, check_range, explain


def unit(vector, epsilon: float):
    """Returns `vector` divided by its length, or zeros for a vector of zeros."""
    return vector / ops.maximum(ops.norm(vector), epsilon)


def power_iteration(matrix, u, iterations: int, epsilon: float):
    """Returns ũ and ṽ after `iterations` power iterations on W = `matrix`ᵀ; both are constants to the gradient."""
    matrix = ops.stop_gradient(matrix)  # [inputs, outputs]
    for _ in range(iterations):
        v = unit(ops.matmul(matrix, u), epsilon)  # [inputs]
        image = ops.matmul(v, matrix)  # [outputs]
        u = ops.where(ops.any(image != 0), unit(image, epsilon), u)  # a kernel of zeros must not erase ũ
    return u, v


def bilinear(matrix, u, v):
    """Returns ũᵀWṽ, the estimate of σ, for W = `matrix`ᵀ."""
    return ops.sum(v * ops.matmul(matrix, u))


def dominant_vector(matrix):
    """Returns the exact dominant left singular vector of W = `matrix`ᵀ, from the smaller of its two Gram matrices."""
    rows, columns = matrix.shape
    if columns <= rows:
        return ops.linalg.eigh(ops.matmul(ops.transpose(matrix), matrix))[1][:, -1]
    v = ops.linalg.eigh(ops.matmul(matrix, ops.transpose(matrix)))[1][:, -1]
    image = ops.matmul(v, matrix)
    return ops.where(ops.any(image != 0), unit(image, 1e-30), ops.full((columns,), columns**-0.5, matrix.dtype))


class SpectrallyNormalized(keras.layers.Layer):
    """Divides its `kernel` by the largest singular value, estimated by power iteration, in every call.

    The kernel that the optimizer trains is never assigned; gradient flows through σ. Everything up to the division
    runs in float32 (in float64 for a float64 layer), on the kernel as it is stored, also under mixed precision.

    Args:
        *args: positional arguments of the layer.
        power_iterations: power iterations per training call, at least 1.
        epsilon: floor of σ and of the norms in the power iteration, above 0; it matters for a kernel of zeros only.
        **kwargs: arguments of the layer.

    Attributes:
        u: weight ũ, estimate of the dominant left singular vector; not trainable, saved with the layer.
    """

    def __init__(self, *args, power_iterations: int = 1, epsilon: float = 1e-12, **kwargs):
        check_integer("power_iterations", power_iterations, at_least=1)
        check_range("epsilon", epsilon, low=0.0, low_open=True)
        super().__init__(*args, **kwargs)
        self.power_iterations = power_iterations
        self.epsilon = epsilon

    def kernel_matrix(self, kernel):
        """Returns Wᵀ, the kernel as a matrix with one column per entry of ũ."""
        raise NotImplementedError(f"{type(self).__name__} must implement kernel_matrix(kernel).")

    def build(self, input_shape=None):
        super().build(input_shape)
        # Replicas need no aggregation: each makes the same iteration on the same kernel.
        self.u = self.add_weight(
            name="u",
            shape=self.kernel_matrix(self._full_precision_kernel()).shape[-1:],
            initializer=lambda shape, dtype=None: dominant_vector(self.kernel_matrix(self._full_precision_kernel())),
            dtype=self._sigma_dtype(),
            trainable=False,
            autocast=False,
        )

    def normalized_kernel(self, training: bool = False):
        """Returns W/σ. A training call of a trainable layer makes the power iterations and keeps the new ũ."""
        kernel = self._full_precision_kernel()
        matrix = self.kernel_matrix(kernel)
        if training and self._is_trained():
            u, v = power_iteration(matrix, ops.convert_to_tensor(self.u), self.power_iterations, self.epsilon)
            self.u.assign(u)
        else:
            u, v = self._stored_pair(matrix)
        return kernel / ops.maximum(bilinear(matrix, u, v), self.epsilon)

    def spectral_norm(self):
        """Returns the current estimate of σ, the kernel's largest singular value, as a scalar; moves nothing."""
        matrix = self.kernel_matrix(self._full_precision_kernel())
        return bilinear(matrix, *self._stored_pair(matrix))

    def reset_vector(self) -> None:
        """Sets ũ to the exact dominant vector of the current kernel, as `build` does: call it after assigning W."""
        if self.built:
            self.u.assign(dominant_vector(self.kernel_matrix(self._full_precision_kernel())))

    def _stored_pair(self, matrix):
        u = ops.convert_to_tensor(self.u)
        return u, unit(ops.matmul(ops.stop_gradient(matrix), u), self.epsilon)

    def _is_trained(self) -> bool:
        return self.trainable

    def _full_precision_kernel(self):
        return ops.cast(self.kernel, self._sigma_dtype())

    def _sigma_dtype(self) -> str:
        return keras.backend.result_type(self.variable_dtype, "float32")

    def get_config(self):
        return {**super().get_config(), "power_iterations": self.power_iterations, "epsilon": self.epsilon}


class SpectralNormKernel(SpectrallyNormalized):
    """Makes the Keras layer that it is derived with divide its own kernel."""

    output_axis: int = -1  # the axis of the kernel that ũ runs along; all others together are the other side

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.quantization_mode is not None:
            raise self._unsupported(f"quantization (dtype={self.dtype_policy.name!r})")

    def kernel_matrix(self, kernel):
        if self.output_axis != -1:
            kernel = ops.moveaxis(kernel, self.output_axis, -1)
        return ops.reshape(kernel, (-1, kernel.shape[-1]))

    def linear_map(self, inputs, kernel):
        """Returns what the layer computes from `inputs` with `kernel`, before bias and activation."""
        raise NotImplementedError(f"{type(self).__name__} must implement linear_map(inputs, kernel).")

    def add_weight(self, *args, name=None, **kwargs):
        """Adds a weight; the kernel is exempt from autocast, so that σ comes from its full precision."""
        if name in ("kernel", "embeddings"):
            kwargs["autocast"] = False
        return super().add_weight(*args, name=name, **kwargs)

    def save_own_variables(self, store):
        keras.layers.Layer.save_own_variables(self, store)  # the Keras classes would save kernel and bias only

    def load_own_variables(self, store):
        keras.layers.Layer.load_own_variables(self, store)

    def call(self, inputs, training=False):
        kernel = ops.cast(self.normalized_kernel(training), self.compute_dtype)
        outputs = self.linear_map(inputs, kernel)
        if self.bias is not None:
            channels_first = getattr(self, "data_format", "channels_last") == "channels_first"
            bias_shape = (1, -1) + (1,) * (len(outputs.shape) - 2) if channels_first else (-1,)
            outputs = ops.add(outputs, ops.reshape(self.bias, bias_shape))
        return outputs if self.activation is None else self.activation(outputs)

    def enable_lora(self, *args, **kwargs):
        raise self._unsupported("LoRA")

    def quantize(self, *args, **kwargs):
        raise self._unsupported("quantization")

    def _unsupported(self, what: str) -> NotImplementedError:
        return NotImplementedError(
            explain(
                f"{type(self).__name__} does not support {what}.",
                received=f"a request for {what}",
                expected="a kernel that is stored whole, in a floating-point type",
                fix="train and serve the layer in float32 or under a mixed_* policy.",
            )
        )
