"""Arguments of the wrong kind: a refusal that names the argument, and never repeats a whole array."""

import logging

import numpy as np
import pytest

from tests.metrics.references import FAKE, REAL
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
