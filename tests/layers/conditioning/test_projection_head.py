"""The projection on a class, against its formula, its division by σ included, in NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import ProjectionHead, SpectralNormDense, SpectralNormEmbedding

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(6, 5)).astype("float32")
LABELS = np.array([2, 0, 1, 2, 2, 0])


def moved(layer, features=FEATURES):
    """Returns a built layer with a bias other than zero."""
    layer.build([features.shape, (None,)])
    layer.linear.bias.assign([0.7])
    return layer


def expected(layer, features, labels) -> np.ndarray:
    """ψ(h) + ⟨embed(y), h⟩, both divided by the largest singular value, one example after the other."""
    kernel = layer.linear.kernel.numpy().astype("float64")
    kernel /= np.linalg.svd(kernel, compute_uv=False)[0]
    table = layer.embedding.embeddings.numpy().astype("float64")
    table /= np.linalg.svd(table, compute_uv=False)[0]
    return np.array([[h @ kernel[:, 0] + 0.7 + table[y] @ h] for h, y in zip(features, labels, strict=True)])


def test_the_logit_is_the_sum_of_a_dense_map_and_the_inner_product_with_the_class():
    layer = moved(ProjectionHead(classes=3))
    for training in (False, True):
        received = layer([FEATURES, LABELS], training=training)
        np.testing.assert_allclose(received, expected(layer, FEATURES, LABELS), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(layer([FEATURES, LABELS[:, None]]), layer([FEATURES, LABELS]))


def test_features_of_a_convolution_are_summed_over_their_positions():
    images = RNG.normal(size=(6, 3, 4, 5)).astype("float32")
    layer = moved(ProjectionHead(classes=3), images)
    summed = sum(images[:, row, column] for row in range(3) for column in range(4))
    np.testing.assert_allclose(layer([images, LABELS]), expected(layer, summed, LABELS), rtol=1e-4, atol=1e-4)
    free = ProjectionHead(classes=3)
    assert free([keras.Input((None, None, 5)), keras.Input((), dtype="int32")]).shape == (None, 1)


def test_a_mixture_of_classes_gives_the_mixture_of_their_logits():
    layer = moved(ProjectionHead(classes=3))
    shares = RNG.dirichlet(np.ones(3), size=6).astype("float32")
    of_each = np.stack([expected(layer, FEATURES, [label] * 6)[:, 0] for label in range(3)], axis=1)
    mixed = np.sum(shares * of_each, axis=1, keepdims=True)
    np.testing.assert_allclose(layer([FEATURES, shares]), mixed, rtol=1e-4, atol=1e-5)


def test_gradient_in_features_is_that_of_kernel_plus_row_and_goes_to_the_raw_weights():
    layer = moved(ProjectionHead(classes=3))
    features = tf.constant(FEATURES)
    with tf.GradientTape() as tape:
        tape.watch(features)
        total = tf.reduce_sum(layer([features, LABELS], training=True))
    to_features, to_table = tape.gradient(total, [features, layer.embedding.embeddings.value])
    kernel = layer.linear.kernel.numpy() / np.linalg.norm(layer.linear.kernel)
    table = layer.embedding.embeddings.numpy()
    sigma = np.linalg.svd(table, compute_uv=False)[0]
    np.testing.assert_allclose(to_features, kernel[:, 0] + table[LABELS] / sigma, rtol=1e-4, atol=1e-5)
    delta = np.stack([FEATURES[label == LABELS].sum(0) for label in range(3)])  # in the divided table
    left, _, right = np.linalg.svd(table)
    through_sigma = np.sum(delta * table / sigma) * np.outer(left[:, 0], right[0])
    np.testing.assert_allclose(to_table, (delta - through_sigma) / sigma, rtol=1e-3, atol=1e-4)


def test_both_vectors_move_in_training_calls_alone_and_as_often_as_said():
    layer = moved(ProjectionHead(classes=3, power_iterations=2))
    assert isinstance(layer.linear, SpectralNormDense)
    assert isinstance(layer.embedding, SpectralNormEmbedding)
    assert {layer.linear.power_iterations, layer.embedding.power_iterations} == {2}
    start = np.array([1.0, 0.0, 0.0])
    layer.embedding.u.assign(start)
    layer([FEATURES, LABELS])
    layer.trainable = False
    layer([FEATURES, LABELS], training=True)
    np.testing.assert_array_equal(layer.embedding.u, start)
    layer.trainable = True
    layer([FEATURES, LABELS], training=True)
    matrix, u = layer.embedding.embeddings.numpy(), start
    for _ in range(2):
        u = matrix @ matrix.T @ u
    np.testing.assert_allclose(layer.embedding.u, u / np.linalg.norm(u), rtol=1e-4, atol=1e-6)
    assert [weight.name for weight in layer.non_trainable_weights] == ["u", "u"]


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_everything_up_to_the_logit_is_float32_under_mixed_precision(policy):
    layer = moved(ProjectionHead(classes=3, dtype=policy))
    low = policy.removeprefix("mixed_")
    logits = layer([FEATURES, LABELS])
    assert keras.backend.standardize_dtype(logits.dtype) == low
    rounded = np.asarray(keras.ops.cast(keras.ops.cast(FEATURES, low), "float32"))  # the input is, nothing after it
    once = np.asarray(keras.ops.cast(logits, "float32"))
    precision = 2**-8 if low == "bfloat16" else 2**-10
    np.testing.assert_allclose(once, expected(layer, rounded, LABELS), rtol=precision, atol=1e-5)


def test_a_label_out_of_range_is_an_error_in_eager_calls_and_no_class_in_a_graph():
    layer = moved(ProjectionHead(classes=3))
    labels = np.array([2, 0, 3, -1, 1, 0])
    with pytest.raises(ValueError, match=r"(?s)label -1, 3 for classes=3.*0 to 2"):
        layer([FEATURES, labels])
    for jit in (False, True):
        call = tf.function(lambda x, y: layer([x, y]), jit_compile=jit)
        received = call(tf.constant(FEATURES), tf.constant(labels)).numpy()
        alone = layer.linear(FEATURES).numpy()
        np.testing.assert_allclose(received[2:4], alone[2:4], rtol=1e-5)
        inside = [0, 1, 4, 5]
        wanted = expected(layer, FEATURES[inside], labels[inside])
        np.testing.assert_allclose(received[inside], wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: ProjectionHead(classes=0), "classes=0"),
        (lambda: ProjectionHead(classes=3, power_iterations=0), "power_iterations=0"),
        (lambda: ProjectionHead(classes=3)(FEATURES), "two inputs in a list"),
        (lambda: ProjectionHead(classes=3)([FEATURES, FEATURES]), r"labels of shape \(6, 5\) for classes=3"),
        (lambda: ProjectionHead(classes=3)([FEATURES, LABELS.astype("float32")]), "must be integers"),
    ],
)
def test_refuses(make, match):
    with pytest.raises(ValueError, match=match):
        make()


def test_it_ends_a_discriminator_that_learns_the_classes():
    images, labels = keras.Input((5,)), keras.Input((), dtype="int32")
    network = keras.Model([images, labels], ProjectionHead(classes=3)([images, labels]))
    network.compile(keras.optimizers.Adam(0.1), keras.losses.BinaryCrossentropy(from_logits=True), jit_compile=False)
    classes = np.repeat([0, 1, 2], 20)
    features = 3.0 * np.eye(5, dtype="float32")[classes]
    fits = np.concatenate([np.ones(60), np.zeros(60)])[:, None]  # does the label fit the features?
    data = [np.concatenate([features, features]), np.concatenate([classes, (classes + 1) % 3])]
    network.fit(data, fits, batch_size=120, epochs=30, verbose=0)
    logits = np.asarray(network(data))
    assert np.mean((logits > 0) == fits) == 1.0
