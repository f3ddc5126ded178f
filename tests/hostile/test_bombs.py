"""Files that claim much are refused before anything is unpacked, by name, and without taking the memory."""

import tracemalloc

import numpy as np
import pytest

from tests.data.files import noise, save, write_idx
from tests.hostile import bombs
from tfgan_tricks.data import arrays, limits, open_source
from tfgan_tricks.data.image_file import MOST_BYTES, MOST_PIXELS, MOST_SCANS, read_header

IMAGES = {
    "a.png": bombs.png(60_000, 60_000),
    "b.jpg": bombs.jpeg(60_000, 60_000),
    "c.bmp": bombs.bmp(60_000, 60_000),
    "d.gif": bombs.gif(60_000, 60_000),
    "e.webp": bombs.webp(16_384, 16_384),
    "f.png": bombs.png(2**31 - 1, 2**31 - 1),
    "g.gif": bombs.gif(2_000, 2_000, frames=3_000),
    "h.bmp": bombs.bmp(60_000, -60_000),
    "i.png": bombs.png(8_001, 8_000),
}


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_that_claims_too_many_pixels_is_named_and_not_unpacked(name, tmp_path):
    (tmp_path / name).write_bytes(IMAGES[name])
    tracemalloc.start()
    with pytest.raises(ValueError, match=rf"{name}: .*64 megapixels(.|\n)*on_error"):
        open_source(f"folder:{tmp_path}")
    assert tracemalloc.get_traced_memory()[1] < 10e6
    tracemalloc.stop()
    assert MOST_PIXELS == 64_000_000
    assert len(IMAGES[name]) < 200_000


def test_an_image_of_the_most_pixels_is_accepted(tmp_path):
    (tmp_path / "a.png").write_bytes(bombs.png(8_000, 8_000))
    assert open_source(f"folder:{tmp_path}").shape == (8_000, 8_000, 3)


def test_frames_of_an_animation_count_together(tmp_path):
    (tmp_path / "a.gif").write_bytes(bombs.gif_of_black_frames(1_000, 64))
    assert open_source(f"folder:{tmp_path}").shape == (1_000, 1_000, 3)
    (tmp_path / "a.gif").write_bytes(bombs.gif_of_black_frames(1_000, 65))
    with pytest.raises(ValueError, match=r"a\.gif: its frames have 65,000,000 pixels together"):
        open_source(f"folder:{tmp_path}")


def test_the_size_of_a_gif_is_that_of_its_first_frame_as_the_decoder_takes_it(tmp_path):
    frame = bombs.gif_of_black_frames(20, 2)
    (tmp_path / "a.gif").write_bytes(frame[:6] + b"\x88\x13\x88\x13" + frame[10:])  # on a screen of 5,000 x 5,000
    images, _ = arrays(f"folder:{tmp_path}")
    assert images.shape == (1, 20, 20, 3)


def test_a_jpeg_of_too_many_scans_is_refused(tmp_path):
    (tmp_path / "a.jpg").write_bytes(bombs.jpeg_of_scans(20))
    assert read_header(tmp_path / "a.jpg").problem == ""
    (tmp_path / "a.jpg").write_bytes(bombs.jpeg_of_scans(500))
    assert f"scans, more than {MOST_SCANS}" in read_header(tmp_path / "a.jpg").problem


def test_an_animated_webp_of_one_frame_is_refused(tmp_path):
    (tmp_path / "a.webp").write_bytes(bombs.webp_animation_of_one_frame())
    assert "animated WebP" in read_header(tmp_path / "a.webp").problem


def test_a_file_that_is_larger_than_any_image_is_not_read(tmp_path):
    with save(tmp_path / "a.png", noise(0)).open("ab") as file:
        file.truncate(MOST_BYTES + 1)  # a hole: it takes no space
    with pytest.raises(ValueError, match=r"a\.png: its 512,000,001 bytes are more than 512,000,000"):
        open_source(f"folder:{tmp_path}")


@pytest.mark.parametrize(
    ("shape", "descr", "held", "words"),
    [
        ((10**6, 10**3, 10**3), "|u1", 64, "it holds 64 bytes"),
        ((2**62, 2**62), "<f8", 0, "it holds 0 bytes"),
        ((-1, 4, 4), "|u1", 16, "it holds 16 bytes"),
        ((1,), "|V1000000000", 8, "it holds 8 bytes"),
        ((1, 4, 4), "|O", 128, "pickled objects"),
        pytest.param((110, 10**3, 10**3), "|u1", 110_000_000, "does not fit into memory", marks=pytest.mark.slow),
        pytest.param((1, 8_001, 8_000), "|u1", 64_008_000, "at most 64 megapixels", marks=pytest.mark.slow),
    ],
)
def test_an_array_that_claims_more_than_there_is_or_fits_is_refused(shape, descr, held, words, tmp_path, monkeypatch):
    path = bombs.npz(tmp_path / "a.npz", "images", shape, descr, held)
    monkeypatch.setattr(limits, "memory", lambda: 100_000_000)
    tracemalloc.start()
    with pytest.raises(ValueError, match=words) as caught:
        open_source(f"npz:{path}")
    assert tracemalloc.get_traced_memory()[1] < 70e6
    tracemalloc.stop()
    assert str(path) in str(caught.value)
    assert path.stat().st_size < 200_000


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize(
    ("lengths", "held", "words"),
    [
        ((60_000, 28, 28), 100, "its header says 47,040,000 bytes"),
        ((2**32 - 1,) * 255, 0, "it holds less"),
        ((1,) * 65, 1, "65 dimensions"),
        ((20, 1_000, 100), 2_000_000, "does not fit into memory"),
    ],
)
def test_an_idx_file_that_claims_more_than_there_is_or_fits_is_refused(
    suffix, lengths, held, words, tmp_path, monkeypatch
):
    path = bombs.idx(tmp_path / f"train-images-idx3-ubyte{suffix}", lengths, held)
    monkeypatch.setattr(limits, "memory", lambda: 1_000_000)
    tracemalloc.start()
    with pytest.raises(ValueError, match=words) as caught:
        open_source(f"idx:{tmp_path}")
    assert tracemalloc.get_traced_memory()[1] < 10e6
    tracemalloc.stop()
    assert path.name in str(caught.value)


def test_more_behind_the_end_of_a_gzipped_file_is_not_unpacked(tmp_path):
    path = tmp_path / "train-images-idx3-ubyte.gz"
    bombs.idx(path, (2, 4, 4), 50_000_000)
    tracemalloc.start()
    with pytest.raises(ValueError, match="it holds more"):
        open_source(f"idx:{tmp_path}")
    assert tracemalloc.get_traced_memory()[1] < 2e6
    tracemalloc.stop()


def test_labels_that_would_make_billions_of_classes_are_refused(tmp_path):
    images = np.zeros((2, 4, 4), np.uint8)
    for labels in ([0, 2**31 - 1], [0, 2**40], [0, limits.MOST_CLASSES]):
        np.savez(tmp_path / "a.npz", images=images, labels=np.array(labels))
        with pytest.raises(ValueError, match=r"labels of npz:(.|\n)*below 1,000,000"):
            open_source(f"npz:{tmp_path}/a.npz")
    write_idx(tmp_path / "train-images-idx3-ubyte", images)
    assert open_source(f"idx:{tmp_path}").count == 2


def test_a_resolution_of_too_many_pixels_is_refused():
    with pytest.raises(ValueError, match=r"100000 x 100000(.|\n)*64 megapixels"):
        arrays("digits", resolution=100_000)


def test_the_memory_is_that_of_the_container_if_there_is_one(tmp_path, monkeypatch):
    (tmp_path / "max").write_text("123456\n")
    (tmp_path / "none").write_text("max\n")
    monkeypatch.setattr(limits, "CONTROL_GROUPS", (f"{tmp_path}/none", f"{tmp_path}/nowhere"))
    whole = limits.memory()
    monkeypatch.setattr(limits, "CONTROL_GROUPS", (f"{tmp_path}/max", f"{tmp_path}/none"))
    assert (whole > 1e9, limits.memory()) == (True, 123_456)
