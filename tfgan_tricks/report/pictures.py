"""Sample grids as they go into a page: some of them, at a size that keeps the page small."""

import base64
import dataclasses
import io
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from tfgan_tricks.report.reading import Run

MOST = 20  # pictures on a page
SIDE = 560  # pixels; more would not be seen on a page of this width
LARGE = 100_000  # bytes; above it a picture is stored with losses, more of them if it has to be
QUALITIES = (85, 60, 35)


@dataclasses.dataclass(frozen=True)
class Picture:
    """A sample grid to show.

    Attributes:
        images: images seen when it was drawn.
        uri: the picture itself, as a data URI.
        width, height: in pixels.
    """

    images: int
    uri: str
    width: int
    height: int


def data_uri(kind: str, content: bytes) -> str:
    """Returns a file as an address that holds the file."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def pictures(run: Run) -> list[Picture]:
    """Returns sample grids evenly over the run, the first and the last among them."""
    images = list(run.grids)
    if len(images) > MOST:
        images = [images[i] for i in np.linspace(0, len(images) - 1, MOST).round().astype(int)]
    found = [run.attempt(f"samples/{run.grids[i].name}", partial(_picture, run, i), None) for i in images]
    return [picture for picture in found if picture is not None]


def _picture(run: Run, images: int) -> Picture:
    picture = _small(run.inside(run.grids[images]))
    kind, content = "png", _encoded(picture, "png")
    for quality in QUALITIES:
        if len(content) > LARGE:
            kind, content = "jpeg", _encoded(picture, "jpeg", quality=quality)
    return Picture(images, data_uri(f"image/{kind}", content), *picture.size)


def _small(path: Path) -> Image.Image:
    """Returns the picture with its longer side at most `SIDE`; what names it holds beside the pixels stays behind."""
    try:
        with Image.open(path, formats=["png"]) as file:
            picture = file.convert("L" if file.mode == "L" else "RGB")
    except Image.DecompressionBombError as error:
        raise ValueError(str(error)) from error
    picture.info.clear()
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return picture


def _encoded(picture: Image.Image, kind: str, **how) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format=kind, **how)
    return buffer.getvalue()
