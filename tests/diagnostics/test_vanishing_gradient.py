"""A generator without gradient: hand-made windows, and trainings with a saturating loss."""

import dataclasses
from functools import partial

import pytest

from benchmarks.doctor_lab.provoked_game import PROVOKED
from benchmarks.doctor_lab.trial import Trial, run, severities, small_gan
from tests.diagnostics.made_looks import window_of
from tfgan_tricks.diagnostics import VanishingGradient, Window
from tfgan_tricks.losses.adversarial import Minimax

NORM = "generator_gradient_norm"


def found(norms, facts=None, **others):
    courses = {NORM: norms, **{name: [value] * len(norms) for name, value in others.items()}}
    return [finding.severity for finding in VanishingGradient()(window_of(courses, facts))]


@pytest.mark.parametrize(
    ("norms", "expected"),
    [
        ([2.0, 0.009, 0.009, 0.009], ["serious"]),
        ([2.0, 0.009, 0.009], ["warning"]),
        ([2.0, 0.009, 0.009, 0.011], []),  # not small by itself
        ([0.5, 0.009, 0.009, 0.009], []),  # not small beside the largest
        ([0.5, 0.004, 0.004, -1e-9], ["serious"]),  # read off running means, so a zero may lie below 0
        ([2.0, 0.009, None, 0.009], ["warning"]),
        ([2.0, 0.009, 0.009, None], []),
    ],
)
def test_the_gradient_must_be_small_and_smaller_than_it_was(norms, expected):
    assert found(norms, separation=0.99) == expected
    assert found(norms, separation=0.94) == []


def test_single_steps_say_how_large_it_was():
    courses = {NORM: [0.05, 0.004, 0.004, 0.004], "separation": [1.0] * 4}
    assert VanishingGradient()(window_of(courses)) == []
    courses[f"{NORM}_max"] = [0.5, 0.004, 0.004, 0.004]
    (finding,) = VanishingGradient()(window_of(courses))
    assert finding.severity == "serious"
    assert "0.004; the largest was 0.5" in finding.evidence[0]


def test_the_accuracy_stands_for_the_ranks_where_the_game_has_a_boundary():
    norms = [2.0, 0.001, 0.001, 0.001]
    assert found(norms, {"boundary": 0.0}, discriminator_accuracy=0.99) == ["serious"]
    assert found(norms, {"boundary": 0.0}, discriminator_accuracy=0.90) == []
    assert found(norms, {"boundary": None}, discriminator_accuracy=0.99) == []
    assert found(norms) == []
    assert VanishingGradient()(Window()) == []


def test_the_loss_that_is_there_is_no_remedy():
    courses = {NORM: [2.0, 0.001], "separation": [1.0, 1.0]}
    (finding,) = VanishingGradient()(window_of(courses, {"loss": "NonSaturating"}))
    lines = [remedy.config for remedy in finding.remedies]
    assert "--config.loss='Hinge()'" in lines
    assert "--config.loss='NonSaturating()'" not in lines


@pytest.mark.parametrize("settings", [{"norm": 0.0}, {"share": 0.0}, {"separation": 0.4}, {"looks": 0}])
def test_thresholds_are_checked(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        VanishingGradient(**settings)


def test_a_saturating_loss_is_found_against_a_critic_far_ahead_only():
    (trial,) = (trial for trial in PROVOKED if trial.expects == "vanishing_gradient")
    doctor = {"detectors": [VanishingGradient()]}
    _, episodes = run(dataclasses.replace(trial, steps=100, doctor=doctor))
    assert severities(episodes) == {"vanishing_gradient": "serious"}
    build = partial(small_gan, architecture="mlp", loss=Minimax())
    assert severities(run(Trial("usual", "", build, steps=100, doctor=doctor))[1]) == {}
