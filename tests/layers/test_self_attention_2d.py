"""Self-attention against an explicit loop over positions: value, gradient, maps, sizes, memory."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import SelfAttention, SelfAttention2D

VARIANTS = {
    "plain": {},
    "paper": {"value_channels": 2},
    "biggan": {"value_channels": 8, "pool": True, "spectral_norm": True},
    "pooled": {"pool": True},
}
each_variant = pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS.keys())


def inputs_of(shape=(2, 4, 6, 16), seed=0, dtype="float64"):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def built(options, shape=(2, 4, 6, 16), gamma=0.7, dtype="float64"):
    """Returns a layer with weights so large that the attention is far from flat."""
    layer = SelfAttention2D(**options, dtype=dtype)
    layer.build(shape)
    generator = np.random.default_rng(1)
    for weight in layer.trainable_weights:
        weight.assign(generator.normal(size=weight.shape, scale=0.5))
    layer.gamma.assign(gamma)
    for convolution in convolutions_of(layer) if layer.spectral_norm else ():
        if convolution is not None:  # ũ as after many training calls
            convolution.u.assign(np.linalg.svd(convolution.kernel.numpy()[0, 0])[2][0])
    return layer


def convolutions_of(layer):
    return layer.key, layer.query, layer.value, layer.output_convolution


def matrices_of(layer) -> list[np.ndarray]:
    """Returns the matrices of f, g, h and the last convolution (or None), divided by σ where the layer does that."""
    raw = [None if c is None else c.kernel.numpy()[0, 0] for c in convolutions_of(layer)]
    return [m / np.linalg.svd(m)[1][0] if layer.spectral_norm and m is not None else m for m in raw]


def by_loop(x, f, g, h, last, gamma, pool):
    """Returns the outputs and β, one query and one key at a time."""
    n, height, width, _ = x.shape
    step = 2 if pool else 1
    places = [(r, c) for r in range(0, height, step) for c in range(0, width, step)]
    outputs, attention = np.empty_like(x), np.empty((n, height, width, height // step, width // step))
    for image in range(n):

        def largest(matrix, place, image=image):
            block = x[image, place[0] : place[0] + step, place[1] : place[1] + step] @ matrix
            return block.max(axis=(0, 1))

        for row in range(height):
            for column in range(width):
                query = x[image, row, column] @ g
                scores = np.array([largest(f, place) @ query for place in places])
                beta = np.exp(scores - scores.max())
                beta /= beta.sum()
                total = sum(share * largest(h, place) for share, place in zip(beta, places, strict=True))
                total = total if last is None else total @ last
                outputs[image, row, column] = gamma * total + x[image, row, column]
                attention[image, row, column] = beta.reshape(height // step, width // step)
    return outputs, attention


@each_variant
def test_equals_a_loop_over_positions(options):
    layer, x = built({**options, "return_attention": True}), inputs_of()
    outputs, attention = layer(x)
    expected, expected_attention = by_loop(x, *matrices_of(layer), 0.7, layer.pool)
    np.testing.assert_allclose(outputs, expected, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(attention, expected_attention, rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(np.sum(attention, axis=(3, 4)), 1.0, rtol=1e-6)
    np.testing.assert_allclose(layer.attention(x), attention)
    assert expected_attention.max() > 0.5  # it does attend
    assert np.abs(expected - x).max() > 0.5


@each_variant
def test_gradients_equal_finite_differences_of_the_loop(options):
    layer, x = built(options), inputs_of()
    weights = np.random.default_rng(2).normal(size=x.shape)
    variables = [v for v in layer.trainable_variables if v is not layer.gamma]
    with tf.GradientTape() as tape:
        watched = tf.constant(x)
        tape.watch(watched)
        total = tf.reduce_sum(weights * layer(watched))
    received = tape.gradient(total, [watched, layer.gamma.value, *(v.value for v in variables)])
    generator = np.random.default_rng(3)
    directions = [generator.normal(size=value.shape) for value in received]

    def value(step):
        kept = [v.numpy() for v in variables]
        for v, direction in zip(variables, directions[2:], strict=True):
            v.assign(v + step * direction)
        gamma = 0.7 + step * directions[1]
        outputs, _ = by_loop(x + step * directions[0], *matrices_of(layer), gamma, layer.pool)
        for v, old in zip(variables, kept, strict=True):
            v.assign(old)
        return np.sum(weights * outputs)

    for which in range(len(directions)):  # each source alone
        everything = directions
        directions = [d if i == which else np.zeros_like(d) for i, d in enumerate(everything)]
        slope = (value(1e-6) - value(-1e-6)) / 2e-6
        expected = np.sum(np.asarray(received[which]) * everything[which])
        directions = everything
        assert expected == pytest.approx(slope, rel=1e-4, abs=1e-6)
        assert abs(slope) > 1e-2


def test_it_starts_as_the_identity_and_only_gamma_learns_at_first():
    x = inputs_of(dtype="float32")
    layer = SelfAttention2D(value_channels=4)
    with tf.GradientTape() as tape:
        outputs = layer(x)
        total = tf.reduce_sum(outputs**2)
    np.testing.assert_array_equal(outputs, x)
    assert float(layer.gamma) == 0.0
    slopes = tape.gradient(total, layer.trainable_variables)
    for variable, slope in zip(layer.trainable_variables, slopes, strict=True):
        assert np.any(slope != 0) == (variable is layer.gamma), variable.path


def test_positions_may_be_permuted():
    layer, x = built(VARIANTS["paper"]), inputs_of()
    order = np.random.default_rng(5).permutation(24)

    def permuted(images):
        return np.asarray(images).reshape(2, 24, 16)[:, order].reshape(2, 4, 6, 16)

    np.testing.assert_allclose(layer(permuted(x)), permuted(layer(x)), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_scores_and_softmax_are_float32_under_mixed_precision(policy):
    layer, x = built({"return_attention": True}, dtype=policy), inputs_of()
    for convolution in (layer.query, layer.key):
        convolution.kernel.assign(np.round(40 * convolution.kernel))  # whole numbers, exact in each type
    x = np.round(4 * x)
    _, attention = layer(x)
    f, g, *_ = (None if m is None else m.astype("float64") for m in matrices_of(layer))
    # Queries and keys are rounded to the half type, their products are not.
    queries, keys = (tf.cast(tf.cast(x @ matrix, layer.compute_dtype), "float64") for matrix in (g, f))
    scores = np.einsum("nrcd,nijd->nrcij", queries, keys)
    assert np.abs(scores).max() > 65504  # infinite in float16
    expected = np.exp(scores - scores.max(axis=(3, 4), keepdims=True))
    expected /= expected.sum(axis=(3, 4), keepdims=True)
    np.testing.assert_allclose(layer.attention(x), expected, atol=1e-6)
    assert layer.attention(x).dtype == "float32"
    assert attention.dtype == layer.compute_dtype
    np.testing.assert_allclose(np.sum(layer.attention(x), axis=(3, 4)), 1.0, rtol=1e-6)


@pytest.mark.parametrize("pool", [False, True])
def test_one_graph_serves_all_sizes(pool):
    options = {"value_channels": 3, "pool": pool, "return_attention": True}
    layer = built(options, shape=(None, None, None, 16), dtype="float32")
    compute = tf.function(layer, input_signature=[tf.TensorSpec((None, None, None, 16))])
    for shape in [(2, 4, 6, 16), (1, 8, 2, 16), (3, 2, 2, 16)]:
        x = inputs_of(shape, dtype="float32")
        for received, expected in zip(compute(x), by_loop(x, *matrices_of(layer), 0.7, pool), strict=True):
            np.testing.assert_allclose(received, expected, rtol=1e-4, atol=1e-4)
    assert compute.experimental_get_tracing_count() == 1
    model = keras.Model(inputs := keras.Input((None, None, 16)), layer(inputs))
    assert model.output_shape == [(None, None, None, 16), (None, None, None, None, None)]


def test_pooling_a_size_that_turns_out_odd_leaves_the_last_row_out_of_the_keys():
    layer = built({"pool": True}, dtype="float32")
    compute = tf.function(layer.attention, input_signature=[tf.TensorSpec((None, None, None, 16))])
    x = inputs_of((1, 5, 4, 16), dtype="float32")
    changed = x.copy()
    changed[:, 4] += 9.0
    assert compute(x).shape == (1, 5, 4, 2, 2)
    np.testing.assert_array_equal(compute(x)[:, :4], compute(changed)[:, :4])


@pytest.mark.parametrize("pool", [False, True])
@pytest.mark.parametrize("size", [16, 32])
def test_memory_grows_with_the_square_of_the_positions(size, pool):
    layer = built({"pool": pool, "return_attention": True}, shape=(None, None, None, 8), dtype="float32")
    n, keys = 3, size**2 // (4 if pool else 1)

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            outputs, attention = layer(x)
            total = tf.reduce_sum(outputs**2)
        return tape.gradient(total, layer.trainable_variables), attention

    graph = step.get_concrete_function(tf.TensorSpec((n, size, size, 8)))
    tensors = [tensor for operation in graph.graph.get_operations() for tensor in operation.outputs]
    known = [tensor.shape.num_elements() for tensor in tensors if tensor.shape.is_fully_defined()]
    assert max(known) == n * size**2 * keys
    assert np.prod(graph.structured_outputs[1].shape) == n * size**2 * keys
    if size == 32:
        assert 4 * max(known) / n == 4 * (size**2) ** 2 / (4 if pool else 1)  # bytes per image, as documented


def test_each_convolution_has_numbers_of_its_own_though_they_share_a_seed():
    layer = SelfAttention2D(kernel_initializer=keras.initializers.Orthogonal(seed=3))
    layer.build((None, 4, 4, 16))
    again = SelfAttention2D(kernel_initializer=keras.initializers.Orthogonal(seed=3))
    again.build((None, 4, 4, 16))
    assert not np.allclose(layer.query.kernel, layer.key.kernel)
    np.testing.assert_array_equal(layer.query.kernel, again.query.kernel)


def test_a_layer_that_is_frozen_before_it_is_built_moves_no_spectral_norm():
    layer, x = SelfAttention2D(spectral_norm=True, trainable=False), inputs_of(dtype="float32")
    layer.build(x.shape)
    layer.query.kernel.assign(np.random.default_rng(7).normal(size=(1, 1, 16, 2)))
    before = [v.numpy() for v in layer.variables]
    layer(x, training=True)
    for variable, old in zip(layer.variables, before, strict=True):
        np.testing.assert_array_equal(variable, old)
    layer.trainable = True
    layer(x, training=True)
    assert not np.array_equal(layer.query.u, before[[v.path for v in layer.variables].index(layer.query.u.path)])


def test_the_short_name_is_the_same_class():
    assert SelfAttention is SelfAttention2D


@pytest.mark.parametrize(
    ("options", "shape", "words"),
    [
        ({}, (2, 4, 4, 12), ["12", "divisible by 8", "multiple of 8"]),
        ({}, (2, 4, 4, None), ["None", "divisible by 8"]),
        ({}, (2, 4, 16), ["(2, 4, 16)", "(n, h, w, C)"]),
        ({"pool": True}, (2, 5, 4, 16), ["(2, 5, 4, 16)", "even", "pool=False"]),
    ],
)
def test_wrong_shapes_are_refused_with_what_to_do(options, shape, words):
    for use in ("build", "compute_output_shape"):
        with pytest.raises(ValueError, match="SelfAttention2D") as error:
            getattr(SelfAttention2D(**options), use)(shape)
        assert all(word in str(error.value) for word in words)


def test_an_odd_size_is_refused_at_each_call():
    layer = built({"pool": True})
    with pytest.raises(ValueError, match="even height and width"):
        layer(inputs_of((2, 4, 5, 16)))


@pytest.mark.parametrize(("options", "error"), [({"value_channels": 0}, ValueError), ({"pool": "yes"}, TypeError)])
def test_wrong_arguments_are_refused(options, error):
    with pytest.raises(error, match=next(iter(options))):
        SelfAttention2D(**options)
