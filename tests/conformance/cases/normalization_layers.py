"""Normalisation layers."""

from tests.conformance.case import Case

IMAGES = ((4, 3, 5, 2),)
BARE = {"center": False, "scale": False, "epsilon": 0.01}
ONE_BATCH = "batch statistics are those of a replica: tests/layers/normalization/test_switchable_norm.py"

CASES = [
    Case("layers.InstanceNorm", {"epsilon": 0.01}, IMAGES, IMAGES[0]),
    Case("layers.InstanceNorm", BARE, ((4, 6, 2),), (4, 6, 2), variant="bare"),
    Case("layers.PixelNorm", {"epsilon": 1e-6}, IMAGES, IMAGES[0]),
    Case("layers.PixelNorm", {}, ((4, 5),), (4, 5), variant="vectors"),
    Case(
        "layers.SwitchableNorm",
        {"epsilon": 0.01, "momentum": 0.7},
        IMAGES,
        IMAGES[0],
        explained={"replicas": ONE_BATCH},
    ),
    Case("layers.SwitchableNorm", BARE, ((4, 6, 2),), (4, 6, 2), variant="bare", explained={"replicas": ONE_BATCH}),
    Case("layers.VirtualBatchNorm", {"epsilon": 0.01}, IMAGES, IMAGES[0]),
    Case("layers.VirtualBatchNorm", BARE, ((4, 5),), (4, 5), variant="bare"),
]
