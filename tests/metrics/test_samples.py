"""Two sides of a comparison: what is computed when, how a result is stamped, what is refused."""

import json

import keras
import numpy as np
import pytest

from tests.metrics.references import FAKE, REAL
from tfgan_tricks.metrics import (
    FID,
    KID,
    DensityCoverage,
    FeatureExtractor,
    Identity,
    InceptionScore,
    Metric,
    PrecisionRecall,
    Samples,
    real_floor,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 2, 3, 1), dtype=np.uint8)


class Counting(FeatureExtractor):
    """Means of columns; it counts how many images it was shown."""

    name = "columns"

    def __init__(self, scale: float = 1.0):
        self.scale = scale
        self.seen = 0

    def __call__(self, images):
        self.seen += len(images)
        return np.asarray(images, "float32").mean(axis=(1, 3)) * self.scale

    def probabilities(self, images, features=None):
        found = (self(images) if features is None else features) + 1.0
        return found / found.sum(axis=1, keepdims=True)

    @property
    def settings(self):
        return {"scale": self.scale}


def test_features_are_computed_once_for_all_metrics():
    extractor = Counting()
    real, fake = Samples(IMAGES, extractor=extractor), Samples(IMAGES[:30], extractor=extractor)
    FID()(real, fake)
    KID(subset_size=20, subsets=2)(real, fake)
    InceptionScore(splits=2)(None, fake)
    assert extractor.seen == 70


def test_batches_give_the_features_of_the_whole_without_keeping_images():
    batches = [{"image": IMAGES[:25], "label": np.arange(25)}, {"image": IMAGES[25:], "label": np.arange(25, 40)}]
    samples = Samples.from_batches(batches, Counting(), classify=True, split="train")
    whole = Samples(IMAGES, extractor=Counting())
    np.testing.assert_allclose(samples.features, whole.features)
    np.testing.assert_allclose(samples.probabilities, whole.probabilities)
    np.testing.assert_array_equal(samples.labels, np.arange(40))
    assert samples.images is None
    assert (samples.count, samples.split, samples.features_name) == (40, "train", "columns")


def test_a_result_says_how_it_was_measured():
    real = Samples(IMAGES, extractor=Counting(2.0), split="test")
    fake = Samples(IMAGES[::-1][:39], extractor=Counting(2.0), weights="averaged", seed=7)
    result = FID()(real, fake)
    assert result.name == "fid[columns,40/39,test,averaged]"
    assert str(result) == f"{result.name} = {result.value:.6g}"
    read = json.loads(result.to_json())
    assert read["name"] == result.name
    assert read["value"] == result.value
    assert read["protocol"] == {
        "metric": "fid",
        "settings": {"diagonal": False, "allow_singular": False},
        "features": "columns",
        "feature_settings": {"scale": 2.0},
        "n_real": 40,
        "n_fake": 39,
        "split": "test",
        "weights": "averaged",
        "seed": 7,
    }


def test_the_floor_is_the_metric_between_disjoint_halves_of_the_real_samples():
    features = np.concatenate([REAL, REAL + 0.1])
    seen = []

    class Spy(Metric):
        name = "spy"

        def measure(self, real, fake):
            seen.extend([real.features, fake.features])
            return 1.0, None, {}

    floor = real_floor(Spy(), Samples(features=features, split="train"), seed=3)
    assert floor.name == "spy[given,200/200,train,real]"
    assert floor.protocol["seed"] == 3
    halves = np.concatenate(seen)
    np.testing.assert_array_equal(halves[np.lexsort(halves.T)], features[np.lexsort(features.T)])
    assert not np.array_equal(halves, features), "drawn at random"
    value = real_floor(FID(), Samples(features=features)).value
    assert value < 0.5 * FID()(Samples(features=features), Samples(features=FAKE)).value


def test_the_floor_computes_features_once():
    extractor = Counting()
    real_floor(FID(), Samples(IMAGES, extractor=extractor))
    assert extractor.seen == 40


def test_pixels_as_features_are_those_in_the_range_of_the_networks():
    floats = IMAGES.astype("float32") / 127.5 - 1.0
    np.testing.assert_allclose(Identity()(IMAGES), floats.reshape(40, 6), atol=1e-6)
    np.testing.assert_array_equal(Identity()(floats), floats.reshape(40, 6))
    assert Samples(IMAGES, extractor=Identity()).width == 6


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (IMAGES[:0], r"shape \(0, 2, 3, 1\)"),
        (IMAGES[0], r"shape \(2, 3, 1\)"),
        (IMAGES.astype("float32"), "floats from"),
        (IMAGES.astype("int64"), "int64"),
        (
            np.where(np.arange(40).reshape(40, 1, 1, 1) < 38, 0.0, np.nan) * IMAGES,
            "2 of 40 images, the first at 38, 39",
        ),
    ],
    ids=["empty", "one", "bytes as floats", "integers", "nan"],
)
def test_images_that_cannot_be_measured_are_refused(images, words):
    with pytest.raises(ValueError, match=words):
        Samples(images, extractor=Identity())


@pytest.mark.parametrize(
    "metric",
    [FID(diagonal=True), KID(subsets=3, seed=2), InceptionScore(splits=4), PrecisionRecall(k=7), DensityCoverage(k=7)],
    ids=lambda metric: metric.name,
)
def test_metrics_come_back_from_their_configuration(metric):
    again = keras.saving.deserialize_keras_object(json.loads(json.dumps(keras.saving.serialize_keras_object(metric))))
    assert again == metric
    assert again.label == metric.label != metric.name
    assert type(metric)() != metric


def test_what_is_missing_or_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="no features"):
        _ = Samples(IMAGES).features
    with pytest.raises(ValueError, match="no labels"):
        _ = Samples(IMAGES).labels
    with pytest.raises(ValueError, match="does not classify"):
        _ = Samples(IMAGES, extractor=Identity()).probabilities
    with pytest.raises(ValueError, match="40 images, 39 labels"):
        Samples(IMAGES, labels=np.arange(39))
    with pytest.raises(ValueError, match="nothing"):
        Samples()
    with pytest.raises(ValueError, match="0 features"):
        Samples.from_batches([], Counting())
    with pytest.raises(TypeError, match="extractor"):
        Samples(IMAGES, extractor=len)
    with pytest.raises(ValueError, match=r"3 of 200 features, the first at 0, 1, 2"):
        Samples(features=np.where(np.arange(200)[:, np.newaxis] < 3, np.nan, REAL))


def test_sides_with_different_features_are_not_compared():
    with pytest.raises(ValueError, match="width 16; generated: width 15"):
        FID()(Samples(features=REAL), Samples(features=FAKE[:, :15]))
    with pytest.raises(ValueError, match=r"real: columns .*; generated: pixels"):
        FID()(Samples(IMAGES, extractor=Counting()), Samples(IMAGES, extractor=Identity()))
    with pytest.raises(ValueError, match=r"'scale': 3\.0"):
        FID()(Samples(IMAGES, extractor=Counting()), Samples(IMAGES, extractor=Counting(3.0)))
    with pytest.raises(ValueError, match="real=None"):
        FID()(None, Samples(features=FAKE))
    with pytest.raises(TypeError, match="metric"):
        real_floor("fid", Samples(features=REAL))
