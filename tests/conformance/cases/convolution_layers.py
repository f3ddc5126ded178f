"""Convolutions of other kinds, and resampling."""

from tests.conformance.case import Case

CASES = [
    Case(
        "layers.GatedConv2D",
        {"filters": 3, "kernel_size": (3, 2), "strides": (2, 1), "padding": "same", "activation": "tanh"},
        ((4, 6, 5, 2),),
        (4, 3, 5, 3),
    ),
    Case(
        "layers.GatedConv2D",
        {"filters": 3, "kernel_size": 3, "activation": None, "dilation_rate": 2, "use_bias": False},
        ((4, 6, 5, 2),),
        (4, 2, 1, 3),
        variant="linear_features",
    ),
    Case(
        "layers.GatedConv2DTranspose",
        {"filters": 3, "kernel_size": 4, "strides": 2, "padding": "same", "activation": "tanh"},
        ((4, 3, 2, 2),),
        (4, 6, 4, 3),
    ),
    Case(
        "layers.PartialConv2D",
        {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same", "activation": "sigmoid"},
        ((4, 6, 5, 2), (4, 6, 5, 1)),
        ((4, 3, 3, 3), (4, 3, 3, 1)),
        variant="shared_mask",
        masks=(1,),
    ),
    Case(
        "layers.PartialConv2D",
        {"filters": 3, "kernel_size": (2, 3), "use_bias": False},
        ((4, 6, 5, 2), (4, 6, 5, 2)),
        ((4, 5, 3, 3), (4, 5, 3, 1)),
        variant="mask_per_channel",
        masks=(1,),
    ),
    Case(
        "layers.UpsampleConv2D",
        {"filters": 3, "kernel_size": (3, 2), "padding": "valid", "interpolation": "bilinear", "scale": 3},
        ((4, 3, 2, 2),),
        (4, 7, 5, 3),
        variant="bilinear",
    ),
    Case("layers.UpsampleConv2D", {"filters": 3, "kernel_size": 3}, ((4, 3, 2, 2),), (4, 6, 4, 3), variant="nearest"),
    Case(
        "layers.DownsampleConv2D",
        {"filters": 3, "kernel_size": (2, 1), "padding": "valid", "method": "blur", "scale": 3},
        ((4, 7, 6, 2),),
        (4, 2, 2, 3),
        variant="blur",
    ),
    Case("layers.DownsampleConv2D", {"filters": 3, "kernel_size": 3}, ((4, 6, 5, 2),), (4, 3, 3, 3), variant="average"),
    Case(
        "layers.BlurPool2D",
        {"kernel_size": 4, "strides": 3, "padding": "same"},
        ((4, 6, 5, 2),),
        (4, 2, 2, 2),
        variant="zeros",
    ),
    Case("layers.BlurPool2D", {"kernel_size": 5}, ((4, 6, 5, 2),), (4, 3, 3, 2), variant="reflect"),
    Case(
        "layers.EqualizedDense",
        {"units": 3, "gain": 1.0, "learning_rate_multiplier": 0.5, "activation": "relu"},
        ((4, 5),),
        (4, 3),
    ),
    Case(
        "layers.EqualizedConv2D",
        {
            "filters": 4,
            "kernel_size": (3, 2),
            "strides": (2, 1),
            "padding": "same",
            "gain": 1.0,
            "learning_rate_multiplier": 0.5,
            "groups": 2,
        },
        ((4, 6, 5, 2),),
        (4, 3, 5, 4),
    ),
]
