"""The picture of attention maps, pixel by pixel."""

import numpy as np
import pytest
from PIL import Image

from tests.diagnostics.attention_model import attention_model, batch
from tfgan_tricks.diagnostics import attention_maps, attention_overlay, save_attention_overlay
from tfgan_tricks.files import WriteError

GAP = 2
RED, GREEN = (255, 40, 40), (40, 220, 40)


def panels_of(picture, width):
    return [picture[:, start : start + width] for start in range(0, picture.shape[1], width + GAP)]


def test_panels_are_the_image_with_dots_and_one_map_per_query():
    image = np.random.default_rng(0).integers(0, 200, (8, 12, 3)).astype("uint8")
    maps = np.array([[[0.0, 0.1, 0.2], [0.3, 0.4, 0.0]], [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]])
    pixels = [(1, 2), (6, 10)]
    picture = attention_overlay(image, maps, pixels)
    assert picture.dtype == np.uint8
    assert picture.shape == (8, 3 * 12 + 2 * GAP, 3)
    plain, first, second = panels_of(picture, 12)
    expected = image.copy()
    expected[1, 2], expected[6, 10] = RED, GREEN
    np.testing.assert_array_equal(plain, expected)
    # A third of the largest value is full red, two thirds full yellow, the largest white.
    heats = {0.0: (0, 0, 0), 0.1: (191.25, 0, 0), 0.2: (255, 127.5, 0), 0.3: (255, 255, 63.75), 0.4: (255, 255, 255)}
    for row, column in np.ndindex(8, 12):
        heat = heats[maps[0, row // 4, column // 4]]
        colour = np.rint(0.6 * np.array(heat) + 0.4 * image[row, column].mean())
        expected = RED if (row, column) == (1, 2) else colour
        np.testing.assert_allclose(first[row, column], expected, atol=1)
    np.testing.assert_array_equal(second[6, 10], GREEN)
    assert second[0, 0].min() > second[0, 6].max()


def test_floats_grey_images_and_enlargement():
    grey = np.linspace(-1.0, 1.0, 12).reshape(3, 4, 1)
    picture = attention_overlay(grey, np.ones((1, 3, 4)), [(2, 1)], scale=5)
    plain, _ = panels_of(picture, 20)
    assert plain.shape == (15, 20, 3)
    np.testing.assert_array_equal(plain[0, 0], [0, 0, 0])
    np.testing.assert_array_equal(plain[14, 19], [255, 255, 255])
    np.testing.assert_array_equal(plain[12, 7], RED)  # the centre of pixel (2, 1)
    dot = np.argwhere((plain == RED).all(axis=-1))
    np.testing.assert_array_equal(dot.mean(axis=0), [12, 7])
    assert dot.min(axis=0).tolist() == [10, 5]
    assert dot.max(axis=0).tolist() == [14, 9]


def test_the_picture_of_a_network_shows_where_it_looks(tmp_path):
    maps = attention_maps(attention_model(), batch(1, 2, 4), "attention", [(0, 0), (15, 31)], image_size=(16, 32))
    image = np.full((16, 32, 3), -1.0)
    save_attention_overlay(tmp_path / "attention.png", image, maps[0], [(0, 0), (15, 31)])
    assert [path.name for path in tmp_path.iterdir()] == ["attention.png"]
    picture = np.asarray(Image.open(tmp_path / "attention.png"))
    np.testing.assert_array_equal(picture, attention_overlay(image, maps[0], [(0, 0), (15, 31)]))
    _, flat, sharp = panels_of(picture, 32)
    assert len(np.unique(flat[4:, 4:], axis=None)) == 1  # position 0 attends to all alike
    brightest = np.argwhere(sharp.sum(axis=-1) == sharp[12, 26].sum())
    assert brightest.min(axis=0).tolist() == [8, 24]  # position 7 attends most to itself, the last block
    assert sharp[12, 26].sum() > sharp[12, 18].sum() > sharp[12, 10].sum()


def test_a_folder_that_is_not_there_is_an_error_that_leaves_nothing(tmp_path):
    with pytest.raises(WriteError, match=r"(?s)could not be written.*none', which does not exist.*mkdir"):
        save_attention_overlay(tmp_path / "none" / "a.png", np.zeros((4, 4, 3)), np.ones((1, 2, 2)), [(0, 0)])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("image", "maps", "pixels"),
    [
        (np.zeros((4, 4)), np.ones((1, 2, 2)), [(0, 0)]),
        (np.zeros((4, 4, 2)), np.ones((1, 2, 2)), [(0, 0)]),
        (np.zeros((4, 4, 3), "int32"), np.ones((1, 2, 2)), [(0, 0)]),
        (np.full((4, 4, 3), np.nan), np.ones((1, 2, 2)), [(0, 0)]),
        (np.full((4, 4, 3), 128.0), np.ones((1, 2, 2)), [(0, 0)]),
        (np.full((4, 4, 3), -1.01, "float32"), np.ones((1, 2, 2)), [(0, 0)]),
        (np.full((4, 4, 3), np.inf), np.ones((1, 2, 2)), [(0, 0)]),
        (np.zeros((4, 4, 3)), np.ones((2, 2)), [(0, 0)]),
        (np.zeros((4, 4, 3)), np.ones((2, 2, 2)), [(0, 0)]),
        (np.zeros((4, 4, 3)), -np.ones((1, 2, 2)), [(0, 0)]),
        (np.zeros((4, 4, 3)), np.full((1, 2, 2), np.nan), [(0, 0)]),
        (np.zeros((4, 4, 3)), np.ones((0, 2, 2)), []),
    ],
)
def test_what_cannot_be_drawn_is_refused(image, maps, pixels):
    with pytest.raises(ValueError, match="cannot be drawn") as error:
        attention_overlay(image, maps, pixels)
    assert str(maps.shape) in str(error.value)


def test_the_range_of_floats_is_named_and_rounding_beyond_one_is_not_refused():
    with pytest.raises(ValueError, match=r"Received: image float64 \(4, 4, 3\) from 128 to 128,"):
        attention_overlay(np.full((4, 4, 3), 128.0), np.ones((1, 2, 2)), [(0, 0)])
    picture = attention_overlay(np.full((4, 4, 3), 1.0 + 1e-6), np.ones((1, 2, 2)), [(0, 0)])
    np.testing.assert_array_equal(picture[3, 3], [255, 255, 255])


@pytest.mark.parametrize("name", ["a.xyz", "a", "a.xbm", "a.psd"])  # unknown, none, without colours, only to be read
def test_a_format_that_cannot_be_written_is_refused_with_a_name_that_can(name, tmp_path):
    with pytest.raises(ValueError, match=rf"(?s)Received: [^\n]*{name}'.*Fix: name the file 'a\.png'"):
        save_attention_overlay(tmp_path / name, np.zeros((4, 4, 3)), np.ones((1, 2, 2)), [(0, 0)])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a.PNG", "a.bmp", "a.tiff"])
def test_formats_without_loss_hold_the_picture(name, tmp_path):
    arguments = (np.zeros((4, 4, 3)), np.ones((1, 2, 2)), [(0, 0)])
    save_attention_overlay(tmp_path / name, *arguments)
    np.testing.assert_array_equal(Image.open(tmp_path / name), attention_overlay(*arguments))


def test_a_query_outside_of_the_image_is_refused():
    with pytest.raises(ValueError, match=r"(?s)outside of the image.*\(4, 0\).*\(3, 5\)"):
        attention_overlay(np.zeros((4, 6, 3)), np.ones((1, 2, 2)), [(4, 0)])
    with pytest.raises(ValueError, match="`scale`"):
        attention_overlay(np.zeros((4, 6, 3)), np.ones((1, 2, 2)), [(0, 0)], scale=0)
