"""Divergences of two sets of samples, without histograms: by nearest neighbours, and by sorting."""

import math

import numpy as np

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.metrics.input_checks import check_features
from tfgan_tricks.metrics.neighbours import centred, squared_radii, squared_reach


def sample_kl(one, other, k: int = 5) -> float:
    """Returns an estimate of the Kullback-Leibler divergence of two densities from samples of them, in nats.

    The distance to the k-th nearest neighbour tells the density at a point: near neighbours among the point's own
    samples, and far ones among the others', mean that the first density is the larger one there.

    **Source**: Wang, Kulkarni and Verdú, "Divergence estimation for multidimensional densities via k-nearest-neighbor
    distances", 2009, IEEE Transactions on Information Theory 55.

    **Differs from the paper**: no.

    Args:
        one: [n, width], n above k, of the density over which the mean is taken.
        other: [m, width], m at least k.
        k: which neighbour; more mean less variance and more bias.

    Returns:
        The estimate; it may be a little below 0.

    **Cost**: n² + n·m products of rows, in float64, a block at a time.

    **Combines badly with**: many dimensions, where the estimate needs very many samples; whole numbers and copies,
    which have no density.

    Example:

    >>> random = np.random.default_rng(0)
    >>> one, other = random.normal(0.0, 1.0, (2000, 1)), random.normal(1.0, 1.0, (2000, 1))
    >>> abs(tfgan_tricks.metrics.sample_kl(one, other) - 0.5) < 0.1  # 1² / 2
    True
    """
    return float(np.mean(_log_ratios(*_pair(one, other, k), k)))


def sample_js(one, other, k: int | None = None) -> float:
    """Returns an estimate of the Jensen-Shannon divergence of two densities from samples of them, in nats.

    The ratio of the densities at each sample comes from nearest neighbours, as in `sample_kl`, and goes into
    ½ E log(2p / (p + q)) + ½ E log(2q / (p + q)).

    **Source**: the ratio is that of Wang, Kulkarni and Verdú, "Divergence estimation for multidimensional densities via
    k-nearest-neighbor distances", 2009, IEEE Transactions on Information Theory 55.

    **Differs from the paper**: it estimates the Kullback-Leibler divergence only. Noise in the ratio lowers this
    estimate, hence the larger default of `k`.

    Args:
        one: [n, width], n above k.
        other: [m, width], m above k.
        k: which neighbour; by default the root of the smaller count.

    Returns:
        The estimate, cut off at 0 and log 2.

    **Cost**: (n + m)² products of rows, in float64, a block at a time.

    **Combines badly with**: many dimensions; whole numbers and copies, which have no density.

    Example:

    >>> random = np.random.default_rng(0)
    >>> one, other = random.normal(0.0, 1.0, (500, 1)), random.normal(50.0, 1.0, (500, 1))
    >>> 0.68 < tfgan_tricks.metrics.sample_js(one, other) < 0.694  # log 2 at most
    True
    """
    k = k if k is not None else max(math.isqrt(min(len(one), len(other))), 1)
    first, second = _pair(one, other, k)
    halves = [
        -np.mean(np.logaddexp(0.0, -ratios))
        for ratios in (_log_ratios(first, second, k), _log_ratios(second, first, k))
    ]
    return float(np.clip(sum(halves) / 2.0 + np.log(2.0), 0.0, np.log(2.0)))


def sample_wasserstein(one, other) -> float:
    """Returns the Wasserstein-1 (earth mover's) distance of two sets of numbers.

    Exact for the two sets, whatever their counts: the area between the sorted values, each set stretched to one
    length. In more than one dimension, `sliced_wasserstein` takes its mean over directions.

    **Source**: Vallender, "Calculation of the Wasserstein distance between probability distributions on the line",
    1974, Theory of Probability and its Applications 18.

    **Differs from the paper**: no.

    Args:
        one: [n] or [n, 1].
        other: [m] or [m, 1].

    Returns:
        A float of at least 0, in the unit of the numbers.

    **Cost**: sorting both sets.

    **Combines badly with**: small sets, whose distance is above that of what they were drawn from.

    Example:

    >>> tfgan_tricks.metrics.sample_wasserstein([0.0, 1.0], [3.0])  # half moves by 3, half by 2
    2.5
    """
    columns = [np.asarray(side, np.float64) for side in (one, other)]
    columns = [column[:, np.newaxis] if column.ndim == 1 else column for column in columns]
    for column in columns:
        check_features(column)
    if any(column.shape[1] != 1 or not len(column) for column in columns):
        raise ValueError(
            explain(
                "Only numbers can be sorted.",
                received=f"arrays of shapes {columns[0].shape} and {columns[1].shape}",
                expected="[n] and [m], neither of them empty",
                fix="pass one column, or use sliced_wasserstein.",
            )
        )
    return float(transport(*(np.sort(column, axis=0) for column in columns))[0])


def transport(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Returns the Wasserstein-1 distance of each column of one array to the same column of another, [columns].

    Args:
        one: [n, columns], each column sorted.
        other: [m, columns], each column sorted.
    """
    n, m = len(one), len(other)
    if n == m:
        return np.abs(one - other).mean(axis=0, dtype=np.float64)
    # In n·m steps of probability, a row of one set lasts m of them, a row of the other n.
    ends = np.union1d(np.arange(0, n * m + 1, m), np.arange(0, n * m + 1, n))
    starts, lengths = ends[:-1], np.diff(ends)
    return np.einsum("s,sc->c", lengths, np.abs(one[starts // m] - other[starts // n])) / (n * m)


def _pair(one, other, k: int) -> tuple[np.ndarray, np.ndarray]:
    check_integer("k", k, at_least=1)
    arrays = [check_features(side) for side in (one, other)]
    if arrays[0].shape[1] != arrays[1].shape[1] or min(map(len, arrays)) <= k:
        raise ValueError(
            explain(
                "The densities of these samples cannot be compared.",
                received=f"arrays of shapes {arrays[0].shape} and {arrays[1].shape}, k={k}",
                expected=f"two arrays of one width, each of more than {k} rows",
                fix="pass more samples, or a smaller k.",
            )
        )
    return centred(arrays[0], arrays[1])


def _log_ratios(own: np.ndarray, other: np.ndarray, k: int) -> np.ndarray:
    """Returns the estimated logarithm of own over other density at each own sample, [n]."""
    near, far = squared_radii(own, k), squared_reach(own, other, k)
    if not near.min() > 0.0 or not far.min() > 0.0:
        raise ValueError(
            explain(
                "Samples with copies have no density.",
                received=f"{int(np.sum((near <= 0.0) | (far <= 0.0)))} samples with {k} neighbours at distance 0",
                expected="samples of a continuous distribution",
                fix="use histogram_kl or histogram_js for whole numbers and classes, or pass a larger k.",
            )
        )
    return own.shape[1] / 2.0 * (np.log(far) - np.log(near)) + np.log(len(other) / (len(own) - 1.0))
