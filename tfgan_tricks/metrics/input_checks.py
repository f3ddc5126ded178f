"""What a metric takes: images, features, probabilities; anything else is refused with its reason."""

import functools

import numpy as np
from absl import logging

from tfgan_tricks.checks import explain

SHOWN = 5  # how many positions an error names
ROUNDING = 1e-3  # how far outside of [-1, 1] a float may be
CONTRAST = 0.5  # of floats that may be in [0, 1]: images of one grey say nothing of their range
LEVEL_ERROR = 0.01  # of a byte, from rounding in float32
TOLERANCE = 1e-3  # how far the sum of probabilities may be from 1
NUMBERS = "biuf"  # kinds of NumPy types
LONGEST = 80  # characters of a value that an error repeats


def check_kind(argument: str, value: object, kinds: tuple[type, ...], fix: str) -> None:
    """Raises `TypeError` unless `value` is an instance of one of `kinds`; an array is named by its shape only."""
    if not isinstance(value, kinds):
        shape = getattr(value, "shape", None)
        text = repr(value) if shape is None else f"an array of shape {tuple(shape)}"
        text = text if len(text) <= LONGEST else text[:LONGEST] + "…"
        raise TypeError(
            explain(
                f"`{argument}` has the wrong type.",
                received=f"{argument}: {text}, of type {type(value).__name__}",
                expected=" or ".join("None" if kind is type(None) else kind.__name__ for kind in kinds),
                fix=fix,
            )
        )


def check_images(images) -> np.ndarray:
    """Returns images as an array, uint8 or floats in [-1, 1]; raises `ValueError` for anything else."""
    array = np.asarray(images)
    if array.ndim != 4 or not all(array.shape):
        raise ValueError(
            explain(
                "These are no images to measure.",
                received=f"an array of shape {array.shape}",
                expected="[n, height, width, channels], none of them 0",
                fix="give the images one more axis, or look at why there are none.",
            )
        )
    if array.dtype == np.uint8:
        return array
    if not np.issubdtype(array.dtype, np.floating):
        _refuse(f"images of type {array.dtype}", "convert them with images.astype('uint8') if they are from 0 to 255.")
    check_finite(array, "images")
    low, high = float(array.min()), float(array.max())
    if low < -1.0 - ROUNDING or high > 1.0 + ROUNDING:
        _refuse(
            f"floats from {low:.4g} to {high:.4g}",
            "divide by 127.5 and subtract 1 if they are from 0 to 255; if a network left the range, clip its output"
            " with tfgan_tricks.data.to_uint8.",
        )
    if low >= 0.0:
        _warn_of_range()
    return array


@functools.cache  # once
def _warn_of_range() -> None:
    logging.warning(
        "Float images without a negative value are measured as if they were in [-1, 1]. If they are in [0, 1], measure"
        " 2 * images - 1: otherwise all of them are too bright. This is said once."
    )


def check_ranges(real: np.ndarray | None, fake: np.ndarray | None) -> None:
    """Refuses floats in [0, 1] beside images that use the darker half of [-1, 1], or warns where it is not certain.

    Bytes divided by 255 are multiples of 1/255; in [-1, 1], bytes are odd ones only.
    """
    for side, images, others in (("real", real, fake), ("generated", fake, real)):
        if images is None or others is None or images.dtype == np.uint8 or images.min() < 0.0:
            continue
        if float(images.max()) - float(images.min()) < CONTRAST or not _has_dark(others):
            continue
        levels = np.rint(images * 255.0)
        if np.abs(images * 255.0 - levels).max() < LEVEL_ERROR and (levels % 2 == 0).any():
            _refuse(
                f"{side} images that are bytes divided by 255, beside images that are dark, below 0 in [-1, 1]",
                f"pass the {side} images as uint8, or as 2 * images - 1.",
            )
        _warn_of_pair(side)


@functools.cache  # once for each side
def _warn_of_pair(side: str) -> None:
    logging.warning(
        "No pixel of the %s images is below 0, but those of the other side are: measured as if all were in [-1, 1]. If"
        " the %s images are in [0, 1], such as those of a sigmoid, the value is wrong: measure 2 * images - 1.",
        side,
        side,
    )


def _has_dark(images: np.ndarray) -> bool:
    return bool(images.min() < (128 if images.dtype == np.uint8 else 0.0))


def check_finite(array: np.ndarray, what: str) -> None:
    """Raises `ValueError` if there is a NaN or an infinity in an array, saying in which rows."""
    finite = np.isfinite(array)
    if finite.all():
        return
    rows = np.flatnonzero(~finite.reshape(len(array), -1).all(axis=1))
    shown = ", ".join(str(row) for row in rows[:SHOWN]) + (", …" if len(rows) > SHOWN else "")
    raise ValueError(
        explain(
            f"There are {what} that are not finite.",
            received=f"NaN or infinity in {len(rows):,} of {len(array):,} {what}, the first at {shown}",
            expected=f"finite {what}",
            fix="find out where they come from; a generator that diverged cannot be measured.",
        )
    )


def check_shape(images, shape: tuple[int, ...], who: str, fix: str) -> None:
    """Raises `ValueError` unless each image has this shape."""
    given = np.shape(images)[1:]
    if tuple(given) != tuple(shape):
        raise ValueError(
            explain(
                f"{who} takes images of another shape.",
                received=f"images of shape {tuple(given)}",
                expected=f"images of shape {tuple(shape)}",
                fix=fix,
            )
        )


def check_features(features) -> np.ndarray:
    """Returns features as an array, [n, width]; raises `ValueError` if they are not, or not finite."""
    array = np.asarray(features)
    if array.ndim != 2 or not array.shape[1] or array.dtype.kind not in NUMBERS:
        raise ValueError(
            explain(
                "These are no features.",
                received=f"an array of shape {array.shape} and type {array.dtype}",
                expected="[n, width] numbers",
                fix="flatten them, features.reshape(len(features), -1).",
            )
        )
    check_finite(array, "features")
    return array


def check_probabilities(probabilities) -> np.ndarray:
    """Returns probabilities as an array, [n, classes]; raises `ValueError` if they are none."""
    array = np.asarray(probabilities)
    good = array.ndim == 2 and array.dtype.kind in NUMBERS
    about = f"type {array.dtype}"
    if good:
        check_finite(array, "probabilities")
        low, high = (float(end(initial=0.0)) for end in (array.min, array.max))
        good = low >= 0.0 and not np.any(np.abs(array.sum(axis=1) - 1.0) > TOLERANCE)
        about = f"values from {low:.4g} to {high:.4g}"
    if not good:
        raise ValueError(
            explain(
                "These are no probabilities of classes.",
                received=f"an array of shape {array.shape} with {about}",
                expected="[n, classes], none negative, each row summing to 1",
                fix="apply a softmax to the logits.",
            )
        )
    return array


def _refuse(received: str, fix: str) -> None:
    raise ValueError(
        explain(
            "The range of the images is unclear.", received=received, expected="uint8, or floats in [-1, 1]", fix=fix
        )
    )
