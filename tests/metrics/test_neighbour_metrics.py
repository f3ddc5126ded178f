"""Precision, recall, density and coverage: loops over points, prdc's and torch-fidelity's numbers, pictures."""

import numpy as np
import pytest

from tests.metrics.references import FAKE, NUMBERS, REAL, sides
from tfgan_tricks.metrics import DensityCoverage, PrecisionRecall, Samples, neighbours


def radius(points, i: int, k: int) -> float:
    """Distance of a point to its k-th nearest other point."""
    return sorted(np.linalg.norm(points[i] - point) for j, point in enumerate(points) if j != i)[k - 1]


def share_inside(points, others, k: int) -> float:
    """Share of the others that lie in a ball around one of the points."""
    radii = [radius(points, i, k) for i in range(len(points))]
    inside = [any(np.linalg.norm(o - p) <= r for p, r in zip(points, radii, strict=True)) for o in others]
    return float(np.mean(inside))


def density_and_coverage(real, fake, k: int) -> tuple[float, float]:
    hits, covered = 0, 0
    for i, point in enumerate(real):
        inside = sum(np.linalg.norm(other - point) <= radius(real, i, k) for other in fake)
        hits, covered = hits + inside, covered + (inside > 0)
    return hits / (k * len(fake)), covered / len(real)


@pytest.mark.parametrize("k", [1, 3])
def test_shares_are_those_of_a_loop_over_points(k):
    random = np.random.default_rng(2)
    real, fake = random.normal(size=(30, 3)), random.normal(0.7, 0.6, size=(22, 3))
    samples = Samples(features=real), Samples(features=fake)
    found = PrecisionRecall(k=k)(*samples)
    precision, recall = share_inside(real, fake, k), share_inside(fake, real, k)
    assert found.details == {"precision": precision, "recall": recall}
    assert found.value == pytest.approx(2.0 / (1.0 / precision + 1.0 / recall))
    density, coverage = density_and_coverage(real, fake, k)
    assert DensityCoverage(k=k)(*samples).details == pytest.approx({"density": density, "coverage": coverage})


@pytest.mark.parametrize("k", [3, 5])
def test_shares_are_those_of_prdc_and_torch_fidelity(k):
    found = PrecisionRecall(k=k)(*sides())
    spread = DensityCoverage(k=k)(*sides()).details
    for name, value in (found.details | spread).items():
        np.testing.assert_allclose(value, NUMBERS[f"prdc_{k}_{name}"], rtol=1e-12)
    for name in ("precision", "recall"):
        np.testing.assert_allclose(found.details[name], NUMBERS[f"fidelity_{k}_{name}"], rtol=1e-6)
    np.testing.assert_allclose(found.value, NUMBERS[f"fidelity_{k}_f_score"], rtol=1e-6)


@pytest.mark.parametrize("block", [3, 7, 64])
def test_the_size_of_blocks_changes_nothing(block):
    expected = neighbours.squared_radii(REAL.astype("float64"), 4)
    found = neighbours.squared_radii(REAL.astype("float64"), 4, block)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    whole = np.full((len(REAL), len(FAKE)), np.nan)
    for rows, columns, distances in neighbours.squared_distances(REAL.astype("float64"), FAKE.astype("float64"), block):
        whole[rows, columns] = distances
    differences = REAL[:, np.newaxis].astype("float64") - FAKE
    np.testing.assert_allclose(whole, np.square(differences).sum(axis=2), rtol=1e-9)


def test_metrics_in_blocks_are_those_in_one(monkeypatch):
    expected = [metric(*sides()).details for metric in (PrecisionRecall(), DensityCoverage())]
    iterate = neighbours.squared_distances
    for module in ("precision_recall", "density_coverage"):
        monkeypatch.setattr(f"tfgan_tricks.metrics.{module}.squared_distances", lambda a, b: iterate(a, b, 23))
    assert [metric(*sides()).details for metric in (PrecisionRecall(), DensityCoverage())] == expected


def test_the_order_of_rows_changes_nothing():
    random = np.random.default_rng(0)
    shuffled = Samples(features=random.permutation(REAL)), Samples(features=random.permutation(FAKE))
    for metric in (PrecisionRecall(), DensityCoverage()):
        assert metric(*shuffled).details == pytest.approx(metric(*sides()).details)


def test_a_dropped_mode_costs_recall_and_coverage_and_noise_costs_precision_and_density():
    random = np.random.default_rng(0)
    modes = np.concatenate([random.normal(0.0, 0.1, (200, 2)), random.normal(5.0, 0.1, (200, 2))])
    one_mode = random.normal(0.0, 0.1, (400, 2))
    with_noise = np.concatenate([random.permutation(modes)[:200], random.uniform(-20.0, -10.0, (200, 2))])
    real = Samples(features=modes)
    dropped = [metric(real, Samples(features=one_mode)).details for metric in (PrecisionRecall(), DensityCoverage())]
    assert dropped[0]["precision"] > 0.9
    assert dropped[0]["recall"] < 0.55
    assert dropped[1]["coverage"] < 0.55
    noisy = [metric(real, Samples(features=with_noise)).details for metric in (PrecisionRecall(), DensityCoverage())]
    assert noisy[0]["precision"] == 0.5
    assert noisy[0]["recall"] > 0.9
    assert noisy[1]["density"] < 0.7
    assert noisy[1]["coverage"] > 0.8


def test_features_far_from_zero_lose_no_neighbours():
    far = Samples(features=REAL.astype("float64") + 1e8), Samples(features=FAKE.astype("float64") + 1e8)
    for metric in (PrecisionRecall(), DensityCoverage()):
        assert metric(*far).details == pytest.approx(metric(*sides()).details)


def test_sets_without_anything_in_common_score_nothing():
    far = Samples(features=REAL), Samples(features=FAKE + 1e5)
    assert PrecisionRecall()(*far).value == 0.0
    assert DensityCoverage()(*far).value == 0.0


@pytest.mark.parametrize("metric", [PrecisionRecall, DensityCoverage])
def test_too_few_neighbours_are_refused(metric):
    with pytest.raises(ValueError, match="at least 5: each needs 4 neighbours besides itself"):
        metric(k=4)(Samples(features=REAL[:4]), Samples(features=FAKE))
    with pytest.raises(ValueError, match="k"):
        metric(k=0)


def test_generated_points_need_no_neighbours_for_density_and_coverage():
    fake = FAKE[:2]
    density, coverage = density_and_coverage(REAL, fake, 5)
    found = DensityCoverage()(Samples(features=REAL), Samples(features=fake))
    assert found.details == pytest.approx({"density": density, "coverage": coverage})
    with pytest.raises(ValueError, match="2 generated samples\n  Expected: at least 4"):
        PrecisionRecall()(Samples(features=REAL), Samples(features=fake))
