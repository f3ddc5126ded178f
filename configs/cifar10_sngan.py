"""SNGAN on CIFAR-10, 32x32 colour: the paper's standard CNN with the hinge loss.

Command: tfgan-tricks train --config configs/cifar10_sngan.py --workdir runs/cifar10_sngan
Data: tensorflow-datasets' cifar10, prepared beforehand:
      python -c "import tensorflow_datasets as tfds; tfds.load('cifar10')"
Hardware: one GPU (written for).
Time: not run.
Result: not run. StudioGAN's logs give FID 43.6, 25.6 and 13.4 after 2k, 10k and 100k generator steps for an SNGAN with
its own networks and protocol (10k generated images against the test moments, best checkpoint).
"""

from tfgan_tricks.experiment import default_config


def get_config(variant: str = ""):
    """Returns the config; the variant "quick" only shows that everything works."""
    config = default_config(variant)
    config.data.source = "tfds:cifar10"
    config.data.channels = 3
    config.data.flip = True
    config.architecture = "sngan_cnn(width=64)"
    config.loss = "Hinge()"
    config.generator_optimizer = "Adam(2e-4, beta_1=0.0, beta_2=0.9)"
    config.discriminator_optimizer = "Adam(2e-4, beta_1=0.0, beta_2=0.9)"
    config.images = 6_400_000
    if variant == "quick":
        config.architecture = "sngan_cnn(width=8)"
        config.images = 128
        config.images_per_epoch = 64
        config.batch_size = 16
    return config
