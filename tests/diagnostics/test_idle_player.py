"""Players that are not trained: what is measured, hand-made windows, and trainings with a frozen player."""

import dataclasses

import keras
import pytest

from benchmarks.doctor_lab.provoked_game import PROVOKED
from benchmarks.doctor_lab.trial import LOOK, Trial, digits, run, severities, small_gan
from tests.diagnostics.made_looks import window_of
from tfgan_tricks.diagnostics import IdlePlayer, RateImbalance, Window
from tfgan_tricks.diagnostics.look import Look, Subject
from tfgan_tricks.losses.adversarial import NoGame
from tfgan_tricks.training import NetworkStage

MOVED, SHARE, NORM = "rate_imbalance/generator", "idle_player/generator", "generator_gradient_norm"
ALONE = {"detectors": [IdlePlayer()]}


def found(facts=None, **courses):
    named = {"moved": MOVED, "share": SHARE, "rests": f"{SHARE}/rests", "rate": "rate/generator", "norm": NORM}
    return IdlePlayer()(window_of({named[name]: course for name, course in courses.items()}, facts))


@pytest.mark.parametrize(
    ("courses", "expected"),
    [
        ({"moved": [None, 0.0]}, "warning"),
        ({"moved": [None, 0.0, 0.0]}, "warning"),
        ({"moved": [None, 0.0, 0.0, 0.0]}, "serious"),
        ({"moved": [None, 0.0, 0.0, 1e-9]}, ""),
        ({"moved": [None, 0.0, 0.0, None]}, ""),
        ({"moved": [0.0]}, ""),  # before the first step
        ({"share": [0.0]}, "warning"),  # frozen: seen at once
        ({"share": [0.0] * 3}, "serious"),
        ({"share": [1.0] * 3}, ""),
        ({"share": [0.1] * 3, "moved": [None, 0.1, 0.1]}, ""),  # a part of it is frozen
        ({"share": [0.0] * 3, "rests": [1.0] * 3}, "note"),  # a stage wants it so
        ({"moved": [None, 0.1, 0.0, 0.0, 0.0], "rate": [0.1, 0.1, 0.0, 0.0, 0.0]}, "warning"),  # a schedule's end
        ({"moved": [None, 0.1, 0.0, 0.0, 0.0], "rate": [0.1] * 5}, "serious"),
        ({"moved": [None, 0.0, 0.0, 0.0], "rate": [0.0] * 4}, "serious"),
        ({"moved": [None, 0.0, 0.0, 0.0], "rate": [0.1] * 4, "norm": [0.0] * 4}, "warning"),  # dead units, say
        ({"moved": [None, 0.0, 0.0, 0.0], "rate": [1e-30] * 4, "norm": [1.0] * 4}, "serious"),
    ],
)
def test_a_player_is_idle_that_is_frozen_or_of_which_nothing_moves(courses, expected):
    findings = found(**courses)
    assert [finding.severity for finding in findings] == ([expected] if expected else [])
    assert all(finding.player == "generator" for finding in findings)
    assert all(bool(finding.remedies) == (expected != "note") for finding in findings)


def test_two_looks_at_one_moment_tell_nothing():
    values = {MOVED: [0.0] * 4}
    assert IdlePlayer()(window_of(values, every=0)) == []
    assert IdlePlayer()(Window()) == []


def test_the_cause_is_told():
    (zero,) = found(moved=[None, 0.0], rate=[0.0, 0.0])
    assert "the generator is not trained: its learning rate is 0, and" in zero.evidence[0]
    assert "--config.generator_optimizer=" in zero.remedies[0].config
    assert found({"rates": {"generator": 0.0}}, moved=[None, 0.0])[0].evidence == zero.evidence
    (small,) = found(moved=[None, 0.0], rate=[1e-30, 1e-30])
    assert "its steps are too small" in small.evidence[0]
    assert small.evidence[1] == "Its learning rate is 1e-30."
    (still,) = found(moved=[None, 0.0], rate=[0.01, 0.01], norm=[0.0, 0.0])
    assert "its gradient is 0" in still.evidence[0]
    assert "dead units" in still.remedies[0].text
    (frozen,) = found(share=[0.0])
    assert "all its weights are frozen" in frozen.evidence[0]
    assert "trainable = True" in frozen.remedies[0].text


def test_a_player_that_the_loss_leaves_out_need_not_learn():
    assert found({"indifferent": {"discriminator": 1.0}}, share=[0.0] * 3) == []
    assert found({"indifferent": {"generator": 1.0}}, share=[0.0] * 3) != []
    assert "discriminator" not in NoGame().players


def test_one_measurement_serves_both_detectors():
    gan = small_gan(0, "mlp")
    subject = Subject(gan, {"image": digits()[:16]}, 16)
    IdlePlayer().measure(Look(subject))
    for variable in gan.variables_of("generator"):
        variable.assign(1.1 * variable)
    look = Look(subject)
    first = RateImbalance().measure(look)[MOVED]
    assert first == pytest.approx(0.1 / 1.1, rel=1e-3)
    signals = IdlePlayer().measure(look)
    assert signals[MOVED] == first
    assert signals["rate_imbalance/discriminator"] == 0.0
    assert signals[SHARE] == 1.0


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_frozen_player_is_found_unless_a_stage_wants_it_so(player):
    gan = small_gan(0, "mlp")
    other = "generator" if player == "discriminator" else "discriminator"
    subject = Subject(gan, None, 16)
    NetworkStage(64, [other]).begin(gan)
    signals = IdlePlayer().measure(Look(subject))
    assert (signals[f"idle_player/{player}"], signals[f"idle_player/{player}/rests"]) == (0.0, 1.0)
    assert signals[f"idle_player/{other}/rests"] == 0.0

    def build(seed):
        task = small_gan(seed, "mlp").task
        getattr(task, player).trainable = False
        return small_gan(seed, task=task)

    _, episodes = run(Trial("frozen", "idle_player", build, steps=4, doctor={**ALONE, "every_images": LOOK // 20}))
    assert [(e.finding.severity, e.finding.player) for e in episodes] == [("serious", player)]


def test_looks_are_checked():
    with pytest.raises(ValueError, match="looks"):
        IdlePlayer(looks=0)


def test_a_rate_of_zero_is_found_and_a_small_one_is_not():
    (trial,) = (trial for trial in PROVOKED if trial.expects == "idle_player")
    short = dataclasses.replace(trial, steps=80, doctor=ALONE)
    assert severities(run(short)[1]) == {"idle_player": "serious"}
    slow = {"discriminator_optimizer": keras.optimizers.Adam(1e-7)}
    usual = Trial("slow", "", lambda seed: small_gan(seed, "mlp", **slow), steps=80, doctor=ALONE)
    assert severities(run(usual)[1]) == {}
