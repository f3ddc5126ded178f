import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.data.files import noise
from tfgan_tricks.data.transform import Transform


def transformed(pixels: np.ndarray, height: int, width: int, channels: int = 3, crop: str = "center") -> np.ndarray:
    """Runs the transform with all sizes unknown, as for files, and checks that known sizes give the same."""
    transform = Transform(height, width, channels, crop)
    traced = tf.function(transform, input_signature=[tf.TensorSpec((None, None, None), tf.uint8)])
    unknown = traced(pixels).numpy()
    known = transform(tf.constant(pixels)).numpy()
    assert np.abs(unknown.astype(int) - known).max() <= 1  # ties are rounded either way
    return unknown


def test_shrinking_by_a_whole_factor_weighs_each_pixel_by_the_triangle():
    pixels = noise(0, 8, 8)
    weights = np.array([0.125, 0.375, 0.375, 0.125])  # a triangle of twice the width, at the four nearest pixels
    inner = np.zeros((4, 4, 3))
    padded = pixels.astype(float)
    for row in (1, 2):
        for column in (1, 2):
            block = padded[2 * row - 1 : 2 * row + 3, 2 * column - 1 : 2 * column + 3]
            inner[row, column] = np.einsum("i,j,ijc->c", weights, weights, block)
    result = transformed(pixels, 4, 4)
    assert np.abs(result[1:3, 1:3] - inner[1:3, 1:3]).max() <= 0.51


@pytest.mark.parametrize(("size", "target"), [((64, 64), (16, 16)), ((60, 60), (17, 17)), ((90, 60), (30, 20))])
def test_resizing_agrees_with_pillow(size, target):
    pixels = noise(1, *size)
    expected = Image.fromarray(pixels).resize(target[::-1], Image.Resampling.BILINEAR)
    assert np.abs(transformed(pixels, *target).astype(int) - np.asarray(expected)).max() <= 1


def test_antialiasing_removes_what_cannot_be_shown():
    stripes = np.zeros((64, 64, 1), np.uint8)
    stripes[:, ::2] = 255
    assert (
        np.ptp(transformed(stripes, 16, 16, 1)[:, 1:-1].astype(int)) <= 1
    )  # grey; without, it would be black or white


def test_enlarging_keeps_a_ramp_a_ramp():
    ramp = np.repeat(np.arange(0, 160, 10, dtype=np.uint8)[None, :, None], 16, 0)  # [16, 16, 1]
    row = transformed(ramp, 32, 32, 1)[0, 1:-1, 0].astype(float)
    assert np.abs(np.diff(row) - 5.0).max() <= 1.0


@pytest.mark.parametrize(
    ("size", "target", "kept"),
    [
        ((10, 16), (10, 10), (slice(0, 10), slice(3, 13))),
        ((17, 8), (8, 8), (slice(4, 12), slice(0, 8))),
        ((12, 12), (6, 12), (slice(3, 9), slice(0, 12))),
        ((9, 30), (9, 9), (slice(0, 9), slice(10, 19))),
    ],
)
def test_the_centre_is_cut_out(size, target, kept):
    pixels = noise(2, *size)
    assert np.array_equal(transformed(pixels, *target), pixels[kept])


def test_an_image_of_the_right_shape_is_not_touched():
    pixels = noise(3, 12, 16)
    assert np.array_equal(transformed(pixels, 12, 16, crop="none"), pixels)


def test_colour_becomes_grey_as_in_jpeg_and_grey_becomes_colour():
    colour, grey = noise(4, 6, 6), noise(5, 6, 6, 1)
    expected = 0.299 * colour[..., 0] + 0.587 * colour[..., 1] + 0.114 * colour[..., 2]
    assert np.abs(transformed(colour, 6, 6, 1)[..., 0] - expected).max() <= 0.501
    assert np.array_equal(transformed(grey, 6, 6, 3), np.repeat(grey, 3, -1))


@pytest.mark.parametrize("channels", [2, 4])
def test_transparency_is_laid_on_white(channels):
    pixels = noise(6, 5, 5, channels)
    alpha = pixels[..., -1:] / 255.0
    expected = np.broadcast_to(pixels[..., :-1] * alpha + 255.0 * (1.0 - alpha), (5, 5, 3))
    assert np.abs(transformed(pixels, 5, 5, 3) - expected).max() <= 0.501


def test_a_batch_is_transformed_like_its_images():
    batch = np.stack([noise(seed, 14, 20) for seed in range(3)])
    transform = Transform(8, 8, 1)
    one_by_one = np.stack([transform(tf.constant(pixels)).numpy() for pixels in batch])
    assert np.array_equal(transform(tf.constant(batch)).numpy(), one_by_one)
