"""Random rectangles: their sizes and places, masks of them, and ranges of sizes that are refused."""

import numpy as np
import pytest
import tensorflow as tf

from tests.support import two_step_tasks
from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.tasks.holes import mask_of, rectangles


@pytest.mark.parametrize(("height", "width", "count"), [(8, 8, 1), (11, 6, 3)])
def test_masks_are_those_of_a_loop_over_pixels(height, width, count):
    corners = [np.asarray(c) for c in rectangles(20, height, width, (0.2, 0.7), count, SeedStream.from_integer(1))]
    expected = np.zeros((20, height, width, 1), "float32")
    for image in range(20):
        for top, bottom, left, right in zip(*(corner[image] for corner in corners), strict=True):
            for row in range(top, bottom):
                for column in range(left, right):
                    expected[image, row, column] = 1.0
    np.testing.assert_array_equal(mask_of(corners, height, width), expected)


def test_rectangles_have_every_size_in_the_range_and_every_place_in_the_image():
    top, bottom, left, right = map(np.asarray, rectangles(4_000, 10, 20, (0.3, 0.5), 2, SeedStream.from_integer(2)))
    assert set((bottom - top).ravel()) == {3, 4, 5}
    assert set((right - left).ravel()) == {6, 7, 8, 9, 10}
    assert (top.min(), bottom.max(), left.min(), right.max()) == (0, 10, 0, 20)
    assert set(top[bottom - top == 5]) == {0, 1, 2, 3, 4, 5}
    shares = np.bincount((bottom - top).ravel())[3:] / top.size
    np.testing.assert_allclose(shares, 1 / 3, atol=0.03)


def test_no_rectangle_is_smaller_than_a_pixel_or_larger_than_the_image():
    corners = rectangles(50, 4, 4, (0.01, 0.02), 1, SeedStream.from_integer(0))
    assert np.asarray(mask_of(corners, 4, 4)).sum(axis=(1, 2, 3)).tolist() == [1.0] * 50
    assert np.asarray(mask_of(rectangles(5, 7, 3, (1.0, 1.0), 1, 4), 7, 3)).min() == 1.0


@pytest.mark.parametrize("xla", [False, True], ids=["graph", "xla"])
def test_holes_of_unknown_images_are_rectangles_in_a_graph_too(xla):
    corners = tf.function(
        lambda n, height: tf.stack(rectangles(n, height, 9, (0.2, 0.7), 2, SeedStream.from_integer(1))),
        jit_compile=xla,
    )(tf.constant(30), tf.constant(20))
    top, bottom, left, right = corners.numpy()
    assert corners.shape == (4, 30, 2)
    assert set((bottom - top).ravel()) <= set(range(4, 15))
    assert set((right - left).ravel()) <= set(range(2, 7))
    assert ((top >= 0) & (bottom <= 20) & (left >= 0) & (right <= 9)).all()


@pytest.mark.parametrize(
    ("hole_size", "words"),
    [
        (0.3, "no range of two"),
        ((0.3,), "no range of two"),
        ((0.1, 0.2, 0.3), "no range of two"),
        ((0.6, 0.3), r"larger share[\s\S]*Fix: swap them: hole_size=\(0.3, 0.6\)"),
        (("a", "b"), "else than numbers"),
        ((False, True), "else than numbers"),
        ((0.0, 0.25), "beyond the image"),
        ((0.5, 1.5), "beyond the image"),
        ((float("nan"), 0.5), "beyond the image"),
    ],
    ids=repr,
)
def test_a_wrong_range_of_holes_is_refused_for_what_is_wrong_about_it(hole_size, words):
    with pytest.raises(ValueError, match=words) as caught:
        two_step_tasks.inpainting(hole_size=hole_size)
    assert f"Received: hole_size={hole_size!r}\n" in str(caught.value)
    assert "0 < low <= high <= 1" in str(caught.value)
