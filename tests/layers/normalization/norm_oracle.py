"""Normalisation in NumPy, in float64 and by the definitions: moments of explicit slices, gradients by differences."""

import numpy as np
import tensorflow as tf

EPSILON = 1e-5


def images(shape=(3, 2, 4, 3), seed=0) -> np.ndarray:
    """Returns random numbers whose mean and spread are different for each example and each channel."""
    generator = np.random.default_rng(seed)
    ends = (shape[0], *(1,) * (len(shape) - 2), shape[-1])
    return (generator.normal(size=shape) * generator.uniform(0.5, 3, ends) + generator.normal(0, 2, ends)).astype("f")


def moments(x, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns mean and variance at each place of `x`, for "instance", "layer" or "batch" statistics."""
    mean, variance = np.empty(x.shape), np.empty(x.shape)
    for example in range(x.shape[0]):
        for channel in range(x.shape[-1]):
            group = {
                "instance": x[example, ..., channel],
                "layer": x[example],
                "batch": x[..., channel],
            }[kind].astype("float64")
            mean[example, ..., channel] = group.sum() / group.size
            variance[example, ..., channel] = ((group - group.sum() / group.size) ** 2).sum() / group.size
    return mean, variance


def normalize(x, mean, variance, gamma=1.0, beta=0.0, epsilon=EPSILON) -> np.ndarray:
    return np.asarray(gamma, "float64") * (x - mean) / np.sqrt(variance + epsilon) + np.asarray(beta, "float64")


def scattered(layer, seed=5):
    """Moves the trained weights off their initial values, each place by another amount; returns the layer."""
    generator = np.random.default_rng(seed)
    for weight in layer.trainable_weights:
        weight.assign(weight + generator.normal(scale=0.5, size=weight.shape))
    return layer


def virtual(x, reference, gamma=1.0, beta=0.0, epsilon=1e-5) -> np.ndarray:
    """Returns each example normalised in a batch of its own: the reference and itself."""
    batches = [np.concatenate([reference, example[None]]) for example in np.asarray(x, "float64")]
    return np.concatenate([normalize(batch, *moments(batch, "batch"), gamma, beta, epsilon)[-1:] for batch in batches])


def affine(layer) -> dict[str, np.ndarray]:
    """Returns those of scale and offset that the layer has."""
    weights = {"gamma": layer.gamma, "beta": layer.beta}
    return {name: np.asarray(weight) for name, weight in weights.items() if weight is not None}


def weights_of_a_sum(shape) -> np.ndarray:
    """Returns a weight for each place, so that errors cannot cancel in a sum."""
    return np.random.default_rng(99).normal(size=shape).astype("f")


def gradients(layer, x, **arguments) -> list[np.ndarray]:
    """Returns the gradients of a weighted sum of outputs in the inputs and in the trainable weights."""
    inputs = tf.constant(x)
    variables = [weight.value for weight in layer.trainable_weights]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = tf.cast(layer(inputs, **arguments), "float32")
        total = tf.reduce_sum(weights_of_a_sum(x.shape) * outputs)
    return [np.asarray(slope) for slope in tape.gradient(total, [inputs, *variables])]


def numeric_gradient(function, point, step=1e-5) -> np.ndarray:
    """Returns the gradient of a weighted sum of `function`'s values at `point`, by central differences."""
    point = np.array(point, "float64")
    slopes = np.empty(point.shape)
    for place in np.ndindex(*point.shape):
        ends = []
        for direction in (1, -1):
            moved = point.copy()
            moved[place] += direction * step
            values = function(moved)
            ends.append((weights_of_a_sum(values.shape) * values).sum())
        slopes[place] = (ends[0] - ends[1]) / (2 * step)
    return slopes


def close(received, expected, rtol=1e-4) -> None:
    """Fails unless two arrays agree, relative to their largest number."""
    received = np.asarray(tf.cast(received, "float32"))
    np.testing.assert_allclose(received, expected, rtol=0, atol=rtol * np.abs(expected).max())
