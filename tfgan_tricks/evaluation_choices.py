"""From short names and texts to metrics and feature extractors, for configs and the command line."""

import re
from collections.abc import Callable, Iterable

from tfgan_tricks.checks import explain, suggestion
from tfgan_tricks.configuration import build
from tfgan_tricks.configuration.registry import registry
from tfgan_tricks.data.source import Source
from tfgan_tricks.metrics import Metric
from tfgan_tricks.metrics.feature_extractor import FeatureExtractor

METRICS = {
    "fid": "FID",
    "kid": "KID",
    "is": "InceptionScore",
    "pr": "PrecisionRecall",
    "dc": "DensityCoverage",
    "swd": "SlicedWasserstein",
    "msssim": "MultiScaleSSIMDiversity",
    "cas": "ClassificationAccuracyScore",
    "memorisation": "NearestNeighbourMemorisation",
    "coverage": "LabelCoverage",
}
FEATURES = {"classifier": "Classifier", "identity": "Identity", "inception": "InceptionFID"}


def metrics_of(texts: Iterable[str], field: str, classes: int | None = None) -> list[Metric]:
    """Returns the metrics that texts describe, such as "fid" or "KID(subset_size=50)".

    Args:
        texts: short names of `METRICS`, names or calls.
        field: where they come from, for error messages.
        classes: of the data, for a metric that counts them and does not say how many there are.

    Raises:
        ValueError: if a text is none of these, or there is none.
    """
    texts = [text for text in texts if text.strip()]
    if not texts:
        raise ValueError(
            explain(
                "There is nothing to measure.",
                received=f"{field} without a metric",
                expected=f"some of {', '.join(METRICS)}",
                fix="name one, such as fid.",
            )
        )
    known = {} if classes is None else {"modes": classes}
    whole = [_in_full(text, METRICS, "evaluation.metrics", "metric", field) for text in texts]
    return [build(text, "evaluation.metrics", field, **known) for text in whole]


def split_list(text: str) -> list[str]:
    """Returns the parts of a text between those commas that stand outside of brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]


def extractor_of(text: str, field: str, source: Callable[[], Source]) -> FeatureExtractor:
    """Returns the feature extractor that a text describes: "classifier", "identity", "inception[:FILE]", or a call.

    Args:
        text: what to build.
        field: where it comes from, for error messages.
        source: returns the labelled images that a classifier is trained on.

    Raises:
        ValueError: if it is none of these, or a classifier is asked for and there are no labels.
    """
    name, colon, path = text.partition(":")
    if name.strip().lower() == "inception" and colon:
        return registry("evaluation.features")["InceptionFID"](path)
    whole = _in_full(text, FEATURES, "evaluation.features", "kind of features", field)
    if re.match(r"\s*Classifier\b", whole) is None:
        return build(whole, "evaluation.features", field)
    labelled = source()
    if labelled.labels is None:
        raise ValueError(
            explain(
                "There are no labels to train a classifier with.",
                received=f"{field} {text!r}, and {labelled.name} without labels",
                expected="labelled images, such as a folder with one subfolder per class",
                fix="choose other features: 'identity' (the pixels) or 'inception:FILE'.",
            )
        )
    return build(whole, "evaluation.features", field, source=labelled)


def _in_full(text: str, short: dict[str, str], kind: str, what: str, field: str) -> str:
    """Returns a text with the public name in place of a short one; raises `ValueError` for any other name."""
    head = re.match(r"\s*(\w*)", text)[1]  # type: ignore[index]
    if head.lower() in short:
        return text.replace(head, short[head.lower()], 1)
    known = registry(kind)
    if head in known:
        return text
    raise ValueError(
        explain(
            f"There is no {what} called {head or text!r}.",
            received=f"{field} {text!r}",
            expected=f"one of {', '.join(short)}; or a call, such as those of {', '.join(known)}",
            fix=suggestion(head, (*known, *short), "`tfgan-tricks list metrics` tells about each."),
        )
    )
