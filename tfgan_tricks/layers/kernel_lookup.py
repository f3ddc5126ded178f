"""Which weight of a layer multiplies its input, and along which axes the outputs lie."""

import keras

from tfgan_tricks.checks import explain

KERNELS = ("kernel", "embeddings")  # how the names of weights end that multiply the input
DEPTHWISE = (keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D)
TRANSPOSED = (keras.layers.Conv1DTranspose, keras.layers.Conv2DTranspose, keras.layers.Conv3DTranspose)


def find_kernel(layer: keras.Layer, weight_name: str | None) -> keras.Variable:
    """Returns the one weight of a built layer whose name ends like a kernel's, or the one that is named."""
    if weight_name is None:
        found = [weight for weight in layer.weights if weight.name.endswith(KERNELS)]
    else:
        found = [weight for weight in layer.weights if f"/{weight.path}".endswith(f"/{weight_name}")]
    found = [weight for weight in found if keras.backend.is_float_dtype(weight.dtype)]
    if len(found) == 1:
        return found[0]
    paths = ", ".join(weight.path for weight in found or layer.weights) or "none"
    asked = "a kernel" if weight_name is None else f"a weight {weight_name!r}"
    raise ValueError(
        explain(
            f"{type(layer).__name__} has {'more than one' if found else 'no'} floating-point weight that is {asked}.",
            received=f"weights {paths}",
            expected=f"exactly one, with a name that ends in {' or '.join(KERNELS)}, or as `weight_name` says",
            fix="pass weight_name=... with the end of one of these paths."
            if found or layer.weights
            else "wrap a layer that has a kernel.",
        )
    )


def output_axes(layer: keras.Layer, kernel: keras.Variable) -> tuple[int, ...]:
    """Returns the axes of a kernel that tell a layer's outputs apart; of an embedding, its entries."""
    owner = [part for part in layer._flatten_layers() if any(weight is kernel for weight in part.weights)][-1]
    if isinstance(owner, keras.layers.EinsumDense):
        operands, result = owner.equation.replace(".", "").split("->")
        letters = operands.split(",")[1]
        return tuple(axis for axis, letter in enumerate(letters) if letter in result)
    if isinstance(owner, keras.layers.Embedding):
        return (0,)
    last = len(kernel.shape) - 1
    if isinstance(owner, DEPTHWISE) or kernel.name == "depthwise_kernel":
        return (last - 1, last)
    return (last - 1,) if isinstance(owner, TRANSPOSED) else (last,)
