"""The generator's output activation is stuck at its ends."""

import numpy as np

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.image_statistics import generated, real_like
from tfgan_tricks.diagnostics.remedies import lower_rate

END = 0.99  # from here to 1 a value counts as at the end


class SaturatedOutputs(Detector):
    """Finds images of ones and minus ones, of which there are far more than in the data.

    The slope of tanh at an output x is 1 - x²: where all outputs are at -1 or 1, no gradient gets through. Real images
    may have many such pixels too, the background of digits, so what counts is the share of values that are free,
    beside that share in the data. Outputs beyond [-1, 1] are no tanh's and are not judged.

    Signals: "saturation/low" and "saturation/high", the shares of values in [-1, -0.99] and in [0.99, 1];
    "saturation/real_free", the share of real values between; "saturation/slope", the mean of 1 - x².

    **Source**: Glorot and Bengio, 2010, "Understanding the difficulty of training deep feedforward neural networks",
    section 3, on units that saturate.

    **Differs from the paper**: outputs in place of hidden units.

    Args:
        stuck: share of the real images' free values, up to which nearly all outputs count as stuck.
        much: the same for a warning.
        looks: how many looks in a row must agree.

    **Cost**: none worth naming.

    **Combines badly with**: data of two values, such as binary masks, whose free share is below 2 %: not judged.

    Example:

    >>> values = {"saturation/low": 0.5, "saturation/high": 0.49, "saturation/real_free": 0.4}
    >>> looks = tuple(tt.diagnostics.Snapshot(images, values) for images in (1_000, 2_000, 3_000))
    >>> [finding.severity for finding in tt.diagnostics.SaturatedOutputs()(tt.diagnostics.Window(looks))]
    ['serious']
    """

    name = "saturated_outputs"

    def __init__(self, stuck: float = 0.1, much: float = 0.4, looks: int = 3):
        check_range("much", much, low=0.0, high=1.0)
        check_range("stuck", stuck, low=0.0, high=much)
        check_integer("looks", looks, at_least=1)
        self.stuck = stuck
        self.much = much
        self.looks = looks

    def measure(self, look):
        images = generated(look)
        if images is None or np.abs(images).max() > 1.0 + 1e-6:
            return {}
        values = {f"saturation/{side}": share for side, share in _ends(images).items()}
        values["saturation/slope"] = float(np.mean(1.0 - images**2, dtype=np.float64))
        real = real_like(images, look.real)
        return values if real is None else values | {"saturation/real_free": _free(_ends(real))}

    def __call__(self, window):
        low, high = (window.values(f"saturation/{side}", self.looks) for side in ("low", "high"))
        free = window.last("saturation/real_free")
        usual = 1.0 if free is None else free
        if min(len(low), len(high)) < self.looks or window.last("saturation/low") is None or usual < 0.02:
            return []
        most = (1.0 - low - high).max()
        if most > self.much * usual:
            return []
        at = f"At {window.images:,} images {low[-1]:.1%} of the generated values are -1 and {high[-1]:.1%} are 1"
        evidence = [f"{at}, to within {1 - END:.2g}; {max(0.0, 1 - low[-1] - high[-1]):.2%} are between."]
        evidence += [] if free is None else [f"Of the real values {free:.1%} are between."]
        slope = window.last("saturation/slope")
        evidence += [] if slope is None else [f"The mean slope of tanh is {slope:.2g}; it is 1 at 0."]
        if max(low[-1], high[-1]) > 0.999:
            evidence.append(f"All images are {'black' if low[-1] > high[-1] else 'white'}.")
        return [
            Finding(
                name=self.name,
                severity="serious" if most <= self.stuck * usual else "warning",
                evidence=tuple(evidence),
                meaning="What the generator's last layer puts out is so large that its activation is flat there: pixels"
                " are stuck at the ends of the range, and hardly any gradient reaches the generator through them.",
                remedies=(
                    *lower_rate(window, "generator"),
                    Remedy("Penalise the critic's slope, so that it pushes less.", "--config.terms='(\"R1(1.0)\",)'"),
                    Remedy("Take smaller initial weights, or less gain, in the generator's last layer."),
                    Remedy("Start again, or from a checkpoint before this: stuck outputs seldom come loose."),
                ),
                source="Glorot and Bengio, 2010, Understanding the difficulty of training deep feedforward networks",
                player="generator",
            )
        ]


def _ends(images: np.ndarray) -> dict[str, float]:
    return {"low": float(np.mean(images <= -END)), "high": float(np.mean(images >= END))}


def _free(ends: dict[str, float]) -> float:
    return max(0.0, 1.0 - ends["low"] - ends["high"])
