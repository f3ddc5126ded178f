"""Players of different speed: what they moved, hand-made windows, and trainings with rates far apart."""

import dataclasses

import numpy as np
import pytest

from benchmarks.doctor_lab.provoked_game import PROVOKED
from benchmarks.doctor_lab.trial import Trial, digits, run, severities, small_gan
from tests.diagnostics.made_looks import window_of
from tfgan_tricks.diagnostics import RateImbalance, Window, rate_imbalance
from tfgan_tricks.diagnostics.look import Look, Subject
from tfgan_tricks.losses.adversarial import LeastSquares

CHANGES = [f"rate_imbalance/{player}" for player in ("generator", "discriminator")]


def found(generator, discriminator, facts=None, **others):
    looks = len(generator)
    courses = dict(zip(CHANGES, (generator, discriminator), strict=True))
    courses |= {name: [value] * looks for name, value in others.items()}
    return [(f.severity, f.player) for f in RateImbalance()(window_of(courses, facts))]


def test_what_a_player_moved_is_the_change_of_all_its_weights(monkeypatch):
    gan = small_gan(0, "mlp")
    subject = Subject(gan, {"image": digits()[:16]}, 16)
    assert not set(CHANGES) & RateImbalance().measure(Look(subject)).keys()  # nothing to compare with
    before = [np.array(v) for v in gan.variables_of("generator")]
    random = np.random.default_rng(0)
    for variable in gan.variables_of("generator"):
        variable.assign_add(random.normal(0.0, 0.01, variable.shape))
    now = [np.array(v) for v in gan.variables_of("generator")]
    moved = np.sqrt(sum(np.sum((n - b) ** 2) for n, b in zip(now, before, strict=True)))
    exact = moved / np.sqrt(sum(np.sum(n**2) for n in now))
    signals = RateImbalance().measure(Look(subject))
    assert signals["rate_imbalance/discriminator"] == 0.0
    assert max(n.size for n in now) > 2 * rate_imbalance.SAMPLED  # so a sample stood for some
    assert signals["rate_imbalance/generator"] == pytest.approx(exact, rel=0.02)
    assert RateImbalance().measure(Look(subject))["rate_imbalance/generator"] == 0.0  # since the look before
    monkeypatch.setattr(rate_imbalance, "SAMPLED", 10**9)
    subject = Subject(gan, {"image": digits()[:16]}, 16)
    RateImbalance().measure(Look(subject))
    for variable, value in zip(gan.variables_of("generator"), before, strict=True):
        variable.assign(value)
    exact = moved / np.sqrt(sum(np.sum(b**2) for b in before))
    assert RateImbalance().measure(Look(subject))["rate_imbalance/generator"] == pytest.approx(exact, rel=1e-5)


@pytest.mark.parametrize(
    ("generator", "discriminator", "expected"),
    [
        ([1e-3] * 3, [0.031] * 3, "discriminator"),
        ([1e-3] * 3, [0.029] * 3, ""),
        ([0.031] * 3, [1e-3] * 3, "generator"),
        ([1e-3] * 2, [0.031] * 2, ""),
        ([1e-3, 1e-2, 1e-3], [0.031] * 3, ""),
        ([0.0] * 3, [0.031] * 3, ""),  # not trained
        ([None, 1e-3, 1e-3, 1e-3], [None, 0.031, 0.031, 0.031], "discriminator"),
        ([1e-3, 1e-3, 1e-3, None], [0.031] * 4, ""),
    ],
)
def test_players_are_out_of_balance_at_thirty_to_one(generator, discriminator, expected):
    assert found(generator, discriminator) == ([("warning", expected)] if expected else [])


def test_it_is_serious_where_the_faster_one_wins():
    slow, fast = [1e-4] * 3, [0.1] * 3
    assert found(slow, fast, separation=0.96) == [("serious", "discriminator")]
    assert found(slow, fast, separation=0.94) == [("warning", "discriminator")]
    assert found(fast, slow, separation=0.96) == [("warning", "generator")]
    assert found(fast, slow, separation=0.04) == [("serious", "generator")]
    assert found(slow, fast, {"boundary": 0.0}, discriminator_accuracy=0.96) == [("serious", "discriminator")]
    assert found(slow, fast, {"boundary": None}, discriminator_accuracy=0.96) == [("warning", "discriminator")]
    assert RateImbalance()(Window()) == []


def test_the_rates_are_told_and_brought_together():
    facts = {
        "rates": {"generator": 1e-6, "discriminator": 1e-3},
        "optimizers": {"generator": "Adam(1e-06, beta_1=0.5)", "discriminator": "SGD(0.001)"},
        "critic_steps": 2,
    }
    courses = dict(zip(CHANGES, ([1e-4] * 3, [0.1] * 3), strict=True))
    (finding,) = RateImbalance()(window_of(courses, facts))
    assert "0.001 of the discriminator and 1e-06 of the generator, with critic_steps=2" in finding.evidence[1]
    lines = [remedy.config for remedy in finding.remedies]
    assert lines[0] == "--config.generator_optimizer='Adam(0.0001, beta_1=0.5)'"
    assert lines[1] == "--config.discriminator_optimizer='SGD(0.00025)'"


@pytest.mark.parametrize("settings", [{"ratio": 0.5}, {"separation": 0.4}, {"looks": 0}])
def test_thresholds_are_checked(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        RateImbalance(**settings)


def test_rates_a_thousand_apart_are_found_and_usual_ones_are_not():
    (trial,) = (trial for trial in PROVOKED if trial.expects == "rate_imbalance")
    doctor = {"detectors": [RateImbalance()]}
    _, episodes = run(dataclasses.replace(trial, steps=100, doctor=doctor))
    assert severities(episodes) == {"rate_imbalance": "serious"}
    usual = Trial("usual", "", lambda seed: small_gan(seed, loss=LeastSquares()), steps=100, doctor=doctor)
    assert severities(run(usual)[1]) == {}
