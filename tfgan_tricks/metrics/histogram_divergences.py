"""Divergences of histograms: Kullback-Leibler, Jensen-Shannon and the earth mover's distance on a line."""

import numpy as np

from tfgan_tricks.checks import explain


def histogram_kl(p, q) -> float:
    """Returns the Kullback-Leibler divergence Σ p log(p / q) of two histograms, in nats.

    Not symmetric: with the data as `p` it is large where modes are missing, with the generator as `p` (the "reverse"
    one) where it makes what the data do not have.

    **Source**: Kullback and Leibler, "On information and sufficiency", 1951, Annals of Mathematical Statistics 22.

    **Differs from the paper**: sums over bins in place of an integral.

    Args:
        p: [bins], counts or shares; they are divided by their sum.
        q: [bins], the same.

    Returns:
        A float of at least 0; infinity where a bin of `q` is empty and that of `p` is not.

    **Cost**: a logarithm for each bin.

    **Combines badly with**: many bins and few samples: empty bins of `q` decide, and noise looks like a divergence.

    Example:

    >>> round(tfgan_tricks.metrics.histogram_kl([2, 2, 0, 0], [1, 1, 1, 1]), 6)  # log 2
    0.693147
    """
    return _kl(*_shares(p, q))


def histogram_js(p, q) -> float:
    """Returns the Jensen-Shannon divergence of two histograms, in nats: from 0 (equal) to log 2 (nothing in common).

    Symmetric and finite, whatever bins are empty. It cannot tell how far apart two histograms without a common bin
    are; `histogram_wasserstein` can.

    **Source**: Lin, "Divergence measures based on the Shannon entropy", 1991, IEEE Transactions on Information Theory
    37.

    **Differs from the paper**: natural logarithms, and equal weights of both sides.

    Args:
        p: [bins], counts or shares; they are divided by their sum.
        q: [bins], the same.

    Returns:
        A float between 0 and log 2.

    **Cost**: two logarithms for each bin.

    **Combines badly with**: many bins and few samples: two sets of one distribution share few bins then.

    Example:

    >>> round(tfgan_tricks.metrics.histogram_js([1, 0], [0, 3]), 6)  # log 2
    0.693147
    """
    one, other = _shares(p, q)
    middle = (one + other) / 2.0
    return float(np.clip((_kl(one, middle) + _kl(other, middle)) / 2.0, 0.0, np.log(2.0)))


def histogram_wasserstein(p, q, positions=None) -> float:
    """Returns the Wasserstein-1 (earth mover's) distance of two histograms over the same points of a line.

    How much has to be moved, times how far: the area between the two cumulative distributions.

    **Source**: Vallender, "Calculation of the Wasserstein distance between probability distributions on the line",
    1974, Theory of Probability and its Applications 18.

    **Differs from the paper**: no.

    Args:
        p: [bins], counts or shares; they are divided by their sum.
        q: [bins], the same.
        positions: [bins], where on the line each bin lies, in any order; by default 0, 1, 2, ...

    Returns:
        A float of at least 0, in the unit of the positions.

    **Cost**: sorting the bins.

    **Combines badly with**: classes, which have no order.

    Example:

    >>> tfgan_tricks.metrics.histogram_wasserstein([1, 0, 0], [0, 1, 1])  # half moves by 1, half by 2
    1.5
    """
    one, other = _shares(p, q)
    places = np.arange(len(one)) if positions is None else np.asarray(positions)
    if places.shape != one.shape or not np.isfinite(places).all():
        raise ValueError(
            explain(
                "The bins need a position each.",
                received=f"positions of shape {places.shape}, {np.isfinite(places).sum()} of them finite",
                expected=f"{len(one)} finite numbers",
                fix="pass the centres of the bins, (edges[:-1] + edges[1:]) / 2.",
            )
        )
    order = np.argsort(places, kind="stable")
    between = np.cumsum(one[order] - other[order])[:-1]
    return float(np.abs(between) @ np.diff(places[order].astype(np.float64)))


def _kl(p: np.ndarray, q: np.ndarray) -> float:
    used = p > 0.0
    if np.any(q[used] == 0.0):
        return float("inf")
    return float(max(p[used] @ (np.log(p[used]) - np.log(q[used])), 0.0))


def _shares(*histograms) -> list[np.ndarray]:
    arrays = [np.asarray(histogram, np.float64) for histogram in histograms]
    shapes = [array.shape for array in arrays]
    good = shapes[0] == shapes[1] and arrays[0].ndim == 1
    if not good or any(not np.isfinite(a).all() or a.min(initial=0.0) < 0.0 or not a.sum() > 0.0 for a in arrays):
        about = [f"shape {a.shape}, least {a.min(initial=np.inf):.4g}, sum {a.sum():.4g}" for a in arrays]
        raise ValueError(
            explain(
                "These are no two histograms over the same bins.",
                received="; ".join(about),
                expected="two arrays [bins] of finite counts or shares, none negative, not all of them 0",
                fix="count both sides with the same bins, numpy.histogram(samples, bins=edges)[0].",
            )
        )
    return [array / array.sum() for array in arrays]
