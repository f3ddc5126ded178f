"""One image file: what its header says, and its pixels."""

import dataclasses
import os
import stat
import warnings
from pathlib import Path

import tensorflow as tf
from PIL import Image, UnidentifiedImageError

from tfgan_tricks.data.containers import gif_frames, jpeg_scans, webp_is_animated
from tfgan_tricks.data.limits import MOST_PIXELS
from tfgan_tricks.data.local_path import shown
from tfgan_tricks.data.source import Source

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
MOST_BYTES = 8 * MOST_PIXELS  # of a file: four channels of 16 bits, not compressed
MOST_SCANS = 100  # of a JPEG; encoders write about ten
GREY_MODES = ("1", "L", "LA", "I", "I;16", "I;16B", "F")
ORIENTATION = 0x0112  # EXIF tag: how the camera was held


@dataclasses.dataclass(frozen=True)
class Header:
    """What is known of an image file without decoding it.

    Attributes:
        height: as it is to be shown, after turning.
        width: as it is to be shown, after turning.
        grey: whether it has no colour.
        orientation: EXIF orientation, 1 to 8.
        problem: why it cannot be used, or "".
    """

    height: int = 0
    width: int = 0
    grey: bool = True
    orientation: int = 1
    problem: str = ""


def read_header(path: str | Path) -> Header:
    """Reads the header of an image file; what is wrong with it is told in `problem`."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):  # a pipe or a device would keep the reader waiting
            return Header(problem="not a file of its own (a folder, pipe, socket or device)")
        if status.st_size > MOST_BYTES:
            return Header(problem=f"its {status.st_size:,} bytes are more than {MOST_BYTES:,}")
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large images, which are refused below, and of odd EXIF
            return _read_header(file)
    except Image.DecompressionBombError:
        return Header(problem=f"it claims more than {_megapixels()}")
    except UnidentifiedImageError:
        return Header(problem=f"corrupt, or none of {', '.join(FORMATS)}")
    except OSError as error:
        reason = f"cannot be read ({error.strerror})" if error.strerror else f"corrupt ({shown(str(error))})"
        return Header(problem=reason)
    except Exception as error:  # a broken header makes Pillow raise anything; the reason goes into the message
        return Header(problem=f"corrupt ({shown(str(error) or type(error).__name__)})")


def _read_header(file) -> Header:
    with Image.open(file, formats=FORMATS) as image:
        width, height = image.size
        kind, mode = image.format, image.mode
        orientation = image.getexif().get(ORIENTATION, 1) if kind in ("JPEG", "MPO") else 1
        progressive = "progressive" in image.info
    file.seek(0)
    frames = gif_frames(file.read()) if kind == "GIF" else []
    if frames:  # Pillow shows it on a screen of any size, TensorFlow does not
        width, height = frames[0]
    file.seek(0)
    problem = ""
    if width * height > MOST_PIXELS:
        problem = f"its {width}x{height} pixels are more than {_megapixels()}"
    elif width * height < 1:
        problem = f"it has no pixels: {width}x{height}"
    elif kind == "WEBP" and webp_is_animated(file.read(32)):
        problem = "an animated WebP, which TensorFlow cannot decode safely"  # 2.21 corrupts the heap
    elif kind == "BMP" and mode in ("1", "P"):
        problem = "a BMP with a palette, which TensorFlow decodes into wrong colours"
    elif (pixels := sum(w * h for w, h in frames)) > MOST_PIXELS:
        problem = f"its frames have {pixels:,} pixels together, more than {_megapixels()}, and all are unpacked"
    elif progressive and (scans := jpeg_scans(file.read())) > MOST_SCANS:
        problem = f"a JPEG of {scans:,} scans, more than {MOST_SCANS}, which takes too long to decode"
    if orientation not in range(1, 9):  # a camera's mistake
        orientation = 1
    if orientation >= 5:  # turned by a quarter
        width, height = height, width
    return Header(height, width, mode in GREY_MODES and kind != "WEBP", orientation, problem)


def _megapixels() -> str:
    return f"{MOST_PIXELS / 1e6:.0f} megapixels"


def reader(source: Source):
    """Returns a function from an index to the image at it, uint8 [h, w, c] with 1 to 4 channels; runs in a graph."""
    if source.images is not None:
        with tf.device("CPU:0"):
            images = tf.constant(source.images)
        return lambda index: images[index]
    with tf.device("CPU:0"):
        files = tf.constant([os.fsencode(file) for file in source.files or ()])  # a name need not be UTF-8
        orientations = tf.constant(source.orientations)

    def read(index):
        data = tf.io.read_file(files[index])
        image = tf.cond(tf.io.is_jpeg(data), lambda: _decode_jpeg(data), lambda: _decode_other(data))
        image.set_shape((None, None, None))  # [h, w, 1 to 4]
        return turn_upright(image, orientations[index])

    return read


def _decode_jpeg(data):
    return tf.io.decode_jpeg(
        data, dct_method="INTEGER_ACCURATE"
    )  # as Pillow decodes; the default is off by several levels


def _decode_other(data):
    return tf.io.decode_image(data, expand_animations=False)


def turn_upright(image, orientation):
    """Undoes an EXIF orientation (1 to 8): transposes from 5 on, then mirrors."""
    image = tf.cond(orientation >= 5, lambda: tf.transpose(image, (1, 0, 2)), lambda: image)
    left_right = tf.reduce_any(tf.equal(orientation, (2, 3, 6, 7)))
    up_down = tf.reduce_any(tf.equal(orientation, (3, 4, 7, 8)))
    image = tf.cond(left_right, lambda: tf.reverse(image, [1]), lambda: image)
    return tf.cond(up_down, lambda: tf.reverse(image, [0]), lambda: image)
