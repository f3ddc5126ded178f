"""What several detectors measure and read: against brute force and closed forms; healthy trainings raise no alarm."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.stats

from benchmarks.doctor_lab.trial import Trial, run, severities, small_gan
from tests.diagnostics.made_looks import look_at, window_of
from tfgan_tricks.diagnostics import (
    CriticCurve,
    GeneratorWon,
    GradientExplosion,
    Oscillation,
    RateImbalance,
    VanishingGradient,
)
from tfgan_tricks.diagnostics.game import direction, pixel_distance, separation, streak, together
from tfgan_tricks.losses.adversarial import Hinge, LeastSquares

DETECTORS = (CriticCurve, GeneratorWon, GradientExplosion, Oscillation, RateImbalance, VanishingGradient)


def logits(real, fake):
    return SimpleNamespace(inference=SimpleNamespace(real_logits=real, fake_logits=np.asarray(fake, "float32")))


def test_separation_is_the_share_of_pairs_ranked_rightly():
    random = np.random.default_rng(0)
    real, fake = np.round(random.normal(0.4, 1.0, 70), 1), np.round(random.normal(0.0, 1.0, 50), 1)  # with ties
    pairs = [(r > f) + 0.5 * (r == f) for r in real.astype("float32") for f in fake.astype("float32")]
    assert separation(logits(real.astype("float32"), fake))["separation"] == pytest.approx(np.mean(pairs), abs=1e-12)
    assert separation(logits(real.astype("float32"), fake))["separation"] > 0.5
    assert separation(logits(None, fake)) == {}


def test_pixel_distance_is_a_frechet_distance_in_units_of_the_data():
    random = np.random.default_rng(1)
    real = random.normal(0.2, 0.5, (60, 3, 4, 2))
    fake = random.normal(-0.1, 0.3, (40, 3, 4, 2))
    squared = sum(
        (real[:, i, j, c].mean() - fake[:, i, j, c].mean()) ** 2
        + (real[:, i, j, c].std() - fake[:, i, j, c].std()) ** 2
        for i, j, c in np.ndindex(3, 4, 2)
    )
    exact = np.sqrt(squared / sum(real[:, i, j, c].var() for i, j, c in np.ndindex(3, 4, 2)))
    assert pixel_distance(look_at(fake, real))["pixel_distance"] == pytest.approx(exact, rel=1e-5)
    mean = np.repeat(real.mean(0, keepdims=True), 40, axis=0)
    assert pixel_distance(look_at(mean, real))["pixel_distance"] == pytest.approx(1.0, rel=1e-5)
    assert pixel_distance(look_at(real, real))["pixel_distance"] == 0.0
    assert pixel_distance(look_at(fake)) == {}
    assert pixel_distance(look_at(fake[:, :2], real)) == {}
    assert pixel_distance(look_at(fake, np.zeros((5, 3, 4, 2)))) == {}


def test_direction_is_kendalls_tau():
    for seed in range(5):
        values = np.random.default_rng(seed).normal(size=12) + 0.1 * seed * np.arange(12)
        assert direction(values) == pytest.approx(scipy.stats.kendalltau(np.arange(12), values).statistic)
    assert direction(np.arange(4.0)) == 1.0
    assert direction(np.ones(4)) == direction(np.ones(1)) == direction(np.ones(0)) == 0.0


def test_a_streak_ends_at_the_last_look():
    assert [streak(np.array(flags)) for flags in ([1, 1], [0, 1, 1, 1], [1, 0], [0, 1, 0, 1], [])] == [2, 3, 0, 1, 0]


def test_signals_stand_side_by_side_where_all_are_known():
    window = window_of({"a": [1, 2, None, 4], "b": [5, None, 7, 8]})
    assert together(window, "a", "b").tolist() == [[1.0, 5.0], [4.0, 8.0]]
    assert together(window_of({"a": [1, None], "b": [1, 2]}), "a", "b").shape == (0, 2)
    assert together(window_of({}), "a").shape == (0, 1)


@pytest.mark.parametrize(
    ("seed", "architecture", "settings"),
    [(1, "dcgan", {}), (2, "mlp", {"loss": Hinge()}), (3, "mlp", {"loss": LeastSquares()})],
)
def test_nothing_serious_about_the_game_is_found_in_a_healthy_training(seed, architecture, settings):
    build = partial(small_gan, architecture=architecture, **settings)
    doctor = {"detectors": [detector() for detector in DETECTORS]}
    window, episodes = run(Trial("healthy", "", build, steps=300, doctor=doctor), seed)
    assert "serious" not in severities(episodes).values()
    assert len(window.snapshots) > 12
    assert window.last("pixel_distance") < 0.8
