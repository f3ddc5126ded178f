"""Shares of classes, on points whose nearest neighbours are known."""

import numpy as np
import pytest

from tfgan_tricks.metrics import class_shares


def test_shares_are_those_of_the_nearest_clusters():
    random = np.random.default_rng(0)
    centres = random.normal(size=(4, 2, 2, 1)) * 100
    labels = np.repeat([2, 3, 5, 7], 10)
    real = np.repeat(centres, 10, axis=0) + random.normal(size=(40, 2, 2, 1))
    counts = {2: 5, 3: 0, 5: 11, 7: 4}
    generated = np.concatenate([centres[i : i + 1].repeat(n, 0) for i, n in enumerate(counts.values())])
    generated = random.permutation(generated + random.normal(size=generated.shape))
    assert class_shares(real, labels, generated) == {label: n / 20 for label, n in counts.items()}


def test_real_digits_are_told_by_their_neighbours():
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    images = images.reshape(-1, 8, 8, 1)
    shares = class_shares(images[:1000], labels[:1000], images[1000:])
    true = {digit: float(np.mean(labels[1000:] == digit)) for digit in range(10)}
    for digit, share in shares.items():
        assert abs(share - true[digit]) < 0.02
    np.testing.assert_allclose(sum(shares.values()), 1.0)


@pytest.mark.parametrize(
    ("real", "generated", "neighbours", "words"),
    [
        (np.zeros((4, 8, 8, 1)), np.zeros((4, 8, 8, 3)), 3, r"generated \(4, 8, 8, 3\)"),
        (np.zeros((4, 8, 8, 1)), np.zeros((0, 8, 8, 1)), 3, "non-empty"),
        (np.zeros((4, 8, 8, 1)), np.zeros((4, 8, 8, 1)), 0, "neighbours"),
        (np.zeros((4, 8, 8, 1)), np.full((4, 8, 8, 1), np.nan), 3, "NaN"),
    ],
    ids=["channels", "empty", "neighbours", "nan"],
)
def test_images_that_cannot_be_compared_are_refused(real, generated, neighbours, words):
    with pytest.raises(ValueError, match=words):
        class_shares(real, np.arange(4), generated, neighbours)


@pytest.mark.parametrize(
    ("labels", "neighbours", "words"),
    [
        (np.arange(5), 3, r"4 real images, labels of shape \(5,\)"),
        (np.eye(4, dtype="int64"), 3, r"labels of shape \(4, 4\)"),
        ([0.5, 0.6, 1.0, 2.0], 3, "float64"),
        (np.arange(4), 5, "neighbours=5, 4 real images"),
    ],
    ids=["count", "one-hot", "fractions", "neighbours"],
)
def test_labels_and_neighbours_that_do_not_fit_are_refused(labels, neighbours, words):
    images = np.random.default_rng(0).normal(size=(4, 2, 2, 1))
    with pytest.raises(ValueError, match=rf"{words}.*\n  Expected"):
        class_shares(images, labels, images, neighbours)


def test_no_images_at_all_are_refused():
    with pytest.raises(ValueError, match=r"cannot be compared.\n  Received: real \(\), generated \(\)"):
        class_shares(None, [1], None)
