"""The named pair of batch norm and labels, against NumPy in training and at inference."""

import numpy as np
import pytest

from tfgan_tricks.layers import ConditionalBatchNorm

RNG = np.random.default_rng(5)
LABELS = np.array([1, 3, 1, 0])


def test_training_and_inference_equal_the_formula():
    layer = ConditionalBatchNorm(classes=4, momentum=0.6, epsilon=1e-2)
    layer.build([(None, 3, 2, 5), (None,)])
    gamma, beta = RNG.normal(size=(2, 4, 5))
    layer.modulation.gamma.assign(gamma)
    layer.modulation.beta.assign(beta)
    mean, variance = np.zeros(5), np.ones(5)
    for step in range(3):
        x = RNG.normal(step, 2.0 + step, size=(4, 3, 2, 5))
        batch_mean, batch_variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
        x_hat = (x - batch_mean) / np.sqrt(batch_variance + 1e-2)
        expected = np.stack([gamma[k] * x_hat[i] + beta[k] for i, k in enumerate(LABELS)])
        np.testing.assert_allclose(layer([x, LABELS], training=True), expected, rtol=1e-4, atol=1e-4)
        mean, variance = 0.6 * mean + 0.4 * batch_mean, 0.6 * variance + 0.4 * batch_variance
    x = RNG.normal(size=(4, 3, 2, 5))
    x_hat = (x - mean) / np.sqrt(variance + 1e-2)
    expected = np.stack([gamma[k] * x_hat[i] + beta[k] for i, k in enumerate(LABELS)])
    np.testing.assert_allclose(layer([x, LABELS], training=False), expected, rtol=1e-4, atol=1e-4)


def test_vectors_are_normalised_over_the_batch():
    x = RNG.normal(size=(4, 5))
    outputs = np.asarray(ConditionalBatchNorm(classes=4, epsilon=1e-9)([x, LABELS], training=True))
    np.testing.assert_allclose(outputs.mean(0), 0.0, atol=1e-6)
    np.testing.assert_allclose(outputs.std(0), 1.0, rtol=1e-5)


def test_the_precision_of_the_layer_is_that_of_its_parts():
    layer = ConditionalBatchNorm(classes=4, dtype="mixed_bfloat16")
    again = ConditionalBatchNorm.from_config(layer.get_config())
    for one in (layer, again):
        assert one.norm.compute_dtype == one.modulation.compute_dtype == "bfloat16"
        assert one.norm.variable_dtype == one.modulation.variable_dtype == "float32"


@pytest.mark.parametrize(("argument", "value"), [("classes", 0), ("momentum", 1.5), ("epsilon", 0.0)])
def test_arguments_out_of_range_are_refused(argument, value):
    with pytest.raises(ValueError, match=f"`{argument}`"):
        ConditionalBatchNorm(**{"classes": 4, argument: value})
