"""What the wrappers share that call a layer with another kernel than the one it stores.

The layer runs in a stateless scope of its own, in which its variables have their current values and only the kernel has
another. So the stored kernel is never assigned, gradient flows through whatever the other kernel was computed from, and
no class of layers needs code of its own. What the layer moves meanwhile (statistics, seeds) is assigned afterwards.
"""

import inspect

import keras
from keras import ops
from keras.src.backend import AutocastScope  # the one way to read a variable in full precision within a mixed layer

from tfgan_tricks.checks import check_type, explain
from tfgan_tricks.layers.equalized import EqualizedKernel
from tfgan_tricks.layers.kernel_lookup import find_kernel, output_axes
from tfgan_tricks.layers.spectral_norm import SpectrallyNormalized

CHANGED = SpectrallyNormalized | EqualizedKernel | keras.layers.SpectralNormalization  # use another than the stored one


def stored_value(variable):
    """Returns the value of a variable as it is stored, whatever the precision policy."""
    with AutocastScope(None):
        return ops.cast(variable, dtype_of(variable.value))


def full_precision(variable):
    """Returns the value of a variable as it is stored, at least in float32."""
    value = stored_value(variable)
    return ops.cast(value, keras.backend.result_type(dtype_of(value), "float32"))


def dtype_of(tensor) -> str:
    """Returns the name of a tensor's type."""
    return keras.backend.standardize_dtype(tensor.dtype)


def call_with(layer: keras.Layer, kernel: keras.Variable, value, inputs, training):
    """Returns what a built layer computes when `value` is in place of its weight `kernel`."""
    variables = layer.variables
    before = [stored_value(variable) for variable in variables]
    scope = keras.StatelessScope(collect_losses=True)
    for variable, old in zip(variables, before, strict=True):
        scope.add_update((variable, ops.cast(value, dtype_of(old)) if variable is kernel else old))
    with scope:
        outputs = layer(inputs, training=training)
    for variable, old in zip(variables, before, strict=True):
        new = scope.get_current_value(variable)
        if new is not old and variable is not kernel:
            variable.assign(new)
    for loss in scope.losses:  # each goes to the layer that added it, or the model would count it twice
        next(part for part in layer._flatten_layers() if id(loss) in part._loss_ids).add_loss(loss)
    return outputs


def check_one_input(wrapper: str, layer: keras.Layer) -> None:
    """Raises `ValueError` for a layer whose `call` or `build` needs more than one positional argument."""
    for method in (layer.call, layer.build):
        parameters = inspect.signature(method).parameters.values()
        needed = [one.name for one in parameters if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
        if len(needed) > 1:
            received = f"a {type(layer).__name__}, whose `{method.__name__}` needs {', '.join(needed)}"
            expected = "a layer that is called on one argument, which may be a list or a dictionary of tensors"
            fix = "wrap its parts one by one, or a layer of your own around it that takes a list."
            problem = f"{wrapper} wraps layers of one input."
            raise ValueError(explain(problem, received=received, expected=expected, fix=fix))


class SubstitutedKernel(keras.layers.Wrapper):
    """Calls a layer with the kernel that `substitute` computes from the stored one.

    Args:
        layer: the layer to wrap.
        weight_name: end of the kernel's path, where the layer has several that could be meant.
        axis: axis or axes of the kernel that tell outputs apart; chosen by the kind of layer unless given.
        **kwargs: arguments of `keras.layers.Layer`; the precision policy is that of `layer` unless given.
    """

    def __init__(self, layer, *, weight_name=None, axis=None, **kwargs):
        check_type("layer", layer, keras.Layer, "pass a layer, such as keras.layers.Conv1D(8, 3).")
        check_type("weight_name", weight_name, (str, type(None)), "pass the end of a weight's path, or None.")
        check_type("axis", axis, (int, tuple, list, type(None)), "pass an axis, a tuple of axes, or None.")
        check_one_input(type(self).__name__, layer)
        for part in layer._flatten_layers():
            if isinstance(part, CHANGED | SubstitutedKernel):
                raise ValueError(
                    explain(
                        f"{type(self).__name__} wraps a layer that normalises or scales its kernel already.",
                        received=f"a {type(part).__name__}",
                        expected="a layer that uses its kernel as it is stored",
                        fix="use one of the two, not both.",
                    )
                )
        super().__init__(layer, **{"dtype": layer.dtype_policy, **kwargs})
        self.weight_name = weight_name
        self.axis = tuple(axis) if isinstance(axis, list) else axis
        self.supports_masking = layer.supports_masking

    def substitute(self, training: bool):
        """Returns the kernel to call the layer with."""
        raise NotImplementedError(f"{type(self).__name__} must implement substitute(training).")

    @property
    def kernel(self) -> keras.Variable:
        """The stored kernel of the layer, which the optimizer trains."""
        return find_kernel(self.layer, self.weight_name)

    @property
    def output_axes(self) -> tuple[int, ...]:
        """The axes of the kernel that tell outputs apart, counted from the front, in ascending order."""
        kernel = self.kernel
        if self.axis is None:
            return output_axes(self.layer, kernel)
        axes, rank = (self.axis,) if isinstance(self.axis, int) else self.axis, len(kernel.shape)
        if len({axis % rank for axis in axes}) != len(axes) or not all(-rank <= axis < rank for axis in axes):
            raise ValueError(
                explain(
                    "`axis` does not fit the kernel.",
                    received=f"axis={self.axis} for a kernel of shape {tuple(kernel.shape)}",
                    expected=f"different axes from {-rank} to {rank - 1}",
                    fix="name the axes of the kernel that the output has.",
                )
            )
        return tuple(sorted(axis % rank for axis in axes))

    def build(self, input_shape=None):
        super().build(input_shape)
        for part in self.layer._flatten_layers():
            if part.quantization_mode is not None or getattr(part, "lora_enabled", False):
                raise NotImplementedError(
                    explain(
                        f"{type(self).__name__} does not support quantization or LoRA.",
                        received=f"a {type(part).__name__} with one of them",
                        expected="a kernel that is stored whole, in a floating-point type",
                        fix="wrap the layer without, and train and serve it in float32 or under a mixed_* policy.",
                    )
                )
        self.output_axes  # noqa: B018, raises where there is no such kernel or axis

    def call(self, inputs, training=False):
        outputs = call_with(self.layer, self.kernel, self.substitute(training), inputs, training)
        return keras.tree.map_structure(self._cast, outputs)

    def _cast(self, output):
        return ops.cast(output, self.compute_dtype) if keras.backend.is_float_dtype(dtype_of(output)) else output

    def compute_mask(self, inputs, mask=None):
        return self.layer.compute_mask(inputs, mask)

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)

    def compute_output_spec(self, inputs, training=False):
        return keras.tree.map_structure(self._cast, self.layer.compute_output_spec(inputs))

    def get_config(self):
        return {**super().get_config(), "weight_name": self.weight_name, "axis": self.axis}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return super().from_config(dict(config), custom_objects)  # Keras takes the layer out of the dict it is given
