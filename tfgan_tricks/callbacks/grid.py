"""Many images as one picture."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.data.pixels import to_uint8
from tfgan_tricks.files import write_atomically

GAP = 2  # pixels between images
BACKGROUND = 255


def make_grid(images, columns: int | None = None) -> np.ndarray:
    """Returns images side by side, row by row.

    Args:
        images: [n, h, w, 1 or 3], uint8, or floats in [-1, 1].
        columns: images per row, at least 1; as many as make the grid square unless given.

    Returns:
        uint8 [height, width, 1 or 3].

    Example:

    >>> from tfgan_tricks.callbacks.grid import make_grid
    >>> make_grid(np.zeros((6, 8, 8, 1)), columns=3).shape
    (18, 28, 1)
    """
    images = np.asarray(images)
    _check_images(images)
    n, h, w, c = images.shape
    if columns is None:
        columns = int(np.ceil(np.sqrt(n)))
    check_integer("columns", columns, at_least=1)
    rows = -(-n // columns)
    tiles = images if images.dtype == np.uint8 else to_uint8(images)
    grid = np.full((rows * (h + GAP) - GAP, columns * (w + GAP) - GAP, c), BACKGROUND, np.uint8)
    for i, tile in enumerate(tiles):
        top, left = i // columns * (h + GAP), i % columns * (w + GAP)
        grid[top : top + h, left : left + w] = tile
    return grid


def save_grid(images, path: str | Path, columns: int | None = None) -> None:
    """Writes images side by side as one picture; the file is complete or not there.

    Args:
        images: [n, h, w, 1 or 3], uint8, or floats in [-1, 1].
        path: file to write, with the extension of the format (`.png`); its folder exists.
        columns: images per row; as many as make the grid square unless given.

    Raises:
        ValueError: if the extension is not that of a format that can be written.
        WriteError: if the disk refuses.
    """
    encoded = encode(to_picture(make_grid(images, columns)), Path(path))
    write_atomically(Path(path), lambda temporary: temporary.write_bytes(encoded))


def to_picture(grid: np.ndarray) -> Image.Image:
    """Returns a uint8 array [h, w, 1 or 3] as a Pillow image."""
    return Image.fromarray(grid[..., 0] if grid.shape[-1] == 1 else grid)


def encode(picture: Image.Image, path: Path) -> bytes:
    """Returns a picture in the format of a path's extension; what Pillow cannot write is no fault of the disk."""
    name = Image.registered_extensions().get(path.suffix.lower())
    buffer = io.BytesIO()
    try:
        picture.save(buffer, format=name or path.suffix)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            explain(
                "A picture cannot be written in this format.",
                received=f"'{path}', " + (f"extension '{path.suffix}'" if path.suffix else "without an extension"),
                expected="the extension of a format that Pillow can write colours in, such as .png",
                fix=f"name the file '{path.with_suffix('.png').name}'." if path.name else "name a file.",
            )
        ) from error
    return buffer.getvalue()


def _check_images(images: np.ndarray) -> None:
    floating = np.issubdtype(images.dtype, np.floating)
    good = images.ndim == 4 and images.shape[-1] in (1, 3) and images.size and (images.dtype == np.uint8 or floating)
    finite = good and (not floating or bool(np.isfinite(images).all()))
    if not finite:
        raise ValueError(
            explain(
                "These images cannot be shown.",
                received=f"{images.dtype} of shape {images.shape}" + (", some not finite" if good else ""),
                expected="[n, h, w, 1 or 3], n at least 1, uint8 or finite floats in [-1, 1]",
                fix="pass what the generator returns; if it returns NaN, go back to the last good checkpoint.",
            )
        )
