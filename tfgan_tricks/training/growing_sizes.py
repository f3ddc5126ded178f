"""The resolutions and batch sizes of a run that grows, from what the user said."""

from collections.abc import Mapping

from tfgan_tricks.architectures.progan import resolutions_to
from tfgan_tricks.checks import check_choice, check_integer, explain


def resolutions_of(resolution: int, start: int) -> list[int]:
    """Returns the resolution of each stage."""
    check_integer("resolution", resolution, at_least=1)
    try:
        return resolutions_to(resolution, start)
    except ValueError:
        below = start
        while 2 * below < resolution:
            below *= 2
        raise ValueError(
            explain(
                "The target is not the first resolution, doubled again and again.",
                received=f"resolution={resolution}, start_resolution={start}",
                expected=f"a resolution of at least {start}: {start} times a power of two, such as {below} or"
                f" {2 * below}",
                fix=f"pass resolution={below} or {2 * below}, or another start_resolution.",
            )
        ) from None


def batch_sizes_of(given: int | Mapping[int, int], resolutions: list[int]) -> list[int]:
    """Returns the batch size of each stage."""
    if not isinstance(given, Mapping):
        check_integer("batch_sizes", given, at_least=1)
        return [given] * len(resolutions)
    for resolution, size in given.items():
        check_choice("a resolution of batch_sizes", resolution, resolutions)
        check_integer(f"batch_sizes[{resolution}]", size, at_least=1)
    if resolutions[0] not in given:
        raise ValueError(
            explain(
                "The first stage has no batch size.",
                received=f"batch_sizes={dict(given)!r}",
                expected=f"one for {resolutions[0]}, and for all where it changes",
                fix=f"add {resolutions[0]}: 16, for instance.",
            )
        )
    return [given[max(r for r in given if r <= resolution)] for resolution in resolutions]


def too_few(images: int, resolutions: list[int], lengths: list[int]) -> str:
    """Returns the text for a run that is shorter than its stages."""
    return explain(
        "The run is shorter than its stages.",
        received=f"images={images:,}",
        expected=f"at least {sum(lengths):,}: "
        + ", ".join(f"{length:,} at {r}x{r}" for r, length in zip(resolutions, lengths, strict=True)),
        fix="raise `images`, or lower `images_fading` and `images_stable`.",
    )
