"""Generated images are counted as distinct ones, by hand; few are a collapse if there were more, or after long."""

import numpy as np
import pytest

from tests.diagnostics.made_looks import look_at, window_of
from tfgan_tricks.diagnostics import ModeCollapse, Window

DISTINCT, REAL = "diversity/distinct", "diversity/real_distinct"


def counted(made, real):
    """Returns both counts by loops over pairs."""
    rows = [np.asarray(images, "float64").reshape(len(images), -1) for images in (made, real)]
    nearest = [min(np.linalg.norm(a - b) for j, b in enumerate(rows[1]) if j != i) for i, a in enumerate(rows[1])]
    width = np.median(nearest) / 4
    return [len(x) ** 2 / sum(0.5 ** ((np.linalg.norm(a - b) / width) ** 2) for a in x for b in x) for x in rows]


def severity(window, **thresholds):
    return [(finding.severity, finding.player) for finding in ModeCollapse(**thresholds)(window)]


def test_the_counts_are_those_of_loops_over_pairs():
    random = np.random.default_rng(0)
    real = random.normal(size=(11, 5, 6, 2))
    made = random.normal(size=(9, 5, 6, 2)) * 0.15
    found = ModeCollapse().measure(look_at(made, real))
    expected = counted(made.astype("float32"), real.astype("float32"))
    np.testing.assert_allclose([found[DISTINCT], found[REAL]], expected, rtol=1e-5)
    assert 1.2 < found[DISTINCT] < 8.0


def test_k_images_repeated_count_as_k():
    random = np.random.default_rng(1)
    real, few = random.uniform(-1, 1, (40, 8, 8, 1)), random.uniform(-1, 1, (4, 8, 8, 1))
    assert ModeCollapse().measure(look_at(np.repeat(few, 10, axis=0), real))[DISTINCT] == pytest.approx(4.0, abs=1e-3)
    assert ModeCollapse().measure(look_at(np.repeat(few[:1], 40, axis=0), real))[DISTINCT] == pytest.approx(1.0)


def test_large_images_are_averaged_before_they_are_compared():
    random = np.random.default_rng(2)
    small = random.uniform(-1, 1, (2, 12, 32, 32, 1))
    large = small.repeat(2, axis=2).repeat(2, axis=3)
    large[..., ::2, :, :] += 0.3  # gone in the averages
    large[..., 1::2, :, :] -= 0.3
    expected, found = ModeCollapse().measure(look_at(*small)), ModeCollapse().measure(look_at(*large))
    np.testing.assert_allclose([found[DISTINCT], found[REAL]], [expected[DISTINCT], expected[REAL]], rtol=1e-4)


def test_classes_are_those_of_the_nearest_real_images():
    random = np.random.default_rng(3)
    centres = random.uniform(-1, 1, (4, 8, 8, 1))
    labels = np.repeat([3, 5, 7, 9], [20, 20, 20, 2])
    real = centres[np.repeat([0, 1, 2, 3], [20, 20, 20, 2])] + random.normal(size=(62, 8, 8, 1)) * 0.05
    made = centres[np.repeat([0, 2], [45, 17])] + random.normal(size=(62, 8, 8, 1)) * 0.05
    found = ModeCollapse().measure(look_at(made, real, labels))
    classes = {name: value for name, value in found.items() if "class" in name}
    assert classes == {  # 9 is too rare to be missed
        "diversity/class_3": pytest.approx(45 / 62),
        "diversity/class_5": 0.0,
        "diversity/class_7": pytest.approx(17 / 62),
    }


@pytest.mark.parametrize(
    "look",
    [
        look_at(np.zeros((4, 8, 8, 1))),
        look_at(np.zeros((4, 8, 8, 1)), np.zeros((4, 8, 8, 1))),
        look_at(np.zeros((4, 8, 8, 1)), np.zeros((4, 4, 4, 1))),
        look_at(np.full((4, 8, 8, 1), np.nan), np.random.default_rng(0).normal(size=(4, 8, 8, 1))),
        look_at(np.zeros((4, 2)), np.zeros((4, 2))),
    ],
    ids=["no data", "equal data", "another size", "not finite", "points"],
)
def test_what_cannot_be_compared_is_not(look):
    assert ModeCollapse().measure(look) == {}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([80, 7.3, 7.3, 7.3], "serious"),  # (7.3 - 1) / 127 < 5 %
        ([80, 7.4, 7.4, 7.4], "warning"),
        ([80, 26.3, 26.3, 26.3], "warning"),
        ([80, 26.5, 26.5, 26.5], ""),
        ([50, 20, 20, 20], ""),  # there never were twice 20 % of the real ones
        ([80, 80, 80, 1], ""),
        ([80, 80, 1, 1], "warning"),
        ([1, 1, 1, 1], ""),  # at the start
        ([1, 2, 3, 4], ""),
        ([80, 1, 1, 90], ""),  # it is over
        ([80, 1], ""),
    ],
)
def test_few_distinct_images_after_many_are_a_collapse(counts, expected):
    window = window_of({DISTINCT: counts, REAL: [128] * len(counts)})
    assert severity(window) == ([(expected, "generator")] if expected else [])


def test_few_distinct_images_after_long_are_a_collapse():
    courses = {DISTINCT: [1.0] * 5, REAL: [128.0] * 5}
    assert severity(window_of(courses, every=10_000)) == []
    assert severity(window_of(courses, every=50_000)) == [("serious", "generator")]
    assert severity(window_of(courses, every=10_000), patience=20_000) == [("serious", "generator")]


@pytest.mark.parametrize(
    ("counts", "every", "expected"),
    [
        ([1.0, 1.0, 1.0], 2_500, ""),  # two looks since the first step
        ([1.0] * 4, 2_000, "warning"),  # 0.4 of the training
        ([1.008] * 4, 2_000, "warning"),
        ([1.02] * 4, 2_000, ""),  # as some networks begin
        ([1.0, 1.001, 1.003, 1.008], 2_000, ""),  # it rises
        ([1.0] * 6, 2_000, "serious"),
        ([1.0] * 6, 900, ""),  # too early, though half of it is over
        ([80, 1.0, 1.0, 1.0, 1.0, 1.0], 2_000, "serious"),
        ([1.0] * 5 + [30.0], 2_000, ""),
    ],
)
def test_one_image_from_the_start_is_a_collapse_by_the_progress(counts, every, expected):
    progress = [None, *(i * 2_000 / 15_000 for i in range(1, len(counts)))]
    window = window_of({DISTINCT: counts, REAL: [128] * len(counts), "progress": progress}, every=every)
    assert severity(window) == ([(expected, "generator")] if expected else [])
    if expected:
        meaning = ModeCollapse()(window)[0].meaning
        assert ("from the beginning" in meaning) == (counts[0] < 2)


def test_classes_are_missed_after_half_of_the_planned_training():
    courses = {f"diversity/class_{k}": [0.25 * (k < 3)] * 5 for k in range(4)}
    severities = {}
    for last in (0.55, 1.0):  # of the planned training at the last look
        window = window_of({**courses, "progress": [last * i / 4 for i in range(5)]}, every=3_200)
        severities[last] = [finding.severity for finding in ModeCollapse()(window)]
    assert severities == {0.55: [], 1.0: ["warning"]}
    whole = {"progress": [0.25 * i for i in range(5)]}
    assert ModeCollapse()(window_of(courses | whole, every=2_000)) == []  # a short training
    courses |= {f"diversity/class_{k}": [0.1] * 5 for k in range(4, 8)}
    assert ModeCollapse()(window_of(courses | whole, every=3_200)) == []  # one of eight may yet come


def test_few_images_are_judged_by_what_is_beyond_one():
    courses = {DISTINCT: [6.0, 1.2, 1.2, 1.2], REAL: [8.0] * 4}
    assert severity(window_of(courses)) == [("serious", "generator")]


def test_classes_that_are_gone_are_named():
    courses = {f"diversity/class_{k}": [0.25] * 5 for k in (1, 2, 3)}
    courses["diversity/class_4"] = [0.25, 0.25, 0, 0, 0]
    late = {"first": 100_000}
    finding = ModeCollapse()(window_of(courses, **late))[0]
    assert finding.severity == "warning"
    assert "of 4 classes: 4." in finding.evidence[0]
    assert ModeCollapse()(window_of(courses, first=50_000)) == []  # too early to tell
    courses["diversity/class_5"] = [0.2] * 5
    assert ModeCollapse()(window_of(courses, **late))[0].severity == "note"  # one of five
    courses["diversity/class_4"] = [0.25, 0.25, 0, 0, 0.01]
    assert ModeCollapse()(window_of(courses, **late)) == []


def test_absent_signals_are_tolerated():
    assert ModeCollapse()(Window()) == []
    courses = {DISTINCT: [80, 1, None, 1, 1], REAL: [128, 128, 128, None, 128]}
    assert severity(window_of(courses)) == [("warning", "generator")]  # two looks tell
    assert severity(window_of({DISTINCT: [80, 1, 1, 1, None], REAL: [128] * 5})) == []
    assert severity(window_of({DISTINCT: [80, 1, 1, 1], REAL: [1] * 4})) == []


@pytest.mark.parametrize("wrong", [{"collapsed": 0.3}, {"partial": 0.6}, {"patience": -1}, {"looks": 1}, {"early": -1}])
def test_thresholds_are_checked(wrong):
    with pytest.raises(ValueError, match="Received"):
        ModeCollapse(**wrong)
