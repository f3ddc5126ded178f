"""The table of cases: one row or more per public name, with non-default arguments and the shapes of its inputs.

A new trick adds its row here, and every test of this folder runs on it. `test_completeness.py` fails for a public
name without a row, and for a constructor argument that no row sets to another value than its default.
"""

import tfgan_tricks as tt
from tests.conformance.case import Case

# Public names that say what a kind must implement, and cannot be called themselves.
PROTOCOLS = {
    "inputs.InputTransform",
    "latents.Prior",
    "losses.Term",
    "losses.adversarial.AdversarialLoss",
    "schedules.Schedule",
}

LOGITS = ((4, 1), (4, 1))  # real and fake
PATCHES = ((4, 2, 3, 1), (4, 2, 3, 1))
IMAGES = ((4, 3, 2, 2), (4, 3, 2, 2))
DECAY = tt.schedules.Linear(0.5, 0.1, images=1_000)

CASES = [
    # layers
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
    # losses
    Case(
        "losses.adversarial.NonSaturating",
        {"label_smoothing": (0.7, 1.2), "fake_smoothing": 0.1},
        LOGITS,
        variant="range",
        random=True,
    ),
    Case("losses.adversarial.NonSaturating", {"label_smoothing": 0.1}, PATCHES, variant="patches"),
    Case("losses.adversarial.Minimax", {"label_smoothing": 0.2, "fake_smoothing": 0.1}, LOGITS),
    Case(
        "losses.adversarial.Minimax",
        {"label_smoothing": 0.1, "fake_smoothing": (0.0, 0.3)},
        PATCHES,
        variant="range",
        random=True,
    ),
    Case("losses.adversarial.Wasserstein", {}, LOGITS),
    Case("losses.adversarial.Wasserstein", {}, PATCHES, variant="patches"),
    Case("losses.adversarial.LeastSquares", {"a": -1.0, "b": 1.5, "c": 0.5}, LOGITS),
    Case(
        "losses.adversarial.LeastSquares",
        {"a": -1.0, "b": 1.5, "c": 0.5, "label_smoothing": 0.1, "fake_smoothing": (0.0, 0.3)},
        PATCHES,
        variant="range",
        random=True,
    ),
    Case("losses.adversarial.Hinge", {}, LOGITS),
    Case("losses.adversarial.Hinge", {}, PATCHES, variant="patches"),
    # penalties
    Case(
        "penalties.GradientPenalty",
        {"where": "fake", "target": 0.5, "one_sided": True, "weight": DECAY, "every": 4, "name": "smoothness"},
        IMAGES,
    ),
    Case("penalties.R1", {"gamma": 2.0, "every": 16, "name": "smoothness"}, IMAGES),
    Case("penalties.R1", {"gamma": DECAY}, ((4, 5), (4, 5)), variant="vectors"),
    Case(
        "penalties.WGANGP",
        {"weight": 5.0, "target": 0.5, "one_sided": True, "every": 4, "name": "smoothness"},
        IMAGES,
        random=True,
    ),
    Case("penalties.WGANGP", {"target": 1.5}, ((4, 5), (4, 5)), variant="two_sided", random=True),
    # constraints
    Case("constraints.ClipWeights", {"limit": 0.5}, ((4, 3),)),
    # input transforms
    Case("inputs.InstanceNoise", {"stddev": DECAY}, ((4, 5, 3, 2),), (4, 5, 3, 2), random=True),
    Case("inputs.InstanceNoise", {"stddev": 0.3}, ((4, 5),), (4, 5), variant="vectors", random=True),
    Case("inputs.Packing", {"m": 3}, ((6, 5, 4, 2),), (2, 5, 4, 6)),
    # latents
    Case("latents.Normal", {"dim": 5, "mean": 2.0, "stddev": 0.5}, ((4,),), random=True),
    Case("latents.Uniform", {"dim": 5, "low": 0.5, "high": 2.5}, ((4,),), random=True),
    # schedules
    Case("schedules.Linear", {"start": 0.5, "end": 0.1, "images": 1_000}, ((),)),
    # architectures: the inputs are latents
    Case(
        "architectures.mlp",
        {"resolution": 5, "channels": 2, "latent_dim": 3, "widths": (6, 7), "batch_norm": True},
        ((4, 3),),
    ),
    Case(
        "architectures.dcgan",
        {
            "resolution": 14,
            "channels": 2,
            "latent_dim": 3,
            "width": 4,
            "max_width": 6,
            "discriminator_batch_norm": False,
        },
        ((4, 3),),
    ),
    Case(
        "architectures.sngan_cnn",
        {"resolution": 8, "channels": 1, "latent_dim": 3, "width": 2, "output_kernel": 9, "spectral_norm": False},
        ((4, 3),),
        variant="plain",
    ),
    Case(
        "architectures.sngan_cnn",
        {"resolution": 8, "channels": 1, "latent_dim": 3, "width": 2, "output_kernel": 1},
        ((4, 3),),
        variant="spectral_norm",
    ),
    # averaging
    Case(
        "training.ExponentialAveraging",
        {"half_life_images": 500, "start_images": 10, "ramp_up": 0.05},
        ((), ()),
    ),
]
