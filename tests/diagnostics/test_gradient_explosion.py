"""Exploding gradients: hand-made windows, and trainings with an enormous rate."""

import dataclasses
from functools import partial

import pytest

from benchmarks.doctor_lab.provoked_game import PROVOKED
from benchmarks.doctor_lab.trial import Trial, run, severities, small_gan
from tests.diagnostics.made_looks import window_of
from tfgan_tricks.configuration import build
from tfgan_tricks.diagnostics import GradientExplosion, Snapshot, Window
from tfgan_tricks.diagnostics.remedies import clip_gradient

NORM = "generator_gradient_norm"


def found(norms, **others):
    window = window_of({NORM: norms, **{name: course for name, course in others.items() if course}})
    return [finding.severity for finding in GradientExplosion()(window)]


@pytest.mark.parametrize(
    ("norms", "expected"),
    [
        ([5, 5, 5, 5, 5, 200, 200, 200], ["serious"]),
        ([5, 5, 5, 5, 5, 200, 200], ["warning"]),
        ([5, 5, 5, 5, 5, 5, 200, 5, 200], ["warning"]),
        ([5, 5, 5, 5, 5, 200, 200, 200, 5], []),
        ([0.01, 0.01, 0.01, 99, 99, 99], []),  # large growth of small norms
        ([150, 150, 150, 160, 170, 180], ["note"]),  # large always, as of a generator against a strong critic
        ([50, 50, 50, 400, 400, 400], ["note"]),
        ([1_500, 1_500], ["note"]),  # the second look has one before that was as large
        ([0.5, 0.5, 0.5, 0.5, 0.5, 50, 50, 50, 50, 50, 50, 50, 101], ["warning"]),
        ([50, 50, 50, 50, 50, 1, 1, 1, 1, 1, 1, 101], ["warning"]),  # what it was last counts too
    ],
)
def test_a_norm_must_be_large_and_have_grown(norms, expected):
    assert found(norms) == expected


def test_the_first_look_is_judged_by_the_limit_alone():
    assert found([999]) == ["note"]
    assert found([1_001]) == ["warning"]


def test_what_was_usual_is_told_only_where_there_was_a_look_before():
    first, later = (GradientExplosion()(window_of({NORM: norms}))[0] for norms in ([1_001], [5, 1_001]))
    assert first.evidence == (
        "At 0 images the mean norm of the generator's gradient is 1e+03; no look was before; the limit is 100.",
    )
    assert "usual was 5." in later.evidence[0]
    assert "not so at the look before" in later.evidence[1]


@pytest.mark.parametrize("courses", [{NORM: [999]}, {NORM: [5, 5], f"{NORM}_max": [9, 500]}])
def test_a_note_asks_for_nothing(courses):
    (note,) = GradientExplosion()(window_of(courses))
    assert (note.severity, note.remedies) == ("note", ())


def test_single_steps_are_worth_a_note():
    assert found([5, 5, 5], generator_gradient_norm_max=[9, 9, 500]) == ["note"]
    assert found([5, 5, 5], generator_gradient_norm_max=[9, 9, 99]) == []
    assert found([40, 40, 40], generator_gradient_norm_max=[50, 50, 390]) == []


def test_one_look_is_enough_where_the_training_broke_down():
    window = window_of({NORM: [5.0, 5.0]})
    broken = Snapshot(3_000, {NORM: 1e9}, {"non_finite": "generator_loss"})
    (finding,) = GradientExplosion()(Window((*window.snapshots, broken)))
    assert (finding.severity, finding.player) == ("serious", "generator")


def test_players_are_judged_by_themselves():
    courses = {NORM: [5] * 6, "discriminator_gradient_norm": [5, 5, 5, 900, 900, 900]}
    assert [f.player for f in GradientExplosion()(window_of(courses))] == ["discriminator"]
    assert GradientExplosion()(Window()) == []
    assert found([5, 900, 900, 900, None]) == []


def test_the_advice_to_clip_builds_an_optimizer_that_clips():
    window = Window((), {"optimizers": {"generator": "Adam(0.001, beta_1=0.5)", "discriminator": "SGD(1, clipnorm=1)"}})
    (remedy,) = clip_gradient(window, "generator")
    optimizer = build(remedy.config.partition("=")[2].strip("'"), "optimizers")
    assert (optimizer.global_clipnorm, optimizer.beta_1) == (10.0, 0.5)
    assert clip_gradient(window, "discriminator") == []  # it is clipped


@pytest.mark.parametrize("settings", [{"norm": 0.0}, {"growth": 0.5}, {"looks": 0}])
def test_thresholds_are_checked(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        GradientExplosion(**settings)


def test_an_enormous_rate_is_found_and_a_usual_one_is_not():
    (trial,) = (trial for trial in PROVOKED if trial.expects == "gradient_explosion")
    doctor = {**trial.doctor, "detectors": [GradientExplosion()]}
    _, episodes = run(dataclasses.replace(trial, doctor=doctor))
    assert severities(episodes) == {"gradient_explosion": "serious"}
    usual = Trial("usual", "", partial(small_gan, architecture="mlp"), steps=trial.steps, doctor=doctor)
    assert severities(run(usual)[1]) == {}
