"""Values at the ends of tanh are counted, and compared with those of the data."""

import numpy as np
import pytest

from tests.diagnostics.made_looks import look_at, window_of
from tfgan_tricks.diagnostics import SaturatedOutputs, Window

LOW, HIGH, FREE, SLOPE = (f"saturation/{name}" for name in ("low", "high", "real_free", "slope"))


def filled(low, high, free):
    """Returns an image with so many values at -1, at 1, and at 0.5."""
    return np.asarray([-1.0] * low + [1.0] * high + [0.5] * free, "float32").reshape(1, 10, -1, 1)


def test_shares_and_slope_are_those_of_a_made_image():
    found = SaturatedOutputs().measure(look_at(filled(30, 20, 50), filled(60, 0, 40)))
    assert found == {
        LOW: pytest.approx(0.3),
        HIGH: pytest.approx(0.2),
        FREE: pytest.approx(0.4),
        SLOPE: pytest.approx(0.5 * 0.75),
    }


def test_the_slope_is_the_derivative_of_tanh():
    z = np.random.default_rng(0).normal(size=(4, 8, 8, 1)) * 2.0
    found = SaturatedOutputs().measure(look_at(np.tanh(z)))
    step = 1e-5
    expected = np.mean((np.tanh(z + step) - np.tanh(z - step)) / (2 * step))
    assert found[SLOPE] == pytest.approx(expected, rel=1e-4)
    assert found[LOW] == pytest.approx(np.mean(np.tanh(z) <= -0.99))
    assert FREE not in found


def test_outputs_beyond_one_are_no_tanh():
    assert SaturatedOutputs().measure(look_at(1.01 * filled(50, 50, 0))) == {}


def found_in(low, high, free):
    courses = {LOW: low, HIGH: high} | ({} if free is None else {FREE: [free] * len(low)})
    return SaturatedOutputs()(window_of(courses))


@pytest.mark.parametrize(
    ("low", "high", "free", "expected"),
    [
        ([0.5] * 3, [0.46] * 3, 0.4, ["serious"]),
        ([0.5] * 3, [0.45] * 3, 0.4, ["warning"]),
        ([0.85] * 3, [0.0] * 3, 0.4, ["warning"]),
        ([0.83] * 3, [0.0] * 3, 0.4, []),
        ([0.6] * 3, [0.0] * 3, 0.4, []),  # as in the data
        ([0.5, 0.1, 0.5], [0.46] * 3, 0.4, []),
        ([0.5] * 2, [0.46] * 2, 0.4, []),
        ([0.98] * 3, [0.02] * 3, 0.01, []),  # data of two values
        ([0.5] * 3, [0.41] * 3, None, ["serious"]),
        ([0.5] * 3, [0.0] * 3, None, []),
        ([0.5, 0.5, 0.5, None], [0.46] * 4, 0.4, []),
    ],
)
def test_far_fewer_free_values_than_in_the_data_are_found(low, high, free, expected):
    assert [finding.severity for finding in found_in(low, high, free)] == expected


def test_images_of_one_value_are_said_to_be_so():
    assert found_in([1.0] * 3, [0.0] * 3, 0.4)[0].evidence[-1] == "All images are black."
    assert found_in([0.0] * 3, [1.0] * 3, 0.4)[0].evidence[-1] == "All images are white."
    assert "All images" not in str(found_in([0.5] * 3, [0.5] * 3, 0.4)[0])


def test_an_empty_window_has_none():
    assert SaturatedOutputs()(Window()) == []


@pytest.mark.parametrize("wrong", [{"stuck": 0.5}, {"much": 1.1}, {"looks": 0}])
def test_thresholds_are_checked(wrong):
    with pytest.raises(ValueError, match="Received"):
        SaturatedOutputs(**wrong)
