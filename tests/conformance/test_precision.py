"""Which numbers are float32 under which precision policy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.running import (
    is_architecture,
    is_layer,
    is_random,
    negate,
    over,
    run,
    value_and_gradient,
    variables_of,
)

POLICIES = {"float32": 1e-6, "mixed_bfloat16": 4e-2, "mixed_float16": 5e-3}  # and the error that is to be expected
each_policy = pytest.mark.parametrize("policy", POLICIES)
STATISTICS = ("BatchNorm", "SwitchableNorm", "SPADE", "SpectralNorm")  # layers with vectors or moving averages


def build(case, policy: str):
    keras.config.set_dtype_policy(policy)
    keras.utils.set_random_seed(1)
    return case.build()


@each_policy
@over(is_layer, holding="precision")
def test_layers_compute_in_the_policy_type(case, policy):
    layer = build(case, policy)
    for outputs in run(layer, case.inputs()).values():
        assert keras.backend.standardize_dtype(outputs.dtype) == layer.compute_dtype


@each_policy
@over(negate(is_layer))
def test_everything_after_the_logits_is_float32(case, policy):
    for name, value in run(build(case, policy), case.inputs()).items():
        assert value.dtype == tf.float32, name


@each_policy
@over(holding="precision")
def test_weights_and_their_gradients_are_float32(case, policy):
    built = build(case, policy)
    floats = {v.dtype for v in variables_of(built) if keras.backend.is_float_dtype(v.dtype)}  # seeds are integers
    assert floats <= {"float32"}
    gradients = {n: v for n, v in value_and_gradient(built, case.inputs()).items() if n.startswith("gradient")}
    assert {value.dtype for value in gradients.values()} == {tf.float32}
    assert all(np.isfinite(value).all() for value in gradients.values())


def has_statistics(case) -> bool:
    return is_layer(case) and any(name in case.name for name in STATISTICS) and "Virtual" not in case.name


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@over(has_statistics, holding="precision")
def test_statistics_are_computed_in_float32(case, policy):
    """Of inputs that both types have, they are the same to float32's rounding; in half precision they could not be."""
    half = policy.removeprefix("mixed_")
    inputs = [np.array(tf.cast(tf.cast(x, half), x.dtype)) if x.dtype == "float32" else x for x in case.inputs()]
    states = []
    for name in ("float32", policy):
        layer = build(case, name)
        before = [v.numpy() for v in layer.non_trainable_variables]
        run(layer, inputs)
        states.append([v.numpy() for v in layer.non_trainable_variables])
        assert any((old != new).any() for old, new in zip(before, states[-1], strict=True))
    for expected, received in zip(*states, strict=True):
        np.testing.assert_allclose(received, expected, rtol=1e-5, atol=1e-6)


@each_policy
@over(negate(is_random), holding="precision")
def test_values_are_those_of_float32_up_to_rounding(case, policy):
    expected = run(build(case, "float32"), case.inputs())
    received = run(build(case, policy), case.inputs())
    for name, value in expected.items():
        scale = max(float(np.abs(value).max()), 1e-3)
        error = POLICIES[policy] * (2.0 if is_architecture(case) else 1.0)  # which adds up over layers
        np.testing.assert_allclose(np.asarray(received[name], "float32"), value, atol=error * scale)
