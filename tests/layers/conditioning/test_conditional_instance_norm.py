"""The named pair of instance norm and labels, against NumPy."""

import numpy as np

from tfgan_tricks.layers import ConditionalInstanceNorm

RNG = np.random.default_rng(6)


def test_each_image_is_normalised_alone_and_gets_the_rows_of_its_style():
    x = RNG.normal(1.0, 3.0, size=(3, 4, 2, 5))
    layer = ConditionalInstanceNorm(classes=2, epsilon=1e-2)
    layer.build([x.shape, (3,)])
    gamma, beta = RNG.normal(size=(2, 2, 5))
    layer.modulation.gamma.assign(gamma)
    layer.modulation.beta.assign(beta)
    outputs = layer([x, np.array([1, 0, 1])])
    for i, style in enumerate([1, 0, 1]):
        x_hat = (x[i] - x[i].mean((0, 1))) / np.sqrt(x[i].var((0, 1)) + 1e-2)
        np.testing.assert_allclose(outputs[i], gamma[style] * x_hat + beta[style], rtol=1e-4, atol=1e-4)


def test_halfway_between_two_styles_is_the_mean_of_both_outputs():
    x = RNG.normal(size=(1, 4, 2, 5))
    layer = ConditionalInstanceNorm(classes=3)
    layer.build([x.shape, (1, 3)])
    layer.modulation.gamma.assign(RNG.normal(size=(3, 5)))
    layer.modulation.beta.assign(RNG.normal(size=(3, 5)))
    ends = [np.asarray(layer([x, np.array([style])])) for style in (0, 2)]
    halfway = layer([x, np.array([[0.5, 0.0, 0.5]], "float32")])
    np.testing.assert_allclose(halfway, (ends[0] + ends[1]) / 2, rtol=1e-4, atol=1e-5)
