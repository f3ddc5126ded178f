"""Terms that compare or smooth images: the real ones are the targets of the generated ones."""

from tests.conformance.case import Case
from tests.support.feature_network import LAYERS, feature_network, weights_file
from tfgan_tricks.schedules import Linear

GROWING = Linear(0.5, 3.0, images=500)
IMAGES = ((4, 7, 6, 2), (4, 7, 6, 2))  # real and fake
LARGER = ((4, 11, 14, 3), (4, 11, 14, 3))
GRAY = ((4, 6, 8, 1), (4, 6, 8, 1))
COMMON = {"weight": GROWING, "every": 2, "name": "likeness"}

CASES = [
    Case("losses.image.Charbonnier", {"epsilon": 0.1, **COMMON}, IMAGES),
    Case("losses.image.TotalVariation", {"norm": "l2", "mask": "mask", **COMMON}, IMAGES),
    Case("losses.image.TotalVariation", {"norm": "l1"}, LARGER, variant="everywhere"),
    Case("losses.image.SSIM", {"filter_size": 4, "filter_sigma": 0.8, **COMMON}, IMAGES),
    Case(
        "losses.image.MultiScaleSSIM",
        {"power_factors": (0.3, 0.3, 0.4), "filter_size": 3, "filter_sigma": 0.8, **COMMON},
        LARGER,
    ),
    Case(
        "losses.image.Perceptual",
        {"features": feature_network(), "layers": LAYERS, "layer_weights": (0.3, 0.6), "norm": "l2", **COMMON},
        IMAGES,
    ),
    Case(
        "losses.image.Perceptual",
        {
            "features": feature_network(channels=3),
            "layers": LAYERS,
            "layer_weights": (0.3, 0.6),
            "preprocessing": "vgg",
        },
        GRAY,
        variant="gray",
    ),
    Case(
        "losses.image.Perceptual",
        {"features": feature_network(), "layers": LAYERS[:1], "layer_weights": (2.0,), "weights": weights_file()},
        IMAGES,
        variant="file",
    ),
    Case(
        "losses.image.Style",
        {
            "features": feature_network(),
            "layers": LAYERS,
            "layer_weights": (0.3, 0.6),
            "weights": weights_file(),
            "preprocessing": "none",
            **COMMON,
        },
        IMAGES,
    ),
]
