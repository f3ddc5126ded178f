"""Similarity of random pairs: TensorFlow's numbers for the pairs, the pairs themselves, collapse."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.metrics import MultiScaleSSIMDiversity, Samples, real_floor
from tfgan_tricks.metrics.ms_ssim_diversity import FACTORS, pairs_of_all, pairs_of_classes


def textures(count: int, side: int = 24, channels: int = 1, seed: int = 0) -> np.ndarray:
    """Waves of random direction and length with noise, in [-1, 1]: similar in part."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:side, :side] / 3.0
    angle, phase = random.uniform(0.0, 1.5, (2, count, 1, 1, channels))
    waves = np.sin(np.cos(angle) * rows[..., None] + np.sin(angle) * columns[..., None] + phase)
    return np.clip(0.7 * waves + random.normal(scale=0.1, size=waves.shape), -1.0, 1.0).astype("float32")


REAL, FAKE = textures(30), textures(20, seed=1)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_value_is_the_mean_of_tensorflows_similarity_over_the_pairs(channels):
    real, fake = textures(9, channels=channels), textures(7, channels=channels, seed=3)
    factors = (0.3, 0.7)
    result = MultiScaleSSIMDiversity(pairs=70, power_factors=factors, filter_size=7, seed=5)(
        Samples(real), Samples(fake)
    )
    for images, found in ((real, result.details["real"]), (fake, result.value)):
        first, second = pairs_of_all(len(images), 70, np.random.default_rng(5))
        one, other = ((images[i] + 1.0) / 2.0 for i in (first, second))
        expected = tf.image.ssim_multiscale(one, other, 1.0, power_factors=factors, filter_size=7).numpy()
        np.testing.assert_allclose(found, expected.mean(), atol=1e-5)
    np.testing.assert_allclose(result.details["standard_error"], expected.std() / np.sqrt(70), atol=1e-5)
    assert result.details["excess"] == pytest.approx(result.value - result.details["real"])


def test_bytes_and_floats_of_one_picture_are_alike():
    levels = np.rint((FAKE + 1.0) * 127.5).astype("uint8")
    floats = levels / np.float32(127.5) - np.float32(1.0)
    metric = MultiScaleSSIMDiversity(pairs=20)
    assert metric(Samples(REAL), Samples(levels)).value == metric(Samples(REAL), Samples(floats)).value


def test_a_generator_of_one_image_is_seen_and_real_images_have_no_excess():
    metric = MultiScaleSSIMDiversity(pairs=200)
    collapsed = Samples(np.repeat(FAKE[:1], 20, axis=0))
    result = metric(Samples(REAL), collapsed)
    assert result.value == pytest.approx(1.0, abs=1e-5)
    assert result.details["real"] < 0.8
    floor = real_floor(metric, Samples(textures(200)))
    assert abs(floor.details["excess"]) < 6.0 * floor.details["standard_error"]


def test_all_pairs_of_different_images_are_drawn_and_no_others():
    first, second = pairs_of_all(4, 2_000, np.random.default_rng(0))
    found, counts = np.unique(np.stack([first, second]), axis=1, return_counts=True)
    assert set(map(tuple, found.T.tolist())) == {(i, j) for i in range(4) for j in range(4) if i != j}
    assert counts.min() > 2_000 / 12 * 0.7


def test_pairs_of_classes_are_of_one_class_each_and_reach_all():
    labels = np.array([5, 1, 5, 7, 1, 5, 1, 1, 9])
    first, second = pairs_of_classes(labels, 3_000, np.random.default_rng(0))
    found = set(zip(first.tolist(), second.tolist(), strict=True))
    assert found == {(i, j) for i in range(9) for j in range(9) if i != j and labels[i] == labels[j]}


def test_within_classes_only_images_of_a_class_are_compared():
    images = np.repeat(FAKE[:2], 10, axis=0)
    real, fake = Samples(images, labels=np.arange(20) % 2), Samples(images, labels=np.arange(20) // 10)
    result = MultiScaleSSIMDiversity(pairs=40, within_classes=True)(real, fake)
    assert result.value == pytest.approx(1.0, abs=1e-5)  # the generated labels are right, the real ones mix both
    assert result.details["real"] < 0.9


@pytest.mark.parametrize(("side", "scales"), [(161, 5), (160, 4), (41, 3), (40, 2), (21, 2), (20, 1), (11, 1)])
def test_as_many_scales_are_taken_as_fit_and_their_exponents_sum_to_one(side, scales):
    metric = MultiScaleSSIMDiversity(pairs=1)
    assert metric._factors((side, 200)) == pytest.approx([f / sum(FACTORS[:scales]) for f in FACTORS[:scales]])
    if side < 50:
        result = metric(Samples(textures(2, side)), Samples(textures(2, side)))
        assert result.details["scales"] == scales


def test_settings_survive_their_configuration_and_reach_the_protocol():
    metric = MultiScaleSSIMDiversity(3, True, (0.4, 0.6), 5, 1.1, 9)
    again = keras.saving.deserialize_keras_object(json.loads(json.dumps(keras.saving.serialize_keras_object(metric))))
    assert again == metric
    result = MultiScaleSSIMDiversity(pairs=4, seed=2)(Samples(REAL, split="test"), Samples(FAKE, weights="raw"))
    assert result.name == "ms_ssim(pairs=4,seed=2)[30/20,test,raw]"
    assert json.loads(result.to_json())["protocol"]["settings"]["filter_size"] == 11
    assert MultiScaleSSIMDiversity(pairs=4, seed=3)(Samples(REAL), Samples(FAKE)).value != result.value


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: MultiScaleSSIMDiversity()(Samples(REAL[:, :10]), Samples(FAKE[:, :10])), "too small for the window"),
        (
            lambda: MultiScaleSSIMDiversity()(Samples(REAL[:, :20]), Samples(FAKE)),
            r"real: images of shape \(20, 24, 1\)",
        ),
        (lambda: MultiScaleSSIMDiversity()(Samples(features=np.eye(3)), Samples(FAKE)), "real: no images"),
        (lambda: MultiScaleSSIMDiversity()(Samples(REAL), Samples(FAKE[:1])), "at least 2: a pair has two images"),
        (lambda: MultiScaleSSIMDiversity()(None, Samples(FAKE)), "compares with real samples"),
        (lambda: Samples(np.full((2, 24, 24, 1), np.nan)), "NaN"),
        (lambda: MultiScaleSSIMDiversity(within_classes=True)(Samples(REAL), Samples(FAKE)), "no labels"),
        (lambda: pairs_of_classes(np.arange(4), 3, np.random.default_rng(0)), "4 images of 4 classes"),
        (lambda: MultiScaleSSIMDiversity(pairs=0), "pairs"),
        (lambda: MultiScaleSSIMDiversity(seed=-1), "seed"),
        (lambda: MultiScaleSSIMDiversity(power_factors=(0.5, 0.0)), "power_factors"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()
