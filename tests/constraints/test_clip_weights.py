"""`ClipWeights` against NumPy, alone and after an optimizer's step."""

import keras
import numpy as np
import pytest

from tfgan_tricks.constraints import ClipWeights


@pytest.mark.parametrize("limit", [0.01, 0.5, 2.0])
def test_weights_are_clipped_to_both_sides(limit):
    weights = np.random.default_rng(0).normal(size=(50, 3)).astype("float32")
    np.testing.assert_array_equal(ClipWeights(limit)(weights), np.clip(weights, np.float32(-limit), np.float32(limit)))


def test_default_is_that_of_the_paper():
    assert float(ClipWeights()(np.float32(1.0))) == pytest.approx(0.01)


def test_it_is_a_constraint_of_keras():
    layer = keras.layers.Dense(3, kernel_constraint=ClipWeights(0.05))
    model = keras.Sequential([keras.Input((4,)), layer])
    model.compile("sgd", "mse")
    model.train_on_batch(np.ones((2, 4)), np.full((2, 3), 10.0))
    assert np.abs(layer.kernel).max() == pytest.approx(0.05)
    again = keras.layers.Dense.from_config(layer.get_config())
    assert again.kernel_constraint.limit == 0.05


@pytest.mark.parametrize("limit", [0, -0.01, None, "0.01", float("nan")])
def test_limit_must_be_above_zero(limit):
    with pytest.raises(ValueError, match=r"`limit` is out of range[\s\S]*\(0.0, inf\]"):
        ClipWeights(limit)
