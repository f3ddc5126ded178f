"""Pixel normalisation against a loop over positions and against finite differences."""

import numpy as np
import pytest
from norm_oracle import close, gradients, images, numeric_gradient, weights_of_a_sum

from tfgan_tricks.layers import PixelNorm


def expected_of(x, epsilon=1e-8) -> np.ndarray:
    outputs = np.empty(x.shape)
    for place in np.ndindex(*x.shape[:-1]):
        features = x[place].astype("float64")
        outputs[place] = features / np.sqrt(sum(feature**2 for feature in features) / len(features) + epsilon)
    return outputs


@pytest.mark.parametrize("shape", [(3, 2, 4, 3), (4, 5), (2, 2, 3, 2, 4)], ids=["images", "vectors", "volumes"])
@pytest.mark.parametrize("epsilon", [1e-8, 0.5])
def test_the_features_of_each_position_are_divided_by_their_root_mean_square(shape, epsilon):
    x = images(shape)
    close(PixelNorm(epsilon=epsilon)(x), expected_of(x, epsilon), rtol=1e-6)


def test_the_gradient_is_that_of_finite_differences():
    x = images((2, 2, 3, 4))
    close(gradients(PixelNorm(epsilon=0.1), x)[0], numeric_gradient(lambda x: expected_of(x, 0.1), x))


def test_zeros_stay_zeros_with_the_slope_that_epsilon_inside_the_root_gives():
    x = np.zeros((2, 3, 4), "float32")
    np.testing.assert_array_equal(PixelNorm()(x), x)
    close(gradients(PixelNorm(), x)[0], 1e4 * weights_of_a_sum(x.shape), rtol=1e-5)


def test_squares_are_float32_where_float16_would_overflow():
    x = images() + 300.0  # 300² is more than float16 holds
    outputs = PixelNorm(dtype="mixed_float16")(x)
    assert outputs.dtype == "float16"
    close(outputs, expected_of(x.astype("float16")), rtol=1e-3)


def test_an_input_without_a_batch_axis_and_an_epsilon_of_zero_are_refused():
    with pytest.raises(ValueError, match=r"(?s)Received: shape \(5,\).*Fix: add the batch axis"):
        PixelNorm()(np.ones(5, "float32"))
    with pytest.raises(ValueError, match=r"(?s)Received: epsilon=0.*Fix: "):
        PixelNorm(epsilon=0)
