"""Evaluation of anyone's folders of images."""

import os
from collections.abc import Sequence

import numpy as np

from tfgan_tricks import data
from tfgan_tricks.callbacks.comparison import Comparison
from tfgan_tricks.checks import explain
from tfgan_tricks.data.in_memory import from_arrays
from tfgan_tricks.data.source import Source
from tfgan_tricks.data.sources import FORMS
from tfgan_tricks.evaluation import Evaluation
from tfgan_tricks.evaluation_choices import extractor_of, metrics_of
from tfgan_tricks.metrics import Samples


def evaluate_folders(
    real: str,
    fake: str,
    metrics: Sequence[str],
    features: str = "",
    count: int | None = None,
    resolution: int | None = None,
    on_error: str = "raise",
) -> Evaluation:
    """Measures the images of one folder against those of another.

    Args:
        real: folder of real images, or a source's URI.
        fake: folder of generated images, or a source's URI.
        metrics: texts, see `metrics_of`.
        features: text, see `extractor_of`; by default a classifier trained on the real images if these are labelled,
            or else the pixels.
        count: images of each side; all unless given.
        resolution: side that all images are brought to; by default they must have one size.
        on_error: "raise" for the first image that cannot be used, or "skip" to leave such images out.

    Raises:
        ValueError: if the images cannot be read, or cannot be compared.
    """
    sources = {side: data.open_source(_uri(path), on_error=on_error) for side, path in (("real", real), ("fake", fake))}
    found = metrics_of(metrics, "--metrics", sources["real"].classes)
    channels = max(source.shape[-1] for source in sources.values())
    if resolution is None:
        _check_sizes(sources)
    limits = {"real": None if count is None else 2 * count, "fake": count}
    how: dict = {"channels": channels, "resolution": resolution, "upscale": True if resolution else None}
    loaded = {s: data.arrays(x, limit=limits[s], on_error=on_error, **how) for s, x in sources.items()}

    def labelled() -> Source:
        return from_arrays(sources["real"].name, *loaded["real"], sources["real"].class_names)

    chosen_features = features or ("identity" if sources["real"].labels is None else "classifier")
    extractor = extractor_of(chosen_features, "--features", labelled)
    labels = {"real": loaded["real"][1], "fake": _matched(sources, loaded["fake"][1])}
    samples = {side: Samples(loaded[side][0], labels=labels[side], extractor=extractor) for side in sources}
    comparison = Comparison(found, samples["real"], count)
    results = comparison.measure(samples["fake"])
    about = f"{data.describe(sources['fake'])}, against {data.describe(sources['real'])}; features: {extractor.name}"
    if not features:
        why = "the real images have no labels" if chosen_features == "identity" else "trained on the real images"
        about += f" ({why}; --features chooses others)"
    for side, source in sources.items():
        if source.shape[-1] < channels:
            about += f"; the {side} images are gray, and read as three equal channels, as the others have colour"
    return Evaluation(about, results, comparison.floors)


def _uri(path: str) -> str:
    """Returns the URI of a folder; a URI comes back as it is."""
    is_folder = os.path.isdir(os.path.expanduser(path)) or path.partition(":")[0] not in FORMS
    return f"folder:{path}" if is_folder else path


def _check_sizes(sources: dict[str, Source]) -> None:
    sizes = {side: source.shape[:2] for side, source in sources.items()}
    known = {size for size in sizes.values() if None not in size}
    if len(set(sizes.values())) == 1 and known:
        return
    texts = [f"{side}: {'various' if None in size else f'{size[0]}x{size[1]}'}" for side, size in sizes.items()]
    side = min((length for size in known for length in size if length), default=64)
    raise ValueError(
        explain(
            "The images have different sizes.",
            received=f"height x width of {'; '.join(texts)}",
            expected="one size",
            fix=f"pass --resolution={side} (or another side): all images are cropped to squares and resized to it.",
        )
    )


def _matched(sources: dict[str, Source], labels: np.ndarray | None) -> np.ndarray | None:
    """Returns labels of the fake images that mean what those of the real ones mean: classes are known by name."""
    names = {side: source.class_names for side, source in sources.items()}
    if labels is None or names["fake"] is None or names["real"] is None:
        return labels
    unknown = sorted(set(names["fake"]) - set(names["real"]))
    if unknown:
        raise ValueError(
            explain(
                "The generated images have classes that the real ones have not.",
                received=f"subfolders {', '.join(unknown)} of {sources['fake'].name}",
                expected=f"some of {', '.join(names['real'])}",
                fix="name the subfolders of both folders alike.",
            )
        )
    return np.array([names["real"].index(name) for name in names["fake"]], "int32")[labels]
