"""Players that chase each other: hand-made windows, and trainings with much momentum."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.doctor_lab.provoked_game import PROVOKED
from benchmarks.doctor_lab.trial import Trial, run, severities, small_gan
from tests.diagnostics.made_looks import window_of
from tfgan_tricks.diagnostics import Oscillation, Window

FACTS = {"indifferent": {"discriminator": 2.0}}
LOOKS = np.arange(12)


def wave(amplitude, period=5.0):
    return amplitude * np.sin(2 * np.pi * (LOOKS + 0.3) / period)


def found(loss, facts=FACTS, **others):
    return [f.severity for f in Oscillation()(window_of({"discriminator_loss": loss, **others}, facts))]


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (1.0 + wave(0.8), ["serious"]),
        (1.0 + wave(0.8) - 0.3 * LOOKS, ["serious"]),  # around a trend
        (1.0 + wave(0.4), []),  # a deviation of 0.14 of what the indifferent critic pays
        (1.0 + wave(0.8, period=40.0), []),  # one arc
        (1.0 + wave(1.5, period=4.0) * np.exp(-LOOKS / 5.0), []),  # it calms down
        (2.0 * np.exp(-LOOKS / 2.0), []),
        ((1.0 + wave(0.8))[1:], []),  # a look too few
    ],
)
def test_a_loss_that_swings_and_does_not_calm_down_is_found(loss, expected):
    assert found(loss) == expected


def test_the_swing_is_the_deviation_from_the_trend():
    loss = 1.0 + wave(0.8) + 0.2 * LOOKS
    (finding,) = Oscillation()(window_of({"discriminator_loss": loss}, FACTS))
    design = np.stack([np.ones(12), LOOKS], axis=1)
    rest = loss - design @ np.linalg.lstsq(design, loss, rcond=None)[0]
    assert f"Its swing is {np.sqrt(np.mean(rest**2)) / 2.0:.0%} of the 2 " in finding.evidence[1]
    crossings = sum(a * b < 0 for a, b in pairwise(rest))
    assert f"crossed its trend {crossings} times" in finding.evidence[0]


def test_growing_swings_are_called_so():
    (finding,) = Oscillation()(window_of({"discriminator_loss": 1.0 + wave(1.0) * np.exp(LOOKS / 6.0)}, FACTS))
    assert "and grows" in finding.evidence[1]


def test_swings_with_progress_are_a_warning():
    assert found(1.0 + wave(0.8), pixel_distance=[1.5] * 6 + [1.3] * 6) == ["warning"]
    assert found(1.0 + wave(0.8), pixel_distance=[1.5] * 6 + [1.4] * 6) == ["serious"]
    assert found(1.0 + wave(0.8), pixel_distance=[*[1.5] * 6, *[1.3] * 5, None]) == ["serious"]  # not known


def test_losses_that_no_indifferent_critic_measures_are_not_judged():
    assert found(1.0 + wave(9.0), facts={"indifferent": {"discriminator": 0.0}}) == []
    assert found(1.0 + wave(9.0), facts={}) == []
    assert found([*(1.0 + wave(0.8)), None]) == []
    assert Oscillation()(Window()) == []


@pytest.mark.parametrize("settings", [{"swing": 0.0}, {"crossings": 0}, {"looks": 5}, {"progress": 2.0}])
def test_thresholds_are_checked(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        Oscillation(**settings)


def test_much_momentum_at_high_rates_is_found_and_usual_settings_are_not():
    (trial,) = (trial for trial in PROVOKED if trial.expects == "oscillation")
    doctor = {"detectors": [Oscillation()]}
    _, episodes = run(dataclasses.replace(trial, doctor=doctor))
    assert severities(episodes) == {"oscillation": "serious"}
    assert severities(run(Trial("usual", "", small_gan, steps=trial.steps, doctor=doctor))[1]) == {}
