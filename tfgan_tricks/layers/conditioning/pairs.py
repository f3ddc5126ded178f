"""Layers that are called with two tensors in a list: activations, and the condition they depend on."""

from tfgan_tricks.checks import explain


def split_pair(layer, input_shape) -> tuple[tuple, tuple]:
    """Returns the shapes of x and of the condition, or raises `ValueError` if a layer is not given these two."""
    name = type(layer).__name__
    is_pair = len(input_shape) == 2 and all(isinstance(shape, list | tuple) for shape in input_shape)
    if not is_pair:
        raise ValueError(
            explain(
                f"{name} takes two inputs in a list.",
                received=f"inputs of shape {input_shape}",
                expected="[x, condition]",
                fix=f"call {name}(...)([x, condition]).",
            )
        )
    x_shape, condition_shape = (tuple(shape) for shape in input_shape)
    if len(x_shape) < 2 or x_shape[-1] is None:
        raise ValueError(
            explain(
                f"{name} needs x with a known number of channels.",
                received=f"x of shape {x_shape}",
                expected="x of shape (n, ..., channels), channels last",
                fix="give the last axis of x a fixed size.",
            )
        )
    return x_shape, condition_shape


def check_rank(layer, what: str, shape: tuple, rank: int, expected: str, fix: str) -> None:
    """Raises `ValueError` unless an input has so many axes, the last of a known size."""
    if len(shape) != rank or shape[-1] is None:
        problem = f"{type(layer).__name__} got a {what} of the wrong shape."
        raise ValueError(explain(problem, received=f"shape {shape}", expected=expected, fix=fix))
