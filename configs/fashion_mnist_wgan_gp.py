"""WGAN-GP on Fashion-MNIST, grey 32x32: five critic steps and a gradient penalty, no spectral normalisation.

Command: tfgan-tricks train --config configs/fashion_mnist_wgan_gp.py --workdir runs/fashion_mnist_wgan_gp
Data: Debian's package dataset-fashion-mnist, or tensorflow-datasets' fashion_mnist once it is prepared.
Hardware: one GPU (written for); 2 CPU cores run the quick variant.
Time: not run, except for the quick variant.
Result: not run.
"""

from tfgan_tricks.experiment import default_config


def get_config(variant: str = ""):
    """Returns the config; the variant "quick" only shows that everything works."""
    config = default_config(variant)
    config.data.source = "fashion_mnist"
    config.architecture = "sngan_cnn(width=64, spectral_norm=False)"
    config.loss = "Wasserstein()"
    config.terms = ("WGANGP(weight=10.0)",)
    config.critic_steps = 5
    config.generator_optimizer = "Adam(1e-4, beta_1=0.0, beta_2=0.9)"
    config.discriminator_optimizer = "Adam(1e-4, beta_1=0.0, beta_2=0.9)"
    config.images = 3_000_000
    if variant == "quick":
        config.architecture = "sngan_cnn(width=8, spectral_norm=False)"
        config.images = 128
        config.images_per_epoch = 64
        config.batch_size = 16
    return config
