"""What the output takes from the content, and what from the style."""

import numpy as np

from tfgan_tricks.layers import AdaptiveInstanceNorm

RNG = np.random.default_rng(7)
X = RNG.normal(-1.0, 0.5, size=(2, 8, 6, 3))
STYLE = RNG.normal([[[[4.0, -2.0, 0.0]]]], [[[[0.3, 5.0, 1.0]]]], size=(2, 5, 9, 3))


def test_each_channel_has_the_mean_and_deviation_of_the_style():
    outputs = np.asarray(AdaptiveInstanceNorm(epsilon=1e-7)([X, STYLE]))
    np.testing.assert_allclose(outputs.mean((1, 2)), STYLE.mean((1, 2)), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(outputs.std((1, 2)), STYLE.std((1, 2)), rtol=1e-4)


def test_the_content_is_kept_up_to_an_affine_map_per_channel():
    outputs = np.asarray(AdaptiveInstanceNorm(epsilon=1e-7)([X, STYLE]))
    for n in range(2):
        for c in range(3):
            correlation = np.corrcoef(X[n, :, :, c].ravel(), outputs[n, :, :, c].ravel())[0, 1]
            np.testing.assert_allclose(correlation, 1.0, atol=1e-6)


def test_its_own_style_is_the_identity():
    np.testing.assert_allclose(AdaptiveInstanceNorm()([X, X]), X, rtol=1e-4, atol=1e-4)


def test_epsilon_is_in_both_roots():
    outputs = AdaptiveInstanceNorm(epsilon=0.5)([X, STYLE])
    x_hat = (X - X.mean((1, 2), keepdims=True)) / np.sqrt(X.var((1, 2), keepdims=True) + 0.5)
    expected = np.sqrt(STYLE.var((1, 2), keepdims=True) + 0.5) * x_hat + STYLE.mean((1, 2), keepdims=True)
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-4)
