"""What a label may be, and what happens to a number that no class has.

A label is a class number (integers of shape (n,) or (n, 1)), or a weight per class (shape (n, classes): one-hot, or a
mixture of classes). A class number out of range raises `ValueError` wherever its value can be read, that is in eager
calls; the read waits for the device. While a function is traced (`tf.function`, `fit`, XLA, `jax.jit`) there is no
value to read: then such a number stands for "no class", and each layer documents what it does with it. It never reads
another class's row.
"""

import keras
from keras import ops

from tfgan_tricks.checks import explain


def check_label_shape(layer, x_shape, shape) -> None:
    """Raises `ValueError` unless a shape is one that the labels of a layer may have beside such an x.

    Sizes of the batch that are not known, or are symbols, pass; one label for many examples does not.
    """
    x_shape, shape, classes = tuple(x_shape), tuple(shape), layer.classes
    if not (len(shape) == 1 or (len(shape) == 2 and shape[1] in (1, classes))):
        raise ValueError(
            explain(
                f"{type(layer).__name__} got labels of the wrong shape.",
                received=f"labels of shape {shape} for classes={classes}",
                expected=f"class numbers of shape (n,) or (n, 1), or weights of shape (n, {classes})",
                fix="pass one label per example, and `classes` as many as there are.",
            )
        )
    examples, labels = x_shape[0], shape[0]
    if isinstance(examples, int) and isinstance(labels, int) and examples != labels:
        raise ValueError(
            explain(
                f"{type(layer).__name__} needs one label per example.",
                received=f"{labels} label{'s' * (labels != 1)} of shape {shape} for {examples} "
                f"example{'s' * (examples != 1)} of shape {x_shape}",
                expected=f"{examples} label{'s' * (examples != 1)}",
                fix="pass as many labels as examples; to give all the same, keras.ops.repeat(label, examples, axis=0).",
            )
        )


def are_weights(labels, classes: int) -> bool:
    """Returns whether labels are a weight per class, rather than class numbers; refuses numbers that are floats."""
    is_float = keras.backend.is_float_dtype(keras.backend.standardize_dtype(labels.dtype))
    if len(labels.shape) == 2 and labels.shape[1] == classes and (classes > 1 or is_float):
        return True
    if is_float:
        raise ValueError(
            explain(
                "Class numbers must be integers.",
                received=f"labels of type {keras.backend.standardize_dtype(labels.dtype)}, shape {tuple(labels.shape)}",
                expected=f"integers, or floats of shape (n, {classes}) that hold a weight per class",
                fix='cast them, and give a symbolic input its type: keras.Input((), dtype="int32").',
            )
        )
    return False


def class_numbers(labels, classes: int):
    """Returns class numbers as int32 [n], with -1 for those out of range; refuses these where it can read them."""
    numbers = ops.cast(ops.reshape(labels, (-1,)), "int32")  # [n]
    values = value_of(numbers)
    if values is not None and ((values < 0) | (values >= classes)).any():
        outside = sorted({int(value) for value in values[(values < 0) | (values >= classes)]})
        raise ValueError(
            explain(
                "A label is out of range.",
                received=f"label {', '.join(map(str, outside[:5]))} for classes={classes}",
                expected=f"integers from 0 to {classes - 1}",
                fix="count classes from 0, and pass `classes` as many as there are.",
            )
        )
    return ops.where((numbers >= 0) & (numbers < classes), numbers, -1)


def value_of(tensor):
    """Returns the value of a tensor as a NumPy array, or `None` while it has none because a function is traced."""
    try:
        return ops.convert_to_numpy(tensor)
    except (NotImplementedError, TypeError, RuntimeError):  # as TensorFlow, JAX and PyTorch say so
        return None


def rows_of(labels, *tables, otherwise: tuple[float, ...]) -> list:
    """Returns the row of each table that belongs to each label; a mixture of its rows for weights.

    Args:
        labels: class numbers or weights.
        *tables: tensors of shape [classes, size], all alike.
        otherwise: per table, what its row holds for a label that no class has.
    """
    classes = tables[0].shape[0]
    if are_weights(labels, classes):
        return [ops.matmul(ops.cast(labels, table.dtype), table) for table in tables]  # [n, size] each
    numbers = class_numbers(labels, classes)
    known = ops.expand_dims(numbers >= 0, -1)  # [n, 1]
    # One lookup for all tables. It also makes their gradients dense, which every optimizer and logger takes.
    rows = ops.take(ops.stack(tables, axis=1), ops.maximum(numbers, 0), axis=0)  # [n, tables, size]
    return [ops.where(known, rows[:, index], value) for index, value in enumerate(otherwise)]


def one_hot_of(labels, classes: int, dtype: str):
    """Returns a weight per class, [n, classes]; zeros for a label that no class has."""
    if are_weights(labels, classes):
        return ops.cast(labels, dtype)
    return ops.one_hot(class_numbers(labels, classes), classes, dtype=dtype)
