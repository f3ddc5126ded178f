"""`SSIM` and `MultiScaleSSIM` against loops over windows, and against TensorFlow's own."""

import numpy as np
import pytest
import tensorflow as tf

from tests.support.differences import check_slopes
from tfgan_tricks.losses.image import SSIM, MultiScaleSSIM
from tfgan_tricks.types import Match


def images_of(shape, seed: int) -> np.ndarray:
    """Returns smooth images with a little noise, in [-1, 1]; nearby seeds share what is shown."""
    n, height, width, channels = shape
    rows, columns = np.mgrid[:height, :width] / 4.0
    waves = np.sin(rows + np.arange(n * channels)[:, None, None]) * np.cos(columns)
    noise = np.random.default_rng(seed).normal(scale=0.2, size=shape)
    return np.clip(0.6 * waves.reshape(n, channels, height, width).transpose(0, 2, 3, 1) + noise, -1, 1)


def match_of(fake, target) -> Match:
    return Match(real=None, fake=fake, aux={"target": target}, player="generator")


def ssim_by_windows(one, other, size: int, sigma: float) -> float:
    """Mean over images, channels and windows of the paper's quotient, window by window."""
    one, other = (one + 1) / 2, (other + 1) / 2
    places = np.arange(size) - (size - 1) / 2
    weights = np.exp(-(places[:, None] ** 2 + places[None, :] ** 2) / (2 * sigma**2))
    weights /= weights.sum()
    n, height, width, channels = one.shape
    values = []
    for example, i, j, channel in np.ndindex(n, height - size + 1, width - size + 1, channels):
        a, b = (images[example, i : i + size, j : j + size, channel] for images in (one, other))
        mean_a, mean_b = (weights * a).sum(), (weights * b).sum()
        variance = (weights * ((a - mean_a) ** 2 + (b - mean_b) ** 2)).sum()
        covariance = (weights * (a - mean_a) * (b - mean_b)).sum()
        brightness = (2 * mean_a * mean_b + 0.01**2) / (mean_a**2 + mean_b**2 + 0.01**2)
        values.append(brightness * (2 * covariance + 0.03**2) / (variance + 0.03**2))
    return float(np.mean(values))


def test_ssim_is_the_papers_quotient_window_by_window():
    fake, target = images_of((2, 7, 6, 2), 0), images_of((2, 7, 6, 2), 1)
    term = SSIM(filter_size=4, filter_sigma=1.2)
    check_slopes(
        lambda image: term(match_of(image, target)),
        lambda image: 1 - ssim_by_windows(image, target, 4, 1.2),
        fake,
        tolerance=5e-3,
    )


def test_ssim_has_the_values_of_tensorflow():
    fake, target = (images_of((3, 20, 17, 3), seed).astype("float32") for seed in (2, 3))
    expected = 1 - tf.image.ssim((fake + 1) / 2, (target + 1) / 2, max_val=1.0)
    np.testing.assert_allclose(SSIM().call(match_of(fake, target)), expected, atol=2e-5)


@pytest.mark.parametrize("shape", [(2, 48, 44, 3), (2, 45, 47, 1)], ids=["even", "odd"])
def test_ms_ssim_has_the_values_and_gradients_of_tensorflow(shape):
    fake, target = (tf.constant(images_of(shape, seed), tf.float32) for seed in (2, 3))
    factors = (0.2, 0.3, 0.5)

    def theirs(image):
        return 1 - tf.image.ssim_multiscale((image + 1) / 2, (target + 1) / 2, 1.0, power_factors=factors)

    term = MultiScaleSSIM(power_factors=factors)
    slopes = []
    for compute in (theirs, lambda image: term.call(match_of(image, target))):
        with tf.GradientTape() as tape:
            tape.watch(fake)
            value = compute(fake)
        slopes.append((value, tape.gradient(value, fake)))
    np.testing.assert_allclose(slopes[1][0], slopes[0][0], atol=2e-5)
    scale = np.abs(slopes[0][1]).max()
    np.testing.assert_allclose(slopes[1][1], slopes[0][1], atol=2e-3 * scale)


def test_the_papers_five_scales_have_the_value_of_tensorflow():
    fake, target = (images_of((1, 161, 170, 1), seed).astype("float32") for seed in (4, 5))
    expected = 1 - tf.image.ssim_multiscale((fake + 1) / 2, (target + 1) / 2, max_val=1.0)
    np.testing.assert_allclose(MultiScaleSSIM().call(match_of(fake, target)), expected, atol=2e-5)


@pytest.mark.parametrize("term", [SSIM(filter_size=5), MultiScaleSSIM((0.5, 0.5), filter_size=5)])
def test_equal_images_cost_nothing_and_unlike_ones_much(term):
    image = images_of((2, 16, 16, 1), 6).astype("float32")
    assert float(term(match_of(image, image))) == pytest.approx(0.0, abs=1e-5)
    noise = np.random.default_rng(7).uniform(-1, 1, image.shape).astype("float32")
    assert float(term(match_of(image, noise))) > 0.6


def test_images_that_share_nothing_pass_no_gradient_but_no_nan_either():
    image = tf.constant(images_of((1, 16, 16, 1), 8), tf.float32)
    term = MultiScaleSSIM((0.5, 0.5), filter_size=5)
    with tf.GradientTape() as tape:
        tape.watch(image)
        value = term(match_of(image, -image))
    assert float(value) == 1.0
    assert np.all(tape.gradient(value, image) == 0.0)


def test_brightness_is_compared_from_black():
    dark, light = np.full((1, 11, 11, 1), -0.9, "float32"), np.full((1, 11, 11, 1), -0.8, "float32")
    one, other = 0.05, 0.1  # in [0, 1]
    expected = 1 - (2 * one * other + 1e-4) / (one**2 + other**2 + 1e-4)
    assert float(SSIM()(match_of(dark, light))) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("term", "size", "needed"),
    [(SSIM(), 10, "at least 11 x 11"), (MultiScaleSSIM(), 160, "at least 161 x 161")],
)
def test_images_smaller_than_the_window_are_refused(term, size, needed):
    image = np.zeros((1, size, size, 1), "float32")
    with pytest.raises(ValueError, match=rf"{type(term).__name__}[\s\S]*{needed}[\s\S]*smaller filter_size"):
        term(match_of(image, image))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SSIM(filter_size=0), "`filter_size` must be an integer"),
        (lambda: SSIM(filter_sigma=0.0), "`filter_sigma` is out of range"),
        (lambda: MultiScaleSSIM(power_factors=()), "`power_factors` must have"),
        (lambda: MultiScaleSSIM(power_factors=(0.5, 0.0)), "`power_factors` must have"),
    ],
)
def test_arguments_are_checked(make, words):
    with pytest.raises(ValueError, match=words):
        make()
