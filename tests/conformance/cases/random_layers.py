"""Layers that are random in training and in use."""

from tests.conformance.case import Case

CASES = [
    Case("layers.NoiseInjection", {"stddev": 0.7, "seed": 3}, ((4, 3, 2, 2),), (4, 3, 2, 2), random=True),
    Case(
        "layers.NoiseInjection",
        {"stddev": 0.5, "learned_scale": True, "seed": 4},
        ((4, 3, 2, 2),),
        (4, 3, 2, 2),
        variant="learned",
        random=True,
    ),
    Case("layers.AlwaysOnDropout", {"rate": 0.3, "seed": 5}, ((4, 3, 2, 2),), (4, 3, 2, 2), random=True),
]
