"""Wrappers that divide the kernel of a layer: spectral and weight normalisation."""

import keras

from tests.conformance.case import Case

CASES = [
    Case(
        "layers.SpectralNormalization",
        {"layer": keras.layers.Conv1D(3, 2, strides=2), "power_iterations": 2, "epsilon": 1e-6},
        ((4, 7, 2),),
        (4, 3, 3),
    ),
    Case(
        "layers.SpectralNormalization",
        {
            "layer": keras.layers.SeparableConv2D(3, 2, padding="same", activation="tanh"),
            "weight_name": "depthwise_kernel",
            "axis": (2, 3),
        },
        ((4, 3, 5, 2),),
        (4, 3, 5, 3),
        variant="separable",
    ),
    Case(
        "layers.WeightNormalization",
        {"layer": keras.layers.EinsumDense("abc,cde->abde", (3, 2, 3), bias_axes="de")},
        ((4, 3, 5),),
        (4, 3, 2, 3),
    ),
    Case(
        "layers.WeightNormalization",
        {
            "layer": keras.layers.SeparableConv1D(3, 2, depth_multiplier=2),
            "weight_name": "pointwise_kernel",
            "axis": -1,
        },
        ((4, 5, 2),),
        (4, 4, 3),
        variant="separable",
    ),
]
