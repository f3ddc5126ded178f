"""Noise injection: which noise each form adds, its moments, and that it is the seed's; see also test_always_on.py."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.support.sampling import check_moments
from tfgan_tricks.layers import NoiseInjection

SHAPE = (500, 5, 4, 3)
N = 500 * 5 * 4


def inputs(seed=0, shape=SHAPE) -> np.ndarray:
    return np.random.default_rng(seed).normal(2.0, 3.0, size=shape).astype("float32")


def learned(scale, **arguments) -> NoiseInjection:
    layer = NoiseInjection(learned_scale=True, **arguments)
    layer.build((None, None, None, len(scale)))
    layer.scale.assign(np.asarray(scale, "float32"))
    return layer


@pytest.mark.parametrize("training", [True, False])
def test_plain_noise_is_gaussian_and_independent_in_each_number(training):
    x = inputs()
    noise = np.asarray(NoiseInjection(0.7, seed=1)(x, training=training), "float64") - x
    check_moments(noise.reshape(500, -1), mean=0.0, variance=0.49)  # no correlation of positions or channels
    kurtosis = np.mean(noise**4) / np.mean(noise**2) ** 2
    assert kurtosis == pytest.approx(3.0, abs=5 * np.sqrt(24 / noise.size))
    assert abs(np.corrcoef(noise.flatten(), x.flatten())[0, 1]) < 5 / np.sqrt(noise.size)


def test_learned_noise_is_one_map_that_the_channels_share_each_with_its_scale():
    x, scale = inputs(), [0.5, -2.0, 0.0]
    noise = np.asarray(learned(scale, stddev=1.5, seed=1)(x), "float64") - x
    maps = noise[..., 0] / (1.5 * 0.5)
    np.testing.assert_allclose(noise[..., 1], 1.5 * -2.0 * maps, atol=1e-5)
    np.testing.assert_array_equal(noise[..., 2], 0.0)
    check_moments(maps.reshape(500, -1), mean=0.0, variance=1.0)  # another map per example, no two positions alike


def test_the_learned_form_begins_as_the_identity_and_learns():
    layer, x = NoiseInjection(2.0, learned_scale=True, seed=1), tf.constant(inputs())
    np.testing.assert_array_equal(layer(x), x)
    weights = np.random.default_rng(3).normal(size=SHAPE).astype("float32")
    layer.seed_generator.state.assign([7, 0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(weights * layer(x))
    slope, through = tape.gradient(total, [layer.scale.value, x])
    np.testing.assert_array_equal(through, weights)
    layer.seed_generator.state.assign([7, 0])
    layer.scale.assign([1.0, 1.0, 1.0])
    noise = np.asarray(layer(x), "float64") - inputs()  # stddev times the same draw
    np.testing.assert_allclose(slope, (weights * noise).sum(axis=(0, 1, 2)), rtol=1e-3, atol=1e-2)


def test_only_the_learned_form_has_a_weight():
    plain = NoiseInjection(0.5)
    plain.build((None, 3))
    assert not plain.weights
    assert [(weight.shape, weight.dtype) for weight in learned([1, 2, 3], dtype="mixed_bfloat16").weights] == [
        ((3,), "float32")
    ]


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_noise_is_fine_grained_in_half_precision(policy):
    noise = np.asarray(NoiseInjection(1.0, seed=1, dtype=policy)(np.zeros((100_000, 1))), "float64")
    assert noise.std() == pytest.approx(1.0, abs=5 / np.sqrt(2 * 1e5) + 1e-3)
    assert np.abs(noise).max() > 3.9  # coarse uniforms of 8 bits would end at 2.7


def test_unknown_spatial_size():
    features = keras.Input((None, None, 3))
    for layer in (NoiseInjection(0.5), learned([1.0, 2.0, 3.0])):
        model = keras.Model(features, layer(features))
        compute = tf.function(model, input_signature=[tf.TensorSpec((None, None, None, 3))])
        for shape in ((2, 3, 5, 3), (1, 1, 2, 3)):
            noise = compute(inputs(shape=shape)) - inputs(shape=shape)
            assert noise.shape == shape
            assert np.abs(noise).min() > 0


@pytest.mark.parametrize(
    ("arguments", "shape", "error", "match"),
    [
        ({"stddev": -0.1}, (2, 3), ValueError, "stddev=-0.1"),
        ({"stddev": "big"}, (2, 3), ValueError, "stddev='big'"),
        ({"stddev": float("inf")}, (2, 3), ValueError, "stddev=inf"),
        ({"learned_scale": 1}, (2, 3), TypeError, "learned_scale=1"),
        ({"seed": 1.5}, (2, 3), ValueError, "seed=1.5"),
        ({}, (2,), ValueError, r"shape \(2,\).*channel axis"),
    ],
)
def test_refuses(arguments, shape, error, match):
    with pytest.raises(error, match=f"(?s){match}"):
        NoiseInjection(**arguments)(np.zeros(shape, "float32"))
