"""Trainings whose numbers break down."""

import numpy as np

from benchmarks.doctor_lab.trial import Trial, digits, small_gan

LATE = 1_000  # not among the images that the doctor is given


def _one_bad_image(seed: int) -> np.ndarray:
    images = digits().copy()
    images[LATE, 3, 3] = np.nan
    return images


PROVOKED = (Trial("one pixel of one image is NaN", "non_finite", lambda seed: small_gan(seed, "mlp"), _one_bad_image),)
