"""SNGAN on Fashion-MNIST, grey 32x32: spectral normalisation and the hinge loss.

Command: tfgan-tricks train --config configs/fashion_mnist_sngan.py --workdir runs/fashion_mnist_sngan
Data: Debian's package dataset-fashion-mnist, or tensorflow-datasets' fashion_mnist once it is prepared.
Hardware: 2 CPU cores.
Time: 15 minutes measured on a machine that did other work as well; 258 images/s, or 10 minutes, in its quiet minutes.
Result: garments a person can name after 90,000 images; docs/_static/fashion_mnist_sngan.png is the grid after 523 s.
No FID was computed.
"""

from tfgan_tricks.experiment import default_config


def get_config(variant: str = ""):
    """Returns the config; the variant "quick" only shows that everything works."""
    config = default_config(variant)
    config.data.source = "fashion_mnist"
    config.architecture = "sngan_cnn(width=32)"
    config.loss = "Hinge()"
    config.generator_optimizer = "Adam(2e-4, beta_1=0.0, beta_2=0.9)"
    config.discriminator_optimizer = "Adam(4e-4, beta_1=0.0, beta_2=0.9)"
    config.images = 150_000
    config.images_per_epoch = 15_000
    if variant == "quick":
        config.architecture = "sngan_cnn(width=8)"
        config.images = 512
        config.images_per_epoch = 256
    return config
