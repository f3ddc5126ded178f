"""The kernel distance: loops over pairs, its expectation, torch-fidelity's number."""

import numpy as np
import pytest

from tests.metrics.references import FAKE, NUMBERS, REAL, sides
from tfgan_tricks.metrics import KID, Samples, kernel_distance, kid


def by_loops(one, other) -> float:
    """The estimate as a sum over pairs, one by one."""

    def kernel(x, y):
        return (sum(a * b for a, b in zip(x, y, strict=True)) / len(x) + 1.0) ** 3

    def within(points):
        pairs = [kernel(x, y) for i, x in enumerate(points) for j, y in enumerate(points) if i != j]
        return sum(pairs) / len(pairs)

    between = [kernel(x, y) for x in one for y in other]
    return within(one) + within(other) - 2.0 * sum(between) / len(between)


def test_the_estimate_is_the_sum_over_pairs():
    random = np.random.default_rng(0)
    one, other = random.normal(size=(9, 4)), random.normal(size=(13, 4)) + 0.3
    np.testing.assert_allclose(kernel_distance(one, other), by_loops(one, other), rtol=1e-10)
    np.testing.assert_allclose(kernel_distance(other, one), by_loops(one, other), rtol=1e-10)


def test_blocks_and_the_order_of_rows_change_nothing(monkeypatch):
    expected = kernel_distance(REAL, FAKE)
    monkeypatch.setattr(kid, "ROWS", 7)
    shuffled = np.random.default_rng(0).permutation(REAL)
    np.testing.assert_allclose(kernel_distance(shuffled, FAKE), expected, rtol=1e-9)


def test_all_rows_give_the_number_of_torch_fidelity():
    np.testing.assert_allclose(kernel_distance(REAL[:170], FAKE), NUMBERS["kid_of_first_170"], rtol=1e-9)


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_the_expectation_over_draws_is_the_true_distance_at_any_count(shift):
    """E k of normal numbers is a sum of moments; with 5 and 8 of them the diagonal would add more than 5."""
    random = np.random.default_rng(1)
    values = [kernel_distance(random.normal(size=(5, 1)), random.normal(shift, 1.0, (8, 1))) for _ in range(8_000)]
    moments = [np.array([1.0, m, m**2 + 1.0, m**3 + 3.0 * m]) for m in (0.0, shift)]  # E x⁰ … E x³
    expected = np.sum(np.array([1.0, 3.0, 3.0, 1.0]) * (moments[0] - moments[1]) ** 2)  # (xy + 1)³ by powers
    error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values) - expected) < 4.0 * error
    assert error < 0.2


def test_the_metric_is_mean_and_deviation_over_subsets():
    real, fake = sides()
    result = KID(subsets=12, subset_size=60, seed=4)(real, fake)
    again = KID(subsets=12, subset_size=60, seed=4)(real, fake)
    assert (result.value, result.deviation) == (again.value, again.deviation)
    assert KID(subsets=12, subset_size=60, seed=5)(real, fake).value != result.value
    whole = kernel_distance(REAL, FAKE)
    assert abs(result.value - whole) < 3.0 * result.deviation
    np.testing.assert_allclose(result.details["standard_error"], result.deviation / np.sqrt(12), rtol=1e-12)
    assert result.name == "kid(subsets=12,subset_size=60,seed=4)[given,200/170]"


def test_a_subset_of_all_samples_has_no_deviation():
    samples = Samples(features=REAL[:170]), Samples(features=FAKE)
    result = KID(subsets=3, subset_size=170)(*samples)
    np.testing.assert_allclose(result.value, NUMBERS["kid_of_first_170"], rtol=1e-9)
    assert (result.deviation, result.details) == (None, {"standard_error": None})
    assert KID(subsets=1, subset_size=60)(*samples).deviation is None
    assert KID(subsets=3, subset_size=170)(*sides()).deviation > 1e-3, "200 real samples: their subsets differ"


def test_fewer_samples_than_a_subset_are_refused():
    with pytest.raises(ValueError, match=r"170 generated samples\n  Expected: at least 171"):
        KID(subset_size=171)(*sides())
    with pytest.raises(ValueError, match="subset_size"):
        KID(subset_size=1)
    with pytest.raises(ValueError, match="subsets"):
        KID(subsets=0)


@pytest.mark.parametrize(
    ("one", "other"),
    [([[0.0]], [[1.0], [2.0]]), (np.ones((3, 2)), np.ones((3, 4))), (np.ones((3, 2)), np.ones((0, 2)))],
    ids=["one row", "widths", "empty"],
)
def test_sets_without_a_kernel_distance_are_refused(one, other):
    for pair in ((one, other), (other, one)):
        with pytest.raises(ValueError, match=r"not defined.*\n  Received: features of shapes"):
            kernel_distance(*pair)
    with pytest.raises(ValueError, match="These are no features"):
        kernel_distance([["a"], ["b"]], [["a"], ["b"]])


def test_too_few_images_for_the_subsets_are_told_a_metric_to_copy():
    with pytest.raises(ValueError, match=r'too few generated.*(.*\n)*  Fix: .*--metrics "KID\(subset_size=85\)"'):
        KID(subset_size=180)(*sides())
