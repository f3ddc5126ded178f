"""Progressive growing on Fashion-MNIST, grey, from 4x4 to 32x32: each stage doubles the resolution and is faded in.

Command: tfgan-tricks train --config configs/fashion_mnist_progan.py --workdir runs/fashion_mnist_progan
Data: Debian's package dataset-fashion-mnist, or tensorflow-datasets' fashion_mnist once it is prepared.
Hardware: 2 CPU cores.
Time: not run as a whole. Over 32 steps on a busy machine an image took 0.5, 1.8, 5.5 and 11.0 ms of processor time at
4x4, 8x8, 16x16 and 32x32; that is 24 minutes in all, or 12 if both cores are kept at work.
Result: not run, except for the quick variant. The advice against R1 beside MinibatchStd that the run begins with is
known: the paper has a gradient penalty beside it as well.
"""

from tfgan_tricks.experiment import default_config


def get_config(variant: str = ""):
    """Returns the config; the variant "quick" only shows that everything works, in all stages."""
    config = default_config(variant)
    config.data.source = "fashion_mnist"
    config.architecture = "progan(width=64, base_width=768)"  # 64 filters at 4x4 and 8x8, 48 at 16x16, 24 at 32x32
    config.prior = "Hypersphere(64)"
    config.loss = "NonSaturating()"
    config.terms = ("R1(gamma=1.0, every=16)",)
    config.generator_optimizer = "Adam(1e-3, beta_1=0.0, beta_2=0.99)"
    config.discriminator_optimizer = "Adam(1e-3, beta_1=0.0, beta_2=0.99)"
    config.curriculum = "ProgressiveTraining(images_fading=30_000, images_stable=30_000)"
    config.images = 240_000
    config.images_per_epoch = 15_000
    config.batch_size = 32
    if variant == "quick":
        config.architecture = "progan(width=8)"
        config.terms = ()
        config.curriculum = "ProgressiveTraining(images_fading=32, images_stable=32, batch_sizes={4: 32, 16: 16})"
        config.images = 224
        config.images_per_epoch = 32
        config.batch_size = 32
        config.grid = 4
    return config
