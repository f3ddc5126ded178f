"""A classifier of the data set: what it learns, when it refuses, and that it is kept."""

import keras
import numpy as np
import pytest

from tfgan_tricks.data.in_memory import from_arrays
from tfgan_tricks.metrics import FID, Classifier, InceptionScore, Samples, class_network, trained_classifier

CLASSES = 3


def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Gray 6x6 images with a bright column, row or corner, in noise."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, CLASSES, count)
    images = random.integers(0, 60, (count, 6, 6, 1))
    images[labels == 0, :, 1] += 150
    images[labels == 1, 4, :] += 150
    images[labels == 2, :2, :2] += 150
    return images.astype("uint8"), labels


def source(labels=None, seed: int = 0):
    images, true = draw(300, seed)
    return from_arrays("shapes", images, true if labels is None else labels)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the classifiers of this file are kept, so that each is trained once."""
    return tmp_path_factory.mktemp("classifiers")


def classifier(folder, **arguments) -> Classifier:
    return Classifier(arguments.pop("source", source()), images_seen=5_000, folder=folder, **arguments)


def test_it_learns_its_data_set_and_says_how_well(folder):
    extractor = classifier(folder)
    images, labels = draw(500, seed=1)
    told = extractor.probabilities(images).argmax(axis=1)
    assert np.mean(told == labels) > 0.95
    assert 0.9 < extractor.accuracy <= 1.0
    assert extractor.settings["accuracy"] == round(extractor.accuracy, 4)
    assert extractor(images).shape == (500, class_network.FEATURES)


def test_held_out_images_are_not_trained_on(monkeypatch, tmp_path):
    shown, images = [], np.arange(200, dtype=np.uint8).reshape(200, 1, 1, 1)  # each has a value of its own
    fit = keras.Model.train_on_batch
    monkeypatch.setattr(keras.Model, "train_on_batch", lambda self, x, y: (shown.append(x.ravel()), fit(self, x, y)))
    judged = []
    monkeypatch.setattr(class_network, "classify", lambda network, x: judged.append(x) or (x, np.eye(2)[x.ravel() % 2]))
    network = class_network.class_network((1, 1, 1), 2, seed=0)
    accuracy = class_network.train(network, images, np.arange(200) % 2, seed=0, images_seen=1_000)
    held, trained = set(np.concatenate(judged).ravel().tolist()), set(np.concatenate(shown).tolist())
    assert len(held) == 20
    assert not held & trained
    assert held | trained == set(range(200))
    assert accuracy == 1.0  # the stand-in always tells odd from even


def test_probabilities_from_features_are_those_from_images(folder):
    images, _ = draw(50, seed=2)
    extractor = classifier(folder)
    expected = extractor.probabilities(images)
    np.testing.assert_allclose(extractor.probabilities(None, extractor(images)), expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(expected.sum(axis=1), 1.0, rtol=1e-5)


def test_it_is_trained_once_and_kept(folder, monkeypatch):
    first = classifier(folder)
    images, _ = draw(20, seed=3)
    features = first(images)
    monkeypatch.setattr(trained_classifier, "train", lambda *_: pytest.fail("trained again"))
    second = classifier(folder)
    np.testing.assert_array_equal(second(images), features)
    assert second.settings == first.settings
    assert (second.accuracy, second.name) == (first.accuracy, "classifier")


@pytest.mark.parametrize(
    "other", [{"seed": 1}, {"source": source(seed=9)}, {"channels": 3}, {"resolution": 12}], ids=str
)
def test_what_matters_makes_another_classifier(folder, monkeypatch, other):
    classifier(folder)([[*draw(1, 0)[0][0]]])
    trained = []
    monkeypatch.setattr(trained_classifier, "train", lambda *_: trained.append(1) or 1.0)
    _ = classifier(folder, **other).accuracy
    assert trained == [1]


def test_equal_seeds_give_equal_networks_whatever_the_policy(folder, tmp_path):
    expected = classifier(folder).settings
    keras.config.set_dtype_policy("mixed_float16")
    keras.utils.set_random_seed(99)
    again = classifier(tmp_path).settings
    assert again == expected


def test_a_spoilt_file_is_made_anew_and_a_folder_that_cannot_be_written_is_no_failure(tmp_path, monkeypatch):
    trained = []
    monkeypatch.setattr(trained_classifier, "train", lambda *_: trained.append(1) or 0.875)
    expected = classifier(tmp_path).settings
    (file,) = (tmp_path / "classifiers").iterdir()
    whole = file.read_bytes()
    for spoilt in (b"", b"spoilt", whole[: len(whole) // 2]):
        file.write_bytes(spoilt)
        assert classifier(tmp_path).settings == expected
        assert file.stat().st_size == len(whole)
    assert len(trained) == 4
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    assert classifier(blocked).accuracy == 0.875


def test_labels_that_cannot_be_learnt_refuse_the_metric_and_state_the_accuracy(folder):
    labels = np.random.default_rng(77).integers(0, CLASSES, 300)
    extractor = classifier(folder, source=source(labels))
    images, _ = draw(100, seed=4)
    samples = Samples(images, extractor=extractor)
    for metric in (FID(), InceptionScore()):
        with pytest.raises(
            ValueError, match=r"did not learn.*\n.*accuracy of 0\.[1-6]\d* on held-out images of shapes"
        ):
            metric(samples, samples)
    assert classifier(folder, source=source(labels), minimum_accuracy=0.0)(images).shape == (100, 64)


@pytest.mark.parametrize(
    ("labels", "words"), [(None, "none"), (np.zeros(300, int), "1 classes on 300 images")], ids=["none", "one class"]
)
def test_data_without_classes_are_refused(tmp_path, labels, words):
    unlabelled = from_arrays("shapes", draw(300, 0)[0], labels)
    with pytest.raises(ValueError, match=f"labels of shapes: {words}"):
        _ = classifier(tmp_path, source=unlabelled).accuracy


def test_images_of_another_shape_are_refused(folder):
    with pytest.raises(ValueError, match=r"\(8, 8, 1\)\n  Expected: images of shape \(6, 6, 1\)"):
        classifier(folder)(np.zeros((2, 8, 8, 1), "uint8"))
    with pytest.raises(TypeError, match="source"):
        Classifier(3)
    with pytest.raises(ValueError, match="minimum_accuracy"):
        Classifier("digits", minimum_accuracy=2.0)


def test_a_missing_class_is_seen(folder):
    images, labels = draw(600, seed=5)
    others, other_labels = draw(600, seed=6)
    extractor = classifier(folder)
    real = Samples(images, extractor=extractor)
    whole = FID()(real, Samples(others, extractor=extractor))
    collapsed = FID()(real, Samples(others[other_labels != 2], extractor=extractor))
    assert collapsed.value > 10.0 * whole.value
    assert len(labels) == whole.protocol["n_real"]


@pytest.mark.slow
@pytest.mark.parametrize(("uri", "accuracy"), [("digits", 0.96), ("fashion_mnist", 0.87)])
def test_the_data_sets_of_the_package_are_learnt(tmp_path, uri, accuracy):
    assert Classifier(uri, folder=tmp_path).accuracy > accuracy
