"""What image files hold beyond the size that a header shows: frames and scans that a decoder would unpack."""

EXTENSION, IMAGE, END = 0x21, 0x2C, 0x3B  # what a block of a GIF begins with
SCAN = b"\xff\xda"  # marker of a JPEG; coded pixels never hold these two bytes one behind the other
ANIMATED = 0x02  # bit of the first byte of a WebP's VP8X chunk


def gif_frames(data: bytes) -> list[tuple[int, int]]:
    """Returns width and height of each frame of a GIF, as far as the file goes.

    TensorFlow unpacks all of them, though only the first frame is asked for, and frames of one colour take next to
    nothing in the file.
    """
    position = 13 + _colours(data[10:11])  # screen, then the palette of all frames
    frames = []
    while position < len(data) and data[position] != END:
        if data[position] == EXTENSION:
            position = _behind_blocks(data, position + 2)
        elif data[position] == IMAGE:
            frame = data[position + 1 : position + 10]  # left, top, width, height: two bytes each; flags
            frames.append((int.from_bytes(frame[4:6], "little"), int.from_bytes(frame[6:8], "little")))
            position = _behind_blocks(data, position + 11 + _colours(frame[8:9]))  # palette, size of codes
        else:
            break
    return frames


def jpeg_scans(data: bytes) -> int:
    """Returns in how many passes over the image a JPEG is decoded; each costs time, and may cost few bytes."""
    return data.count(SCAN)


def webp_is_animated(data: bytes) -> bool:
    """Returns whether a WebP says that it is an animation, which may have a single frame.

    Args:
        data: its first 21 bytes, or more.
    """
    return data[12:16] == b"VP8X" and bool(data[20:21]) and bool(data[20] & ANIMATED)


def _colours(flags: bytes) -> int:
    """Returns how many bytes a palette takes; its presence and its size stand in one byte."""
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _behind_blocks(data: bytes, position: int) -> int:
    """Returns what follows a chain of blocks, each with its length before it, that ends with an empty one."""
    while position < len(data) and data[position]:
        position += 1 + data[position]
    return position + 1
