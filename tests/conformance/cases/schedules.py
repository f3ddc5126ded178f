"""Schedules: the input is a count of images; of a learning rate, of an optimizer's steps."""

import tfgan_tricks as tt
from tests.conformance.case import Case

WAVE = tt.schedules.Cosine(2e-3, 1e-4, images=20_000)

CASES = [
    Case(
        "schedules.ConstantThenLinear",
        {"value": 0.5, "end": 0.1, "constant_images": 300, "images": 1_000},
        ((),),
    ),
    Case("schedules.Cosine", {"start": 0.5, "end": 0.1, "images": 1_000}, ((),)),
    Case("schedules.HalfLife", {"start": 0.5, "end": 0.1, "images": 700}, ((),)),
    Case("schedules.LearningRate", {"schedule": WAVE, "images_per_update": 16}, ((),)),
    Case("schedules.Linear", {"start": 0.5, "end": 0.1, "images": 1_000}, ((),)),
    Case("schedules.Piecewise", {"points": ((100, 0.5), (400, 2.0), (400, 1.0), (800, 0.25))}, ((),)),
]
