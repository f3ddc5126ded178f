"""Distances to nearest neighbours, in blocks: no matrix of all pairs is ever kept."""

from collections.abc import Iterator

import numpy as np

BLOCK = 1_024  # rows and columns of distances at once


def centred(features: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns both sets in float64, moved so that rounding costs their distances as little as it can."""
    centre = features.mean(axis=0, dtype=np.float64)
    return features.astype(np.float64) - centre, other.astype(np.float64) - centre


def squared_distances(
    one: np.ndarray, other: np.ndarray, block: int = BLOCK
) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """Yields squared distances of all pairs block by block: rows, columns, [rows, columns].

    Rows are in the outer loop, so the blocks of some rows follow each other.
    """
    norms = [np.einsum("nd,nd->n", array, array) for array in (one, other)]
    for top in range(0, len(one), block):
        rows = slice(top, min(top + block, len(one)))
        for left in range(0, len(other), block):
            columns = slice(left, min(left + block, len(other)))
            products = one[rows] @ other[columns].T
            distances = norms[0][rows, np.newaxis] + norms[1][columns] - 2.0 * products
            yield rows, columns, distances.clip(min=0.0)


def squared_radii(features: np.ndarray, k: int, block: int = BLOCK) -> np.ndarray:
    """Returns the squared distance of each row to its k-th nearest other row, [n]."""
    return squared_reach(features, features, k, block, itself=False)


def squared_reach(one: np.ndarray, other: np.ndarray, k: int, block: int = BLOCK, *, itself: bool = True) -> np.ndarray:
    """Returns the squared distance of each row to its k-th nearest row of the other set, [n].

    Args:
        one: [n, width].
        other: [m, width].
        k: at most the number of other rows.
        block: rows and columns at once.
        itself: whether equal positions count; they do not if both sets are the same.
    """
    nearest = np.full((len(one), k), np.inf)
    for rows, columns, distances in squared_distances(one, other, block):
        if not itself and rows == columns:
            np.fill_diagonal(distances, np.inf)  # a row is no neighbour of itself
        nearest[rows] = np.partition(np.concatenate([nearest[rows], distances], axis=1), k - 1, axis=1)[:, :k]
    return nearest.max(axis=1)
