"""A generator that wins with garbage: hand-made windows, and trainings with a critic that does not learn."""

import dataclasses

import numpy as np
import pytest

from benchmarks.doctor_lab.provoked_game import PROVOKED
from benchmarks.doctor_lab.trial import Trial, run, severities, small_gan
from tests.diagnostics.made_looks import window_of
from tfgan_tricks.diagnostics import GeneratorWon, Window

PREFERRED = {"fooled_share": 0.95, "separation": 0.05, "real_logits": 0.1, "fake_logits": 0.3}


def found(courses, boundary=0.0, **settings):
    return [f.severity for f in GeneratorWon(**settings)(window_of(courses, {"boundary": boundary}))]


def preferred(looks=3, **changes):
    return {name: [value] * looks for name, value in {**PREFERRED, **changes}.items()}


@pytest.mark.parametrize(
    ("courses", "expected"),
    [
        (preferred(), ["serious"]),
        (preferred(looks=2), ["warning"]),
        (preferred(fooled_share=0.89), []),
        (preferred(separation=0.11), []),
        (preferred(real_logits=0.3), []),
        (preferred() | {"separation": [0.05, 0.5, 0.05]}, ["warning"]),
        (preferred() | {"separation": [0.05, 0.05, 0.5]}, []),
        (preferred(separation=None, discriminator_accuracy=0.39), ["serious"]),
        (preferred(separation=None, discriminator_accuracy=0.5), []),
    ],
)
def test_a_critic_that_prefers_generated_images_has_lost(courses, expected):
    assert found({name: course for name, course in courses.items() if course[0] is not None}) == expected


def test_a_game_without_a_boundary_calls_nothing_real():
    assert found(preferred(), boundary=None) == []


FALL = [None, *np.linspace(2.0, 0.5, 8)]


@pytest.mark.parametrize(
    ("name", "course", "expected"),
    [
        ("pixel_distance", [9.0, *np.linspace(0.9, 1.2, 8)], ["serious"]),
        ("pixel_distance", [9.0, *np.linspace(0.6, 0.95, 8)], []),  # still nearer than the mean image
        ("pixel_distance", [9.0, *np.linspace(1.9, 1.2, 8)], []),
        ("fid[identity,100/100]", [9.0, *np.linspace(10.0, 16.0, 8)], ["serious"]),
        ("fid[identity,100/100]", [9.0, *np.linspace(10.0, 14.0, 8)], []),
        ("fid[identity,100/100]", [9.0, *[10.0] * 4, *[16.0] * 4], ["serious"]),  # measured at every fourth look
    ],
)
def test_a_falling_loss_is_bad_where_the_images_get_worse(name, course, expected):
    assert found({"generator_loss": FALL, name: course}) == expected
    assert found({"generator_loss": [None, *FALL[:0:-1]], name: course}) == []  # a loss that rises
    assert found({"generator_loss": FALL[:-1], name: course[:-1]}) == []  # a look too few


def test_absent_signals_and_empty_windows_are_nothing():
    assert GeneratorWon()(Window()) == []
    for name in PREFERRED:
        courses = {n: [v, v, None if n == name else v] for n, v in PREFERRED.items()}
        assert found(courses) == []


@pytest.mark.parametrize("settings", [{"fooled": 1.5}, {"separation": 0.6}, {"looks": 0}, {"fall": 1}, {"worse": 0.5}])
def test_thresholds_are_checked(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        GeneratorWon(**settings)


def test_a_critic_that_does_not_learn_is_found_and_one_that_does_is_not():
    (trial,) = (trial for trial in PROVOKED if trial.expects == "generator_won")
    doctor = {"detectors": [GeneratorWon()]}
    window, episodes = run(dataclasses.replace(trial, steps=120, doctor=doctor))
    assert severities(episodes) == {"generator_won": "serious"}
    assert window.last("pixel_distance") > 1.5
    _, episodes = run(Trial("usual", "", small_gan, steps=120, doctor=doctor))
    assert severities(episodes) == {}
