"""Whether data fit all the resolutions that a run grows through, before it begins."""

from collections.abc import Sequence

import numpy as np

from tfgan_tricks.checks import explain
from tfgan_tricks.data.pipeline import prepare
from tfgan_tricks.data.source import Source, leave_out
from tfgan_tricks.data.transform import FIX_MISFIT, Transform, misfits, plan

GIGABYTES = 1.0  # what `data.load` takes by default


def check_all_resolutions(
    source: Source,
    resolutions: Sequence[int],
    upscale: bool | None,
    channels: int | None = None,
    crop: str = "center",
    on_error: str = "raise",
) -> None:
    """Raises `ValueError` if `data.load` would refuse the last resolution, or if it would show nothing new.

    Args:
        source: the images.
        resolutions: of all stages, ascending.
        upscale, channels, crop, on_error: as in `data.load`.
    """
    if len(resolutions) < 2:
        return  # the first load says it
    if crop == "none":
        raise ValueError(
            explain(
                "Stages of several resolutions need their images resized.",
                received=f'crop="none" with stages of {", ".join(map(str, resolutions))} pixels',
                expected="a crop that fits images to each stage",
                fix='pass crop="center".',
            )
        )
    transforms = [plan(source, resolution, channels, crop) for resolution in resolutions]
    if source.stream is not None:
        _check_stream(source, transforms[-1], upscale, on_error)
        unusable: dict = {}
    else:
        unusable = misfits(source, transforms[-1], upscale)
    if on_error == "skip":
        source, unusable = leave_out(source, unusable, on_error, FIX_MISFIT), {}
    smallest = _smallest(source)
    nothing_new = not upscale and smallest is not None and smallest <= resolutions[-2]
    if not unusable and not nothing_new:
        return
    before, last = resolutions[-2:]
    enough = f"at least {last} pixels, since these are not enlarged unless that is asked for"
    raise ValueError(
        explain(
            "The networks would grow past the data.",
            received=f"{source.name} with images of {smallest} pixels, and a stage of {last}x{last} after one"
            f" of {before}x{before}",
            expected=f"images of {enough if unusable else f'more than {before} pixels, so that there is more to see'}",
            fix=_advice(source, transforms, upscale, smallest),
        )
    )


def _check_stream(source: Source, last: Transform, upscale: bool | None, on_error: str) -> None:
    """Reads a stream at the last resolution if nothing else can tell whether it can be loaded."""
    if not source.uniform or source.count * np.prod(last.shape) / 1e9 > GIGABYTES:
        prepare(source, last, upscale=upscale, on_error=on_error, gigabytes=GIGABYTES, verify=False)


def _smallest(source: Source) -> int | None:
    """Returns the shortest side of all images, or `None` if that is not known."""
    sides = source.sizes if source.sizes is not None else [source.shape[:2]]
    return min((int(min(size)) for size in sides if None not in size), default=None)


def _advice(source: Source, transforms: list[Transform], upscale: bool | None, smallest: int | None) -> str:
    works = [
        transform.height
        for before, transform in zip([None, *transforms], transforms, strict=False)
        if not (source.stream is None and misfits(source, transform, upscale))
        and (before is None or smallest is None or smallest > before.height)
    ]
    stop = f"stop at resolution={works[-1]}" if works else "use larger images"
    return f"{stop}, or pass upscale=True."
