"""The picture of what chosen pixels attend to."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfgan_tricks.callbacks.grid import encode, make_grid, to_picture
from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.data.pixels import to_uint8
from tfgan_tricks.diagnostics.attention_maps import check_pixel
from tfgan_tricks.files import write_atomically

# One for each query, in turn: red, green, blue, yellow, magenta, cyan.
COLOURS = np.array([[255, 40, 40], [40, 220, 40], [70, 110, 255], [255, 220, 0], [255, 60, 255], [0, 220, 220]])
SHARE = 0.6  # of the heat in a pixel; the rest is the image in grey
BEYOND = 1e-3  # what a float may lie outside of [-1, 1] by, less than half of a level of uint8


def attention_overlay(image, maps, pixels: Sequence[tuple[int, int]], scale: int = 1) -> np.ndarray:
    """Returns the picture of SAGAN's paper: an image with a dot for each query, and one heat map per query beside it.

    The heat of a map goes from black over red and yellow to white, where it has its largest value; it covers the
    image in grey. Each position of the map fills its block of pixels, so that the layer's resolution can be seen.

    **Source**: Zhang et al., 2018, arXiv:1805.08318, figures 1 and 5.

    **Differs from the paper**: the maps are not smoothed, and each is scaled by its own largest value.

    Args:
        image: [h, w, 1 or 3], uint8, or floats in [-1, 1].
        maps: [queries, any height, any width], at least 0: one example of what `attention_maps` returns.
        pixels: (row, column) of each query in the image.
        scale: pixels of the picture, each way, per pixel of the image.

    Returns:
        uint8 [height, width, 3]: queries + 1 panels in a row.

    **Cost**: none worth naming.

    **Combines badly with**: comparing strengths between panels, since each has its own scale.

    Example:

    >>> image = np.zeros((8, 8, 3))
    >>> maps = np.full((2, 4, 4), 1 / 16)
    >>> tfgan_tricks.diagnostics.attention_overlay(image, maps, [(0, 0), (7, 2)], scale=4).shape
    (32, 100, 3)
    """
    check_integer("scale", scale, at_least=1)
    image, maps = np.asarray(image), np.asarray(maps)
    _check(image, maps, len(pixels))
    for pixel in pixels:
        check_pixel(pixel, image.shape[:2])
    image = image if image.dtype == np.uint8 else to_uint8(image)
    image = np.broadcast_to(image, (*image.shape[:2], 3)).repeat(scale, 0).repeat(scale, 1)  # [h·scale, w·scale, 3]
    panels = [image.copy(), *(_blend(image, one) for one in maps)]
    for query, pixel in enumerate(pixels):
        for panel in (panels[0], panels[query + 1]):
            _draw_dot(panel, pixel, scale, COLOURS[query % len(COLOURS)])
    return make_grid(np.stack(panels), columns=len(panels))


def save_attention_overlay(path: str | Path, image, maps, pixels: Sequence[tuple[int, int]], scale: int = 1) -> None:
    """Writes the picture of `attention_overlay`; the file is complete or not there.

    **Source**: Zhang et al., 2018, arXiv:1805.08318, figures 1 and 5.

    **Differs from the paper**: as `attention_overlay` does.

    Args:
        path: file to write, with the extension of the format (`.png`); its folder exists.
        image: as for `attention_overlay`.
        maps: as for `attention_overlay`.
        pixels: as for `attention_overlay`.
        scale: as for `attention_overlay`.

    Raises:
        ValueError: if the extension is not that of a format that can hold the picture.
        WriteError: if the folder is not there, or the disk refuses.

    **Cost**: one file.

    **Combines badly with**: formats that lose detail, such as `.jpg`, which blur the dots.

    Example:

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "attention.png"
    ...     tt.diagnostics.save_attention_overlay(path, np.zeros((8, 8, 3)), np.ones((1, 4, 4)), [(3, 5)])
    ...     path.exists()
    True
    """
    picture = to_picture(attention_overlay(image, maps, pixels, scale))
    encoded = encode(picture, Path(path))
    write_atomically(Path(path), lambda temporary: temporary.write_bytes(encoded))


def _blend(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    rows, columns = np.arange(height) * heat.shape[0] // height, np.arange(width) * heat.shape[1] // width
    strength = heat[rows][:, columns, None] / max(heat.max(), 1e-30)  # [h, w, 1], 0 to 1
    coloured = 255.0 * np.clip(3.0 * strength - np.arange(3.0), 0.0, 1.0)  # [h, w, 3]: red, then green, then blue
    grey = image.mean(axis=-1, keepdims=True)  # [h, w, 1]
    return np.rint(SHARE * coloured + (1.0 - SHARE) * grey).astype(np.uint8)


def _draw_dot(panel: np.ndarray, pixel: tuple[int, int], scale: int, colour: np.ndarray) -> None:
    radius = max(min(panel.shape[:2]) / 48.0, scale / 2.0)
    row, column = (place * scale + (scale - 1) / 2.0 for place in pixel)
    down, right = np.ogrid[: panel.shape[0], : panel.shape[1]]
    panel[(down - row) ** 2 + (right - column) ** 2 <= radius**2] = colour


def _check(image: np.ndarray, maps: np.ndarray, queries: int) -> None:
    floating = np.issubdtype(image.dtype, np.floating)
    image_good = image.ndim == 3 and image.shape[-1] in (1, 3) and (image.dtype == np.uint8 or floating)
    maps_good = maps.ndim == 3 and len(maps) == queries > 0 and np.isfinite(maps).all() and (maps >= 0).all()
    # The comparison is false for NaN too.
    image_good = image_good and (not floating or bool((np.abs(image) <= 1.0 + BEYOND).all()))
    if not image_good or not maps_good:
        raise ValueError(
            explain(
                "These maps cannot be drawn over this image.",
                received=f"image {image.dtype} {image.shape}{_range_of(image)}, maps {maps.dtype} {maps.shape}, "
                f"{queries} pixels",
                expected="an image [h, w, 1 or 3], uint8 or finite floats in [-1, 1]; one map [h, w] per pixel, at "
                "least one, all finite and at least 0",
                fix="pass one image, images[i], as the network takes it or as uint8, with its maps, "
                "attention_maps(...)[i], and the same pixels.",
            )
        )


def _range_of(image: np.ndarray) -> str:
    return f" from {image.min():g} to {image.max():g}" if image.size and image.dtype.kind in "iuf" else ""
