"""The data are not what the networks expect."""

from collections.abc import Iterator
from typing import Any

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import SEVERITIES, Finding, Remedy
from tfgan_tricks.diagnostics.image_statistics import generated
from tfgan_tricks.diagnostics.window import Window

LOW, HIGH = "data/generated_low", "data/generated_high"

RANGE = Remedy("Bring the images to [-1, 1]: tfgan_tricks.data.to_float does it for uint8, and data.load by itself.")
GRAY = Remedy("Train on one channel, which is a third of the work.", "--config.data.channels=1")
AUGMENT = Remedy("Augment what the critic sees.", "--config.inputs='(\"AdaptiveAugment()\",)'")
FLIP = Remedy("Mirror the images, if that makes sense for them.", "--config.data.flip=True")
LOOK = Remedy("Look at what the pipeline delivers: next(iter(dataset)) as an image.")
COUNT = Remedy("Tell the doctor how many images there are: data_images=, and give it more of them: real=.")
REMOVE = Remedy("Remove the copies, and give the doctor more images if it had few.")
OUTPUT = Remedy("End the generator with tanh, without an activation before it.")

MEANT = {
    "values": "One value that is not finite makes every weight so within a step.",
    "range": "The critic tells real from generated images by their range, which the generator cannot reach, in place of"
    " what they show.",
    "contrast": "Images that hardly differ from gray tell next to nothing, and all distances between them are small.",
    "channels": "A channel without content costs work, and the generator must learn to keep it constant.",
    "gray": "Two of three channels tell nothing new.",
    "same": "There is nothing to learn but one image: most likely the pipeline loses what they show.",
    "copies": "The copies count as often as they occur, so the generator will draw these images more often.",
    "few": "The critic learns the images one by one, and then judges everything else as generated.",
    "known": "What is compared with the data, such as diversity and memorised images, is judged by these few.",
    "reach": "The generator's last layer keeps it from drawing what is in the data, so the critic wins by that alone.",
}

Problem = tuple[str, str, str, tuple[Remedy, ...]]  # severity, key of its meaning, evidence, remedies


class DataProblems(Detector):
    """Finds images that are not finite, not in [-1, 1], the same again and again, empty or few.

    Also a generator whose outputs cannot reach the data's range: one with a sigmoid never draws below 0. Judged are the
    images that the doctor was given, by the facts about them (`data`, `data_images`), and

    signals: "data/generated_low" and "data/generated_high", the least and the greatest value of generated images.

    **Source**: Chintala et al., 2016, "How to Train a GAN?", 1: images between -1 and 1, tanh as the last layer;
    Karras et al., 2020, arXiv:2006.06676, figure 1, on small data sets.

    **Differs from the paper**: no.

    Args:
        tiny: fewer images than that in the data set are a warning, if the doctor was told how many there are.
        copies: share of images that are exactly another one's copy, from which on it is a warning.
        looks: how many looks a generator must have stayed within half of the range, from the first on.
        known: fewer different images than that are a note, if the doctor was not told how many there are.

    **Cost**: none worth naming.

    **Combines badly with**: nothing known. Red and blue in each other's place cannot be told from the images.

    Example:

    >>> facts = {"data": {"images": 64, "distinct": 64, "low": 0.0, "high": 255.0, "outside": 0.97}}
    >>> [finding.severity for finding in tt.diagnostics.DataProblems()(tt.diagnostics.Window((), facts))]
    ['serious']
    """

    name = "data_problems"

    def __init__(self, tiny: int = 1_000, copies: float = 0.1, looks: int = 3, known: int = 30):
        check_integer("tiny", tiny, at_least=0)
        check_range("copies", copies, low=0.0, high=1.0, low_open=True)
        check_integer("looks", looks, at_least=2)
        check_integer("known", known, at_least=0)
        self.tiny = tiny
        self.copies = copies
        self.looks = looks
        self.known = known

    def measure(self, look):
        images = generated(look)
        return {} if images is None else {LOW: float(images.min()), HIGH: float(images.max())}

    def __call__(self, window):
        data = window.facts.get("data") or {}
        problems = [*_values(data), *self._images(data, window.facts.get("data_images")), *self._reach(window, data)]
        if not problems:
            return []
        severities, kinds, evidence, remedies = zip(*problems, strict=True)
        return [
            Finding(
                name=self.name,
                severity=max(severities, key=SEVERITIES.index),
                evidence=evidence,
                meaning=" ".join(dict.fromkeys(MEANT[kind] for kind in kinds)),
                remedies=tuple(dict.fromkeys(remedy for group in remedies for remedy in group)),
                source='Chintala et al., 2016, "How to Train a GAN?", 1',
            )
        ]

    def _images(self, data: dict[str, Any], count: int | None) -> Iterator[Problem]:
        seen, distinct = data.get("images", 0), data.get("distinct", 0)
        low, high = data.get("low"), data.get("high")
        if low is None or low == high:
            seen = 0  # there is no value, or but one, which is said already
        if seen > 1 and distinct == 1:
            yield "serious", "same", f"All {seen} images are the same.", (LOOK,)
        elif seen > 1 and (seen - distinct) / seen >= self.copies:
            text = f"{seen - distinct} of {seen} images are exact copies of others."
            yield "warning", "copies", text, (REMOVE,)
        if count is not None and count < self.tiny:
            text = f"The data set has {count:,} images, which a critic soon knows by heart."
            yield "warning", "few", text, (AUGMENT, FLIP)
        if count is None and 1 < distinct < self.known:
            text = f"The doctor knows {distinct} different images alone, and not how many there are."
            yield "note", "known", text, (COUNT,)

    def _reach(self, window: Window, data: dict[str, Any]) -> Iterator[Problem]:
        lows, highs = window.values(LOW), window.values(HIGH)
        low, high = data.get("low"), data.get("high")
        if low is None or high is None or min(len(lows), len(highs)) < self.looks:
            return
        if lows.min() >= 0.0 and low <= -0.1:
            text = f"No generated value was below {lows.min():.3g} at {len(lows)} looks; the data begin at {low:.3g}."
            yield "serious", "reach", text, (OUTPUT,)
        if highs.max() <= 0.0 and high >= 0.1:
            text = f"No generated value was above {highs.max():.3g} at {len(highs)} looks; the data reach {high:.3g}."
            yield "serious", "reach", text, (OUTPUT,)


def _values(data: dict[str, Any]) -> Iterator[Problem]:
    """Yields what is wrong with the values of the images."""
    low, high = data.get("low"), data.get("high")
    if data.get("not_finite"):
        yield "serious", "values", f"{data['not_finite']:.2%} of the values are NaN or infinite.", (LOOK,)
    if low is None or high is None:
        return
    span = f"The values are from {low:.4g} to {high:.4g}"
    if low == high:
        yield "serious", "same", f"All values of all {data.get('images', 0)} images are {low:.4g}.", (LOOK,)
    elif data.get("outside"):
        text = f"{span}; {data['outside']:.1%} are outside [-1, 1], where a generator with tanh never gets."
        yield "serious" if data["outside"] >= 0.01 else "warning", "range", text, (RANGE,)
    elif high - low < 0.1:
        yield "warning", "contrast", f"{span}: hardly any contrast. Were they scaled twice?", (RANGE,)
    elif low >= 0.0:
        yield "warning", "range", f"{span}: they look like [0, 1] in place of [-1, 1].", (RANGE,)
    constant = data.get("constant_channels") or []
    if constant and len(constant) < data.get("channels", 0):
        text = f"Of {data['channels']} channels these have one value throughout: {constant}."
        yield "warning", "channels", text, (LOOK,)
    if data.get("gray") and low < high:
        yield "note", "gray", "All three channels are the same: the images are gray.", (GRAY,)
