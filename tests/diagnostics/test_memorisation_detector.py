"""Copies are told by the ratio of two distances, counted by loops."""

import numpy as np
import pytest

from tests.diagnostics.made_looks import look_at, window_of
from tfgan_tricks.diagnostics import Memorisation, Window

COPIES, DISTANCE, KNOWN = "memorisation/copies", "memorisation/distance", "memorisation/reference"
RANDOM = np.random.default_rng(0)
REAL = RANDOM.uniform(-1, 1, (30, 6, 5, 1)).astype("float32")


def counted(made, real, ratio):
    """Returns the share of copies and the relative distance by loops."""
    copies, nearest = 0, []
    for image in made:
        first, second = sorted(float(np.linalg.norm(image - other)) for other in real)[:2]
        copies += first < ratio * second
        nearest.append(first)
    apart = [min(np.linalg.norm(a - b) for j, b in enumerate(real) if j != i) for i, a in enumerate(real)]
    return copies / len(made), np.median(nearest) / np.median(apart)


@pytest.mark.parametrize("ratio", [0.2, 1 / 3, 0.6])
def test_copies_and_distances_are_those_of_loops(ratio):
    noise = RANDOM.normal(size=(20, 6, 5, 1)) * np.linspace(0.0, 0.6, 20).reshape(-1, 1, 1, 1)
    made = (REAL[:20] + noise).astype("float32")
    found = Memorisation(ratio=ratio).measure(look_at(made, REAL[:4], reference=REAL))
    share, distance = counted(made.astype("float64"), REAL.astype("float64"), ratio)
    assert 0.0 < share < 1.0
    assert found == {COPIES: pytest.approx(share), DISTANCE: pytest.approx(distance, rel=1e-5), KNOWN: 30.0}


def test_new_images_and_images_between_two_are_no_copies():
    made = np.concatenate([RANDOM.uniform(-1, 1, (20, 6, 5, 1)), (REAL[:10] + REAL[10:20]) / 2])
    assert Memorisation().measure(look_at(made, REAL))[COPIES] == 0.0


def test_real_images_that_come_twice_count_once():
    twice = np.concatenate([REAL, REAL])
    found = Memorisation().measure(look_at(REAL[:8], REAL, reference=twice))
    assert (found[COPIES], found[KNOWN]) == (1.0, 30.0)


def test_the_real_images_are_prepared_once():
    look, detector = look_at(REAL[:8], REAL), Memorisation()
    first = detector.measure(look)
    look.reference = np.zeros_like(REAL)
    assert detector.measure(look) == first


@pytest.mark.parametrize(
    "look",
    [
        look_at(REAL),
        look_at(REAL, REAL[:2]),
        look_at(REAL[:, :2], REAL),
        look_at(REAL[:, :3, :5], REAL[:, :3, :5]),
        look_at(REAL, np.zeros_like(REAL)),
    ],
    ids=["no data", "two images", "another size", "15 values", "equal data"],
)
def test_what_cannot_be_compared_is_not(look):
    assert Memorisation().measure(look) == {}


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ([0.5, 0.5, 0.5], ["serious"]),
        ([0.9, 0.49, 0.9], ["warning"]),
        ([0.1, 0.1, 0.1], ["warning"]),
        ([0.9, 0.9, 0.09], []),
        ([0.9, 0.9], []),
        ([0.9, 0.9, 0.9, None], []),
        ([], []),
    ],
)
def test_a_share_of_copies_at_several_looks_is_found(shares, expected):
    window = window_of({COPIES: shares}) if shares else Window()
    assert [finding.severity for finding in Memorisation()(window)] == expected


def test_the_evidence_has_the_numbers():
    window = window_of({COPIES: [0.6] * 3, DISTANCE: [0.25] * 3, KNOWN: [1_234.0] * 3})
    first, second = Memorisation()(window)[0].evidence
    assert first == "At 2,000 images 60% of the generated images are copies of real ones, of 1,234 to compare with."
    assert "0.25 times" in second


@pytest.mark.parametrize("wrong", [{"ratio": 0.0}, {"ratio": 1.0}, {"some": 0.6}, {"many": 1.1}, {"looks": 0}])
def test_thresholds_are_checked(wrong):
    with pytest.raises(ValueError, match="Received"):
        Memorisation(**wrong)
