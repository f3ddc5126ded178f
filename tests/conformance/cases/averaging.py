"""Weight averaging: images seen, images per update."""

from tests.conformance.case import Case

CASES = [
    Case("training.ArithmeticAveraging", {"start_images": 10}, ((), ())),
    Case(
        "training.ExponentialAveraging",
        {"half_life_images": 500, "start_images": 10, "ramp_up": 0.05},
        ((), ()),
    ),
]
