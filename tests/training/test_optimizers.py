"""Each player trains with any optimizer of Keras, by name; the defaults are the two time-scale rule's."""

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.configuration.registry import registry

WRAPPERS = ["LossScaleOptimizer", "MultiOptimizer"]
NAMES = sorted(set(registry("optimizers")) - {*WRAPPERS, "Optimizer"})


def gan_of(*optimizers, **arguments) -> tt.training.GAN:
    networks = tt.architectures.mlp(resolution=8, channels=1, latent_dim=tiny.LATENTS, widths=(8,))
    gan = tt.training.GAN(tt.tasks.Unconditional(*networks, tt.latents.Normal(tiny.LATENTS)))
    gan.compile(*optimizers, loss=tt.losses.adversarial.NonSaturating(), run_eagerly=True, **arguments)
    return gan


def test_the_list_is_that_of_keras():
    assert {"SGD", "RMSprop", "Adam", "AdamW", "Lion", "Lamb", "Muon", "Adafactor"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_each_optimizer_by_name_moves_all_weights_of_each_player(name, player):
    """In a text of any case; the other player takes another one."""
    names = (name, "sgd") if player == "generator" else ("sgd", name.lower())
    gan = gan_of(*names)
    assert type(getattr(gan, f"{player}_optimizer")).__name__ == name
    before = tiny.values(gan.variables_of(player))
    for step in range(2):
        logs = gan.train_on_batch({"image": tiny.images(8, seed=step)}, return_dict=True)
        assert np.isfinite(list(logs.values())).all()
    assert all(tiny.moved(before, gan.variables_of(player)))
    assert all(np.isfinite(value).all() for value in tiny.values(gan.trainable_variables))
    assert int(getattr(gan, f"{player}_optimizer").iterations.numpy()) == 2


@pytest.mark.parametrize("name", [*WRAPPERS, "Optimizer", "optimizer_map", 3.0])
def test_what_is_no_optimizer_by_itself_is_refused(name):
    with pytest.raises(ValueError, match=r"optimizer for the discriminator[\s\S]*Received:[\s\S]*Fix: choose one of"):
        gan_of("adam", name)


def test_two_optimizers_in_one_serve_a_player():
    inner = {".*kernel": keras.optimizers.Adam(1e-2)}
    optimizer = keras.optimizers.MultiOptimizer(keras.optimizers.OptimizerMap(keras.optimizers.SGD(0.0), inner))
    gan = gan_of(optimizer, "adam")
    variables = gan.variables_of("generator")
    before = tiny.values(variables)
    gan.train_on_batch({"image": tiny.images(8)})
    assert tiny.moved(before, variables) == [variable.name == "kernel" for variable in variables]


def test_the_defaults_are_two_time_scales():
    gan = gan_of()
    for player, rate in (("generator", 1e-4), ("discriminator", 4e-4)):
        optimizer = getattr(gan, f"{player}_optimizer")
        assert isinstance(optimizer, keras.optimizers.Adam)
        assert float(optimizer.learning_rate.numpy()) == np.float32(rate)
        assert (optimizer.beta_1, optimizer.beta_2) == (0.0, 0.9)
    assert gan_of(None, "sgd").generator_optimizer.beta_1 == 0.0
