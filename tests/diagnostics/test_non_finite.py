"""What was not finite first, and who is suspect: hand-made windows, and trainings that break down."""

import keras
import numpy as np
import pytest

from benchmarks.doctor_lab.trial import Trial, digits, run, small_gan
from tfgan_tricks.diagnostics import NonFinite, Snapshot, Window
from tfgan_tricks.diagnostics.first_bad_tensor import first_bad_tensor
from tfgan_tricks.diagnostics.look import Subject

SGD = keras.optimizers.SGD
FACTS = {
    "rates": {"generator": 1e-4, "discriminator": 4e-4},
    "optimizers": {"generator": "Adam(0.0001)", "discriminator": "Adam(0.0004)"},
}
CRITIC = "variable dense/kernel of discriminator: 3 of 9 values are not finite"


def found(bad="discriminator_loss", where: str | None = CRITIC, facts=None, before=(), **values):
    notes = {"non_finite": bad} | ({} if where is None else {"first_bad_tensor": where})
    looks = [Snapshot(100 * i, look) for i, look in enumerate(before)]
    window = Window((*looks, Snapshot(640, values, notes)), FACTS | (facts or {}))
    (finding,) = NonFinite()(window)
    return finding


def order(finding) -> list[str]:
    """Returns what the remedies are about, in their order."""
    words = ("generator's learning", "discriminator's learning", "Clip", "float16", "data")
    return [word for remedy in finding.remedies for word in words if word in remedy.text]


def test_the_rates_of_both_players_are_told_and_lowered():
    finding = found()
    assert "Learning rates: 0.0004 of the discriminator and 0.0001 of the generator." in finding.evidence
    assert order(finding)[:2] == ["discriminator's learning", "generator's learning"]
    assert finding.player == "discriminator"
    assert order(found("generator_loss"))[:2] == ["generator's learning", "discriminator's learning"]
    assert found("r1").player == ""


@pytest.mark.parametrize(
    ("rate", "text", "suspect"),
    [
        (1e30, "SGD(1e+30)", True),
        (0.5, "SGD(0.5)", False),
        (0.5, "Adam(0.5)", True),
        (0.009, "Adam(0.009)", False),
        (0.011, "RMSprop(0.011)", True),
    ],
)
def test_an_absurd_rate_makes_its_player_suspect_though_the_other_shows_it(rate, text, suspect):
    facts = {
        "rates": {"generator": rate, "discriminator": 4e-4},
        "optimizers": {"generator": text, "discriminator": "Adam(0.0004)"},
    }
    finding = found("fake_logits", facts=facts)
    rates = ["generator's learning", "discriminator's learning"]
    assert order(finding)[:2] == (rates if suspect else rates[::-1])
    assert (finding.player == "generator") == suspect
    assert any("more suspect" in line for line in finding.evidence) == suspect
    assert any(f"{rate:g} of the generator" in line for line in finding.evidence)


def test_the_present_rate_counts():
    assert found("generator_loss", **{"rate/discriminator": 3.0}).player == "discriminator"
    assert found("discriminator_loss", before=[{"rate/generator": 3.0}]).player == "generator"


def test_the_player_whose_gradient_grew_is_suspect():
    calm = [{"generator_gradient_norm": 2.0, "discriminator_gradient_norm": 1.0}] * 4
    grown = {"generator_gradient_norm_max": 2e6, "discriminator_gradient_norm": 3.0}
    finding = found(before=calm, **grown)
    assert finding.player == "generator"
    assert "The generator's gradient had grown 1e+06-fold: it is the more suspect of the two." in finding.evidence
    assert any("generator_gradient_norm 2e+06" in line for line in finding.evidence)
    both = found(before=calm, **{**grown, "discriminator_gradient_norm": 1e6})
    assert both.player == "discriminator"  # nobody can tell: the one that shows it


def test_where_it_is_does_not_say_where_it_began():
    text = found().evidence[1]
    assert CRITIC in text
    assert "both networks may be spoiled" in text


def test_where_all_tensors_were_finite_the_data_come_first():
    for where in ("", "optimizer variable adam/velocity of the discriminator optimizer: 1 of 2 values are not finite"):
        finding = found(where=where)
        assert finding.evidence[1].startswith("At that moment all ")
        assert "produced inside a step (a loss, a gradient, or the data)" in finding.evidence[1]
        assert order(finding)[0] == "data"
        assert order(finding).count("data") == 1
    assert order(found())[-1] == "data"


def test_nothing_is_said_about_tensors_that_nobody_looked_at():
    assert not any("tensor" in line for line in found(where=None).evidence)
    assert NonFinite()(Window()) == []


def test_moments_that_overflowed_are_found_where_the_weights_are_well():
    gan = small_gan(0, "mlp")
    subject = Subject(gan, {"image": digits()[:16]}, 16)
    assert first_bad_tensor(subject) == ""
    moment = gan.discriminator_optimizer.variables[-1]
    moment.assign(np.full(moment.shape, np.inf, "float32"))
    where = first_bad_tensor(subject)
    assert where.startswith("optimizer variable ")
    assert "of the discriminator optimizer" in where


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_rate_without_measure_is_named_whoever_shows_it_first(player):
    trial = Trial(
        "enormous",
        "non_finite",
        lambda seed: small_gan(seed, "mlp", **{f"{player}_optimizer": SGD(1e30)}),
        steps=5,
        doctor={"detectors": [NonFinite()]},
    )
    (episode,) = run(trial)[1]
    assert episode.finding.player == player
    first, second, *others = episode.finding.remedies
    assert f"{player}'s learning rate, which is 1e+30" in first.text
    assert first.config == f"--config.{player}_optimizer='SGD(0.01)'"
    assert "learning rate, which is 0.000" in second.text
    assert not any("1e+30" in remedy.config for remedy in others)  # clipping helps no such rate


def test_data_that_overflow_are_suspected_before_any_rate():
    trial = Trial(
        "overflow",
        "non_finite",
        lambda seed: small_gan(seed, "mlp"),
        images=lambda seed: np.concatenate([digits()[:256], 1e25 * digits()]),
        steps=10,
        doctor={"detectors": [NonFinite()]},
    )
    (episode,) = run(trial)[1]
    assert "inside a step" in episode.finding.evidence[1]
    assert order(episode.finding)[0] == "data"
