"""Small files that the tests of the data package read."""

import gzip
from pathlib import Path

import numpy as np
from PIL import Image


def noise(seed: int, height: int = 20, width: int = 20, channels: int = 3) -> np.ndarray:
    """Returns a random uint8 image."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def save(path: Path, pixels: np.ndarray, **options) -> Path:
    """Writes [h, w, 1 to 4] pixels in the format of the path's suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(path, **options)
    return path


def numbered_folder(folder: Path, count: int, side: int = 8) -> Path:
    """Writes images whose grey level, on a grey card, tells their number: 0.png is 0, 1.png is 1, ..."""
    for number in range(count):
        save(folder / f"{number:03d}.png", np.full((side, side, 1), number, np.uint8))
    return folder


def write_idx(path: Path, array: np.ndarray) -> Path:
    """Writes unsigned bytes as IDX, gzipped where the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = bytes([0, 0, 8, array.ndim]) + b"".join(length.to_bytes(4, "big") for length in array.shape)
    data = header + array.tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path
