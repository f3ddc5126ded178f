"""Sliced Wasserstein distance: closed forms, SciPy along each direction, pyramids and patches by loops."""

import itertools
import json

import keras
import numpy as np
import pytest
import scipy.ndimage
from scipy import stats

from tfgan_tricks.metrics import Samples, SlicedWasserstein, laplacian_patches, sliced_wasserstein
from tfgan_tricks.metrics.laplacian_patches import draw_patches, level_count, pyramid

RANDOM = np.random.default_rng(7)
ONE, OTHER = RANDOM.normal(size=(30, 5)), RANDOM.normal(0.4, 1.3, size=(22, 5))
KERNEL = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256.0


def noise(count: int, side: int = 16, channels: int = 1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, side, side, channels)).astype("uint8")


def test_the_distance_is_the_mean_of_scipys_along_the_directions():
    directions = np.random.default_rng(3).normal(size=(5, 40))
    expected = [
        stats.wasserstein_distance(ONE @ d / np.linalg.norm(d), OTHER @ d / np.linalg.norm(d)) for d in directions.T
    ]
    np.testing.assert_allclose(sliced_wasserstein(ONE, OTHER, 40, seed=3), np.mean(expected), rtol=1e-12)


def test_a_shift_costs_its_mean_length_along_a_direction():
    """In the plane, the mean of |cos| over all directions is 2 / π."""
    points = RANDOM.normal(size=(50, 2))
    found = sliced_wasserstein(points, points + np.array([3.0, 4.0]), projections=20_000)
    assert found == pytest.approx(5.0 * 2.0 / np.pi, rel=0.02)


def test_the_order_of_rows_and_sides_changes_nothing():
    expected = sliced_wasserstein(ONE, OTHER)
    assert sliced_wasserstein(RANDOM.permutation(ONE), OTHER) == pytest.approx(expected, rel=1e-12)
    assert sliced_wasserstein(OTHER, ONE) == pytest.approx(expected, rel=1e-12)
    assert sliced_wasserstein(ONE, RANDOM.permutation(ONE)) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("size", [(16, 12), (13, 10)], ids=["even", "odd"])
def test_levels_are_those_of_scipys_filters_and_sum_to_the_image(size):
    images = RANDOM.normal(size=(2, *size, 3)).astype("float32")
    found = list(pyramid(images, 3))
    expected, rest = [], images.astype("float64")
    for _ in range(2):
        smaller = scipy.ndimage.convolve(rest, KERNEL[None, :, :, None], mode="mirror")[:, ::2, ::2]
        spread = np.zeros_like(rest)
        spread[:, ::2, ::2] = smaller
        expected.append(rest - scipy.ndimage.convolve(spread, 4.0 * KERNEL[None, :, :, None], mode="mirror"))
        rest = smaller
    for level, other in zip(found, [*expected, rest], strict=True):
        np.testing.assert_allclose(level, other, atol=1e-5)
    top = laplacian_patches.double(found[2], found[1].shape[1:3]) + found[1]
    np.testing.assert_allclose(laplacian_patches.double(top, size) + found[0], images, atol=1e-5)


def test_flat_images_have_no_details():
    finest, middle, rest = pyramid(np.full((1, 16, 16, 1), 0.5, "float32"), 3)
    np.testing.assert_allclose(finest, 0.0, atol=1e-6)
    np.testing.assert_allclose(middle, 0.0, atol=1e-6)
    np.testing.assert_allclose(rest, 0.5, atol=1e-6)


@pytest.mark.parametrize(
    ("size", "coarsest", "levels"),
    [((128, 128), 16, 4), ((32, 32), 16, 2), ((28, 28), 16, 1), ((31, 40), 16, 2), ((8, 8), 16, 1), ((64, 16), 16, 1)],
)
def test_no_level_is_smaller_than_the_coarsest(size, coarsest, levels):
    assert level_count(size, coarsest) == levels


def test_patches_are_windows_of_their_image_at_all_places(monkeypatch):
    monkeypatch.setattr(laplacian_patches, "BATCH", 4)
    images = np.arange(6 * 5 * 4 * 2).reshape(6, 5, 4, 2).astype("float32") / 1e3
    (found,) = draw_patches(images, 3, 300, 1, np.random.default_rng(0))
    assert found.shape == (1_800, 3, 3, 2)
    for image, cut in zip(images, found.reshape(6, 300, 3, 3, 2), strict=True):
        windows = {image[i : i + 3, j : j + 3].tobytes() for i, j in itertools.product(range(3), range(2))}
        assert {patch.tobytes() for patch in cut} == windows


def test_the_metric_is_the_distance_of_normalised_patches():
    """Where a patch is the whole image there is but one place for it."""
    random = np.random.default_rng(1)
    real, fake = random.uniform(-1.0, 1.0, (25, 7, 7, 2)), random.uniform(-0.5, 1.0, (18, 7, 7, 2)) ** 2
    found = SlicedWasserstein(patches=1, projections=60, seed=4)(Samples(real), Samples(fake))
    scaled = [(side - side.mean(axis=(0, 1, 2))) / side.std(axis=(0, 1, 2)) for side in (real, fake)]
    expected = sliced_wasserstein(*(side.reshape(len(side), -1) for side in scaled), 60, seed=4)
    np.testing.assert_allclose(found.value, expected, rtol=1e-4)
    shuffled = SlicedWasserstein(patches=1, projections=60, seed=4)(Samples(real[::-1]), Samples(fake[::-1]))
    np.testing.assert_allclose(shuffled.value, found.value, rtol=1e-5)


def test_the_level_says_at_which_size_of_detail_images_are_wrong():
    smooth = scipy.ndimage.zoom(noise(150, 4, seed=1) // 2, (1, 8, 8, 1), order=1)
    grainy = smooth + noise(150, side=32) // 4
    metric = SlicedWasserstein(patches=8, projections=64)
    floor, wrong = (dict(metric(Samples(smooth), Samples(side)).details["levels"]) for side in (smooth, grainy))
    assert list(wrong) == [32, 16]
    assert wrong[32] > 3.0 * floor[32]
    assert wrong[32] - floor[32] > 3.0 * (wrong[16] - floor[16])


def test_channels_without_any_contrast_are_no_failure():
    flat = Samples(np.full((4, 16, 16, 1), 7, "uint8"))
    assert SlicedWasserstein(patches=2, projections=8)(flat, flat).value == 0.0


def test_settings_survive_their_configuration_and_reach_the_name():
    metric = SlicedWasserstein(5, 3, 8, 16, 2)
    again = keras.saving.deserialize_keras_object(json.loads(json.dumps(keras.saving.serialize_keras_object(metric))))
    assert again == metric
    result = metric(Samples(noise(4), split="train"), Samples(noise(3)))
    assert result.name == "sliced_wasserstein(patches=5,patch_size=3,coarsest=8,projections=16,seed=2)[4/3,train]"
    assert metric(Samples(noise(4)), Samples(noise(3))).value == result.value
    assert json.loads(result.to_json())["details"]["levels"][1][0] == 8


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sliced_wasserstein(ONE, OTHER[:, :2]), r"\(30, 5\) and \(22, 2\)"),
        (lambda: sliced_wasserstein(ONE, OTHER[:0]), "neither of them empty"),
        (lambda: sliced_wasserstein(ONE, np.full((2, 5), np.nan)), "NaN"),
        (lambda: sliced_wasserstein(ONE, OTHER, projections=0), "projections"),
        (lambda: SlicedWasserstein()(Samples(noise(3, 6)), Samples(noise(3, 6))), "images of 6 x 6, patch_size=7"),
        (lambda: SlicedWasserstein()(Samples(noise(3)), Samples(noise(3, 32))), r"generated: images of shape \(32, 32"),
        (lambda: SlicedWasserstein()(Samples(noise(3)), Samples(noise(1))), "1 generated samples"),
        (lambda: SlicedWasserstein(coarsest=5), "coarsest"),
        (lambda: SlicedWasserstein(patches=0), "patches"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()
