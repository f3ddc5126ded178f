"""Spectrally normalised layers."""

from tests.conformance.case import Case

CASES = [
    Case("layers.SpectralNormDense", {"units": 3, "power_iterations": 2, "epsilon": 1e-6}, ((4, 5),), (4, 3)),
    Case(
        "layers.SpectralNormConv2D",
        {
            "filters": 3,
            "kernel_size": (3, 2),
            "strides": (2, 1),
            "padding": "same",
            "power_iterations": 2,
            "epsilon": 1e-6,
        },
        ((4, 6, 5, 2),),
        (4, 3, 5, 3),
    ),
    Case(
        "layers.SpectralNormConv2DTranspose",
        {"filters": 3, "kernel_size": 4, "strides": 2, "padding": "same", "convention": "adjoint"},
        ((4, 3, 2, 2),),
        (4, 6, 4, 3),
        variant="adjoint",
    ),
    Case(
        "layers.SpectralNormConv2DTranspose",
        {"filters": 3, "kernel_size": (2, 3), "power_iterations": 2, "epsilon": 1e-6},
        ((4, 3, 2, 2),),
        (4, 4, 4, 3),
        variant="torch",
    ),
    Case(
        "layers.SpectralNormEmbedding",
        {"input_dim": 5, "output_dim": 3, "power_iterations": 2, "epsilon": 1e-6},
        ((4, 2),),
        (4, 2, 3),
        labels={0: 5},
    ),
]
