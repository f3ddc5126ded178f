"""What a source of images may claim before it is believed."""

import math
import os
from pathlib import Path

from tfgan_tricks.checks import explain

MOST_PIXELS = 64_000_000  # of an image; a small file can claim any size, and 64 megapixels of floats are 0.8 GB
MOST_CLASSES = 1_000_000
CONTROL_GROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # versions 2 and 1


class TooLargeError(ValueError):
    """Something is larger than it may be."""


def memory() -> int:
    """Returns how many bytes of memory this process may take: the machine's, or less in a container."""
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for file in CONTROL_GROUPS:
        try:
            limits.append(int(Path(file).read_text()))
        except (OSError, ValueError):  # no such group, or "max"
            continue
    return min(limits)


def check_array(name: str, shape: tuple[int, ...], item: int = 1) -> None:
    """Raises `TooLargeError` for an array that does not fit into memory, before it is read.

    Args:
        name: of the file, and of the array in it.
        shape: as the file says it.
        item: bytes of an element.
    """
    needed, given = math.prod(shape) * item, memory()
    if needed > given:
        raise TooLargeError(
            explain(
                f"{name} does not fit into memory.",
                received=f"an array of shape {shape}: {needed / 1e9:,.1f} GB",
                expected=f"at most the {given / 1e9:,.1f} GB that this process may take",
                fix="save the images as files and use folder:DIR, or check that the file is what it should be.",
            )
        )


def check_side(name: str, height: int, width: int) -> None:
    """Raises `TooLargeError` for images of more pixels than an image may have."""
    if height * width > MOST_PIXELS:
        raise TooLargeError(
            explain(
                f"The images of {name} are too large.",
                received=f"{height} x {width} pixels (height x width)",
                expected=f"at most {MOST_PIXELS / 1e6:.0f} megapixels",
                fix="choose a lower resolution, or cut the images into parts.",
            )
        )
