"""Modes covered, on points and labels counted by hand and on the mixtures themselves."""

import json
import math

import keras
import numpy as np
import pytest

from tests.metrics.references import REAL
from tfgan_tricks.data import grid, ring
from tfgan_tricks.metrics import LabelCoverage, ModeCoverage, Samples, stacked_labels
from tfgan_tricks.metrics.neighbours import BLOCK

CORNERS = ((0.0, 0.0), (10.0, 0.0), (0.0, 10.0), (10.0, 10.0))


def covered(points, **arguments):
    return ModeCoverage(CORNERS, stddev=1.0, **arguments)(None, Samples(features=np.array(points, "float64")))


def test_modes_points_and_shares_are_those_counted_by_hand():
    points = [(0.0, 0.0), (2.0, 2.0), (0.0, 2.99), (10.0, 3.01), (14.0, 10.0), (5.1, 5.1), (9.0, 10.0), (1.0, 0.5)]
    result = covered(points)
    # Good: the first three, the seventh and the last. Nearest: 4 to the first corner, 1 to the second, 3 to the last.
    assert result.value == 2.0
    assert result.details["hits"] == [4, 0, 0, 1]
    assert result.details["high_quality"] == 5 / 8
    expected = 0.5 * math.log(0.5 / 0.25) + 0.125 * math.log(0.125 / 0.25) + 0.375 * math.log(0.375 / 0.25)
    assert result.details["reverse_kl"] == pytest.approx(expected)
    assert result.name == "mode_coverage(modes=4)[given,-/8]"


def test_the_width_of_a_hit_is_an_argument():
    points = [(0.0, 0.5), (10.0, 1.5), (0.0, 12.5), (10.0, 14.0)]
    assert [covered(points, within=w).value for w in (0.4, 1.0, 2.0, 3.0, 4.0)] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert "within=2.0" in covered(points, within=2.0).name


def test_the_order_of_points_changes_nothing():
    points = np.random.default_rng(0).normal(5.0, 5.0, (200, 2))
    assert covered(np.random.default_rng(1).permutation(points)) == covered(points)


@pytest.mark.parametrize("mixture", [ring(), grid()], ids=["ring", "grid"])
def test_a_mixtures_own_points_cover_it_and_dropped_modes_are_missed(mixture):
    labels, points = (array.numpy() for array in mixture.at(np.arange(2_500), seed=0))
    metric, modes = ModeCoverage.of(mixture), len(mixture.centres)
    result = metric(None, Samples(features=points))
    assert result.value == modes
    assert result.details["high_quality"] == pytest.approx(1.0 - math.exp(-4.5), abs=0.01)  # of a normal vector
    assert result.details["reverse_kl"] < 0.01
    assert result.details["hits"] == mixture.hits(points).tolist()
    kept = metric(None, Samples(features=points[labels >= 3]))
    assert kept.value == modes - 3
    assert kept.details["reverse_kl"] == pytest.approx(math.log(modes / (modes - 3)), abs=0.01)
    single = metric(None, Samples(features=points[labels == 5]))
    assert single.value == 1.0
    assert single.details["reverse_kl"] == pytest.approx(math.log(modes))


def test_points_in_several_dimensions_and_blocks_find_their_centres():
    random = np.random.default_rng(2)
    centres = random.permutation(BLOCK + 70)[:, np.newaxis] * np.array([[3.0, -2.0, 1.0]])
    points = centres[[3, BLOCK + 5, BLOCK + 5, 11]] + random.normal(scale=0.01, size=(4, 3))
    result = ModeCoverage(centres, stddev=0.01, within=10.0)(None, Samples(features=points))
    expected = np.zeros(len(centres), int)
    expected[[3, BLOCK + 5, 11]] = 1, 2, 1
    assert result.details["hits"] == expected.tolist()


def test_a_metric_of_a_mixture_survives_its_configuration():
    metric = ModeCoverage.of(ring(modes=5), within=2.0)
    again = keras.saving.deserialize_keras_object(json.loads(json.dumps(keras.saving.serialize_keras_object(metric))))
    assert again == metric
    assert json.loads(metric(None, Samples(features=REAL[:, :2])).to_json())["protocol"]["settings"]["stddev"] == 0.01


def test_labels_are_counted_as_by_hand():
    labels = np.array([0, 2, 2, 2, 6, 0, 2, 6])
    result = LabelCoverage(modes=8)(None, Samples(labels=labels))
    assert result.value == 3.0
    expected = sum(share * math.log(share * 8) for share in (2 / 8, 4 / 8, 2 / 8))
    assert result.details["reverse_kl"] == pytest.approx(expected)
    assert result == LabelCoverage(modes=8)(None, Samples(labels=np.sort(labels)))
    assert LabelCoverage(modes=8)(None, Samples(labels=np.arange(8))).details["reverse_kl"] == pytest.approx(0.0)
    assert result.name == "label_coverage(modes=8)[-/8]"


@pytest.mark.parametrize("scores", [False, True])
def test_stacked_labels_read_as_numbers_of_the_channels_digits(scores):
    digits = np.random.default_rng(0).integers(0, 10, (50, 3))
    images = np.zeros((50, 4, 4, 3), "uint8")
    images[:, 1, 2] = 20 * digits + 7

    def classify(channel):
        told = (channel[:, 1, 2, 0].astype(int) - 7) // 20
        return np.eye(10)[told] if scores else told

    found = stacked_labels(images, classify)
    assert found.tolist() == [int("".join(map(str, row))) for row in digits]
    result = LabelCoverage(modes=1_000)(None, Samples(images, labels=found))
    assert result.value == len({tuple(row) for row in digits.tolist()})


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: covered(np.zeros((3, 5))), "points of width 5"),
        (lambda: covered([(0.0, np.nan)]), "NaN"),
        (lambda: ModeCoverage(np.zeros((0, 2)), 1.0), "no centres"),
        (lambda: ModeCoverage([[np.inf]], 1.0), "no centres"),
        (lambda: ModeCoverage(CORNERS, 0.0), "stddev"),
        (lambda: ModeCoverage(CORNERS, 1.0, within=-1.0), "within"),
        (lambda: LabelCoverage(0), "modes"),
        (lambda: LabelCoverage(4)(None, Samples(labels=np.array([0, 4]))), "integers from 0 to 3"),
        (lambda: LabelCoverage(4)(None, Samples(labels=np.array([-1, 2]))), "from -1 to 2"),
        (lambda: LabelCoverage(4)(None, Samples(labels=np.array([0.5, 2.0]))), "float64"),
        (lambda: LabelCoverage(4)(None, Samples(features=REAL)), "no labels"),
        (lambda: stacked_labels(np.zeros((2, 4, 4, 3), "uint8"), lambda x: x), r"\(2, 4, 4, 1\) for 2 images"),
        (lambda: stacked_labels(np.zeros((2, 4, 4, 3), "uint8"), lambda x: np.array([3, 10])), "from 3 to 10"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_its_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_no_mixture_is_refused():
    with pytest.raises(TypeError, match="mixture"):
        ModeCoverage.of(CORNERS)
