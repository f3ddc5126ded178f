"""Accuracy on real images of a classifier of generated ones: good, shuffled, missing and bad classes."""

import json

import keras
import numpy as np
import pytest

from tests.metrics.test_classifier import draw
from tfgan_tricks.metrics import ClassificationAccuracyScore, Samples, classification_accuracy, real_floor

SHORT = ClassificationAccuracyScore(images_seen=4_000)


def labelled(count: int, seed: int) -> Samples:
    images, labels = draw(count, seed)
    return Samples(images, labels=labels, split="test")


def test_images_of_the_right_classes_teach_them_and_the_protocol_says_how():
    result = SHORT(labelled(300, 1), labelled(300, 2))
    assert result.value > 0.95
    assert result.details["generated"] > 0.9
    assert min(result.details["classes"].values()) > 0.9
    assert result.name == "classification_accuracy(images_seen=4000)[300/300,test]"
    assert json.loads(result.to_json())["details"]["classes"].keys() == {"0", "1", "2"}
    assert real_floor(SHORT, labelled(300, 3)).value > 0.95


def test_a_class_that_is_never_generated_is_not_told():
    images, labels = draw(400, 2)
    kept = labels != 1
    real = labelled(300, 1)
    result = SHORT(real, Samples(images[kept], labels=labels[kept]))
    assert result.details["classes"]["1"] == 0.0
    assert min(result.details["classes"][label] for label in "02") > 0.9
    assert result.value == pytest.approx(np.mean([result.details["classes"][str(label)] for label in real.labels]))


def test_labels_that_do_not_belong_to_the_images_teach_the_wrong_classes():
    images, labels = draw(300, 2)
    result = SHORT(labelled(300, 1), Samples(images, labels=(labels + 1) % 3))
    assert result.value < 0.05  # each is told to be the next one
    assert result.details["generated"] > 0.9


def test_the_accuracy_is_that_of_the_networks_answers_in_any_order(monkeypatch):
    """A stand-in for the network tells the class from the first pixel, and is wrong where it is odd."""
    trained = []
    monkeypatch.setattr(classification_accuracy, "train", lambda *a: trained.append(a[1:3]) or 0.25)

    def classify(network, images):
        return None, np.eye(4)[images[:, 0, 0, 0] // 10]

    monkeypatch.setattr(classification_accuracy, "classify", classify)
    labels = np.random.default_rng(0).integers(0, 4, 30)
    answers = np.where(np.arange(30) % 5 == 0, (labels + 1) % 4, labels)
    images = np.tile((10 * answers)[:, None, None, None], (1, 2, 2, 1)).astype("uint8")
    fake = Samples(images[:12] / np.float32(127.5) - np.float32(1.0), labels=labels[:12])
    result = ClassificationAccuracyScore()(Samples(images, labels=labels), fake)
    assert result.value == 24 / 30
    assert result.details["generated"] == 0.25
    np.testing.assert_array_equal(trained[0][0], images[:12])  # as bytes, whatever they came as
    order = np.random.default_rng(1).permutation(30)
    shuffled = ClassificationAccuracyScore()(Samples(images[order], labels=labels[order]), fake)
    assert (shuffled.value, shuffled.details) == (result.value, result.details)


def test_settings_survive_their_configuration():
    metric = ClassificationAccuracyScore(images_seen=7, seed=3)
    again = keras.saving.deserialize_keras_object(json.loads(json.dumps(keras.saving.serialize_keras_object(metric))))
    assert again == metric


@pytest.mark.parametrize(
    ("real", "fake", "words"),
    [
        (labelled(30, 0), Samples(draw(30, 0)[0]), "no labels"),
        (labelled(30, 0), Samples(draw(30, 0)[0], labels=np.full(30, -1)), "no labels of classes"),
        (labelled(30, 0), Samples(draw(30, 0)[0], labels=np.linspace(0.0, 1.0, 30)), "float64"),
        (Samples(draw(30, 0)[0], labels=np.full(30, 2)), labelled(30, 0), "all of class 2"),
        (labelled(30, 0), labelled(9, 0), "at least 10: one in 10 generated images is held out"),
        (labelled(30, 0), Samples(np.zeros((30, 8, 8, 1), "uint8"), labels=np.zeros(30, int)), r"\(8, 8, 1\)"),
    ],
    ids=["unlabelled", "negative", "fractions", "one class", "few", "shape"],
)
def test_what_cannot_be_told_is_refused_with_its_reason(real, fake, words):
    with pytest.raises(ValueError, match=words):
        ClassificationAccuracyScore()(real, fake)


def test_a_training_without_length_is_refused():
    with pytest.raises(ValueError, match="images_seen"):
        ClassificationAccuracyScore(images_seen=0)
    with pytest.raises(ValueError, match="seed"):
        ClassificationAccuracyScore(seed=-1)
