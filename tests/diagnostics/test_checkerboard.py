"""Patterns of known amplitude are measured, and what is no pattern is not."""

import numpy as np
import pytest

from tests.diagnostics.made_looks import look_at, window_of
from tfgan_tricks.diagnostics import Checkerboard, Window

RANDOM = np.random.default_rng(0)
Y, X = np.mgrid[:16, :24]
PATTERNS = {  # of period 2: amplitude 1
    "checkerboard": (-1.0) ** (X + Y),
    "columns": (-1.0) ** X,
    "rows": (-1.0) ** Y,
}


def measured(images, real=None):
    return Checkerboard().measure(look_at(images, real))


def stacked(pattern, amplitudes):
    """Returns flat images with the pattern in these amplitudes, [n, h, w, 2]: nothing else in the first channel."""
    return np.stack([np.stack([0.1 + a * pattern, -0.2 + a * pattern], axis=-1) for a in amplitudes])


@pytest.mark.parametrize("name", PATTERNS)
def test_the_amplitude_of_a_pattern_is_its_root_mean_square_over_images(name):
    found = measured(stacked(PATTERNS[name], [0.3, 0.1, 0.0]))
    assert found["checkerboard/amplitude_2"] == pytest.approx(np.sqrt((0.09 + 0.01) / 3), rel=1e-5)
    assert found["checkerboard/peak_2"] > 1e6
    assert found["checkerboard/amplitude_4"] == pytest.approx(0.0, abs=1e-6)


def test_a_pattern_of_four_pixels_is_told_from_one_of_two():
    found = measured(stacked(np.sqrt(2.0) * np.cos(np.pi / 2 * X), [0.2, 0.2]))  # mean square 1
    assert found["checkerboard/amplitude_4"] == pytest.approx(0.2, rel=1e-5)
    assert found["checkerboard/amplitude_2"] == pytest.approx(0.0, abs=1e-6)


def test_unequal_overlap_has_the_closed_form_of_its_counts():
    """A 3×3 kernel of ones at stride 2 paints pixels 1, 2, 2 and 4 times."""
    counts = np.outer(np.tile([1.0, 2.0], 8), np.tile([1.0, 2.0], 12))
    found = measured(np.stack([counts, counts])[..., None])
    # (3/2 - (-1)^y / 2)(3/2 - (-1)^x / 2): two terms of 3/4 and one of 1/4
    assert found["checkerboard/amplitude_2"] == pytest.approx(np.sqrt(2 * 0.75**2 + 0.25**2), rel=1e-5)


def test_an_odd_last_row_and_column_are_left_out():
    images = np.zeros((2, 17, 27, 1))
    images[:, :16, :24, 0] = 0.25 * PATTERNS["checkerboard"]
    images[:, :16, 24:26, 0] = 0.25 * PATTERNS["checkerboard"][:, :2]
    found = measured(images)
    assert found["checkerboard/amplitude_2"] == pytest.approx(0.25, rel=1e-5)


def test_white_noise_has_no_peak():
    found = measured(RANDOM.normal(size=(64, 16, 16, 3)))
    for period in (2, 4):
        assert 0.8 < found[f"checkerboard/peak_{period}"] < 1.25


def test_the_pattern_is_measured_on_top_of_what_is_around_it():
    noise = RANDOM.normal(size=(64, 16, 24, 1)) * 0.5
    found = measured(noise + 0.3 * PATTERNS["columns"][..., None])
    assert found["checkerboard/amplitude_2"] == pytest.approx(0.3, rel=0.05)


def test_small_images_have_fewer_periods_and_the_smallest_none():
    assert {name[-1] for name in measured(np.zeros((2, 15, 15, 1)))} == {"2"}
    assert measured(np.zeros((2, 7, 16, 1))) == {}
    assert measured(np.zeros((2, 2))) == {}


def test_real_images_are_measured_alike_and_once():
    look, detector = look_at(np.zeros((4, 16, 16, 1)), RANDOM.normal(size=(4, 16, 16, 1))), Checkerboard()
    found = detector.measure(look)
    assert found["checkerboard/real_peak_2"] == measured(look.real)["checkerboard/peak_2"]
    look.real = np.ones((4, 16, 16, 1), "float32")
    assert detector.measure(look) == found


@pytest.mark.parametrize(
    ("amplitudes", "peaks", "real", "expected"),
    [
        ([0.08] * 3, [5.0] * 3, 1.0, 1),
        ([0.08, 0.079, 0.08], [5.0] * 3, 1.0, 0),
        ([0.08] * 3, [5.0, 5.0, 4.9], 1.0, 0),
        ([0.08] * 3, [5.0] * 3, 0.2, 1),
        ([0.08] * 3, [9.0] * 3, 2.0, 0),
        ([0.08] * 3, [10.0] * 3, 2.0, 1),
        ([0.08] * 3, [5.0] * 3, None, 1),
        ([0.08] * 2, [5.0] * 2, 1.0, 0),
        ([0.08] * 4, [5.0, 5.0, 5.0, None], 1.0, 0),
    ],
)
@pytest.mark.parametrize("period", [2, 4])
def test_a_lasting_peak_is_a_warning(period, amplitudes, peaks, real, expected):
    courses = {"amplitude": amplitudes, "peak": peaks, "real_peak": [real] * len(peaks)}
    window = window_of({f"checkerboard/{name}_{period}": course for name, course in courses.items()})
    findings = Checkerboard()(window)
    assert [finding.severity for finding in findings] == ["warning"] * expected
    assert all(f"{period} pixels" in finding.evidence[0] for finding in findings)


def test_an_empty_window_has_none():
    assert Checkerboard()(Window()) == []


@pytest.mark.parametrize("wrong", [{"amplitude": -0.1}, {"peak": 0.5}, {"looks": 0}])
def test_thresholds_are_checked(wrong):
    with pytest.raises(ValueError, match="Received"):
        Checkerboard(**wrong)
