"""Spectral normalisation wherever a layer can run: graph, XLA, mixed precision, two replicas, stateless, saved."""

import json
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras.src.testing import TestCase
from spectral_norm_oracle import CASES, KERAS_LAYERS, ONE_OF_EACH, away, top_pair

each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
each_keras_layer = pytest.mark.parametrize("case", KERAS_LAYERS.values(), ids=KERAS_LAYERS.keys())
each_layer = pytest.mark.parametrize("case", ONE_OF_EACH.values(), ids=ONE_OF_EACH.keys())
HARNESS = TestCase("run_layer_test")


def model_of(case, **more):
    inputs = keras.Input(case.input_shape[1:], dtype=case.input_dtype)
    layer = case.make(**more)
    return keras.Model(inputs, layer(inputs)), layer


@each_keras_layer
def test_keras_own_harness(case):
    HARNESS.run_layer_test(
        case.spectral,
        init_kwargs={**case.arguments, **case.own, "power_iterations": 2, "epsilon": 1e-6},
        input_shape=case.input_shape,
        expected_output_shape=case.build_plain().compute_output_shape(case.input_shape),
        expected_num_trainable_weights=2,
        expected_num_non_trainable_weights=1,
        expected_num_seed_generators=0,
        expected_num_losses=0,
        supports_masking=case.spectral.__name__ == "SpectralNormDense",
    )


@each_case
def test_graph_and_xla_equal_eager(case):
    inputs = case.inputs()
    outcomes = []
    for compiled in (lambda step: step, tf.function, lambda step: tf.function(step, jit_compile=True)):
        layer = case.build(kernel_initializer=keras.initializers.GlorotUniform(seed=3), power_iterations=2)
        step = compiled(lambda x, layer=layer: layer(x, training=True))
        outputs = [step(inputs).numpy() for _ in range(3)]
        outcomes.append((*outputs, layer.u.numpy()))
    for outcome in outcomes[1:]:
        for received, expected in zip(outcome, outcomes[0], strict=True):
            np.testing.assert_allclose(received, expected, rtol=1e-4, atol=1e-5)


@each_keras_layer
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16", "bfloat16"])
def test_reduced_precision_keeps_the_division_in_float32(case, policy):
    low = policy.removeprefix("mixed_")
    layer, inputs = case.build(dtype=policy), case.inputs()
    matrix = case.matrix(np.asarray(keras.ops.cast(layer.kernel.value, "float32")))
    assert layer.u.dtype == "float32"
    seen = []
    layer.linear_map, original = lambda x, kernel: seen.append((x, kernel)) or original(x, kernel), layer.linear_map
    outputs = layer(inputs, training=True)
    assert {keras.backend.standardize_dtype(tensor.dtype) for tensor in (*seen[0], outputs)} == {low}
    assert keras.backend.standardize_dtype(layer.normalized_kernel().dtype) == "float32"
    assert float(layer.spectral_norm()) == pytest.approx(top_pair(matrix)[0], rel=1e-4)
    rounded = np.asarray(keras.ops.cast(seen[0][1], "float32"))  # W/σ, rounded once, after the division
    exact = case.kernel(matrix / top_pair(matrix)[0], rounded.shape)
    np.testing.assert_allclose(rounded, exact, rtol=2**-8 if low == "bfloat16" else 2**-10, atol=1e-6)


@each_layer
def test_the_master_kernel_gets_a_float32_gradient_under_mixed_precision(case):
    layer = case.build(dtype="mixed_bfloat16")
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(tf.cast(layer(case.inputs(), training=True), "float32") ** 2)
    received = tape.gradient(value, layer.kernel.value)
    assert received.dtype == "float32"
    assert float(tf.norm(received)) > 0
    assert abs(float(tf.reduce_sum(received * layer.kernel.value))) < 1e-2 * float(tf.norm(received))  # scale-free


@each_layer
def test_stateless_call_returns_the_moved_vector_and_moves_nothing(case):
    layer, inputs = case.build(), case.inputs()
    layer.u.assign(away(layer))
    before = [variable.numpy() for variable in layer.variables]
    trainable = [variable.value for variable in layer.trainable_variables]
    frozen = [variable.value for variable in layer.non_trainable_variables]
    outputs, state = layer.stateless_call(trainable, frozen, inputs, training=True)
    for variable, value in zip(layer.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)
    doubled = [2.0 * trainable[0], *trainable[1:]]  # virtual weights: W/σ does not see the scale
    np.testing.assert_allclose(
        layer.stateless_call(doubled, frozen, inputs, training=True)[0], outputs, rtol=1e-4, atol=1e-5
    )
    expected = layer(inputs, training=True)
    np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(state[0], layer.u, rtol=1e-5, atol=1e-6)


@each_layer
def test_keras_file_and_weights_restore_kernel_and_vector(case, tmp_path):
    model, layer = model_of(case, power_iterations=3, epsilon=1e-7)
    inputs = case.inputs()
    layer.kernel.assign(layer.kernel + 0.3)
    layer.u.assign(away(layer))
    model(inputs, training=True)  # a vector on its way, that no rebuild would find
    model.save(tmp_path / "model.keras")
    model.save_weights(tmp_path / "model.weights.h5")
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    fresh, _ = model_of(case, power_iterations=3, epsilon=1e-7)
    fresh.load_weights(tmp_path / "model.weights.h5")
    copied = keras.models.clone_model(model)
    copied.set_weights(model.get_weights())
    assert json.dumps(reloaded.layers[1].get_config()) == json.dumps(layer.get_config())
    for other in (reloaded, fresh, copied):
        np.testing.assert_array_equal(other.layers[1].u, layer.u)
        np.testing.assert_array_equal(other(inputs), model(inputs))
    expected = model(inputs, training=True)
    for other in (reloaded, fresh, copied):
        np.testing.assert_array_equal(other(inputs, training=True), expected)


@each_layer
def test_saved_model_serves_the_same_numbers(case, tmp_path):
    model, _ = model_of(case)
    inputs = case.inputs()
    model(inputs, training=True)
    model.export(tmp_path / "served", format="tf_saved_model", verbose=False)
    served = tf.saved_model.load(tmp_path / "served")
    np.testing.assert_allclose(served.serve(inputs), model(inputs), rtol=1e-5, atol=1e-6)
    three = case.inputs(seed=4)[:1].repeat(3, axis=0)  # the batch size is free
    np.testing.assert_allclose(served.serve(three), model(three), rtol=1e-5, atol=1e-6)


@each_layer
@pytest.mark.parametrize("conditional", [False, True])
def test_two_replicas_keep_the_vector_that_one_device_has(case, two_replicas, conditional):
    inputs = case.inputs()
    initializer = keras.initializers.GlorotUniform(seed=3)
    single = case.build(kernel_initializer=initializer)
    with two_replicas.scope():
        layer = case.build(kernel_initializer=initializer)
    start = away(layer)
    single.u.assign(start)
    layer.u.assign(start)

    def train(x):
        return layer(x, training=True)

    def on_replica(x):  # in a condition no replica can wait for another, so aggregation would raise there
        return tf.cond(tf.reduce_all(x < 100), lambda: train(x), lambda: 0 * train(x)) if conditional else train(x)

    step = tf.function(lambda x: two_replicas.run(on_replica, args=(x,)))
    for _ in range(3):
        outputs = two_replicas.experimental_local_results(step(inputs))
        expected = single(inputs, training=True)
    for received in outputs:
        np.testing.assert_allclose(received, expected, rtol=1e-4, atol=1e-5)
    first, second = (replica.numpy() for replica in layer.u.value.values)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(first, single.u, rtol=1e-4, atol=1e-5)
    assert not np.array_equal(first, start)


@each_layer
def test_a_layer_that_is_built_inside_a_graph_is_normalised(case):
    layer = case.make()
    tf.function(lambda x: layer(x))(case.inputs())
    assert top_pair(case.matrix(layer.normalized_kernel()))[0] == pytest.approx(1.0, abs=1e-4)


@each_layer
def test_unknown_batch_and_spatial_size(case):
    shape = (None,) * (len(case.input_shape) - 2) + case.input_shape[-1:]
    inputs = keras.Input(shape, dtype=case.input_dtype)
    layer = case.make()
    outputs = layer(inputs)
    model = keras.Model(inputs, outputs)
    images = case.inputs()
    np.testing.assert_allclose(tf.function(model)(images), layer(images), rtol=1e-5, atol=1e-6)


@each_layer
@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"power_iterations": 0}, ValueError, "power_iterations"),
        ({"power_iterations": 1.5}, ValueError, "power_iterations"),
        ({"epsilon": 0.0}, ValueError, "epsilon"),
        ({"dtype": "int8_from_float32"}, NotImplementedError, "quantization"),
    ],
)
def test_refuses(case, arguments, error, match):
    with pytest.raises(error, match=match):
        case.build(**arguments)


@pytest.mark.parametrize(
    ("name", "argument", "value"),
    [
        ("dense", "units", -4),
        ("conv_strided", "filters", 0),
        ("conv_strided", "kernel_size", (3, 0)),
        ("conv_strided", "strides", -1),
        ("deconv_torch", "filters", -4),
        ("deconv_torch", "kernel_size", 0),
        ("deconv_torch", "strides", (0, 1)),
        ("embedding", "input_dim", 0),
        ("embedding", "output_dim", 2.5),
    ],
)
def test_refuses_sizes_that_are_not_positive_integers(name, argument, value):
    received = rf"Received: {argument}={re.escape(repr(value))}\n"
    with pytest.raises(ValueError, match=rf"(?s)`{argument}` must be .*integer.*{received}.*Fix"):
        CASES[name].make(**{argument: value})


@each_keras_layer
@pytest.mark.parametrize("method", ["quantize", "enable_lora"])
def test_refuses_what_would_bypass_the_division(case, method):
    with pytest.raises(NotImplementedError, match="does not support"):
        getattr(case.build(), method)("int8")
