"""Self-attention, pixel shuffles and the cross-fade."""

import keras

from tests.conformance.case import Case

KERNEL = keras.initializers.RandomNormal(stddev=0.2, seed=2)

CASES = [
    Case(
        "layers.SelfAttention2D",
        {"value_channels": 3, "pool": True, "kernel_initializer": KERNEL},
        ((4, 4, 6, 16),),
        (4, 4, 6, 16),
        variant="pooled",
    ),
    Case(
        "layers.SelfAttention2D",
        {"spectral_norm": True, "return_attention": True},
        ((4, 3, 2, 8),),
        ((4, 3, 2, 8), (4, 3, 2, 3, 2)),
        variant="spectral",
    ),
    Case(
        "layers.SelfAttention",
        {
            "value_channels": 4,
            "pool": True,
            "spectral_norm": True,
            "return_attention": True,
            "kernel_initializer": KERNEL,
        },
        ((4, 4, 2, 8),),
        ((4, 4, 2, 8), (4, 4, 2, 2, 1)),
    ),
    Case("layers.PixelShuffle", {"r": 2}, ((4, 2, 3, 12),), (4, 4, 6, 3)),
    Case("layers.PixelUnshuffle", {"r": 3}, ((4, 3, 6, 2),), (4, 1, 2, 18)),
    Case("layers.FadeIn", {"alpha": 0.3}, ((4, 3, 2, 5), (4, 3, 2, 5)), (4, 3, 2, 5)),
]
