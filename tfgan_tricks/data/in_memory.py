"""Sources whose images are already an array, and the checks that they share."""

import numpy as np

from tfgan_tricks.checks import explain
from tfgan_tricks.data.limits import MOST_CLASSES, check_side
from tfgan_tricks.data.source import Source


def from_arrays(
    name: str, images: np.ndarray, labels: np.ndarray | None = None, class_names: tuple[str, ...] | None = None
) -> Source:
    """Returns a source of images in memory, after checking shapes and types.

    Args:
        name: URI or file, for messages.
        images: uint8, or float in [0, 1] or [-1, 1]; [n, h, w] or [n, h, w, 1 or 3].
        labels: integers, [n], from 0 on.
        class_names: name of each class by label.
    """
    if images.ndim == 3:
        images = images[..., np.newaxis]  # [n, h, w, 1]
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or not all(images.shape):
        raise ValueError(
            explain(
                f"The images of {name} have the wrong shape.",
                received=f"an array of shape {images.shape}",
                expected="(n, height, width), (n, height, width, 1) or (n, height, width, 3), none of them 0",
                fix="channels come last and are 1 (grey) or 3 (red, green, blue): drop or merge the others, and"
                " transpose channels-first arrays with np.moveaxis(images, 1, -1).",
            )
        )
    check_side(name, *images.shape[1:3])
    if labels is not None:
        labels = _checked_labels(name, labels, len(images))
    height, width, channels = images.shape[1:]
    pixels = _as_uint8(name, images)
    return Source(name, len(pixels), (height, width, channels), labels, class_names, images=pixels)


def _as_uint8(name: str, images: np.ndarray) -> np.ndarray:
    if images.dtype == np.uint8:
        return np.ascontiguousarray(images)
    if np.issubdtype(images.dtype, np.floating):
        low, high = float(images.min()), float(images.max())
        if low >= 0.0 and high <= 1.0:
            return np.rint(images * 255.0).astype(np.uint8)
        if low >= -1.0 and high <= 1.0:  # false for NaN
            return np.rint((images + 1.0) * 127.5).astype(np.uint8)
        received = f"{images.dtype} from {low:g} to {high:g}"
    else:
        received = str(images.dtype)
    raise ValueError(
        explain(
            f"The pixels of {name} have an unknown range.",
            received=received,
            expected="uint8, or floating-point numbers in [0, 1] or [-1, 1]",
            fix="scale the images and save them as uint8.",
        )
    )


def _checked_labels(name: str, labels: np.ndarray, count: int) -> np.ndarray:
    fits = labels.shape == (count,) and np.issubdtype(labels.dtype, np.integer)
    if not fits or labels.min() < 0 or labels.max() >= MOST_CLASSES:
        raise ValueError(
            explain(
                f"The labels of {name} do not fit its images.",
                received=f"{labels.dtype} labels of shape {labels.shape}"
                + (f" from {labels.min()} to {labels.max()}" if fits else ""),
                expected=f"integers from 0 on, below {MOST_CLASSES:,}, of shape ({count},)",
                fix="save one class number per image; turn one-hot rows into numbers with labels.argmax(-1).",
            )
        )
    return labels.astype(np.int32)
