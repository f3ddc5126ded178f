import itertools
import logging

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.data.files import noise, numbered_folder, save
from tfgan_tricks.data import Source, load, open_source, to_uint8


def take(dataset: tf.data.Dataset, count: int) -> list[dict[str, np.ndarray]]:
    return list(itertools.islice(dataset.as_numpy_iterator(), count))


@pytest.fixture
def numbers(tmp_path):
    """25 images of 8x8 whose grey level is their number."""
    return f"folder:{numbered_folder(tmp_path / 'numbers', 25)}"


def test_a_batch_is_what_the_package_agreed_on():
    dataset = load("digits", resolution=16, batch_size=24, seed=3)
    assert dataset.element_spec["image"] == tf.TensorSpec((24, 16, 16, 1), tf.float32)
    assert dataset.element_spec["label"] == tf.TensorSpec((24,), tf.int32)
    assert dataset.cardinality() == tf.data.INFINITE_CARDINALITY
    images = np.concatenate([batch["image"] for batch in take(dataset, 10)])
    assert images.min() == -1.0
    assert images.max() == 1.0


def test_images_keep_their_labels_whatever_the_order():
    source = open_source("digits")
    by_image = {image.tobytes(): label for image, label in zip(source.images, source.labels, strict=True)}
    for batch in take(load("digits", batch_size=50, seed=1), 40):
        assert [by_image[image.tobytes()] for image in to_uint8(batch["image"])] == batch["label"].tolist()


@pytest.mark.parametrize("cache_gigabytes", [1.0, 0.0])
def test_an_epoch_shows_each_image_once(numbers, cache_gigabytes):
    batches = take(load(numbers, batch_size=10, seed=4, cache_gigabytes=cache_gigabytes), 5)
    shown = np.rint((np.concatenate([batch["image"][:, 0, 0, 0] for batch in batches]) + 1.0) * 127.5)
    for epoch in (shown[:25], shown[25:]):
        assert np.array_equal(np.sort(epoch), np.arange(25))
    assert not np.array_equal(shown[:25], shown[25:])


@pytest.mark.parametrize("cache_gigabytes", [1.0, 0.0])
@pytest.mark.parametrize("batches_before", [1, 2, 7])  # 25 images, batches of 10: over borders of epochs
def test_a_resumed_stream_goes_on_exactly(tmp_path, cache_gigabytes, batches_before):
    for number in range(25):
        save(tmp_path / "ab"[number % 2] / f"{number}.png", noise(number, 9, 11))
    options = {"resolution": 8, "batch_size": 10, "seed": 6, "flip": True, "cache_gigabytes": cache_gigabytes}
    whole = take(load(f"folder:{tmp_path}", **options), batches_before + 4)
    rest = take(load(f"folder:{tmp_path}", start=10 * batches_before, **options), 4)
    for expected, resumed in zip(whole[batches_before:], rest, strict=True):
        assert np.array_equal(expected["image"], resumed["image"])
        assert np.array_equal(expected["label"], resumed["label"])


def test_a_stream_resumed_with_another_batch_size_shows_the_same_images():
    whole = np.concatenate([batch["image"] for batch in take(load("digits", batch_size=10, flip=True), 6)])
    rest = np.concatenate([batch["image"] for batch in take(load("digits", batch_size=7, flip=True, start=18), 6)])
    assert np.array_equal(whole[18:], rest)


def test_images_in_memory_and_from_disk_are_the_same(tmp_path):
    for number in range(12):
        save(tmp_path / f"{number}.png", noise(number, 20 + number, 31))
    options = {"resolution": (10, 12), "batch_size": 8, "flip": True}
    cached, decoded = (take(load(f"folder:{tmp_path}", cache_gigabytes=g, **options), 4) for g in (1.0, 0.0))
    for one, other in zip(cached, decoded, strict=True):
        assert np.array_equal(one["image"], other["image"])


def test_an_array_too_large_to_be_resized_in_memory_gives_the_same_images(tmp_path):
    np.savez(tmp_path / "a.npz", images=np.stack([noise(seed, 12, 12) for seed in range(10)]))
    options = {"resolution": 8, "channels": 1, "batch_size": 6}
    resized, on_the_fly = (take(load(f"npz:{tmp_path}/a.npz", cache_gigabytes=g, **options), 3) for g in (1.0, 0.0))
    for one, other in zip(resized, on_the_fly, strict=True):
        assert np.abs(one["image"] - other["image"]).max() <= 1.01 / 127.5  # a tie may be rounded either way


def test_flipping_mirrors_some_images_and_changes_nothing_else():
    plain = np.concatenate([batch["image"] for batch in take(load("digits", batch_size=50), 4)])
    flipped = np.concatenate([batch["image"] for batch in take(load("digits", batch_size=50, flip=True), 4)])
    mirrored = [np.array_equal(one, other[:, ::-1]) for one, other in zip(plain, flipped, strict=True)]
    same = [np.array_equal(one, other) for one, other in zip(plain, flipped, strict=True)]
    assert all(m or s for m, s in zip(mirrored, same, strict=True))
    assert 0.35 < np.mean(mirrored) < 0.65


def test_a_batch_may_be_larger_than_the_source(numbers):
    (batch,) = take(load(numbers, batch_size=60), 1)
    levels = np.rint((batch["image"][:, 0, 0, 0] + 1.0) * 127.5)
    assert np.array_equal(np.sort(levels[:25]), np.arange(25))
    assert np.array_equal(np.sort(levels[25:50]), np.arange(25))


def test_an_open_source_can_be_loaded_several_times(numbers):
    source = open_source(numbers)
    assert take(load(source, resolution=4, batch_size=5), 1)[0]["image"].shape == (5, 4, 4, 1)
    assert take(load(source, channels=3, batch_size=5), 1)[0]["image"].shape == (5, 8, 8, 3)


@pytest.fixture
def stream():
    """Eight images that can only be read in order; 2 cannot be decoded, 5 is small."""

    def make(number):
        with tf.control_dependencies([tf.debugging.Assert(number != 2, ["no image"])]):
            side = tf.where(number == 5, 4, 8)
        return tf.fill((side, side, 1), tf.cast(number, tf.uint8)), tf.cast(number % 3, tf.int32)

    names = ("x", "y", "z")
    return Source("stream", 8, (None, None, 1), None, names, stream=lambda: tf.data.Dataset.range(8).map(make))


def test_a_stream_is_read_once_and_what_cannot_be_used_is_skipped(stream, caplog):
    with pytest.raises(ValueError, match=r"image 2 of stream: cannot be decoded .*no image"):
        load(stream, resolution=8)
    with caplog.at_level(logging.WARNING, logger="absl"):
        batch = next(load(stream, resolution=8, batch_size=6, on_error="skip").as_numpy_iterator())
    assert "Skipped 2 of 8 images of stream: image 2" in caplog.text
    numbers = np.rint((batch["image"][:, 0, 0, 0] + 1.0) * 127.5).astype(int)
    assert sorted(numbers) == [0, 1, 3, 4, 6, 7]
    assert (numbers % 3).tolist() == batch["label"].tolist()


def test_fit_divides_a_batch_between_replicas(two_replicas):
    with two_replicas.scope():
        dataset = load("digits", batch_size=6, seed=2)

    class Recorder(keras.Model):
        def __init__(self):
            super().__init__()
            self.weight = self.add_weight(shape=(), name="w")

        def train_step(self, batch):
            seen.append(batch["image"].shape)
            return {"level": tf.reduce_mean(batch["image"])}

    seen: list = []
    with two_replicas.scope():
        model = Recorder()
        model.built = True
        model.compile()
    history = model.fit(dataset, shuffle=False, steps_per_epoch=2, verbose=0)
    assert {tuple(shape) for shape in seen} == {(3, 8, 8, 1)}
    expected = np.mean([batch["image"].mean() for batch in take(load("digits", batch_size=6, seed=2), 2)])
    assert history.history["level"][0] == pytest.approx(expected, abs=0.05)


def test_the_pixels_are_not_copied_into_the_graph(tmp_path):
    np.savez(tmp_path / "a.npz", images=np.zeros((3000, 32, 32, 3), np.uint8))  # 9 MB
    dataset = load(f"npz:{tmp_path}/a.npz")
    graphs = [function.graph.as_graph_def().ByteSize() for function in _functions(dataset)]
    assert graphs
    assert max(graphs) < 100_000


def _functions(dataset):
    for parent in dataset._inputs():
        yield from _functions(parent)
    yield from (function.function for function in dataset._functions())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"batch_size": 0}, ("batch_size", ">= 1")),
        ({"batch_size": 2.5}, ("batch_size",)),
        ({"seed": -1}, ("seed",)),
        ({"start": -5}, ("start",)),
        ({"resolution": 0}, ("resolution",)),
        ({"resolution": (8, 8, 8)}, ("resolution", "height, width")),
        ({"resolution": "64"}, ("resolution",)),
        ({"channels": 4}, ("channels", "1, 3")),
        ({"crop": "centre"}, ("crop", "did you mean 'center'")),
        ({"crop": "none", "resolution": 16}, ("image 0 of digits", "8x8", "16x16", "exactly")),
        ({"upscale": False, "resolution": 16}, ("image 0 of digits", "8x8", "16x16", "upscale=True")),
        ({"split": "test"}, ("split", "train")),
        ({"on_error": "ignore"}, ("on_error", "raise", "skip")),
        ({"cache_gigabytes": -1.0}, ("cache_gigabytes",)),
    ],
)
def test_wrong_arguments_are_refused_with_what_was_received_and_how_to_fix_it(arguments, words):
    with pytest.raises(ValueError, match=r"Received: .*\n.*Expected: .*\n.*Fix: ") as caught:
        load("digits", **arguments)
    for word in words:
        assert word in str(caught.value)


def test_a_batch_that_replicas_cannot_share_is_refused(two_replicas):
    with two_replicas.scope(), pytest.raises(ValueError, match=r"batch_size=7 for 2 replicas(.|\n)*batch_size=8"):
        load("digits", batch_size=7)


@pytest.mark.parametrize(
    ("uri", "fix"),
    [
        ("digit", "did you mean 'digits'"),
        ("fashion-mnist", "did you mean 'fashion_mnist'"),
        ("fodler:x", "did you mean 'folder'"),
        ("folder", "write folder:DIR"),
        ("folder:", "write folder:DIR"),
        ("digits:8", "write digits"),
        ("/", "did you mean 'folder:/'"),
        ("a.npz", "did you mean 'npz:a.npz'"),
        ("", "choose one"),
        (7, "choose one"),
    ],
)
def test_an_unknown_uri_is_refused_with_the_nearest_match(uri, fix):
    with pytest.raises(ValueError, match=fix):
        load(uri)
