"""The operations of `AdaptiveAugment`: what they do to an image, and how their parameters are drawn."""

import numpy as np
import pytest
import tensorflow as tf

from tests.inputs.augmentation_draws import N, color_draws, draws_of, geometry_draws
from tests.support.matches import images_of
from tfgan_tricks.inputs import AdaptiveAugment
from tfgan_tricks.inputs.operations import blit, geometry, transform
from tfgan_tricks.randomness import SeedStream


def check_normal(values, deviation):
    """Compares mean, variance and kurtosis of many draws with those of a centred Gaussian."""
    error = 1.0 / np.sqrt(len(values))
    assert values.mean() == pytest.approx(0.0, abs=5 * deviation * error)
    assert values.std() == pytest.approx(deviation, rel=5 * error)
    assert np.mean((values / deviation) ** 4) == pytest.approx(3.0, rel=0.15)


def check_angles(values):
    """Compares the range and three Fourier coefficients of many angles with those of uniform ones."""
    assert np.abs(values).max() > 3.1
    for frequency in (1, 2, 3):
        assert abs(np.mean(np.exp(1j * frequency * values))) < 5 / np.sqrt(len(values))


def blitted(image, mirrored, turns, down, right):
    """Returns an image after the operations, by NumPy."""
    image = np.rot90(image[:, ::-1] if mirrored else image, turns)
    h, w, _ = image.shape
    padded = np.pad(image, ((2, 2), (2, 2), (0, 0)), mode="reflect")
    return padded[2 - down : 2 - down + h, 2 - right : 2 - right + w]


@pytest.mark.parametrize(("width", "turns"), [(8, (0, 1, 2, 3)), (7, (0, 2))], ids=["square", "rectangle"])
@pytest.mark.parametrize("p", [0.3, 1.0])
def test_blitting_moves_whole_pixels_by_the_stated_chances(width, turns, p):
    image = images_of((8, width, 2))
    augment = AdaptiveAugment(policy="blit", initial_probability=p)
    results = augment(np.repeat(image[None], N, axis=0), training=True, seed=SeedStream.from_integer(2)).numpy()
    # Round(U(-1, 1)) is 0 half of the time; of seven pixels, U(-0.875, 0.875) leaves 3/7 for the two sides.
    down, right = (
        {-1: p * side, 0: 1 - 2 * p * side, 1: p * side} for side in (1 / 4, 1 / 4 if width == 8 else 3 / 14)
    )
    found, expected = [], []
    for mirrored in (False, True):
        for turn in turns:
            chance = (p / 2 if mirrored else 1 - p / 2) * (p / len(turns) + (1 - p) * (turn == 0))
            for y in down:
                for x in right:
                    same = np.all(results == blitted(image, mirrored, turn, y, x), axis=(1, 2, 3))
                    found.append(same.sum())
                    expected.append(N * chance * down[y] * right[x])
    assert sum(found) == N, "some result is none of these"
    found, expected = np.array(found)[np.array(expected) > 0], np.array(expected)[np.array(expected) > 0]
    assert np.sum((found - expected) ** 2 / expected) < len(found) + 5 * np.sqrt(2 * len(found))


def test_mirrors_turns_and_shifts_undo_each_other_exactly():
    images = images_of((4, 6, 6, 3))
    (flip, turn, _) = blit(draws_of(1.0, 4), 6, 6)
    np.testing.assert_array_equal(transform(tf.constant(images), [flip, flip]), images)
    np.testing.assert_array_equal(transform(tf.constant(images), [turn, turn, turn, turn]), images)


@pytest.mark.parametrize("size", [(6, 5), (1, 4), (2, 2)], ids=str)
def test_resampling_is_bilinear_between_mirrored_pixels(size):
    h, w = size
    images = images_of((3, h, w, 2))
    maps = geometry(draws_of(1.0, 3), h, w)
    received = transform(tf.constant(images), maps).numpy()
    for image, result, *undone in zip(images, received, *(m.numpy().astype("float64") for m in maps), strict=True):
        forward = np.eye(3)
        for undo in undone:
            forward = np.linalg.inv(undo) @ forward  # the first operation comes first
        border = 40
        padded = np.pad(image.astype("float64"), ((border, border), (border, border), (0, 0)), mode="reflect")
        for row in range(h):
            for column in range(w):
                x, y, _ = np.linalg.inv(forward) @ [column - (w - 1) / 2, row - (h - 1) / 2, 1]
                x, y = x + (w - 1) / 2 + border, y + (h - 1) / 2 + border
                left, above = int(np.floor(x)), int(np.floor(y))
                dx, dy = x - left, y - above
                upper = (1 - dx) * padded[above, left] + dx * padded[above, left + 1]
                lower = (1 - dx) * padded[above + 1, left] + dx * padded[above + 1, left + 1]
                np.testing.assert_allclose(result[row, column], (1 - dy) * upper + dy * lower, atol=2e-5)


def test_the_geometry_is_drawn_as_in_the_paper():
    drawn = geometry_draws(1.0, height=16, width=8)
    check_normal(drawn["zoom"], 0.2)
    check_normal(drawn["stretch"], 0.2)
    check_normal(drawn["x"] / 8, 1 / 8)
    check_normal(drawn["y"] / 16, 1 / 8)
    check_angles(drawn["first turn"])
    check_angles(drawn["second turn"])


def test_colors_are_drawn_as_in_the_paper():
    drawn = color_draws(1.0)
    check_normal(drawn["brightness"], 0.2)
    check_normal(drawn["contrast"], 0.5)
    check_normal(drawn["saturation"], 1.0)
    check_angles(drawn["hue"])
    assert np.mean(drawn["luma flip"]) == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(N))


def test_each_operation_is_applied_with_probability_p_by_itself():
    p, error = 0.36, 5 * 0.5 / np.sqrt(N)
    geometric, colors = geometry_draws(p), color_draws(p)
    turned = (geometric["first turn"] != 0) | (geometric["second turn"] != 0)
    assert np.mean(geometric["first turn"] != 0) == pytest.approx(0.2, abs=error)  # 1 - √(1 - 0.36)
    assert np.mean(turned) == pytest.approx(p, abs=error)
    applied = [turned] + [geometric[name] != 0 for name in ("zoom", "stretch", "x", "y")]
    applied += [np.abs(colors[name]) > 1e-4 for name in ("brightness", "contrast", "hue", "saturation")]
    for one in applied:
        assert np.mean(one) == pytest.approx(p, abs=error)
    within = np.abs(np.corrcoef(applied[:5]) - np.eye(5)).max(), np.abs(np.corrcoef(applied[5:]) - np.eye(4)).max()
    assert max(within) < 5 / np.sqrt(N)
    assert np.mean(colors["luma flip"]) == pytest.approx(p / 2, abs=error)


def test_grey_images_get_brightness_contrast_and_luma_flip():
    image = images_of((4, 4, 1)).astype("float64")
    augment = AdaptiveAugment(policy="color", initial_probability=1.0)
    results = augment(np.repeat(image[None], N, axis=0), training=True, seed=SeedStream.from_integer(3)).numpy()
    centred = image - image.mean()
    factor = np.einsum("nhwc,hwc->n", results, centred) / np.sum(centred**2)
    offset = results.mean(axis=(1, 2, 3)) / factor - image.mean()
    np.testing.assert_allclose(results, factor[:, None, None, None] * (image + offset[:, None, None, None]), atol=1e-4)
    check_normal(np.log2(np.abs(factor)), 0.5)
    check_normal(offset, 0.2)
    assert np.mean(factor < 0) == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(N))
