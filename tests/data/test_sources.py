import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.data.files import noise, write_idx
from tfgan_tricks.data import open_source
from tfgan_tricks.data.fashion_mnist import DEBIAN_FOLDER
from tfgan_tricks.data.idx import read_idx


def test_digits_are_those_of_scikit_learn():
    source, original = open_source("digits"), load_digits()
    assert (source.count, source.shape, source.classes) == (1797, (8, 8, 1), 10)
    assert np.array_equal(np.rint(source.images[..., 0] / 255.0 * 16.0), original.images)
    assert np.array_equal(source.labels, original.target)
    assert source.images.max() == 255


@pytest.mark.skipif(not DEBIAN_FOLDER.is_dir(), reason="needs Debian's package dataset-fashion-mnist")
@pytest.mark.parametrize(("split", "count"), [("train", 60_000), ("test", 10_000)])
def test_fashion_mnist_is_read_from_debian_s_files(split, count):
    source = open_source("fashion_mnist", split=split)
    assert (source.count, source.shape) == (count, (28, 28, 1))
    assert np.bincount(source.labels).tolist() == [count // 10] * 10
    trousers = source.images[source.labels == source.class_names.index("Trouser")]
    assert trousers[:, :, 12:16].mean() > 2 * trousers[:, :, :4].mean()  # upright and narrow


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_idx_files_are_read_in_order(tmp_path, suffix):
    images, labels = noise(0, 5, 6 * 7)[..., 0].reshape(5, 6, 7), np.array([3, 1, 0, 2, 1], np.uint8)
    for stem in ("train", "t10k"):
        part = slice(None) if stem == "train" else slice(2)
        write_idx(tmp_path / f"{stem}-images-idx3-ubyte{suffix}", images[part])
        write_idx(tmp_path / f"{stem}-labels-idx1-ubyte{suffix}", labels[part])
    source = open_source(f"idx:{tmp_path}")
    assert np.array_equal(source.images[..., 0], images)
    assert source.labels.tolist() == labels.tolist()
    assert source.classes == 4
    assert open_source(f"idx:{tmp_path}", split="test").count == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: b"\x00\x00\x0d\x03" + data[4:], "00 00 0d 03"),
        (lambda data: b"", "starts with ''"),
        (lambda data: data[:-1], "only 29"),
        (lambda data: data + b"!", "holds more"),
    ],
)
def test_a_broken_idx_file_is_named(tmp_path, change, words):
    path = write_idx(tmp_path / "train-images-idx3-ubyte", np.zeros((5, 2, 3), np.uint8))
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ValueError, match=f"train-images-idx3-ubyte: .*{words}"):
        open_source(f"idx:{tmp_path}")


def test_a_cut_off_gzip_file_is_named(tmp_path):
    path = write_idx(tmp_path / "train-images-idx3-ubyte.gz", noise(0, 50, 50))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz: "):
        open_source(f"idx:{tmp_path}")


def test_idx_folders_that_do_not_say_what_to_read_are_refused(tmp_path):
    with pytest.raises(ValueError, match="no such folder"):
        open_source(f"idx:{tmp_path}/nowhere")
    write_idx(tmp_path / "a-train-images-idx3-ubyte", np.zeros((1, 2, 2), np.uint8))
    with pytest.raises(ValueError, match=r"split 'test'.*\n.*a-train-images"):
        open_source(f"idx:{tmp_path}", split="test")
    write_idx(tmp_path / "b-train-images-idx3-ubyte", np.zeros((1, 2, 2), np.uint8))
    with pytest.raises(ValueError, match="several images files"):
        open_source(f"idx:{tmp_path}")


def test_idx_of_any_number_of_dimensions(tmp_path):
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 2, 2)
    assert np.array_equal(read_idx(write_idx(tmp_path / "x", array)), array)


@pytest.mark.parametrize("compressed", [False, True])
def test_npz_with_labels(tmp_path, compressed):
    images, labels = np.stack([noise(seed, 4, 6) for seed in range(5)]), np.array([0, 2, 2, 1, 0])
    (np.savez_compressed if compressed else np.savez)(tmp_path / "a.npz", images=images, labels=labels, other=labels)
    source = open_source(f"npz:{tmp_path}/a.npz")
    assert np.array_equal(source.images, images)
    assert source.labels.tolist() == labels.tolist()
    assert source.classes == 3


def test_npz_with_a_single_array_has_no_labels(tmp_path):
    np.savez(tmp_path / "a.npz", noise(0, 7, 4)[..., 0].reshape(7, 2, 2))
    source = open_source(f"npz:{tmp_path}/a.npz")
    assert (source.count, source.shape, source.labels, source.classes) == (7, (2, 2, 1), None, None)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0)])
def test_floating_point_pixels_are_scaled_by_their_range(tmp_path, low, high):
    pixels = noise(0, 16, 16)[None]
    np.savez(tmp_path / "a.npz", (low + pixels / 255.0 * (high - low)).astype(np.float32))
    assert np.array_equal(open_source(f"npz:{tmp_path}/a.npz").images, pixels)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"a": np.zeros(3), "b": np.zeros(3)}, "arrays a, b"),
        ({"images": np.zeros((5, 4, 4, 2), np.uint8)}, r"\(5, 4, 4, 2\)"),
        ({"images": np.zeros((5, 4, 4, 4), np.uint8)}, r"\(5, 4, 4, 4\)"),
        ({"images": np.zeros((5, 3, 8, 8), np.uint8)}, "channels-first"),
        ({"images": np.zeros((0, 4, 4, 1), np.uint8)}, r"\(0, 4, 4, 1\)"),
        ({"images": np.full((5, 4, 4), 255.0)}, "from 255 to 255"),
        ({"images": np.full((5, 4, 4), np.nan)}, "nan"),
        ({"images": np.zeros((5, 4, 4), np.int64)}, "int64"),
        ({"images": np.zeros((5, 4, 4), np.uint8), "labels": np.zeros(4, int)}, r"shape \(4,\)"),
        ({"images": np.zeros((5, 4, 4), np.uint8), "labels": np.zeros((5, 10), int)}, "argmax"),
        ({"images": np.zeros((5, 4, 4), np.uint8), "labels": np.full(5, -1)}, "from 0 on"),
        ({"images": np.zeros((5, 4, 4), np.uint8), "labels": np.zeros(5)}, "float64 labels"),
        ({"images": np.array([None])}, "pickle"),
    ],
)
def test_archives_that_do_not_fit_are_refused(tmp_path, arrays, words):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(ValueError, match=words):
        open_source(f"npz:{tmp_path}/a.npz")


def test_a_file_that_is_no_archive_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no such file"):
        open_source(f"npz:{tmp_path}/a.npz")
    (tmp_path / "a.npz").write_bytes(b"PK but not a zip file")
    with pytest.raises(ValueError, match=r"a\.npz"):
        open_source(f"npz:{tmp_path}/a.npz")
    np.save(tmp_path / "b.npy", np.zeros((2, 2, 2)))
    with pytest.raises(ValueError, match="no archive; a single array"):
        open_source(f"npz:{tmp_path}/b.npy")
    np.savez(tmp_path / "c.npz", images=np.zeros((50, 4, 4), np.uint8))
    (tmp_path / "c.npz").write_bytes((tmp_path / "c.npz").read_bytes()[:300])
    with pytest.raises(ValueError, match=r"c\.npz"):
        open_source(f"npz:{tmp_path}/c.npz")
