"""The smallest GAN that grows, and images in an order that depends on nothing but how many were seen."""

import keras
import numpy as np
import tensorflow as tf

import tfgan_tricks as tt

LATENTS = 3
SOURCE = np.random.default_rng(0).uniform(-1, 1, (64, 16, 16, 2)).astype("float32")


def build(resolution, task=tt.tasks.Unconditional, across_replicas=False, **compile_arguments):
    """Returns a compiled GAN for a resolution."""
    widths = {"width": 4, "base_width": 32, "groups": 2, "across_replicas": across_replicas}
    networks = tt.architectures.progan(resolution=resolution, channels=2, latent_dim=LATENTS, **widths)
    average = tt.training.ExponentialAveraging(half_life_images=30)
    gan = tt.training.GAN(task(*networks, tt.latents.Hypersphere(LATENTS)), averaging=average, seed=7)
    settings = {"loss": tt.losses.adversarial.NonSaturating(), "jit_compile": False, **compile_arguments}
    gan.compile(keras.optimizers.Adam(1e-2, 0.0), keras.optimizers.RMSprop(1e-2), **settings)
    return gan


def fresh(resolution=4, **arguments):
    """Returns such a GAN with weights that are the same each time, and none of them 0."""
    keras.utils.set_random_seed(1)
    return shaken(build(resolution, **arguments))


def shaken(gan):
    """Moves all weights off their initial values, so that a bias counts."""
    generator = np.random.default_rng(3)
    networks = [gan.task.generator, gan.task.discriminator, *gan.averaged.values()]
    for weight in (weight for network in networks for weight in network.weights if "alpha" not in weight.path):
        weight.assign(weight + generator.normal(scale=0.2, size=weight.shape).astype("float32"))
    return gan


def growing(build=build, resolution=8, **arguments):
    """Returns a curriculum of a few steps."""
    settings = {"images_fading": 16, "images_stable": 16, "batch_sizes": {4: 8, 8: 4}, "images_per_epoch": 16}
    return tt.training.ProgressiveTraining(build, resolution, **{**settings, **arguments})


def data(stage, images_seen):
    """Returns the images in the resolution and the batches of the stage."""
    factor = 16 // stage.resolution
    pixels = tf.nn.avg_pool2d(SOURCE, factor, factor, "VALID")
    rows = tf.data.Dataset.range(images_seen, 10**9).map(lambda i: {"image": tf.gather(pixels, i % len(SOURCE))})
    return rows.batch(stage.batch_size, drop_remainder=True)


def latents(n=5, seed=0):
    """Returns random latents."""
    return np.random.default_rng(seed).normal(size=(n, LATENTS)).astype("float32")


def images(side, n=5, seed=0):
    """Returns random images."""
    return np.random.default_rng(seed).uniform(-1, 1, (n, side, side, 2)).astype("float32")


def enlarged(pictures):
    """Returns images twice as large, each pixel four times."""
    return np.repeat(np.repeat(pictures, 2, axis=1), 2, axis=2)


def state(gan):
    """Returns everything that a run is made of."""
    optimizers = {id(o): o for o in vars(gan).values() if isinstance(o, keras.optimizers.Optimizer)}.values()
    variables = [*gan.variables, *(variable for optimizer in optimizers for variable in optimizer.variables)]
    return [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in variables]
