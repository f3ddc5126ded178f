"""What torch-fidelity and prdc computed; tests/golden/make_metrics.py made it."""

import json
from pathlib import Path

import numpy as np

from tfgan_tricks.metrics import Samples

with np.load(Path(__file__).parents[1] / "golden" / "metrics" / "references.npz") as archive:
    REAL, FAKE, LOGITS = archive["real"], archive["fake"], archive["logits"]
    NUMBERS = json.loads(str(archive["numbers"]))


def sides() -> tuple[Samples, Samples]:
    """Returns the real and the generated features."""
    return Samples(features=REAL), Samples(features=FAKE)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Returns probabilities in float64."""
    exponentials = np.exp(logits.astype("float64"))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
