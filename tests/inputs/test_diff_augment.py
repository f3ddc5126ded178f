"""`DiffAugment`: what each operation does, recovered from its results; its draws; what passes through it."""

import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tests.support.matches import images_of
from tfgan_tricks.inputs import DiffAugment, Packing
from tfgan_tricks.randomness import SeedStream

N = 2_000


def augmented(policy, images, seed=1) -> np.ndarray:
    return DiffAugment(policy)(images, training=True, seed=SeedStream.from_integer(seed)).numpy()


def check_uniform(values, low, high):
    """Compares mean, variance and range of many draws with those of a uniform distribution."""
    width = high - low
    assert values.mean() == pytest.approx((low + high) / 2, abs=5 * width / np.sqrt(12 * len(values)))
    assert values.var() == pytest.approx(width**2 / 12, rel=0.12)
    assert low - 1e-4 <= values.min() < low + 0.02 * width
    assert high - 0.02 * width < values.max() <= high + 1e-4


def check_shares(counts, shares):
    """Compares how often each of several outcomes came with its probability."""
    counts, shares = np.asarray(counts, "float64"), np.asarray(shares)
    n = counts.sum()
    assert np.abs(counts - n * shares).max() < 5 * np.sqrt(n * shares.max())
    assert np.sum((counts - n * shares) ** 2 / (n * shares)) < len(shares) + 5 * np.sqrt(2 * len(shares))


def test_colors_change_by_one_brightness_saturation_and_contrast_per_example():
    image = images_of((5, 4, 3)).astype("float64")
    results = augmented("color", np.repeat(image[None], N, axis=0).astype("float32")).astype("float64")
    grey, mean = image.mean(axis=-1, keepdims=True), image.mean()
    means = results.mean(axis=(1, 2, 3))  # saturation and contrast keep it
    greys = results.mean(axis=-1, keepdims=True)  # saturation keeps it
    contrast = np.einsum("nhwc,hwc->n", greys - means[:, None, None, None], grey - mean) / np.sum((grey - mean) ** 2)
    both = np.einsum("nhwc,hwc->n", results - greys, image - grey) / np.sum((image - grey) ** 2)
    for i in range(0, N, 100):
        brighter = image + means[i] - mean
        saturated = brighter.mean(axis=-1, keepdims=True) * (1 - both[i] / contrast[i])
        saturated = saturated + both[i] / contrast[i] * brighter
        expected = saturated.mean() * (1 - contrast[i]) + contrast[i] * saturated
        np.testing.assert_allclose(results[i], expected, atol=1e-5)
    factors = np.stack([means - mean, both / contrast, contrast])
    for values, (low, high) in zip(factors, ((-0.5, 0.5), (0.0, 2.0), (0.5, 1.5)), strict=True):
        check_uniform(values, low, high)
    assert np.abs(np.corrcoef(factors) - np.eye(3)).max() < 0.1


def test_images_are_moved_by_up_to_a_rounded_eighth_each_way_before_zeros():
    image = images_of((12, 9, 2))
    results = augmented("translation", np.repeat(image[None], N, axis=0))
    counts = []
    for down in range(-2, 3):
        for right in range(-1, 2):
            padded = np.pad(image, ((2, 2), (1, 1), (0, 0)))
            expected = padded[2 - down : 14 - down, 1 - right : 10 - right]
            counts.append(np.sum(np.all(results == expected, axis=(1, 2, 3))))
    assert sum(counts) == N
    check_shares(counts, np.full(15, 1 / 15))


@pytest.mark.parametrize(("height", "width"), [(6, 8), (5, 7)], ids=["even_cut_of_8", "odd_cut_of_5"])
def test_a_rectangle_of_half_the_size_is_cut_out_anywhere(height, width):
    image = images_of((height, width, 2))
    results = augmented("cutout", np.repeat(image[None], N, axis=0))
    np.testing.assert_array_equal(results, np.where(results == 0.0, 0.0, image))
    cut = {}
    rows, columns = (half_size_spans(size) for size in (height, width))
    for top, bottom in rows:
        for left, right in columns:
            expected = image.copy()
            expected[top:bottom, left:right] = 0.0
            cut[top, bottom, left, right] = np.sum(np.all(results == expected, axis=(1, 2, 3)))
    assert sum(cut.values()) == N
    check_shares(list(cut.values()), np.full(len(cut), 1 / len(cut)))


def half_size_spans(size):
    """Returns where a span of half the size begins and ends when its centre is at each place, cut at the border."""
    half = (size + 1) // 2
    centres = np.arange(size + 1) if half % 2 == 0 else np.arange(size) + 0.5  # between pixels, or on one
    return [(int(max(centre - half / 2, 0)), int(min(centre + half / 2, size))) for centre in centres]


def test_operations_are_applied_in_the_order_of_the_policy():
    image = np.repeat(images_of((1, 8, 8, 3)), 16, axis=0)
    last, first = augmented("color,cutout", image), augmented("cutout, color", image)
    assert all(np.sum(one == 0.0) >= 4 * 4 * 3 / 4 for one in last)
    assert not np.any(first == 0.0)


def test_examples_draw_for_themselves_and_so_do_real_and_generated_images():
    images = np.repeat(images_of((1, 8, 8, 3)), 8, axis=0)
    layer, stream = DiffAugment(), SeedStream.from_integer(1)
    both = np.concatenate([layer(images, training=True, seed=stream).numpy() for _ in range(2)])
    assert len(np.unique(both.reshape(16, -1), axis=0)) == 16


@pytest.mark.parametrize("policy", ["color", "translation", "cutout", "translation,cutout,color"])
def test_gradient_is_that_of_a_map_affine_in_the_image(policy):
    images, change, weights = (tf.constant(images_of((4, 8, 6, 3), seed=seed)) for seed in range(3))

    def total(x):
        return tf.reduce_sum(weights * DiffAugment(policy)(x, training=True, seed=SeedStream.from_integer(1)))

    with tf.GradientTape() as tape:
        tape.watch(images)
        value = total(images)
    slope = tf.reduce_sum(tape.gradient(value, images) * change)
    np.testing.assert_allclose(slope, total(images + change) - value, rtol=1e-4, atol=1e-3)
    assert abs(float(slope)) > 1.0


def test_images_stay_as_they_are_outside_of_training():
    images = images_of((4, 8, 8, 3))
    np.testing.assert_array_equal(DiffAugment()(images, seed=SeedStream.from_integer(1)), images)


def test_an_unknown_operation_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match=r"policy='colour'[\s\S]*did you mean 'color'"):
        DiffAugment("translation,colour")
    with pytest.raises(ValueError, match=r"twice[\s\S]*policy=\"color,cutout\""):
        DiffAugment("color,cutout,color")
    with pytest.raises(TypeError, match="separated by commas"):
        DiffAugment(["color"])


def test_vectors_are_refused():
    with pytest.raises(ValueError, match=r"DiffAugment augments images[\s\S]*\(2, 3\)"):
        DiffAugment()(np.zeros((2, 3), "float32"))


def test_packs_are_augmented_image_by_image_or_not_at_all():
    gan = tiny.gan_of(inputs=[DiffAugment(), Packing(2)], packing=2, terms=[tt.penalties.R1(1.0)], jit_compile=False)
    history = gan.fit(tiny.dataset(), steps_per_epoch=2, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())
    message = r"cannot augment what Packing has packed[\s\S]*inputs=\[DiffAugment\(\.\.\.\), Packing\(\.\.\.\)\]"
    with pytest.raises(ValueError, match=message):
        tiny.gan_of(inputs=[Packing(2), tt.inputs.InstanceNoise(0.1), DiffAugment()], packing=2)


def test_the_generator_learns_through_the_augmentation():
    gan = tiny.gan_of(inputs=[DiffAugment()])
    before = tiny.values(gan.variables_of("generator"))
    gan.update("generator", {"image": tf.constant(tiny.images(8))})
    assert any(tiny.moved(before, gan.variables_of("generator")))


def test_a_config_builds_it_from_text():
    built = tt.configuration.build("DiffAugment('color,cutout')", "inputs")
    assert built.policy == "color,cutout"
