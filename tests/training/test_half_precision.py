"""What half precision must leave alone, and loss scaling of each player by itself."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.callbacks.checkpoints import restore, save
from tfgan_tricks.configuration.fields import PRECISIONS, default_config
from tfgan_tricks.construction import build_gan
from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.types import PLAYERS

SCALED = keras.optimizers.LossScaleOptimizer


def state_of(optimizers) -> list[tuple[float, int]]:
    return [(float(o.dynamic_scale.numpy()), int(o.step_counter.numpy())) for o in optimizers]


def scaled_gan(scales: dict[str, float], growth_steps: int, run_eagerly: bool = True):
    """Returns a tiny GAN in float16 whose players begin with these loss scales, and its optimizers by player.

    A few eager steps take less time than tracing one.
    """
    keras.config.set_dtype_policy("mixed_float16")
    inner = {"generator": keras.optimizers.Adam(1e-3, beta_1=0.5), "discriminator": keras.optimizers.RMSprop(2e-3)}
    optimizers = {p: SCALED(inner[p], initial_scale=scales[p], dynamic_growth_steps=growth_steps) for p in PLAYERS}
    order = [optimizers["generator"], optimizers["discriminator"]]
    gan = tiny.gan_of(optimizers=order, run_eagerly=run_eagerly)
    return gan, optimizers


@pytest.mark.parametrize("precision", PRECISIONS)
def test_one_field_of_the_config_chooses_the_precision(precision):
    config = default_config()
    config.precision, config.architecture, config.prior = precision, "sngan_cnn(width=2)", "Normal(4)"
    config.data.resolution, config.terms = 8, ("R1(gamma=1.0)",)
    gan = build_gan(config)
    hidden = [layer for network in (gan.task.generator, gan.task.discriminator) for layer in network.layers[1:-1]]
    types = {layer.compute_dtype for layer in hidden if "conv" in layer.name or "norm" in layer.name}
    assert types == {precision.removeprefix("mixed_")}
    assert isinstance(gan.generator_optimizer, SCALED) == (precision == "mixed_float16")
    assert isinstance(gan.discriminator_optimizer, SCALED) == (precision == "mixed_float16")
    images = tf.zeros((2, 8, 8, 1))
    for player in PLAYERS:
        (match,) = gan.play(player, {"image": images}, SeedStream.from_integer(0))
        tensors = {"fake": match.fake, "logits": match.fake_out["logits"], "loss": gan.player_loss(player, [match])}
        tensors |= {"asked": match.judge(images)["logits"]}
        assert {name: value.dtype for name, value in tensors.items()} == dict.fromkeys(tensors, tf.float32)


def test_logits_in_half_precision_are_cast_before_a_loss_sees_them():
    keras.config.set_dtype_policy("mixed_bfloat16")
    images = keras.Input((2, 2, 1))
    critic = keras.Model(images, keras.layers.Dense(1)(keras.layers.Flatten()(images)))  # a user's own
    latents = keras.Input((4,))
    generator = keras.Model(latents, keras.layers.Reshape((2, 2, 1))(keras.layers.Dense(4)(latents)))
    task = tt.tasks.Unconditional(generator, critic, tt.latents.Normal(4))
    assert critic.output.dtype == "bfloat16"
    assert task.judge("discriminator", tf.zeros((3, 2, 2, 1)))["logits"].dtype == tf.float32


def test_the_average_is_taken_in_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    gan = tiny.gan_of(run_eagerly=True)
    averaged, live = gan.averaged["generator"], gan.task.generator
    before = tiny.values(averaged.variables)
    gan.fit(tiny.dataset(), steps_per_epoch=1, verbose=0)
    kept = np.float32(0.5 ** (8 / 50))  # 8 images of a half-life of 50; in bfloat16 it is 0.8945
    for old, new, mean, variable in zip(
        before, tiny.values(live.variables), tiny.values(averaged.variables), live.variables, strict=True
    ):
        expected = kept * old + (1 - kept) * new if variable.trainable else new
        np.testing.assert_allclose(mean, expected, rtol=1e-6, atol=1e-8)
        assert mean.dtype == "float32" or "seed" in variable.path


@pytest.mark.parametrize("player", PLAYERS)
def test_an_overflow_skips_the_update_of_its_player_alone(player):
    (other,) = set(PLAYERS) - {player}
    gan, optimizers = scaled_gan({player: 2.0**60, other: 8.0}, growth_steps=2)
    variables = {p: gan.variables_of(p) for p in PLAYERS}
    before = {p: tiny.values(variables[p]) for p in PLAYERS}
    history = gan.fit(tiny.dataset(), steps_per_epoch=4, verbose=0).history
    assert state_of(optimizers[p] for p in (player, other)) == [(2.0**56, 0), (2.0 ** (3 + 4 / 2), 0)]
    assert not any(tiny.moved(before[player], variables[player]))
    assert all(tiny.moved(before[other], variables[other]))
    assert [int(optimizers[p].iterations.numpy()) for p in (player, other)] == [0, 4]
    assert all(np.isfinite(value).all() for value in history.values())
    assert all(np.isfinite(value).all() for value in tiny.values(gan.variables))
    assert all(np.isfinite(value).all() for p in PLAYERS for value in tiny.values(optimizers[p].variables))


def test_each_loss_scale_falls_until_its_player_moves():
    gan, optimizers = scaled_gan(
        {"generator": 2.0**34, "discriminator": 2.0**26}, growth_steps=1_000, run_eagerly=False
    )
    gan.fit(tiny.dataset(), steps_per_epoch=30, verbose=0)
    for player, exponent in {"generator": 34, "discriminator": 26}.items():
        skipped = 30 - int(optimizers[player].iterations.numpy())
        assert 0 < skipped < 30
        assert float(optimizers[player].dynamic_scale.numpy()) == 2.0 ** (exponent - skipped)


def linear_gan(weights: np.ndarray, scale: float, precision: str):
    """Returns a GAN of which R1 is all that moves the critic, D(x) = w·x: real and generated images are zero."""
    keras.config.set_dtype_policy(precision)
    latents, images = keras.Input((2,)), keras.Input((2, 2, 1))
    zeros = keras.layers.Dense(4, kernel_initializer="zeros", use_bias=False)(latents)
    generator = keras.Model(latents, keras.layers.Reshape((2, 2, 1))(zeros))
    linear = keras.layers.Dense(1, use_bias=False)
    critic = keras.Model(images, linear(keras.layers.Flatten()(images)))
    linear.kernel.assign(weights[:, np.newaxis])
    optimizers = [keras.optimizers.SGD(0.05), keras.optimizers.SGD(0.05)]
    if precision == "mixed_float16":
        optimizers = [SCALED(optimizer, initial_scale=scale) for optimizer in optimizers]
    gan = tt.training.GAN(tt.tasks.Unconditional(generator, critic, tt.latents.Normal(2)))
    gan.compile(*optimizers, loss=tt.losses.adversarial.Wasserstein(), terms=[tt.penalties.R1(gamma=3.0)])
    return gan, linear.kernel


@pytest.mark.parametrize(
    ("precision", "scale"),
    [("float32", 1.0), ("mixed_bfloat16", 1.0), *(("mixed_float16", s) for s in (1.0, 2.0**6, 2.0**13))],
)
def test_a_penalty_sees_unscaled_gradients(precision, scale):
    weights = np.array([0.3, -1.1, 0.7, 0.013], "float32")
    gan, kernel = linear_gan(weights, scale, precision)
    logs = gan.train_on_batch({"image": tf.zeros((8, 2, 2, 1))}, return_dict=True)
    rounding = {"float32": 1e-6, "mixed_bfloat16": 2.0**-8, "mixed_float16": 2.0**-11}[precision]
    np.testing.assert_allclose(logs["r1"], 1.5 * np.sum(weights**2), rtol=2 * rounding)  # γ/2 ‖w‖²
    steps = weights - kernel.numpy()[:, 0]
    np.testing.assert_allclose(steps, 0.05 * 3.0 * weights, rtol=2 * rounding + 1e-5)  # and its gradient, γ w


def test_a_penalty_that_overflows_under_the_scale_skips_the_update_and_is_logged_as_it_is():
    weights = np.array([0.3, -1.1, 0.7, 0.013], "float32")
    gan, kernel = linear_gan(weights, 2.0**24, "mixed_float16")
    logs = gan.train_on_batch({"image": tf.zeros((8, 2, 2, 1))}, return_dict=True)
    np.testing.assert_allclose(logs["r1"], 1.5 * np.sum(weights**2), rtol=1e-3)
    np.testing.assert_array_equal(kernel.numpy()[:, 0], weights)
    assert float(gan.discriminator_optimizer.dynamic_scale.numpy()) == 2.0**23


def test_loss_scales_are_restored_and_training_goes_on_bit_for_bit(tmp_path):
    build = functools.partial(scaled_gan, {"generator": 2.0**60, "discriminator": 16.0}, growth_steps=3)
    results = []
    gan, optimizers = build()
    gan.fit(tiny.dataset(), steps_per_epoch=4, verbose=0)
    assert state_of(optimizers[p] for p in ("generator", "discriminator")) == [(2.0**56, 0), (32.0, 1)]
    save(gan, tmp_path / "checkpoint-000000000032.keras")
    again, restored = build()
    restore(again, tmp_path / "checkpoint-000000000032.keras")
    assert state_of(restored.values()) == state_of(optimizers.values())
    for trained, own in ((gan, optimizers), (again, restored)):
        trained.fit(tiny.dataset(), steps_per_epoch=4, verbose=0)
        results.append(tiny.values([*trained.variables, *(v for p in PLAYERS for v in own[p].variables)]))
    assert state_of(restored[p] for p in ("generator", "discriminator")) == [(2.0**52, 0), (64.0, 2)]
    for mine, other in zip(*results, strict=True):
        np.testing.assert_array_equal(mine, other)
