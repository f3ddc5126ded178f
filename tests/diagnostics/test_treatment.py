"""What a doctor does if it may: it restores, lowers rates, and stops when that does not help."""

import keras
import numpy as np
import pytest

from tests.callbacks.tiny import BreaksAfter, state, tiny_dataset, tiny_gan
from tfgan_tricks.callbacks import StopOnNonFinite
from tfgan_tricks.callbacks.stop_on_non_finite import NonFiniteError
from tfgan_tricks.diagnostics import Doctor, Finding, NonFinite
from tfgan_tricks.diagnostics.treatment import MOST, Treatment

REAL = next(iter(tiny_dataset()))


def found(name: str, player: str = "", severity: str = "serious") -> list[Finding]:
    return [Finding(name, severity, ("Seen.",), "It is so.", (), "nobody", player)]


def rates(gan) -> tuple[float, float]:
    optimizers = (gan.generator_optimizer, gan.discriminator_optimizer)
    return tuple(float(optimizer.learning_rate.numpy()) for optimizer in optimizers)


class Poison(keras.callbacks.Callback):
    """Puts NaN into one weight after a step, once."""

    def __init__(self, step: int):
        super().__init__()
        self.step = step
        self.done = False

    def on_train_batch_end(self, batch, logs=None):
        if batch + 1 == self.step and not self.done:
            self.done = True
            kernel = self.model.task.discriminator.layers[-1].kernel
            kernel.assign(np.full(kernel.shape, np.nan, "float32"))


def test_a_broken_training_goes_on_from_the_last_good_look():
    gan = tiny_gan()
    doctor = Doctor(REAL, every_images=8, count=8, detectors=[NonFinite()], act=True)
    history = gan.fit(
        tiny_dataset().repeat(),
        steps_per_epoch=6,
        epochs=2,
        verbose=0,
        callbacks=[Poison(3), doctor, StopOnNonFinite()],
    )
    assert int(gan.images_seen.numpy()) == 96  # counters go on
    assert rates(gan) == pytest.approx((0.25e-3, 0.5e-3))
    assert all(np.isfinite(value).all() for value in state(gan))
    assert np.isfinite([value for values in history.history.values() for value in values]).all()


def test_what_comes_back_is_all_that_training_changes_but_counters_seeds_and_rates():
    gan = tiny_gan()
    treatment = Treatment(gan)
    gan.fit(tiny_dataset(), epochs=1, verbose=0)
    treatment.answer([], 32)
    good, seed = state(gan), gan.seed_generator.state.numpy()
    gan.fit(tiny_dataset(), epochs=1, verbose=0)
    drawn = gan.seed_generator.state.numpy()
    treatment.answer(found("non_finite"), 64)
    assert treatment.restored
    assert int(gan.images_seen.numpy()) == 64
    assert not np.array_equal(seed, drawn)
    np.testing.assert_array_equal(gan.seed_generator.state.numpy(), drawn)
    optimizers = (gan.generator_optimizer, gan.discriminator_optimizer)
    variables = [*gan.variables, *(variable for optimizer in optimizers for variable in optimizer.variables)]
    for variable, expected, value in zip(variables, good, state(gan), strict=True):
        kept = variable is gan.images_seen or "seed_generator" in variable.path or "learning_rate" in variable.path
        if not kept:
            np.testing.assert_array_equal(value, expected, err_msg=variable.path)


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_an_explosion_lowers_the_rate_of_its_player_alone(player):
    gan = tiny_gan()
    before = dict(zip(("generator", "discriminator"), rates(gan), strict=True))
    Treatment(gan).answer(found("gradient_explosion", player), 8)
    after = dict(zip(("generator", "discriminator"), rates(gan), strict=True))
    for name, rate in after.items():
        assert rate == pytest.approx(before[name] / (4 if name == player else 1))
    assert not gan.stop_training


@pytest.mark.parametrize("findings", [found("oscillation", severity="warning"), found("checkerboard"), []])
def test_what_is_not_serious_or_has_no_treatment_changes_nothing(findings):
    gan = tiny_gan()
    before = state(gan), rates(gan)
    Treatment(gan).answer(findings, 8)
    assert rates(gan) == before[1]
    for expected, value in zip(before[0], state(gan), strict=True):
        np.testing.assert_array_equal(value, expected)


def test_what_does_not_help_is_not_repeated_for_ever():
    gan = tiny_gan()
    treatment = Treatment(gan)
    for attempt in range(MOST + 1):
        assert not gan.stop_training, attempt
        treatment.answer(found("discriminator_won", "discriminator"), 8)
    assert gan.stop_training
    assert rates(gan)[1] == pytest.approx(2e-3 / 4**MOST)


def test_a_rate_that_follows_a_schedule_cannot_be_lowered_so_training_stops():
    rate = keras.optimizers.schedules.ExponentialDecay(1e-3, 10, 0.9)
    gan = tiny_gan(discriminator_optimizer=keras.optimizers.Adam(rate))
    Treatment(gan).answer(found("gradient_explosion", "discriminator"), 8)
    assert gan.stop_training


def test_a_training_that_breaks_again_and_again_ends_with_its_error():
    gan = tiny_gan(terms=[BreaksAfter(images=16)])
    doctor = Doctor(REAL, every_images=8, count=8, detectors=[NonFinite()], act=True)
    with pytest.raises(NonFiniteError):
        gan.fit(tiny_dataset().repeat(), steps_per_epoch=20, verbose=0, callbacks=[doctor, StopOnNonFinite()])
    assert int(gan.images_seen.numpy()) == 24 + 8 * MOST
    assert all(np.isfinite(value).all() for value in state(gan))  # it ends with the last good state


def test_of_two_findings_about_a_player_one_lowers_its_rate():
    gan = tiny_gan()
    Treatment(gan).answer(found("gradient_explosion", "generator") + found("oscillation", "generator"), 8)
    assert rates(gan)[0] == pytest.approx(1e-3 / 4)


def test_it_acts_within_the_scope_of_a_strategy(two_replicas):
    with two_replicas.scope():
        gan = tiny_gan(eager=False)
        doctor = Doctor(REAL, every_images=8, count=8, act=True)
        gan.fit(tiny_dataset(), epochs=1, verbose=0, callbacks=[Poison(2), doctor, StopOnNonFinite()])
    assert "of discriminator" in next(look.notes["first_bad_tensor"] for look in doctor.window.snapshots if look.notes)
    assert rates(gan) == pytest.approx((0.25e-3, 0.5e-3))
    assert all(np.isfinite(value).all() for value in state(gan))
