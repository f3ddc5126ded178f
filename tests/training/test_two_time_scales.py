"""Each player's variables get the optimizer of that player, whatever they are called."""

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.support import tiny
from tests.training.single_loss_games import SHAPE, batch, gan_of, gradients
from tfgan_tricks.types import PLAYERS


def colliding_task() -> tt.tasks.Unconditional:
    """Returns a task whose networks have layers, and so variables, of the same names."""
    latents, images = keras.Input((tiny.LATENTS,)), keras.Input(SHAPE)
    made = keras.layers.Reshape(SHAPE)(keras.layers.Dense(16, activation="tanh", name="same")(latents))
    logits = keras.layers.Dense(1, name="same")(keras.layers.Flatten()(images))
    networks = keras.Model(latents, made), keras.Model(images, logits)
    assert networks[0].trainable_variables[0].path == networks[1].trainable_variables[0].path
    return tiny.LatentsFromBatch(*networks, tt.latents.Normal(tiny.LATENTS))


def test_each_player_moves_at_its_own_rate_though_all_names_collide():
    gan = gan_of(colliding_task(), tt.training.two_time_scales(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.4)))
    expected = gradients(gan, batch())
    for player, rate in (("generator", 0.1), ("discriminator", 0.4)):
        assert gan.optimizer.optimizers[PLAYERS[::-1].index(player)].learning_rate.numpy() == np.float32(rate)
    before = {player: tiny.values(gan.variables_of(player)) for player in PLAYERS}
    gan.train_step(batch())
    for player, rate in (("generator", 0.1), ("discriminator", 0.4)):
        now = tiny.values(gan.variables_of(player))
        for old, new, gradient in zip(before[player], now, expected[player], strict=True):
            np.testing.assert_allclose(new - old, -rate * gradient, rtol=1e-4, atol=1e-7)


def test_patterns_over_paths_would_mix_the_players_up():
    """Why they are not used: Keras' own map, asked for the generator's path, answers for the critic's too."""
    task = colliding_task()
    generator = keras.optimizers.SGD(0.1)
    paths = {variable.path: generator for variable in task.generator.trainable_variables}
    owners = keras.optimizers.OptimizerMap(keras.optimizers.SGD(0.4), paths)
    assert owners(task.discriminator.trainable_variables[0]) is generator


def test_the_defaults_are_those_of_gan():
    optimizers = tt.training.two_time_scales().optimizers
    for optimizer, rate in zip(optimizers, (1e-4, 4e-4), strict=True):
        assert isinstance(optimizer, keras.optimizers.Adam)
        assert float(optimizer.learning_rate.numpy()) == np.float32(rate)
        assert (optimizer.beta_1, optimizer.beta_2) == (0.0, 0.9)
    assert [type(o).__name__ for o in gan_of(optimizer=None).optimizer.optimizers] == ["Adam", "Adam"]


def test_they_are_saved_and_loaded_with_their_moments(tmp_path):
    pair = keras.optimizers.Adam(1e-2, 0.5), keras.optimizers.SGD(0.1, momentum=0.9)
    gan = gan_of(colliding_task(), tt.training.two_time_scales(*pair))
    for step in range(2):
        gan.train_step(batch(seed=step))
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras", safe_mode=True)
    assert isinstance(again.optimizer, keras.optimizers.MultiOptimizer)
    assert isinstance(again.generator_optimizer, keras.optimizers.Adam)
    assert isinstance(again.discriminator_optimizer, keras.optimizers.SGD)
    for g in (gan, again):
        g.train_step(batch(seed=2))
    for mine, other in zip(
        *(tiny.values([*g.trainable_variables, *g.optimizer.variables]) for g in (gan, again)), strict=True
    ):
        np.testing.assert_array_equal(mine, other)


def test_what_is_no_pair_of_optimizers_is_refused(monkeypatch):
    sgd = keras.optimizers.SGD()
    with pytest.raises(ValueError, match="share one optimizer"):
        tt.training.two_time_scales(sgd, sgd)
    with pytest.raises(ValueError, match=r"No player owns(.|\n)*SingleLossGAN.compile"):
        tt.training.two_time_scales().build([keras.Variable(1.0)])
    with pytest.raises(ValueError, match=r"no such optimizer for the generator(.|\n)*keras.optimizers.Adam\(1e-4\)"):
        tt.training.two_time_scales(1e-4, 4e-4)
    taken = tt.training.two_time_scales("sgd", "sgd")
    gan = gan_of(optimizer=taken)
    gan.compile(taken, loss=tt.losses.adversarial.Hinge())  # the same model may be compiled again
    with pytest.raises(ValueError, match=r"belongs to another model(.|\n)*make a second one"):
        gan_of(optimizer=taken)
    monkeypatch.delattr(keras.optimizers, "MultiOptimizer")
    with pytest.raises(ImportError, match=r"Keras 3\.15(.|\n)*GAN, which takes two"):
        tt.training.two_time_scales()
