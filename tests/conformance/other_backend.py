"""Runs the table of cases on another Keras backend and writes what came out, for test_backends.py to compare.

    KERAS_BACKEND=jax python -m tests.conformance.other_backend OUT.npz

Per case: the weights that it was given, its outputs, their gradients, and its variables afterwards.
"""

import inspect
import sys

import keras
import numpy as np
from keras import ops

from tests.conformance.cases import CASES
from tests.conformance.running import call, variables_of
from tfgan_tricks.losses import Term
from tfgan_tricks.randomness import SeedStream

SEED = 3


def is_portable(case) -> bool:
    """Whether a case is tried on other backends; the critic that terms are tried with is of TensorFlow."""
    is_term = inspect.isclass(case.factory) and issubclass(case.factory, Term)
    return not is_term and case.kind != "training" and "jax" not in case.explained


def weighted_sum(outputs: dict):
    """Returns one number that tells all outputs apart."""
    total = ops.zeros((), "float32")
    for value in outputs.values():
        weights = ops.cos(ops.reshape(ops.arange(value_size(value), dtype="float32"), value.shape))
        total = total + ops.sum(weights * ops.cast(value, "float32"))
    return total


def value_size(value) -> int:
    return int(np.prod(value.shape))


def is_float(value) -> bool:
    return np.issubdtype(np.asarray(value).dtype, np.floating)


def results(case) -> dict[str, np.ndarray]:
    """Returns what a case computes in training, with its gradients in weights and inputs."""
    keras.utils.set_random_seed(1)
    built = case.build()
    variables = variables_of(built)
    found = {f"weight_{i}": np.array(ops.convert_to_numpy(variable)) for i, variable in enumerate(variables)}
    trainable = [variable for variable in variables if variable.trainable]

    def compute(values, inputs):
        scope = keras.StatelessScope(state_mapping=list(zip(trainable, values, strict=True)))
        with scope:
            outputs = call(built, inputs, SeedStream.from_integer(SEED))
        after = [ops.convert_to_tensor(variable) for variable in variables]
        moved = [scope.get_current_value(variable) for variable in variables]
        after = [old if new is None else new for old, new in zip(after, moved, strict=True)]
        return weighted_sum(outputs), (list(outputs.values()), after)

    inputs = [ops.convert_to_tensor(value) for value in case.inputs()]
    floats = [i for i, value in enumerate(case.inputs()) if is_float(value)]
    gradients, (outputs, after) = BACKENDS[keras.backend.backend()](compute, trainable, inputs, floats)
    groups = {"output": outputs, "gradient": gradients, "after": after}
    for group, values in groups.items():
        found |= {f"{group}_{i}": np.array(ops.convert_to_numpy(value)) for i, value in enumerate(values)}
    return found


def by_jax(compute, trainable, inputs, floats):
    """Returns gradients in weights and float inputs, and what was computed, through `jax.grad`."""
    import jax

    def of(values, float_inputs):
        given = list(inputs)
        for i, value in zip(floats, float_inputs, strict=True):
            given[i] = value
        return compute(values, given)

    (weights, images), rest = jax.jit(jax.grad(of, argnums=(0, 1), has_aux=True))(
        [variable.value for variable in trainable], [inputs[i] for i in floats]
    )
    return [*weights, *images], rest


def by_torch(compute, trainable, inputs, floats):
    """The same through `torch.autograd`."""
    import torch

    leaves = [variable.value.detach().clone().requires_grad_() for variable in trainable]
    given = list(inputs)
    for i in floats:
        given[i] = inputs[i].detach().clone().requires_grad_()
    total, rest = compute(leaves, given)
    sources = [*leaves, *(given[i] for i in floats)]
    if not total.requires_grad:
        return [torch.zeros_like(source) for source in sources], rest
    gradients = torch.autograd.grad(total, sources, allow_unused=True)
    return [torch.zeros_like(s) if g is None else g for s, g in zip(sources, gradients, strict=True)], rest


BACKENDS = {"jax": by_jax, "torch": by_torch}


def main(path: str) -> None:
    found = {}
    for case in CASES:
        if is_portable(case):
            found |= {f"{case.id}/{name}": value for name, value in results(case).items()}
    np.savez(path, **found)


if __name__ == "__main__":
    main(sys.argv[1])
