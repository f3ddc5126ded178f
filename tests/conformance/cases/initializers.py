"""Initializers. They read no input: the count of images of their rows stands for none."""

import keras

from tests.conformance.case import Case

CASES = [
    Case(
        "initializers.ICNR",
        {"scale": 2, "initializer": keras.initializers.HeNormal(seed=4)},
        ((),),
        random=True,
    ),
    Case(
        "initializers.OrthogonalGain",
        {"gain": "leaky_relu", "negative_slope": 0.1, "seed": 4},
        ((),),
        random=True,
        variant="name",
    ),
    Case("initializers.OrthogonalGain", {"gain": 0.7, "seed": 4}, ((),), random=True, variant="number"),
]
