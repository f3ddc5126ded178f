"""Image files that are broken on purpose: whole ones of every kind, and what bits, bytes and lengths can do to them."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
SUFFIXES = ("png", "jpg", "bmp", "gif", "webp")


def whole_files(side: int = 12) -> list[tuple[str, bytes]]:
    """Returns (suffix, bytes) of small whole files of each format, colour type and way of coding."""
    pixels = np.random.default_rng(0).integers(0, 256, (side, side + 4, 4), dtype=np.uint8)
    image = Image.fromarray(pixels, "RGBA")
    frames = {"save_all": True, "append_images": [image.convert("P").rotate(180)], "loop": 0}
    colour_frames = frames | {"append_images": [image.rotate(180)]}
    kinds: list[tuple[str, str, str, dict]] = [
        *(("png", "PNG", mode, {}) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
        ("png", "PNG", "RGBA", colour_frames),
        *(("jpg", "JPEG", mode, {}) for mode in ("L", "RGB", "CMYK")),
        ("jpg", "JPEG", "RGB", {"progressive": True}),
        ("jpg", "JPEG", "RGB", {"quality": 100, "subsampling": 0, "exif": b"Exif\0\0" + _exif()}),
        *(("bmp", "BMP", mode, {}) for mode in ("1", "L", "P", "RGB", "RGBA")),
        *(("gif", "GIF", mode, {}) for mode in ("L", "P")),
        ("gif", "GIF", "P", frames),
        ("webp", "WEBP", "RGB", {}),
        *(("webp", "WEBP", mode, {"lossless": True}) for mode in ("RGB", "RGBA")),
        ("webp", "WEBP", "RGBA", {}),
        ("webp", "WEBP", "RGBA", colour_frames),
    ]
    return [(suffix, _saved(image, mode, form, options)) for suffix, form, mode, options in kinds]


def mutated(data: bytes, other: bytes, random: np.random.Generator) -> bytes:
    """Returns a file with one to four pieces of harm done to it, checksums of a PNG set right most of the time."""
    changed = bytearray(data)
    for _ in range(int(random.choice([1, 1, 1, 2, 4]))):
        if not changed:
            break
        # Harm in the first bytes is the most telling: sizes, depths, numbers of channels, tables.
        position = int(random.integers(min(len(changed), 80) if random.random() < 0.6 else len(changed)))
        match random.integers(7):
            case 0:
                del changed[position:]
            case 1:
                changed[position] ^= 1 << int(random.integers(8))
            case 2:
                changed[position] = int(random.integers(256))
            case 3:
                width = int(random.choice([1, 2, 4]))
                number = int(random.choice(NUMBERS)) & ((1 << 8 * width) - 1)
                changed[position : position + width] = number.to_bytes(width, str(random.choice(["big", "little"])))
            case 4:
                del changed[position : position + int(random.integers(1, 40))]
            case 5:
                changed[position:position] = changed[position : position + int(random.integers(1, 40))]
            case 6:
                start = int(random.integers(len(other)))
                changed[position:position] = other[start : start + int(random.integers(1, 60))]
    return with_checksums(bytes(changed)) if random.random() < 0.8 else bytes(changed)


def with_checksums(data: bytes) -> bytes:
    """Returns a PNG whose chunks have the checksums of what they hold; other files come back as they are."""
    if data[:4] != b"\x89PNG":
        return data
    parts, position = [data[:8]], 8
    while position + 12 <= len(data):
        length = struct.unpack(">I", data[position : position + 4])[0]
        chunk = data[position + 4 : position + 8 + length]
        if position + 12 + length > len(data):
            break
        parts += [data[position : position + 4], chunk, struct.pack(">I", zlib.crc32(chunk))]
        position += 12 + length
    return b"".join(parts) + data[position:]


def _saved(image: Image.Image, mode: str, form: str, options: dict) -> bytes:
    file = io.BytesIO()
    for step in {"I;16": ("L", "I", "I;16"), "1": ("RGB", "1"), "CMYK": ("RGB", "CMYK")}.get(mode, (mode,)):
        image = image.convert(step)
    image.save(file, form, **options)
    return file.getvalue()


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes().removeprefix(b"Exif\0\0")
