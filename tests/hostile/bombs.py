"""Small files that unpack into much, or claim to."""

import gzip
import io
import struct
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from tests.hostile.mutations import with_checksums


def png(width: int, height: int) -> bytes:
    """Returns a PNG of one pixel that claims to have another size."""
    return with_checksums(_saved("PNG").replace(struct.pack(">II", 1, 1), struct.pack(">II", width, height), 1))


def jpeg(width: int, height: int) -> bytes:
    """Returns a JPEG of one pixel that claims to have another size."""
    data = _saved("JPEG")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def bmp(width: int, height: int) -> bytes:
    """Returns a BMP of one pixel that claims to have another size."""
    data = _saved("BMP")
    return data[:18] + struct.pack("<ii", width, height) + data[26:]


def gif(width: int, height: int, frames: int = 1) -> bytes:
    """Returns a GIF of frames of one pixel that claim to have another size."""
    data = _saved("GIF")
    at = data.index(b",\0\0\0\0")
    frame = data[at : at + 5] + struct.pack("<HH", width, height) + data[at + 9 : -1]
    return data[:6] + struct.pack("<HH", width, height) + data[10:at] + frames * frame + b";"


def gif_of_black_frames(side: int, frames: int) -> bytes:
    """Returns a whole GIF whose frames unpack into much more than they take in the file."""
    file = io.BytesIO()
    Image.new("P", (side, side)).save(file, "GIF")
    data = file.getvalue()
    at = data.index(b",\0\0\0\0")
    return data[:at] + frames * data[at:-1] + b";"


def webp(width: int, height: int) -> bytes:
    """Returns a lossless WebP that claims to have another size, up to 16,384 pixels a side."""
    chunk = b"VP8L" + struct.pack("<I", 30) + b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + bytes(25)
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def webp_animation_of_one_frame(side: int = 64) -> bytes:
    """Returns a WebP that is an animation, though nothing moves: Pillow does not call it animated."""
    frame = _saved("WEBP", side, lossless=True)[12:]
    sides = 2 * struct.pack("<I", side - 1)[:3]
    chunks = [
        (b"VP8X", bytes([2, 0, 0, 0]) + sides),
        (b"ANIM", bytes(6)),
        (b"ANMF", bytes(6) + sides + bytes([100, 0, 0, 0]) + frame),
    ]
    body = b"WEBP" + b"".join(name + struct.pack("<I", len(data)) + data for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_of_scans(scans: int) -> bytes:
    """Returns a progressive JPEG whose last scan is repeated."""
    data = _saved("JPEG", 16, progressive=True)
    at = data.rindex(b"\xff\xda")
    return data[:at] + scans * data[at:-2] + data[-2:]


def npz(path: Path, name: str, shape: tuple[int, ...], descr: str = "|u1", held: int = 0) -> Path:
    """Writes an archive with one array whose header says a shape, and that holds so many bytes."""
    header = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(f"{name}.npy", "w") as file:
        file.write(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header)
        for start in range(0, held, 1 << 20):
            file.write(bytes(min(1 << 20, held - start)))
    return path


def idx(path: Path, lengths: tuple[int, ...], held: int = 0) -> Path:
    """Writes an IDX file whose header says some lengths, and that holds so many bytes."""
    data = bytes([0, 0, 8, len(lengths)]) + b"".join(n.to_bytes(4, "big") for n in lengths) + bytes(held)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, 9) if path.suffix == ".gz" else data)
    return path


def _saved(form: str, side: int = 1, **options) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    Image.fromarray(pixels).convert("L" if form == "GIF" else "RGB").save(file, form, **options)
    return file.getvalue()
