"""Layers with a condition: [x, label], [x, vector], [x, map]."""

import keras

import tfgan_tricks as tt
from tests.conformance.case import Case

X = (4, 6, 5, 3)
LABELS = {1: 3}  # the second input holds labels of three classes
BATCH_STATISTICS = {
    "replicas": "the statistics are of a replica's part of the batch; tested in "
    "tests/layers/conditioning/test_modulated_replicas.py"
}


def instance_norm() -> keras.layers.Layer:
    return keras.layers.GroupNormalization(groups=-1, epsilon=1e-4, center=False, scale=False)


CASES = [
    Case("layers.LabelModulation", {"classes": 3}, (X, (4,)), ((4, 1, 1, 3),) * 2, labels=LABELS),
    Case("layers.LabelModulation", {"classes": 3}, (X, (4, 1)), ((4, 1, 1, 3),) * 2, labels=LABELS, variant="column"),
    Case("layers.LabelModulation", {"classes": 3}, ((4, 7), (4, 3)), ((4, 7),) * 2, variant="mixture"),
    Case("layers.StyleModulation", {}, (X, (4, 7)), ((4, 1, 1, 3),) * 2),
    Case("layers.StyleModulation", {"spectral_norm": True}, (X, (4, 7)), ((4, 1, 1, 3),) * 2, variant="spectral_norm"),
    Case("layers.StatisticsModulation", {"epsilon": 1e-3}, (X, (4, 3, 7, 3)), ((4, 1, 1, 3),) * 2),
    Case("layers.SpatialModulation", {"hidden": 5, "kernel_size": 2}, (X, (4, 9, 4, 2)), (X,) * 2),
    Case(
        "layers.Modulated",
        {"norm": instance_norm(), "modulation": tt.layers.StyleModulation()},
        (X, (4, 7)),
        X,
        variant="style",
    ),
    Case(
        "layers.Modulated",
        {
            "norm": keras.layers.BatchNormalization(momentum=0.7, center=False, scale=False),
            "modulation": tt.layers.LabelModulation(classes=3),
        },
        ((4, 7), (4,)),
        (4, 7),
        labels=LABELS,
        explained=BATCH_STATISTICS,
        variant="vectors",
    ),
    Case(
        "layers.ConditionalBatchNorm",
        {"classes": 3, "momentum": 0.7, "epsilon": 1e-4},
        (X, (4,)),
        X,
        labels=LABELS,
        explained=BATCH_STATISTICS,
    ),
    Case("layers.ConditionalInstanceNorm", {"classes": 3, "epsilon": 1e-3}, (X, (4,)), X, labels=LABELS),
    Case("layers.AdaptiveInstanceNorm", {"epsilon": 1e-3}, (X, (4, 3, 7, 3)), X),
    Case(
        "layers.SPADE",
        {"hidden": 5, "kernel_size": 2, "momentum": 0.7, "epsilon": 1e-4},
        (X, (4, 9, 4, 2)),
        X,
        explained=BATCH_STATISTICS,
    ),
    Case("layers.LabelChannel", {"classes": 3, "embedding_dim": 2}, (X, (4,)), (4, 6, 5, 4), labels=LABELS),
    Case("layers.LabelConcat", {"classes": 3}, (X, (4,)), (4, 6, 5, 6), labels=LABELS),
    Case("layers.LabelConcat", {"classes": 3}, ((4, 7), (4, 1)), (4, 10), labels=LABELS, variant="vectors"),
]
