"""`AdaptiveAugment` does not leak below p = 0.8: only the true distribution looks like the data once augmented.

The critic sees distributions after augmentation. With the optimal critic, the generator's game ends where these two
agree, so a generator that makes augmented images is ruled out if the map from distributions of images to those of
augmented images is one-to-one. For an operation drawn from a commutative group this map has the eigenvalues
(1 - p) + p·φ(k), φ the characteristic function of what is drawn.
"""

import numpy as np
import pytest
import tensorflow as tf

from tests.inputs.augmentation_draws import N, color_draws, geometry_draws
from tests.support.matches import images_of
from tfgan_tricks.inputs import AdaptiveAugment
from tfgan_tricks.inputs.resampling import affine, resample
from tfgan_tricks.randomness import SeedStream

SAFE = 0.79
REAL_LINE = np.linspace(0.1, 40.0, 60)
CIRCLE = np.arange(1, 6)


def gaussian(deviation):
    return lambda k: np.exp(-0.5 * (deviation * k) ** 2)


def uniform_circle(k):
    return np.zeros_like(k, "float64")


OPERATIONS = {
    "zoom": (geometry_draws, REAL_LINE, gaussian(0.2)),
    "stretch": (geometry_draws, REAL_LINE, gaussian(0.2)),
    "x": (geometry_draws, REAL_LINE, gaussian(8 * 0.125)),
    "y": (geometry_draws, REAL_LINE, gaussian(8 * 0.125)),
    "brightness": (color_draws, REAL_LINE, gaussian(0.2)),
    "contrast": (color_draws, REAL_LINE, gaussian(0.5)),
    "saturation": (color_draws, REAL_LINE, gaussian(1.0)),
    "hue": (color_draws, CIRCLE, uniform_circle),
    "luma flip": (color_draws, np.array([np.pi]), uniform_circle),
}


@pytest.fixture(scope="module")
def drawn():
    """All parameters at p = 0.79."""
    return {draw: draw(SAFE) for draw in (geometry_draws, color_draws)}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_can_be_undone_in_distribution(name, drawn):
    draw, frequencies, characteristic = OPERATIONS[name]
    exact = (1 - SAFE) + SAFE * characteristic(frequencies)
    measured = np.mean(np.exp(1j * frequencies[:, None] * drawn[draw][name].astype("float64")), axis=1)
    np.testing.assert_allclose(measured, exact, atol=5 / np.sqrt(N))
    assert exact.min() >= 0.2


def test_either_turn_can_be_undone_in_distribution(drawn):
    for name in ("first turn", "second turn"):
        measured = np.mean(np.exp(1j * CIRCLE[:, None] * drawn[geometry_draws][name]), axis=1)
        np.testing.assert_allclose(measured, np.sqrt(1 - SAFE), atol=5 / np.sqrt(N))


def orientations(image) -> np.ndarray:
    """Returns an image mirrored or not, in its four turns."""
    return np.stack([np.rot90(one, turns) for one in (image, image[:, ::-1]) for turns in range(4)])


def orientation_chances(p: float) -> np.ndarray:
    """Returns the exact chances to go from one orientation (column) to another (row)."""
    states = orientations(np.arange(9.0).reshape(3, 3, 1))
    chances = np.zeros((8, 8))
    for source, state in enumerate(states):
        for flip, flip_chance in ((False, 1 - p / 2), (True, p / 2)):
            for turns in range(4):
                result = np.rot90(state[:, ::-1] if flip else state, turns)
                (target,) = np.flatnonzero(np.all(states == result, axis=(1, 2, 3)))
                chances[target, source] += flip_chance * (p / 4 + (1 - p) * (turns == 0))
    return chances


@pytest.mark.parametrize("p", [0.4, SAFE])
def test_the_layer_turns_and_mirrors_by_these_chances(p):
    states = orientations(images_of((3, 3, 1)))  # so small that nothing is moved by a pixel
    augment = AdaptiveAugment(policy="blit", initial_probability=p)
    for source in range(8):
        images = np.repeat(states[source][None], 2_000, axis=0)
        results = augment(images, training=True, seed=SeedStream.from_integer(source)).numpy()
        shares = [np.mean(np.all(results == state, axis=(1, 2, 3))) for state in states]
        np.testing.assert_allclose(shares, orientation_chances(p)[:, source], atol=5 * 0.5 / np.sqrt(2_000))


def best_generator(chances, data, start) -> np.ndarray:
    """Returns the distribution that a generator comes to against the optimal critic of augmented images.

    That critic leaves it with the Jensen-Shannon divergence, whose slope is log(1 - D) up to a constant.
    """
    generator, target = start, chances @ data
    for _ in range(20_000):
        shown = chances @ generator
        generator = generator * np.exp(-chances.T @ np.log(shown / (shown + target)))
        generator = generator / generator.sum()
    return generator


def test_the_generator_finds_the_upright_data_below_the_limit_and_not_at_p_1():
    data = np.array([0.6, 0.05, 0.1, 0.05, 0.08, 0.04, 0.05, 0.03])
    turned = np.roll(data, 3)
    np.testing.assert_allclose(best_generator(orientation_chances(SAFE), data, turned), data, atol=1e-3)
    # Always turned and mirrored at random, all distributions look alike: the generator stays where it is.
    np.testing.assert_allclose(best_generator(orientation_chances(1.0), data, turned), turned, atol=1e-9)


def test_the_condition_of_undoing_turns_and_mirrors_is_the_share_of_untouched_images():
    for p in (0.2, 0.5, SAFE):
        smallest = np.linalg.svd(orientation_chances(p), compute_uv=False).min()
        assert smallest == pytest.approx((1 - p) ** 2)


def shift_chances(p: float) -> np.ndarray:
    """Returns the chances between all black and white strips of 8 pixels, moved by at most one, mirrored borders."""
    strips = np.array([[pattern >> bit & 1 for bit in range(8)] for pattern in range(256)], "float32")
    one, zero = tf.ones((256,)), tf.zeros((256,))
    chances = (1 - p) * np.eye(256)
    for shift, chance in ((-1.0, 0.25), (0.0, 0.5), (1.0, 0.25)):  # round(U(-1, 1))
        moved = resample(tf.constant(strips[:, None, :, None]), affine(one, zero, zero, one, shift * one, zero))
        targets = (moved.numpy().reshape(256, 8) @ 2 ** np.arange(8)).astype(int)
        np.add.at(chances, (targets, np.arange(256)), p * chance)
    return chances


def test_shifts_by_whole_pixels_can_be_undone_though_the_border_is_mirrored():
    chances = shift_chances(SAFE)
    np.testing.assert_allclose(chances.sum(axis=0), 1.0)
    assert np.linalg.matrix_rank(chances) == 256
    data = np.random.default_rng(0).dirichlet(np.ones(256))
    np.testing.assert_allclose(np.linalg.solve(chances, chances @ data), data, atol=1e-9)
