"""The Inception score: its ends, a loop over rows, torch-fidelity's numbers."""

import math

import numpy as np
import pytest

from tests.metrics.references import LOGITS, NUMBERS, softmax
from tfgan_tricks.metrics import InceptionScore, Samples, inception_score


def by_loops(rows) -> float:
    marginal = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    divergences = [sum(p * math.log(p / q) for p, q in zip(row, marginal, strict=True) if p > 0) for row in rows]
    return math.exp(sum(divergences) / len(divergences))


def test_the_score_is_that_of_a_loop_over_rows():
    rows = np.random.default_rng(0).dirichlet([0.3, 1.0, 2.0, 0.1], size=50)
    rows[3] = [0.0, 0.5, 0.5, 0.0]
    np.testing.assert_allclose(inception_score(rows), by_loops(rows.tolist()), rtol=1e-12)


def test_the_ends_are_one_and_the_number_of_classes():
    assert inception_score(np.tile([0.2, 0.3, 0.5], (9, 1))) == pytest.approx(1.0)
    assert inception_score(np.tile(np.eye(7), (3, 1))) == pytest.approx(7.0)


@pytest.mark.parametrize(("order", "seed"), [("shuffled_", {}), ("", {"seed": None})])
@pytest.mark.parametrize("splits", [1, 7])
def test_logits_give_the_number_of_torch_fidelity(splits, order, seed):
    result = InceptionScore(splits, **seed)(None, Samples(probabilities=softmax(LOGITS)))
    np.testing.assert_allclose(result.value, NUMBERS[f"inception_score_{order}{splits}"], rtol=1e-9)
    np.testing.assert_allclose(result.deviation, NUMBERS[f"inception_score_{order}{splits}_deviation"], atol=1e-9)
    assert result.protocol["n_real"] is None


def test_samples_that_come_sorted_by_class_score_as_in_any_order():
    rows = np.repeat(np.eye(10), 100, axis=0)
    result = InceptionScore()(None, Samples(probabilities=rows))
    assert result.value > 9.3
    assert result.protocol["settings"]["seed"] == 2020
    assert InceptionScore(seed=None)(None, Samples(probabilities=rows)).value == 1.0  # each split is of one class


def test_real_samples_are_not_looked_at():
    fake = Samples(probabilities=softmax(LOGITS))
    alone = InceptionScore()(None, fake)
    beside = InceptionScore()(Samples(features=np.zeros((3, 2))), fake)
    assert beside == alone


def test_what_are_no_probabilities_is_refused():
    with pytest.raises(ValueError, match="no probabilities"):
        inception_score(LOGITS)
    with pytest.raises(ValueError, match="no probabilities"):
        Samples(probabilities=np.full((4, 3), 0.4))
    with pytest.raises(ValueError, match="NaN"):
        inception_score(np.full((4, 3), np.nan))
    with pytest.raises(ValueError, match="at least 20: two in each of 10 splits"):
        InceptionScore()(None, Samples(probabilities=softmax(LOGITS)[:19]))


def test_no_rows_have_no_score():
    with pytest.raises(ValueError, match=r"nothing to score.\n  Received: probabilities of shape \(0, 3\)"):
        inception_score(np.zeros((0, 3)))
    for wrong in (None, [["a", "b"]]):
        with pytest.raises(ValueError, match="no probabilities of classes"):
            inception_score(wrong)
