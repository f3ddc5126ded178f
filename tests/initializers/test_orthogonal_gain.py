"""OrthogonalGain: singular values by SVD, gains by numerical integration, signals through a deep network."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.initializers import OrthogonalGain
from tfgan_tricks.initializers.orthogonal_gain import NAMES

SHAPES = [(6, 4), (4, 6), (3, 3, 2, 5), (1, 2, 3, 9)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("gain", "factor"), [(1.0, 1.0), (0.02, 0.02), ("relu", 2**0.5), ("tanh", 1.592537)])
def test_all_singular_values_are_the_gain(shape, gain, factor):
    matrix = np.asarray(OrthogonalGain(gain, seed=1)(shape)).reshape(-1, shape[-1])
    np.testing.assert_allclose(np.linalg.svd(matrix)[1], factor, rtol=1e-5)
    assert len(np.unique(np.abs(matrix).round(5))) > 5 or gain == 0.02


@pytest.mark.parametrize("name", [name for name in NAMES if name != "leaky_relu"])
def test_gain_of_a_name_keeps_the_mean_square_of_its_activation(name):
    z = np.linspace(-12.0, 12.0, 240_001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    values = keras.ops.convert_to_numpy(keras.activations.get(name)(keras.ops.convert_to_tensor(z)))
    mean_square = np.sum(values.astype("float64") ** 2 * density) * (z[1] - z[0])
    assert OrthogonalGain(name).factor == pytest.approx(mean_square**-0.5, rel=1e-6)


@pytest.mark.parametrize("slope", [0.0, 0.1, 0.2, 1.0])
def test_gain_of_a_leaky_rectifier_depends_on_its_slope(slope):
    z = np.linspace(-12.0, 12.0, 240_001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    mean_square = np.sum(np.where(z < 0, slope * z, z) ** 2 * density) * (z[1] - z[0])
    assert OrthogonalGain("leaky_relu", slope).factor == pytest.approx(mean_square**-0.5, rel=1e-6)


def test_a_signal_passes_through_many_layers_at_its_strength():
    def strength(gain):
        signal = np.random.default_rng(0).normal(size=(64, 128)).astype("float32")
        for depth in range(20):
            layer = keras.layers.Dense(128, "relu", kernel_initializer=OrthogonalGain(gain, seed=depth))
            signal = np.asarray(layer(signal))
        return 2 * np.mean(signal**2)  # a rectifier halves the mean square, which is 1 before it

    assert 0.5 < strength("relu") < 2.0
    assert strength(1.0) < 1e-4


def test_numbers_depend_on_the_seed_alone():
    one, same, other = (np.asarray(OrthogonalGain(seed=seed)((5, 5))) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)
    assert not np.allclose(OrthogonalGain()((5, 5)), OrthogonalGain()((5, 5)))
    np.testing.assert_allclose(np.asarray(OrthogonalGain(3.0, seed=1)((5, 5))), 3.0 * one, rtol=1e-6)
    stream = OrthogonalGain(seed=keras.random.SeedGenerator(1))
    assert not np.allclose(stream((5, 5)), stream((5, 5)))


@pytest.mark.parametrize(("dtype", "error"), [("float16", 2e-3), ("bfloat16", 2e-2), ("float32", 1e-5), ("float64", 0)])
def test_half_precision_weights_are_orthogonal_up_to_rounding(dtype, error):
    kernel = OrthogonalGain("relu", seed=1)((3, 3, 2, 5), dtype=dtype)
    assert keras.backend.standardize_dtype(kernel.dtype) == dtype
    matrix = keras.ops.convert_to_numpy(kernel).astype("float64").reshape(-1, 5)
    np.testing.assert_allclose(matrix.T @ matrix, 2 * np.eye(5), atol=4 * error + 1e-12)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("relu6",), "did you mean 'relu'"),
        ((0.0,), "`gain` is out of range"),
        ((float("nan"),), "`gain` is out of range"),
        (("leaky_relu", -0.1), "`negative_slope` is out of range"),
        ((None,), "Unknown value for `gain`"),
    ],
)
def test_wrong_arguments_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        OrthogonalGain(*arguments)


def test_keras_own_still_refuses_bfloat16():
    """Why the matrix is found in float32. When this fails, Keras has changed."""
    with pytest.raises(tf.errors.InvalidArgumentError, match="bfloat16"):
        keras.initializers.Orthogonal(seed=1)((4, 4), dtype="bfloat16")
