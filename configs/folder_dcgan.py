"""DCGAN on a folder of your own images, 64x64 colour.

Command: tfgan-tricks train --config configs/folder_dcgan.py --config.data.source=folder:/path/to/images
         --workdir runs/folder_dcgan
Data: a folder of PNG, JPEG, BMP, GIF or WebP files, flat or in one subfolder per class, of any size from 64x64 on.
Hardware: one GPU (written for); 2 CPU cores run the quick variant.
Time: not run, except for the quick variant.
Result: not run; it depends on the images.
"""

from tfgan_tricks.experiment import default_config


def get_config(variant: str = ""):
    """Returns the config; the variant "quick" only shows that everything works."""
    config = default_config(variant)
    config.data.source = "folder:images"
    config.data.resolution = 64
    config.data.channels = 3
    config.data.flip = True
    config.architecture = "dcgan()"
    config.prior = "Uniform(100)"
    config.loss = "NonSaturating(label_smoothing=0.1)"
    config.generator_optimizer = "Adam(2e-4, beta_1=0.5)"
    config.discriminator_optimizer = "Adam(2e-4, beta_1=0.5)"
    config.images = 5_000_000
    if variant == "quick":
        config.data.resolution = 32
        config.architecture = "dcgan(width=8)"
        config.images = 128
        config.images_per_epoch = 64
        config.batch_size = 16
    return config
