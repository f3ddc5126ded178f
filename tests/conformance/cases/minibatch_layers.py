"""Layers that compare the examples of a batch."""

import keras

from tests.conformance.case import Case

WITHIN = {
    "replicas": "statistics are those of one replica's part of the batch; tested in tests/layers/test_minibatch_*.py"
}

CASES = [
    Case("layers.MinibatchStd", {"groups": 3}, ((6, 2, 3, 2),), (6, 2, 3, 3), explained=WITHIN),
    Case(
        "layers.MinibatchStd",
        {"groups": 3, "across_replicas": True},
        ((8, 2, 3, 2),),
        (8, 2, 3, 3),
        variant="across_replicas",
    ),
    Case("layers.MinibatchStd", {"groups": 2}, ((4, 3),), (4, 4), variant="vectors", explained=WITHIN),
    Case(
        "layers.MinibatchDiscrimination",
        {"features": 3, "kernel_dims": 2, "kernel_initializer": keras.initializers.HeNormal(seed=2)},
        ((4, 5),),
        (4, 8),
        explained=WITHIN,
    ),
    Case(
        "layers.MinibatchDiscrimination",
        {"features": 2, "kernel_dims": 3, "across_replicas": True},
        ((4, 5),),
        (4, 7),
        variant="across_replicas",
    ),
]
