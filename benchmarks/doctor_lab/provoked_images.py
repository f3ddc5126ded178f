"""Trainings whose images go wrong, or whose data are wrong from the start."""

import keras
import numpy as np
from keras import layers

import tfgan_tricks as tt
from benchmarks.doctor_lab.trial import Trial, digits, small_gan

Adam = keras.optimizers.Adam


def _hasty(seed: int) -> keras.Model:
    return small_gan(seed, "mlp", generator_optimizer=Adam(5e-3, 0.9))


def _eager(seed: int) -> keras.Model:
    """A GAN that is large for what it learns, and learns it fast."""
    rates = {f"{player}_optimizer": Adam(1e-3, 0.5) for player in ("generator", "discriminator")}
    return small_gan(seed, "mlp", averaging=False, **rates)


def overlapping(kernel: int, seed: int) -> keras.Model:
    """A GAN for 16×16 pixels, whose last layer spreads each value over kernel × kernel pixels at stride 2, as it is."""
    keras.utils.set_random_seed(seed)
    _, critic = tt.architectures.dcgan(resolution=16, channels=1, latent_dim=16, width=16)
    latents = keras.Input((16,))
    bright = layers.Dense(16, bias_initializer=keras.initializers.Constant(0.7))
    x = layers.Reshape((4, 4, 1))(bright(layers.Dense(256, "relu")(latents)))
    x = layers.UpSampling2D(2, interpolation="bilinear")(x)
    ones = keras.initializers.Constant(4.0 / kernel**2)  # each pixel is painted once, in the mean
    x = layers.Conv2DTranspose(1, kernel, 2, "same", use_bias=False, kernel_initializer=ones, trainable=False)(x)
    generator = keras.Model(latents, layers.Activation("tanh")(x))
    task = tt.tasks.Unconditional(generator, critic, prior=tt.latents.Normal(16))
    return small_gan(seed, task=task, generator_optimizer=Adam(1e-4, 0.5), discriminator_optimizer=Adam(1e-4, 0.5))


def ending(activation: str, gain: float, seed: int) -> keras.Model:
    """A GAN whose generator multiplies by a gain before an activation."""
    keras.utils.set_random_seed(seed)
    generator, critic = tt.architectures.mlp(resolution=8, channels=1, latent_dim=16)
    images = layers.Activation(activation)(layers.Rescaling(gain)(generator.layers[-1].input))
    task = tt.tasks.Unconditional(keras.Model(generator.input, images), critic, prior=tt.latents.Normal(16))
    return small_gan(seed, task=task)


def _bytes(seed: int) -> np.ndarray:
    return (digits() + 1.0) * 127.5


def smooth(seed: int) -> np.ndarray:
    """Returns bright images without edges, [512, 16, 16, 1]."""
    coarse = np.random.default_rng(seed).normal(0.5, 0.2, (512, 4, 4, 1)).clip(-1.0, 1.0)
    return keras.ops.convert_to_numpy(keras.ops.image.resize(coarse.astype("float32"), (16, 16), "bilinear"))


PROVOKED = (
    Trial("a generator's rate far too high", "mode_collapse", _hasty, steps=100),
    Trial(
        "five images, learnt by heart",
        "memorisation",
        _eager,
        images=lambda seed: digits()[:5],
        steps=600,
        batch_size=5,
        doctor={"every_images": 200},
    ),
    Trial(
        "3×3 kernels at stride 2",
        "checkerboard",
        lambda seed: overlapping(3, seed),
        images=smooth,
        steps=80,
        severity="warning",
    ),
    Trial("a gain before tanh", "saturated_outputs", lambda seed: ending("tanh", 100.0, seed), steps=80),
    Trial("images in 0 to 255", "data_problems", lambda seed: small_gan(seed, "mlp"), images=_bytes, steps=60),
    Trial("a sigmoid for images in [-1, 1]", "data_problems", lambda seed: ending("sigmoid", 1.0, seed), steps=60),
)
