"""The cross-fade: its formula, and who moves α."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import FadeIn
from tfgan_tricks.schedules import ConstantThenLinear


def branches():
    return [np.random.default_rng(seed).normal(size=(2, 3, 4, 5)).astype("float32") for seed in (0, 1)]


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_value_and_gradient_are_those_of_the_formula(alpha):
    old, new = map(tf.constant, branches())
    weights = np.random.default_rng(2).normal(size=old.shape).astype("float32")
    layer = FadeIn(alpha=alpha)
    with tf.GradientTape() as tape:
        tape.watch([old, new])
        outputs = layer([old, new])
        total = tf.reduce_sum(weights * outputs)
    np.testing.assert_allclose(outputs, (1 - alpha) * old.numpy() + alpha * new.numpy(), rtol=1e-5, atol=1e-6)
    for received, share in zip(tape.gradient(total, [old, new]), (1 - alpha, alpha), strict=True):
        np.testing.assert_allclose(received, share * weights, rtol=1e-5)


def test_at_both_ends_it_is_one_branch_to_the_last_bit():
    old, new = branches()
    np.testing.assert_array_equal(FadeIn(0.0)([old, new]), old)
    np.testing.assert_array_equal(FadeIn(1.0)([old, new]), new)


def test_the_owner_moves_alpha_and_the_graph_follows():
    old, new = branches()
    layer = FadeIn()
    compute = tf.function(lambda: layer([old, new]))
    for alpha in (0.0, 0.25, 0.9):
        layer.alpha.assign(alpha)
        np.testing.assert_allclose(compute(), (1 - alpha) * old + alpha * new, rtol=1e-5, atol=1e-6)
    assert compute.experimental_get_tracing_count() == 1


def test_alpha_follows_a_schedule_in_the_graph_and_the_schedule_is_saved(tmp_path):
    inputs = keras.Input((2,))
    fade = FadeIn(ConstantThenLinear(0.0, 1.0, constant_images=100, images=50), name="fade")
    model = keras.Model(inputs, fade([inputs, 2 * inputs]))
    follow = tf.function(lambda seen: fade.follow_training(seen))
    for seen, share in ((0, 0.0), (100, 0.0), (120, 0.4), (150, 1.0), (9_000, 1.0), (130, 0.6)):
        follow(tf.constant(seen))
        assert float(fade.alpha) == pytest.approx(share)
    assert follow.experimental_get_tracing_count() == 1
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras").get_layer("fade")
    assert float(again.alpha) == pytest.approx(0.6)
    again.follow_training(110)
    assert float(again.alpha) == pytest.approx(0.2)


def test_a_plain_alpha_does_not_follow():
    layer = FadeIn(0.3)
    layer.alpha.assign(0.7)
    layer.follow_training(1_000)
    assert float(layer.alpha) == np.float32(0.7)


def network() -> keras.Model:
    inputs = keras.Input((3, 4, 5))
    outputs = FadeIn(0.25, name="fade")([keras.layers.Dense(2)(inputs), keras.layers.Dense(2)(inputs)])
    return keras.Model(inputs, outputs)


def test_training_leaves_alpha_and_saving_keeps_it(tmp_path):
    model = network()
    model.compile("sgd", "mse")
    x = branches()[0]
    kernel = model.trainable_variables[0].numpy()
    model.fit(x, x[..., :2], verbose=0)
    assert not np.array_equal(model.trainable_variables[0], kernel)
    fade = model.get_layer("fade")
    assert float(fade.alpha) == 0.25
    fade.alpha.assign(0.75)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert float(again.get_layer("fade").alpha) == 0.75
    np.testing.assert_array_equal(again(x), model(x))
    assert fade.get_config()["alpha"] == 0.25  # where it began


def test_alpha_is_float32_under_mixed_precision():
    layer = FadeIn(0.3, dtype="mixed_bfloat16")
    assert layer.alpha.dtype == "float32"
    assert float(layer.alpha) == np.float32(0.3)
    assert layer(branches()).dtype == tf.bfloat16


@pytest.mark.parametrize(
    "shapes",
    [
        [(2, 4, 4, 3), (2, 8, 8, 3)],
        [(None, 4, 4, 3), (None, 4, 4, 1)],
        [(2, 4), (2, 4, 1)],
        [(2, 4)],
        [(2, 4)] * 3,
        (2, 4),
    ],
)
def test_branches_that_do_not_match_are_refused(shapes):
    for use in ("build", "compute_output_shape"):
        with pytest.raises(ValueError, match=r"FadeIn .* two tensors of the same shape") as error:
            getattr(FadeIn(), use)(shapes)
        assert str(shapes[0]) in str(error.value)


def test_branches_are_compared_at_each_call():
    layer = FadeIn()
    layer(branches())
    with pytest.raises(ValueError, match="bring the old branch to the size"):
        layer([np.zeros((2, 3, 4, 5), "float32"), np.zeros((2, 3, 4, 1), "float32")])
    with pytest.raises(ValueError, match="two tensors of the same shape"):
        layer(np.zeros((3, 4, 5), "float32"))


@pytest.mark.parametrize("alpha", [-0.1, 1.1, "0.5", None])
def test_alpha_must_be_a_share(alpha):
    with pytest.raises(ValueError, match="`alpha` is out of range"):
        FadeIn(alpha)
