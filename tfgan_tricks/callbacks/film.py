"""All sample grids of a run as one moving picture."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tfgan_tricks.files import write_atomically

FRAME_MS = 120
LAST_FRAME_MS = 2_000  # long enough to look at
MAX_FRAMES = 200  # a longer film grows without telling more
NAME = re.compile(r"images-(\d+)\.png")


def grid_path(directory: Path, images: int) -> Path:
    """Returns where the sample grid at `images` images seen belongs."""
    return directory / f"images-{images:09d}.png"


def grids(directory: Path) -> dict[int, Path]:
    """Returns the sample grids of a folder by images seen, in that order."""
    found = {int(m[1]): path for path in directory.iterdir() if (m := NAME.fullmatch(path.name))}
    return dict(sorted(found.items()))


def write_film(directory: Path, path: Path, until: int) -> None:
    """Writes a GIF of the sample grids of a folder.

    Args:
        directory: folder of the grids.
        path: file to write.
        until: images seen; later grids belong to a run that was abandoned.
    """
    frames = [frame for images, frame in grids(directory).items() if images <= until]
    if len(frames) > MAX_FRAMES:
        frames = [frames[i] for i in np.linspace(0, len(frames) - 1, MAX_FRAMES).round().astype(int)]
    if not frames:
        return
    with Image.open(frames[-1]) as last:
        size = last.size

    def pictures(chosen: list[Path]):
        for frame in chosen:
            with Image.open(frame) as picture:
                # A run that changed its resolution on the way still has one film.
                yield picture.copy() if picture.size == size else picture.resize(size, Image.Resampling.NEAREST)

    save_gif(path, pictures(frames), [FRAME_MS] * (len(frames) - 1) + [LAST_FRAME_MS])


def save_gif(path: Path, pictures: Iterator[Image.Image], durations: list[int]) -> None:
    """Writes pictures of one size as a GIF that plays for ever, each for so many milliseconds."""
    first = next(pictures)
    duration = durations if len(durations) > 1 else durations[0]
    settings: dict[str, Any] = {"save_all": True, "append_images": pictures, "loop": 0, "duration": duration}
    write_atomically(path, lambda temporary: first.save(temporary, **settings))
