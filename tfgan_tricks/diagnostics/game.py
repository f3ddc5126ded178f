"""How the game between the two players goes: what several detectors measure, and how they read it."""

import math

import numpy as np

from tfgan_tricks.diagnostics.look import Look
from tfgan_tricks.diagnostics.window import Window


def separation(look: Look) -> dict[str, float]:
    """Returns "separation", the share of pairs of a real and a generated logit in which the real one is higher.

    1 for a critic that tells them apart, 1/2 for one that cannot, 0 for one that takes them for each other. Unlike the
    accuracy, it does not ask where the boundary is. Nothing without real images.
    """
    real, fake = look.inference.real_logits, look.inference.fake_logits
    if real is None:
        return {}
    real = np.sort(real)
    below, not_above = np.searchsorted(real, fake, "left"), np.searchsorted(real, fake, "right")
    return {"separation": 1.0 - float(np.mean(below + not_above)) / (2 * len(real))}


def pixel_distance(look: Look) -> dict[str, float]:
    """Returns "pixel_distance", how far each pixel's mean and deviation are from those of the data.

    √(‖μ - μ'‖² + ‖σ - σ'‖²) / ‖σ‖, the Fréchet distance of Gaussians with independent pixels, over that between the
    data and their mean image: 1 is what always drawing the mean image gives, and more is worse than that. Nothing
    without real images.
    """
    real, fake = look.real, look.inference.images
    if real is None or real.shape[1:] != fake.shape[1:]:
        return {}
    squared = np.sum((real.mean(0) - fake.mean(0)) ** 2) + np.sum((real.std(0) - fake.std(0)) ** 2)
    spread = float(np.sum(real.std(0) ** 2))
    return {"pixel_distance": math.sqrt(float(squared) / spread)} if spread > 0.0 else {}


def together(window: Window, *names: str) -> np.ndarray:
    """Returns signals side by side, float64 [n, len(names)], of the looks that have them all; [0, ...] if the last
    one lacks any."""
    looks = [s.values for s in window.snapshots if all(name in s.values for name in names)]
    if not looks or looks[-1] is not window.snapshots[-1].values:
        looks = []
    return np.asarray([[values[name] for name in names] for values in looks], "float64").reshape(-1, len(names))


def streak(flags: np.ndarray) -> int:
    """Returns how many of the last looks in a row are flagged."""
    calm = np.flatnonzero(~np.asarray(flags, bool))
    return len(flags) if not len(calm) else len(flags) - 1 - int(calm[-1])


def direction(values: np.ndarray) -> float:
    """Returns how steadily a series rises: the mean sign of later minus earlier values over all pairs (Kendall's tau).

    1 for one that only rises, -1 for one that only falls, about 0 without a direction.
    """
    if len(values) < 2:
        return 0.0
    earlier, later = np.triu_indices(len(values), k=1)
    return float(np.mean(np.sign(values[later] - values[earlier])))
