import numpy as np
import tensorflow as tf

from tfgan_tricks.data import arrays, describe, load, open_source, to_uint8


def test_without_a_limit_the_images_come_in_order():
    images, labels = arrays("digits")
    source = open_source("digits")
    assert np.array_equal(images, source.images)
    assert np.array_equal(labels, source.labels)


def test_a_limit_takes_a_mixed_part_that_is_always_the_same():
    images, labels = arrays("digits", limit=300)
    again, _ = arrays("digits", limit=300)
    assert np.array_equal(images, again)
    assert np.bincount(labels, minlength=10).min() > 10
    everything = {image.tobytes() for image in open_source("digits").images}
    assert {image.tobytes() for image in images} <= everything
    assert len(arrays("digits", limit=5_000)[0]) == 1797


def test_the_images_are_those_of_training():
    images, _ = arrays("digits", resolution=16, channels=3)
    known = {image.tobytes() for image in images}
    batch = next(iter(load("digits", resolution=16, channels=3, batch_size=100)))
    assert {image.tobytes() for image in to_uint8(batch["image"]).numpy()} <= known


def test_descriptions():
    assert describe(load("digits", batch_size=4)) == "batches of image float32 4x8x8x1, label int32 4"
    assert describe(tf.data.Dataset.range(3)) == "batches of int64"
    images = np.zeros((2, 3, 4, 1), np.uint8)
    from tfgan_tricks.data import Source

    unlabelled = Source("some", 2, (3, 4, 1), images=images, skipped=("a: b",))
    assert describe(unlabelled) == "some: 2 images of 3x4x1 (height x width x channels), no labels, 1 skipped"
