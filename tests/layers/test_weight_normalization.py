"""Weight normalisation against the paper's formulas, written again in NumPy; see also test_substituted_kernel.py."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import WeightNormalization

# Layer, shape of its input, axes of its kernel that tell outputs apart.
CASES = {
    "dense": (lambda **more: keras.layers.Dense(4, **more), (5, 7), (1,)),
    "conv": (lambda **more: keras.layers.Conv2D(6, 3, groups=2, strides=2, **more), (2, 7, 8, 4), (3,)),
    "deconv": (lambda **more: keras.layers.Conv2DTranspose(3, (2, 3), **more), (2, 4, 3, 5), (2,)),
    "depthwise": (lambda **more: keras.layers.DepthwiseConv1D(3, depth_multiplier=2, **more), (2, 6, 3), (1, 2)),
    "einsum": (
        lambda **more: keras.layers.EinsumDense("abc,dce->abde", (3, 2, 4), bias_axes="de", **more),
        (2, 3, 5),
        (0, 2),
    ),
    "embedding": (lambda **more: keras.layers.Embedding(7, 4, **more), (5, 3), (0,)),
}
each_case = pytest.mark.parametrize(("make", "shape", "axes"), CASES.values(), ids=CASES.keys())


def inputs_of(make, shape, dtype="float32") -> np.ndarray:
    generator = np.random.default_rng(0)
    if isinstance(make(), keras.layers.Embedding):
        return generator.integers(7, size=shape)
    return generator.normal(size=shape).astype(dtype)


def raw(layer) -> keras.Variable:
    return layer.embeddings if isinstance(layer, keras.layers.Embedding) else layer.kernel


def norms(v: np.ndarray, axes) -> np.ndarray:
    """‖v‖ of each output, one by one."""
    sizes = [v.shape[axis] for axis in axes]
    found = np.empty(sizes)
    for place in np.ndindex(*sizes):
        index = [slice(None)] * v.ndim
        for axis, position in zip(axes, place, strict=True):
            index[axis] = position
        found[place] = np.sqrt(np.sum(np.square(v[tuple(index)].astype("float64"))))
    return found


def spread(values: np.ndarray, axes, rank: int) -> np.ndarray:
    """Values of each output in a shape that broadcasts to the kernel."""
    others = tuple(axis for axis in range(rank) if axis not in axes)
    return np.expand_dims(np.asarray(values), others)


@each_case
def test_wrapping_does_not_change_what_a_layer_computes(make, shape, axes):
    plain = make()
    plain.build(shape)
    layer = WeightNormalization(plain)
    inputs = inputs_of(make, shape)
    expected = plain(inputs)
    np.testing.assert_allclose(layer(inputs), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layer.g, norms(raw(plain).numpy(), axes), rtol=1e-5)


@each_case
def test_the_layer_computes_with_g_v_over_the_length_of_v(make, shape, axes):
    layer, plain, inputs = WeightNormalization(make()), make(), inputs_of(make, shape)
    layer.build(shape)
    plain.build(shape)
    generator = np.random.default_rng(1)
    v = generator.normal(size=layer.kernel.shape)
    g = generator.normal(size=layer.g.shape)  # of either sign
    layer.kernel.assign(v)
    layer.g.assign(g)
    w = spread(g / norms(v, axes), axes, v.ndim) * v
    raw(plain).assign(w)
    np.testing.assert_allclose(layer.normalized_kernel(), w, rtol=1e-5, atol=1e-6)
    for training in (False, True):
        np.testing.assert_allclose(layer(inputs, training=training), plain(inputs), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(layer.kernel, v.astype("float32"))


@each_case
def test_gradients_are_those_of_equation_3(make, shape, axes):
    layer, plain = WeightNormalization(make(dtype="float64")), make(dtype="float64")
    inputs = inputs_of(make, shape, dtype="float64")
    layer.build(shape)
    plain.build(shape)
    layer.g.assign(np.random.default_rng(2).normal(size=layer.g.shape))
    v, g = layer.kernel.numpy(), layer.g.numpy()
    length = norms(v, axes)
    raw(plain).assign(spread(g / length, axes, v.ndim) * v)
    weights = np.random.default_rng(3).normal(size=plain(inputs).shape)
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(weights * plain(inputs) ** 2)
    to_w = tf.convert_to_tensor(tape.gradient(value, raw(plain).value)).numpy()
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(weights * layer(inputs, training=True) ** 2)
    to_g, to_v = (received.numpy() for received in tape.gradient(value, [layer.g.value, layer.kernel.value]))
    others = tuple(axis for axis in range(v.ndim) if axis not in axes)
    expected_g = np.sum(to_w * v, axis=others) / length
    expected_v = spread(g / length, axes, v.ndim) * to_w - spread(g * expected_g / length**2, axes, v.ndim) * v
    np.testing.assert_allclose(to_g, expected_g, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(to_v, expected_v, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(np.sum(to_v * v, axis=others), 0, atol=1e-8)  # a step never shortens v


def test_weights_are_g_and_v_in_float32_and_both_are_trained():
    layer = WeightNormalization(keras.layers.Dense(3, dtype="mixed_float16"))
    layer.build((None, 5))
    assert {weight.name: weight.dtype for weight in layer.trainable_weights} == {
        "g": "float32",
        "kernel": "float32",
        "bias": "float32",
    }
    layer.trainable = False
    assert not layer.trainable_weights


def test_a_weight_vector_of_zeros_gives_zeros_and_a_finite_gradient():
    layer = WeightNormalization(keras.layers.Dense(3, kernel_initializer="zeros"))
    inputs = np.random.default_rng(0).normal(size=(4, 5)).astype("float32")
    layer.build(inputs.shape)
    layer.g.assign([1.0, -2.0, 0.0])
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(layer(inputs))
    assert float(value) == 0
    received = tape.gradient(value, layer.kernel.value).numpy()
    np.testing.assert_allclose(received, np.outer(inputs.sum(0), [1.0, -2.0, 0.0]), rtol=1e-5)


ADAPTED = {
    "dense": (lambda: keras.layers.Dense(4, activation="relu", bias_initializer="ones"), (64, 7)),
    "conv": (lambda: keras.layers.Conv2D(6, 3, strides=2, activation="tanh"), (16, 7, 8, 4)),
    "depthwise": (lambda: keras.layers.DepthwiseConv2D(3, depth_multiplier=2), (16, 7, 8, 3)),
    "deconv": (lambda: keras.layers.Conv1DTranspose(3, 4, strides=2), (16, 6, 5)),
}


@pytest.mark.parametrize(("make", "shape"), ADAPTED.values(), ids=ADAPTED.keys())
def test_adapted_outputs_have_mean_0_and_variance_1_before_the_activation(make, shape):
    layer = WeightNormalization(make())
    inputs = np.random.default_rng(0).normal(3.0, 2.0, size=shape).astype("float32")
    layer.adapt(inputs)
    activation = layer.layer.activation
    assert activation is make().activation
    linear = make()
    linear.activation = keras.activations.linear
    linear.build(shape)
    linear.kernel.assign(layer.normalized_kernel())
    linear.bias.assign(layer.layer.bias)
    outputs = np.asarray(linear(inputs))
    outputs = outputs.reshape(-1, outputs.shape[-1])
    np.testing.assert_allclose(outputs.mean(0), 0, atol=1e-3)
    np.testing.assert_allclose(outputs.std(0), 1, atol=1e-3)
    np.testing.assert_allclose(layer(inputs), activation(linear(inputs)), rtol=1e-4, atol=1e-5)


def test_adapting_sets_g_and_bias_to_equations_5_and_6_and_leaves_v():
    layer = WeightNormalization(keras.layers.Dense(4, bias_initializer="ones"))
    inputs = np.random.default_rng(0).normal(3.0, 2.0, size=(64, 7)).astype("float32")
    layer.build(inputs.shape)
    v = layer.kernel.numpy()
    layer.adapt(inputs)
    t = inputs @ (v / np.linalg.norm(v, axis=0))
    np.testing.assert_array_equal(layer.kernel, v)
    np.testing.assert_allclose(layer.g, 1 / t.std(0), rtol=1e-4)
    np.testing.assert_allclose(layer.layer.bias, -t.mean(0) / t.std(0), rtol=1e-4)


def test_an_output_that_does_not_vary_keeps_its_length_and_a_layer_without_bias_its_mean():
    layer = WeightNormalization(keras.layers.Dense(2, use_bias=False))
    layer.build((None, 2))
    layer.kernel.assign([[0.0, 3.0], [2.0, 0.0]])
    layer.g.assign([5.0, 7.0])
    inputs = np.stack([np.arange(6.0), np.full(6, 0.1)], axis=-1).astype("float32")
    layer.adapt(inputs)
    np.testing.assert_allclose(layer.g, [5.0, 1 / np.arange(6.0).std()], rtol=1e-5)
    assert np.mean(layer(inputs), axis=0)[1] == pytest.approx(2.5 / np.arange(6.0).std(), rel=1e-5)


@pytest.mark.parametrize("name", ["einsum", "embedding"])
def test_refuses_to_adapt_what_has_no_output_per_length(name):
    make, shape, _ = CASES[name]
    layer = WeightNormalization(make())
    with pytest.raises(ValueError, match=r"(?s)cannot be adapted.*last axis"):
        layer.adapt(inputs_of(make, shape))


def test_it_trains_step_by_step_as_the_formulas_in_numpy_do():
    generator = np.random.default_rng(0)
    inputs = generator.normal(size=(64, 5)).astype("float32")
    targets = inputs @ generator.normal(size=(5, 2)).astype("float32") + 1.0
    layer = WeightNormalization(keras.layers.Dense(2))
    model = keras.Sequential([keras.Input((5,)), layer])
    v, g, b = (np.asarray(value, "float64") for value in (layer.kernel, layer.g, layer.layer.bias))
    expected = []
    for _ in range(30):
        length = np.linalg.norm(v, axis=0)
        error = inputs @ (g / length * v) + b - targets
        expected.append(np.mean(error**2))
        to_w = 2 * inputs.T @ error / error.size
        to_g = np.sum(to_w * v, axis=0) / length
        to_v = g / length * to_w - g * to_g / length**2 * v
        v, g, b = v - 0.2 * to_v, g - 0.2 * to_g, b - 0.2 * 2 * error.sum(0) / error.size
    model.compile(keras.optimizers.SGD(0.2), "mse", jit_compile=False)
    received = model.fit(inputs, targets, batch_size=64, epochs=30, verbose=0).history["loss"]
    np.testing.assert_allclose(received, expected, rtol=1e-4)
    assert received[-1] < 0.1 * received[0]
