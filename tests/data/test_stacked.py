"""Stacked digits: each channel is an image of the source, the label says which, all modes come equally often."""

import numpy as np
import pytest

import tfgan_tricks as tt
from tfgan_tricks.data.in_memory import from_arrays


def small_source(classes: int = 10, shape=(3, 2)):
    """Images that can be told apart by any pixel, several of each class."""
    labels = np.arange(4 * classes) % classes
    pixels = np.arange(4 * classes, dtype=np.uint8)[:, None, None] * np.ones(shape, np.uint8)
    return from_arrays("small", pixels, labels.astype(np.int64))


def test_each_channel_is_a_digit_and_the_label_reads_as_their_number():
    source = tt.data.stacked_digits(2_000, seed=3, source=small_source())
    assert source.images.shape == (2_000, 3, 2, 3)
    drawn = source.images[:, 0, 0]  # the number of the image that each channel is, [n, 3]
    assert (source.images == drawn[:, None, None, :]).all()
    assert set(drawn.ravel()) == set(range(40))
    for image, label in zip(drawn, source.labels, strict=True):
        assert "".join(str(number % 10) for number in image) == f"{label:03d}" == source.class_names[label]


def test_classes_past_ten_have_names_of_one_length_and_labels_of_their_base():
    source = tt.data.stacked_digits(50, source=small_source(classes=11))
    assert source.classes == 11**3
    assert (source.class_names[0], source.class_names[-1]) == ("000000", "101010")
    for drawn, label in zip(source.images[:, 0, 0].astype(int) % 11, source.labels, strict=True):
        assert label == (drawn[0] * 11 + drawn[1]) * 11 + drawn[2]


def test_channels_are_independent_and_all_thousand_modes_come():
    source = tt.data.stacked_digits(50_000, seed=1, source=small_source())
    counts = np.bincount(source.labels, minlength=1_000)
    assert np.square(counts - 50).sum() / 50 < 1_150  # χ² with 999 degrees of freedom: 3.4 standard deviations
    assert (counts > 0).all()


def test_the_seed_decides():
    first, again, other = (tt.data.stacked_digits(100, seed=seed, source=small_source()) for seed in (5, 5, 6))
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)


def test_real_digits_are_loaded_at_a_size_and_judged_right_channel_by_channel():
    source = tt.data.stacked_digits(64, seed=2)
    assert (source.name, source.shape, source.classes) == ("stacked(digits)", (8, 8, 3), 1_000)
    images, labels = tt.data.arrays("digits")
    known = {image.tobytes(): label for image, label in zip(images[..., 0], labels, strict=True)}

    def classify(channel):
        return np.array([known[np.ascontiguousarray(image).tobytes()] for image in channel[..., 0]])

    assert np.array_equal(tt.metrics.stacked_labels(source.images, classify), source.labels)
    batch = next(iter(tt.data.load(source, resolution=16, batch_size=8)))
    assert batch["image"].shape == (8, 16, 16, 3)


@pytest.mark.parametrize(
    ("source", "received"),
    [
        (from_arrays("colour", np.zeros((4, 2, 2, 3), np.uint8), np.array([0, 1, 0, 1])), "3 channels, labels"),
        (from_arrays("bare", np.zeros((4, 2, 2), np.uint8)), "1 channels, no labels"),
    ],
)
def test_what_cannot_be_stacked_is_refused(source, received):
    with pytest.raises(ValueError, match=rf"(?s)labelled grey.*{source.name}: {received}.*idx:DIR"):
        tt.data.stacked_digits(10, source=source)


@pytest.mark.parametrize("arguments", [{"count": 0}, {"seed": -1}, {"count": 2.5}])
def test_counts_and_seeds_are_checked(arguments):
    with pytest.raises((ValueError, TypeError), match=next(iter(arguments))):
        tt.data.stacked_digits(**{"count": 3, **arguments})
