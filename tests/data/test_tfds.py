import numpy as np
import pytest
import tensorflow_datasets as tfds

from tests.data.files import noise
from tfgan_tricks.data import arrays, load, open_source
from tfgan_tricks.data.tfds import open_tfds

COUNT = 30


class TinyPictures(tfds.core.GeneratorBasedBuilder):
    """A real builder: 30 labelled images of different sizes, in several files."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = {"image": tfds.features.Image(shape=(None, None, 3)), "label": tfds.features.ClassLabel(names="xyz")}
        return self.dataset_info_from_configs(features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager):
        return {"train": self._examples(0, COUNT), "test": self._examples(COUNT, COUNT + 4)}

    def _generate_examples(self):
        raise NotImplementedError

    def _examples(self, start, stop):
        for number in range(start, stop):
            yield number, {"image": noise(number, 12 + number % 2, 12), "label": number % 3}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tfds")
    TinyPictures(data_dir=folder).download_and_prepare(download_config=tfds.download.DownloadConfig(num_shards=3))
    tfds.core.add_data_dir(folder)


def test_a_prepared_data_set_is_read_with_its_labels(prepared):
    images, labels = arrays("tfds:tiny_pictures", resolution=12)
    assert images.shape == (COUNT, 12, 12, 3)
    expected = {noise(number, 12 + number % 2, 12)[:12].tobytes(): number % 3 for number in range(COUNT)}
    found = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    assert found == expected  # 13 rows are cut to the upper 12


def test_its_order_is_the_same_each_time_and_can_be_resumed(prepared):
    first, second = (arrays("tfds:tiny_pictures", resolution=12) for _ in range(2))
    assert np.array_equal(first[0], second[0])
    stream = load("tfds:tiny_pictures:train", resolution=12, batch_size=8, flip=True).as_numpy_iterator()
    whole = [next(stream) for _ in range(9)]
    rest = load("tfds:tiny_pictures:train", resolution=12, batch_size=8, flip=True, start=40).as_numpy_iterator()
    for batch in whole[5:]:
        resumed = next(rest)
        assert np.array_equal(batch["image"], resumed["image"])
        assert np.array_equal(batch["label"], resumed["label"])
    epoch = np.concatenate([batch["label"] for batch in whole])[:COUNT]
    assert np.bincount(epoch).tolist() == [10, 10, 10]


@pytest.mark.parametrize(
    ("uri", "split", "count"),
    [
        ("tfds:tiny_pictures:test", "train", 4),
        ("tfds:tiny_pictures", "test", 4),
        ("tfds:tiny_pictures:train[:50%]", "", 15),
    ],
)
def test_splits(prepared, uri, split, count):
    source = open_source(uri, split=split or "train")
    assert source.count == count
    assert source.class_names == ("x", "y", "z")


def test_small_images_and_sizes_are_refused_like_files(prepared):
    with pytest.raises(ValueError, match=r"image 0 of tfds:tiny_pictures:train: 12x1[23] pixels"):
        load("tfds:tiny_pictures", resolution=16)
    with pytest.raises(ValueError, match="different sizes"):
        load("tfds:tiny_pictures")


def test_a_set_that_does_not_fit_into_memory_is_refused(prepared):
    with pytest.raises(ValueError, match=r"does not fit into memory(.|\n)*raise cache_gigabytes"):
        load("tfds:tiny_pictures", resolution=12, cache_gigabytes=1e-6)


def test_the_real_call_for_a_public_data_set():
    with tfds.testing.mock_data(num_examples=20):
        batch = next(load("tfds:cifar10", batch_size=10, resolution=16).as_numpy_iterator())
        source = open_source("tfds:cifar10")
    assert batch["image"].shape == (10, 16, 16, 3)
    assert batch["label"].shape == (10,)
    assert source.classes == 10


def test_names_splits_and_missing_data_are_told_apart(prepared, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=r"no data set 'cifra10'(.|\n)*did you mean 'cifar10'"):
        open_source("tfds:cifra10")
    with pytest.raises(ValueError, match=r"could not open 'tiny_pictures'(.|\n)*validation"):
        open_source("tfds:tiny_pictures:validation")
    with pytest.raises(ValueError, match=r"not prepared on this machine(.|\n)*download=True"):
        open_source("tfds:horses_or_humans")
    with pytest.raises(ValueError, match=r"install the Debian package(.|\n)*download=True"):
        open_tfds("horses_or_humans", hint="install the Debian package x, or")


def test_data_sets_without_one_image_are_refused():
    with tfds.testing.mock_data(num_examples=2), pytest.raises(ValueError, match="Which feature"):
        open_source("tfds:imdb_reviews")
