"""Arguments of the wrong kind: a refusal that names the argument, and never repeats a whole array."""

import logging

import numpy as np
import pytest

from tests.metrics.references import FAKE, REAL
from tfgan_tricks.data import to_float
from tfgan_tricks.metrics import (
    FID,
    Classifier,
    FeatureStatistics,
    Identity,
    InceptionScore,
    NearestNeighbourMemorisation,
    Samples,
    input_checks,
    real_floor,
    stacked_labels,
)

GOOD = Samples(features=REAL)
IMAGES = np.random.default_rng(0).uniform(0.0, 1.0, (6, 4, 4, 1))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: FID()(REAL, FAKE), r"real: an array of shape \(200, 16\), of type ndarray"),
        (lambda: FID()(GOOD, FAKE), r"fake: an array of shape \(170, 16\)"),
        (lambda: FID()(GOOD, None), "fake: None"),
        (lambda: InceptionScore()(None, FAKE), "fake: an array"),
        (lambda: NearestNeighbourMemorisation()(GOOD, GOOD, held_out=REAL), "held_out: an array"),
        (lambda: real_floor(FID(), REAL), "real: an array"),
        (lambda: real_floor(REAL, GOOD), "metric: an array"),
        (lambda: Classifier(IMAGES), r"source: an array of shape \(6, 4, 4, 1\), of type ndarray"),
        (lambda: Classifier([0.0] * 1_000), "source: .{81}, of type list"),
        (lambda: Samples(statistics=REAL), "statistics: an array"),
        (lambda: Samples(IMAGES, extractor=REAL), "extractor: an array"),
        (lambda: Samples.from_batches([IMAGES], None), "extractor: None"),
        (lambda: FeatureStatistics(16).merge(REAL), "other: an array"),
        (lambda: stacked_labels(IMAGES, 3), "classify: 3"),
    ],
    ids=[
        "real",
        "fake",
        "none",
        "score",
        "held out",
        "floor",
        "metric",
        "source",
        "list",
        "statistics",
        "extractor",
        "batches",
        "merge",
        "classify",
    ],
)
def test_a_wrong_type_is_named_in_one_short_line(call, words):
    with pytest.raises(TypeError, match=words) as caught:
        call()
    assert len(str(caught.value)) < 400


def test_one_label_for_all_images_is_refused():
    with pytest.raises(ValueError, match="6 images, 1 labels"):
        Samples(IMAGES, labels=3)


def test_a_side_without_an_extractor_is_told_to_name_one():
    features = Samples(features=IMAGES.reshape(6, 16))
    pixels = Samples(IMAGES, extractor=Identity())
    with pytest.raises(ValueError, match=r"real: no extractor; generated: pixels\n(.*\n)*  Fix: pass extractor="):
        FID(diagonal=True)(features, pixels)
    named = Samples(features=IMAGES.reshape(6, 16), extractor=Identity())
    assert FID(diagonal=True)(named, pixels).value == pytest.approx(0.0, abs=1e-6)


def test_floats_that_look_like_zero_to_one_are_warned_of_once(caplog):
    input_checks._warn_of_range.cache_clear()
    with caplog.at_level(logging.WARNING, logger="absl"):
        Samples(2.0 * IMAGES - 1.0)
        Samples((255 * IMAGES).astype("uint8"))
        assert not caplog.records
        Samples(IMAGES)
        Samples(IMAGES, extractor=Identity()).features.sum()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "2 * images - 1" in caplog.text


def test_bytes_divided_by_255_are_refused_beside_images_that_use_the_whole_range():
    images = np.random.default_rng(0).integers(0, 256, (90, 4, 4, 1)).astype("uint8")
    wrong = Samples((images / 255).astype("float32"), extractor=Identity())
    for right in (images, to_float(images)):
        other = Samples(right, extractor=Identity())
        with pytest.raises(ValueError, match="generated images that are bytes divided by 255"):
            FID()(other, wrong)
        with pytest.raises(ValueError, match="real images that are bytes divided by 255"):
            FID()(wrong, other)
    bright = to_float(np.maximum(images, 128))  # bytes too, all of them brighter than the middle
    assert FID()(other, Samples(bright, extractor=Identity())).value > 0.0


def test_a_generator_that_stays_above_zero_is_measured_with_a_warning(caplog):
    input_checks._warn_of_pair.cache_clear()
    random = np.random.default_rng(0)
    real = Samples(random.uniform(-1.0, 1.0, (90, 4, 4, 1)), extractor=Identity())
    fake = Samples(random.uniform(0.0, 1.0, (90, 4, 4, 1)), extractor=Identity())
    for _ in range(2):
        assert FID()(real, fake).value > 0.0
    assert caplog.text.count("No pixel of the generated images is below 0") == 1
    FID()(real, real)
    assert "No pixel of the real" not in caplog.text
