"""`Charbonnier` and `TotalVariation` against loops over pixels."""

import numpy as np
import pytest
import tensorflow as tf

from tests.support.differences import check_slopes
from tfgan_tricks.losses.image import Charbonnier, TotalVariation
from tfgan_tricks.types import Match

FAKE, TARGET = (np.random.default_rng(seed).uniform(-1, 1, (3, 4, 5, 2)) for seed in (0, 1))
MASK = np.random.default_rng(2).integers(2, size=(3, 4, 5, 1)).astype("float64")


def match_of(fake, **aux) -> Match:
    return Match(real=None, fake=fake, aux=aux, player="generator")


def charbonnier(fake, epsilon: float) -> float:
    pixels = [np.sqrt((fake[i] - TARGET[i]) ** 2 + epsilon**2) for i in np.ndindex(fake.shape)]
    return float(np.mean(pixels))


@pytest.mark.parametrize("epsilon", [1e-3, 0.5])
def test_charbonnier_is_the_mean_of_the_rounded_differences(epsilon):
    term = Charbonnier(epsilon=epsilon)
    check_slopes(lambda fake: term(match_of(fake, target=TARGET)), lambda fake: charbonnier(fake, epsilon), FAKE)


def test_charbonnier_of_equal_images_is_epsilon_with_no_gradient():
    image = tf.constant(FAKE, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(image)
        value = Charbonnier(epsilon=0.02)(match_of(image, target=FAKE.astype("float32")))
    assert float(value) == pytest.approx(0.02, rel=1e-5)
    assert np.all(tape.gradient(value, image) == 0.0)


def test_charbonnier_gives_one_value_per_image():
    values = Charbonnier().call(match_of(FAKE, target=TARGET))
    assert values.shape == (3,)
    np.testing.assert_allclose(values, np.abs(FAKE - TARGET).mean(axis=(1, 2, 3)), rtol=1e-4)


def variation(images, norm: str, mask=None) -> float:
    """Sum over the pairs of neighbours, pair by pair, over the number of pixel values."""
    mask = np.ones_like(images) if mask is None else np.broadcast_to(mask, images.shape)
    power = {"l1": 1, "l2": 2}[norm]
    total, (n, h, w, c) = 0.0, images.shape
    for example, i, j, channel in np.ndindex(images.shape):
        for k, m in ((i + 1, j), (i, j + 1)):
            if k < h and m < w:
                both = mask[example, i, j, channel] * mask[example, k, m, channel]
                total += both * np.abs(images[example, i, j, channel] - images[example, k, m, channel]) ** power
    return total / (h * w * c) / n


@pytest.mark.parametrize("norm", ["l1", "l2"])
@pytest.mark.parametrize("mask", [None, MASK], ids=["everywhere", "masked"])
def test_total_variation_is_the_sum_over_neighbours(norm, mask):
    term = TotalVariation(norm=norm, mask=None if mask is None else "hole")
    aux = {} if mask is None else {"hole": mask}
    check_slopes(lambda fake: term(match_of(fake, **aux)), lambda fake: variation(fake, norm, mask), FAKE)


def test_total_variation_of_a_plain_image_is_nothing_and_of_stripes_all():
    stripes = np.tile(np.array([1.0, -1.0]), 3)[None, None, :, None] * np.ones((1, 4, 1, 1))  # 4 x 6
    assert float(TotalVariation()(match_of(np.full((2, 4, 6, 1), 0.7)))) == 0.0
    assert float(TotalVariation()(match_of(stripes))) == pytest.approx(4 * 5 * 2.0 / 24)
    assert float(TotalVariation("l2")(match_of(stripes))) == pytest.approx(4 * 5 * 4.0 / 24)


def test_total_variation_needs_no_target_and_works_on_any_size():
    compute = tf.function(
        lambda fake: TotalVariation().call(match_of(fake)), input_signature=[tf.TensorSpec((None, None, None, 2))]
    )
    for images in (FAKE, FAKE[:, :3, :4]):
        expected = [variation(image[None], "l1") for image in images]
        np.testing.assert_allclose(compute(images.astype("float32")), expected, rtol=1e-5)


def test_a_missing_target_is_an_error_that_says_who_has_one():
    with pytest.raises(ValueError, match=r"Charbonnier finds no 'target'[\s\S]*aux with \['latents'\][\s\S]*pairs"):
        Charbonnier()(match_of(FAKE, latents=TARGET))
    with pytest.raises(ValueError, match=r"TotalVariation finds no 'mask'[\s\S]*Fix: train on a task with masks"):
        TotalVariation(mask="mask")(match_of(FAKE))
    with pytest.raises(ValueError, match=r"no 'hole'[\s\S]*'hole': \.\.\."):
        TotalVariation(mask="hole")(match_of(FAKE))


def test_a_target_of_another_shape_is_an_error():
    with pytest.raises(ValueError, match=r"Charbonnier compares a generated image and its target[\s\S]*\(3, 4, 5, 1\)"):
        Charbonnier()(match_of(FAKE, target=TARGET[..., :1]))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Charbonnier(epsilon=0.0), "`epsilon` is out of range"),
        (lambda: TotalVariation(norm="l3"), "Unknown value for `norm`"),
        (lambda: TotalVariation(mask=True), "`mask` has the wrong type"),
    ],
)
def test_arguments_are_checked(make, words):
    with pytest.raises((ValueError, TypeError), match=words):
        make()
