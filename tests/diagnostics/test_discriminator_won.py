"""A discriminator has won when it errs no more and pays nothing, look after look; and only where that can be said."""

import math

import pytest

from benchmarks.doctor_lab.provoked_game import PROVOKED
from benchmarks.doctor_lab.trial import run, severities
from tfgan_tricks.diagnostics import DiscriminatorWon, Snapshot, Window

LOG_2 = math.log(2.0)
FACTS = {"boundary": 0.0, "indifferent": {"discriminator": 2 * LOG_2}}


def window(pairs, facts=FACTS) -> Window:
    """Returns looks at (accuracy, whole adversarial loss), the loss in two unequal parts."""
    looks = [
        {
            "discriminator_accuracy": accuracy,
            "discriminator_real_loss": loss / 4,
            "discriminator_fake_loss": 3 * loss / 4,
        }
        for accuracy, loss in pairs
    ]
    return Window(tuple(Snapshot(1_000 * (i + 1), look) for i, look in enumerate(looks)), facts)


def found(pairs, facts=FACTS, **thresholds) -> list[str]:
    return [finding.severity for finding in DiscriminatorWon(**thresholds)(window(pairs, facts))]


LIMIT = 0.05 * 2 * LOG_2


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(1.0, 0.0)], ["warning"]),
        ([(1.0, 0.0)] * 2, ["warning"]),
        ([(1.0, 0.0)] * 3, ["serious"]),
        ([(0.99, LIMIT * 0.999)] * 3, ["serious"]),
        ([(0.989, 0.0)] * 3, []),  # it errs
        ([(1.0, LIMIT * 1.001)] * 3, []),  # it pays
        ([(1.0, 0.0)] * 3 + [(0.8, 0.9)], []),  # it has lost again
        ([(1.0, 0.0)] * 2 + [(0.8, 0.9), (1.0, 0.0)], ["warning"]),
        ([], []),
    ],
)
def test_accuracy_and_loss_must_agree_at_several_looks(pairs, expected):
    assert found(pairs) == expected


def test_the_loss_is_without_terms_and_compared_with_that_of_the_game():
    looks = [{**look.values, "discriminator_loss": 30.0} for look in window([(1.0, 0.1)] * 3).snapshots]
    penalised = Window(tuple(Snapshot(i, look) for i, look in enumerate(looks)), FACTS)
    assert DiscriminatorWon()(penalised) == []  # 0.1 of 1.386 is more than a twentieth
    hinge = {"boundary": 0.0, "indifferent": {"discriminator": 2.2}}
    assert found([(1.0, 0.1)] * 3, hinge) == ["serious"]


@pytest.mark.parametrize(
    "facts",
    [
        {"boundary": None, "indifferent": {"discriminator": 2 * LOG_2}},  # relativistic
        {"boundary": 0.0, "indifferent": {"discriminator": 0.0}},  # a loss without a value to compare with
        {},
    ],
)
def test_where_no_boundary_or_value_is_known_nothing_is_said(facts):
    assert found([(1.0, 0.0)] * 3, facts) == []


def test_thresholds_are_arguments():
    assert found([(0.9, 0.2)], accuracy=0.9, loss_share=0.2, looks=1) == ["serious"]
    with pytest.raises(ValueError, match="accuracy"):
        DiscriminatorWon(accuracy=0.3)
    with pytest.raises((ValueError, TypeError), match="looks"):
        DiscriminatorWon(looks=0)


def test_evidence_has_the_numbers():
    (finding,) = DiscriminatorWon()(window([(0.995, 0.01)] * 3))
    assert "At 3,000 images the discriminator is right about 99.5% of all images." in finding.evidence
    assert "Its adversarial loss is 0.01; a critic that knows nothing pays 1.39." in finding.evidence


def test_a_generator_that_hardly_moves_loses():
    (trial,) = [trial for trial in PROVOKED if trial.expects == "discriminator_won"]
    _, episodes = run(trial, seed=0)
    assert severities(episodes)["discriminator_won"] == "serious"
