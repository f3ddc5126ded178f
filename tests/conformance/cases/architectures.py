"""Architectures: the inputs are latents."""

from tests.conformance.case import Case

SYNCHRONIZED = {"jax": "Keras synchronizes batch norm on TensorFlow alone"}

CASES = [
    Case(
        "architectures.mlp",
        {"resolution": 5, "channels": 2, "latent_dim": 3, "widths": (6, 7), "batch_norm": True},
        ((4, 3),),
    ),
    Case(
        "architectures.mlp",
        {"resolution": 5, "channels": 2, "latent_dim": 3, "batch_norm": True, "across_replicas": True},
        ((4, 3),),
        variant="across_replicas",
        explained=SYNCHRONIZED,
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
        "architectures.dcgan",
        {"resolution": 16, "channels": 1, "latent_dim": 3, "width": 2, "across_replicas": True},
        ((4, 3),),
        variant="across_replicas",
        explained=SYNCHRONIZED,
    ),
    Case(
        "architectures.progan",
        {
            "resolution": 8,
            "channels": 2,
            "latent_dim": 3,
            "width": 4,
            "base_width": 16,
            "groups": 2,
            "across_replicas": True,
            "alpha": 0.3,
        },
        ((4, 3),),
        explained={
            "replicas": "its critic compares the images of all replicas, as asked; tested in"
            " tests/layers/test_minibatch_std.py and tests/training/test_progressive.py"
        },
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
    Case(
        "architectures.sngan_cnn",
        {"resolution": 8, "channels": 1, "latent_dim": 3, "width": 2, "across_replicas": True},
        ((4, 3),),
        variant="across_replicas",
        explained=SYNCHRONIZED,
    ),
]
