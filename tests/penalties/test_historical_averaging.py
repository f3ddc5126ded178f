"""`HistoricalAveraging` inside a GAN: the history is each player's own, its pull is applied, and it goes on."""

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.callbacks.checkpoints import restore, save
from tfgan_tricks.penalties import HistoricalAveraging

PLAYERS = ("discriminator", "generator")


def gan_of(weight=0.5, rate=0.1, **arguments) -> tt.training.GAN:
    networks = tt.architectures.mlp(resolution=8, channels=1, latent_dim=tiny.LATENTS, widths=(8,))
    gan = tt.training.GAN(tiny.LatentsFromBatch(*networks, tt.latents.Normal(tiny.LATENTS)))
    optimizers = keras.optimizers.SGD(rate), keras.optimizers.SGD(rate)
    terms = [HistoricalAveraging(weight=weight)]
    gan.compile(*optimizers, loss=tt.losses.adversarial.NonSaturating(), terms=terms, **arguments)
    return gan


def weights_of(gan, player) -> list[np.ndarray]:
    return [value.astype("float64") for value in tiny.values(gan.variables_of(player))]


def distance(weights, history) -> float:
    means = [np.mean(values, axis=0) for values in zip(*history, strict=True)]
    return sum(np.sum((now - mean) ** 2) for now, mean in zip(weights, means, strict=True))


@pytest.mark.parametrize("critic_steps", [1, 2])
def test_each_player_is_pulled_to_the_mean_of_its_own_past(critic_steps):
    """The logged terms are the distances at the time of each update, recorded weights against their NumPy mean."""
    gan = gan_of(critic_steps=critic_steps)
    past = {player: [weights_of(gan, player)] for player in PLAYERS}
    logged = {"discriminator": "historical_averaging", "generator": "generator_historical_averaging"}
    batches = iter(tiny.with_latents(8))
    for _ in range(4):
        for player in ["discriminator"] * critic_steps + ["generator"]:
            gan.reset_metrics()
            before = weights_of(gan, player)
            gan.update(player, next(batches))
            expected = 0.5 * distance(before, past[player])
            assert float(gan.logs.result()[logged[player]]) == pytest.approx(expected, rel=1e-4, abs=1e-9)
            past[player].append(weights_of(gan, player))
    assert len(past["discriminator"]) == 1 + 4 * critic_steps
    for player in PLAYERS:
        assert distance(past[player][-1], past[player]) > 1e-5


@pytest.mark.parametrize("player", PLAYERS)
def test_the_pull_is_part_of_each_players_step(player):
    """θ is moved by η·2λ·(θ - mean) more than without the term, mean over the weights before and after a first step."""
    steps = []
    for weight in (0.0, 0.5):
        keras.utils.set_random_seed(2)
        gan = gan_of(weight)
        batches = iter(tiny.with_latents(8))
        past = [weights_of(gan, player)]
        for _ in range(2):
            gan.update(player, next(batches))
            past.append(weights_of(gan, player))
        steps.append(past)
    plain, pulled = steps
    for (first, second, third), wanted in zip(zip(*plain, strict=True), zip(*pulled, strict=True), strict=True):
        np.testing.assert_array_equal(first, wanted[0])
        np.testing.assert_allclose(second, wanted[1], atol=1e-7)  # at first the mean is the weight itself
        mean = (first + second) / 2
        np.testing.assert_allclose(wanted[2] - third, -0.1 * 2 * 0.5 * (second - mean), atol=2e-7)
    assert max(np.abs(a - b).max() for a, b in zip(plain[2], pulled[2], strict=True)) > 1e-4


@pytest.mark.parametrize("way", ["load", "restore"])
def test_the_history_of_both_players_is_resumed_bit_for_bit(way, tmp_path):
    gan = gan_of()
    gan.fit(tiny.with_latents(8), steps_per_epoch=3, verbose=0)
    save(gan, tmp_path / "gan.keras")
    if way == "load":
        again = keras.models.load_model(tmp_path / "gan.keras")
    else:
        again = gan_of()
        restore(again, tmp_path / "gan.keras")
    (one,), (other,) = gan.terms, again.terms
    assert len(one.variables) == 2 + sum(len(gan.variables_of(player)) for player in PLAYERS)
    for mine, restored in zip(tiny.values(one.variables), tiny.values(other.variables), strict=True):
        np.testing.assert_array_equal(mine, restored)
    histories = [model.fit(tiny.with_latents(8), steps_per_epoch=3, verbose=0).history for model in (gan, again)]
    assert histories[0] == histories[1]
    for mine, restored in zip(tiny.values(gan.variables), tiny.values(again.variables), strict=True):
        np.testing.assert_array_equal(mine, restored)


def test_a_frozen_player_is_left_out():
    gan = gan_of()
    gan.task.generator.trainable = False
    terms = [HistoricalAveraging(weight=0.5)]
    gan.compile("sgd", "sgd", loss=tt.losses.adversarial.NonSaturating(), terms=terms)
    logs = gan.train_on_batch(next(iter(tiny.with_latents(8))), return_dict=True)
    assert "historical_averaging" in logs
    assert "generator_historical_averaging" not in logs
    assert [float(variable.numpy()) for variable in terms[0].variables[:2]] == [2.0, 1.0]  # critic's and generator's
