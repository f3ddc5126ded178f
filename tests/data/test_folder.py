import logging
import struct
import zlib

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageOps

from tests.data.files import noise, save
from tfgan_tricks.data import arrays, describe, load, open_source
from tfgan_tricks.data.image_file import turn_upright


def test_class_subfolders_give_labels_in_the_order_of_their_names(tmp_path):
    for name, count in (("zebra", 2), ("ant", 3), ("bee", 1)):
        for number in range(count):
            save(tmp_path / name / ("deeper" if number else "") / f"{number}.png", noise(number))
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "bee" / "notes.txt").write_text("no image")
    source = open_source(f"folder:{tmp_path}")
    assert source.class_names == ("ant", "bee", "zebra")
    assert source.labels.tolist() == [0, 0, 0, 1, 2, 2]
    assert describe(source) == (
        f"folder:{tmp_path}: 6 images of 20x20x3 (height x width x channels), 3 classes (ant, bee, zebra)"
    )


def test_a_flat_folder_has_no_labels_and_is_read_in_the_order_of_names(tmp_path):
    for name in ("b.png", "a.PNG", "c.png"):
        save(tmp_path / name, np.full((4, 4, 1), ord(name[0]), np.uint8))
    images, labels = arrays(f"folder:{tmp_path}")
    assert labels is None
    assert images[:, 0, 0, 0].tolist() == [97, 98, 99]
    assert set(load(f"folder:{tmp_path}").element_spec) == {"image"}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("name", "options", "tolerance"),
    [
        ("a.png", {}, 0),
        ("a.bmp", {}, 0),
        ("a.webp", {"lossless": True}, 0),
        ("a.gif", {}, 0),
        ("a.jpg", {"quality": 100, "subsampling": 0}, 4),
        ("a.JPEG", {"quality": 100, "subsampling": 0}, 4),
    ],
)
def test_every_format_gives_its_pixels(tmp_path, name, options, tolerance, channels):
    pixels = noise(0, 12, 16, channels) // 64 * 64  # few colours, so that a GIF's palette holds them all
    save(tmp_path / name, pixels, **options)
    images, _ = arrays(f"folder:{tmp_path}", channels=channels)
    assert np.abs(images[0].astype(int) - pixels).max() <= tolerance


def test_of_an_animation_the_first_frame_is_taken(tmp_path):
    frames = [Image.fromarray(np.full((6, 6, 3), level, np.uint8)) for level in (40, 120, 200)]
    for name in ("a.gif", "a.png"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    images, _ = arrays(f"folder:{tmp_path}")
    assert (images == 40).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_png_of_every_colour_type(tmp_path, mode):
    original = Image.fromarray(noise(1, 8, 8))
    if mode == "I;16":
        original = Image.fromarray(noise(1, 8, 8, 1)[..., 0].astype(np.uint16) * 257)
        expected = noise(1, 8, 8, 1)
    else:
        original = original.convert(mode)
        expected = np.asarray(original.convert("L" if mode in ("1", "L", "LA") else "RGB")).reshape(8, 8, -1)
    original.save(tmp_path / "a.png")
    images, _ = arrays(f"folder:{tmp_path}")
    assert np.array_equal(images[0], expected)  # opaque, so that no white shows


def test_one_colour_image_makes_a_colour_source(tmp_path):
    save(tmp_path / "a.png", noise(0, 8, 8, 1))
    assert open_source(f"folder:{tmp_path}").shape == (8, 8, 1)
    save(tmp_path / "b.jpg", noise(0, 9, 8, 3))
    assert open_source(f"folder:{tmp_path}").shape == (None, None, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_are_turned_upright(tmp_path, orientation):
    pixels = noise(orientation, 6, 10)
    exif = Image.Exif()
    exif[0x0112] = orientation
    save(tmp_path / "a.jpg", pixels, quality=100, subsampling=0, exif=exif)
    expected = ImageOps.exif_transpose(Image.open(tmp_path / "a.jpg"))
    source = open_source(f"folder:{tmp_path}")
    assert source.shape[:2] == (expected.height, expected.width)
    images, _ = arrays(source)
    assert np.abs(images[0].astype(int) - np.asarray(expected)).max() <= 4
    turned = turn_upright(tf.constant(pixels), tf.constant(orientation)).numpy()
    assert np.array_equal(turned, np.asarray(ImageOps.exif_transpose(_tagged(pixels, exif))))


def _tagged(pixels, exif):
    image = Image.fromarray(pixels)
    image.getexif()[0x0112] = exif[0x0112]
    return image


def test_a_folder_that_cannot_be_a_source_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no such folder"):
        load(f"folder:{tmp_path}/nowhere")
    with pytest.raises(ValueError, match="holds no images"):
        load(f"folder:{tmp_path}")
    (tmp_path / "empty class").mkdir()
    (tmp_path / "notes.txt").write_text("no image")
    with pytest.raises(ValueError, match="holds no images"):
        load(f"folder:{tmp_path}")
    with pytest.raises(ValueError, match="a file, not a folder"):
        load(f"folder:{tmp_path}/notes.txt")
    save(tmp_path / "a.png", noise(0))
    save(tmp_path / "class" / "a.png", noise(0))
    with pytest.raises(ValueError, match="side by side"):
        load(f"folder:{tmp_path}")


def _cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


def _empty(path):
    path.write_bytes(b"")


def _text(path):
    path.write_text("not an image")


def _animated_webp(path):
    frames = [Image.fromarray(noise(seed)) for seed in range(2)]
    frames[0].save(path, "WEBP", save_all=True, append_images=frames[1:])


def _palette_bmp(path):
    Image.fromarray(noise(0)).convert("P").save(path, "BMP")


def _bomb(path):
    """A PNG of 70 bytes that claims 100,000 x 100,000 pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))


def _large(path):
    Image.new("1", (9_000, 8_000)).save(path, "PNG")


BREAKAGES = {
    _cut: "b.png",
    _empty: "b.png",
    _text: "b.png: corrupt",
    _animated_webp: "animated WebP",
    _palette_bmp: "BMP with a palette",
    _bomb: "64 megapixels",
    _large: "9000x8000 pixels are more than 64 megapixels",
}


@pytest.mark.parametrize("cache_gigabytes", [1.0, 0.0])
@pytest.mark.parametrize(("harm", "words"), BREAKAGES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_an_unusable_image_is_named_or_skipped_and_reported(tmp_path, caplog, harm, words, cache_gigabytes):
    for name in "abcd":
        save(tmp_path / f"class {name}" / f"{name}.png", noise(ord(name)))
    harm(tmp_path / "class b" / "b.png")
    options = {"resolution": 16, "batch_size": 3, "cache_gigabytes": cache_gigabytes}
    with pytest.raises(ValueError, match=words) as caught:
        load(f"folder:{tmp_path}", **options)
    assert str(tmp_path / "class b" / "b.png") in str(caught.value)
    assert 'on_error="skip"' in str(caught.value)
    with caplog.at_level(logging.WARNING, logger="absl"):
        batch = next(load(f"folder:{tmp_path}", on_error="skip", **options).as_numpy_iterator())
    assert sorted(batch["label"]) == [0, 2, 3]  # classes keep their numbers
    assert "Skipped 1 of 4 images" in caplog.text
    assert "b.png" in caplog.text


def test_headers_alone_are_read_if_asked_for(tmp_path):
    for name in "abc":
        save(tmp_path / f"{name}.png", noise(0))
    _cut(tmp_path / "b.png")
    dataset = load(f"folder:{tmp_path}", cache_gigabytes=0.0, verify=False, batch_size=3)
    with pytest.raises(tf.errors.InvalidArgumentError):
        next(iter(dataset))


def test_when_no_image_is_left_skipping_is_refused(tmp_path):
    for name in "ab":
        _text(save(tmp_path / f"{name}.png", noise(0)))
    with pytest.raises(ValueError, match=r"No image of .* can be used(.|\n)*a\.png(.|\n)*1 more"):
        load(f"folder:{tmp_path}", on_error="skip")


def test_an_image_smaller_than_the_crop_is_named(tmp_path):
    save(tmp_path / "a.png", noise(0, 40, 40))
    save(tmp_path / "b.png", noise(0, 40, 31))
    with pytest.raises(ValueError, match=r"b\.png: 31x40 pixels .* 32x32(.|\n)*upscale=True"):
        load(f"folder:{tmp_path}", resolution=32)
    assert arrays(f"folder:{tmp_path}", resolution=32, on_error="skip")[0].shape == (1, 32, 32, 3)
    assert arrays(f"folder:{tmp_path}", resolution=32, upscale=True)[0].shape == (2, 32, 32, 3)
    assert load(f"folder:{tmp_path}", resolution=31).element_spec["image"].shape == (64, 31, 31, 3)


def test_files_of_one_small_size_are_not_enlarged_either(tmp_path):
    save(tmp_path / "a.png", noise(0, 16, 16))
    with pytest.raises(ValueError, match=r"a\.png: 16x16"):
        load(f"folder:{tmp_path}", resolution=32)


def test_different_sizes_need_a_resolution(tmp_path):
    save(tmp_path / "a.png", noise(0, 20, 20))
    save(tmp_path / "b.png", noise(0, 20, 30))
    with pytest.raises(ValueError, match=r"a\.png has 20x20 pixels, .*b\.png has 30x20"):
        load(f"folder:{tmp_path}")
    with pytest.raises(ValueError, match=r"b\.png: 30x20 .*exactly"):
        load(f"folder:{tmp_path}", resolution=20, crop="none")
