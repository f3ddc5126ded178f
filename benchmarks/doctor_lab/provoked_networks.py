"""Trainings in which a network fails from inside: its units, its kernels, its statistics, its average."""

import keras

import tfgan_tricks as tt
from benchmarks.doctor_lab.trial import Trial, small_gan


def dead_generator(seed: int) -> keras.Model:
    """Returns a GAN of dense layers; the biases of the generator's first one start far below 0."""
    gan = small_gan(seed, "mlp", averaging=False)
    _kill(gan.task.generator)
    return gan


def dead_critic(seed: int) -> keras.Model:
    """Returns a GAN whose critic has ReLU, with biases far below 0."""
    generator, _ = tt.architectures.mlp(resolution=8, channels=1, latent_dim=16)
    images = keras.Input((8, 8, 1))
    x = keras.layers.Dense(64, activation="relu")(keras.layers.Flatten()(images))
    critic = keras.Model(images, keras.layers.Dense(1)(x), name="discriminator")
    _kill(critic)
    return small_gan(seed, task=tt.tasks.Unconditional(generator, critic, prior=tt.latents.Normal(16)))


def _kill(network: keras.Model, bias: float = -50.0) -> None:
    first = next(layer for layer in network.layers if isinstance(layer, keras.layers.Dense))
    first.bias.assign(keras.ops.full(first.bias.shape, bias))


def thrown(seed: int, rate: float = 0.3) -> keras.Model:
    """Returns a GAN of dense layers whose generator's rate is far too high."""
    return small_gan(seed, "mlp", generator_optimizer=keras.optimizers.Adam(rate, 0.5, 0.99))


def wasserstein(seed: int, rate: float = 2e-2, terms=()) -> keras.Model:
    """Returns a Wasserstein GAN of dense layers, without a constraint unless `terms` has one."""
    optimizer = keras.optimizers.Adam(rate, 0.5, 0.99)
    loss = tt.losses.adversarial.Wasserstein()
    return small_gan(seed, "mlp", discriminator_optimizer=optimizer, loss=loss, terms=terms)


def with_momentum(seed: int, momentum: float = 0.9999) -> keras.Model:
    """Returns a convolutional GAN whose batch norm has another momentum than 0.9."""
    gan = small_gan(seed)
    for layer in gan.task.generator.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = momentum
    return gan


def averaged_over(seed: int, half_life_images: int = 10**7) -> keras.Model:
    """Returns a convolutional GAN whose generator is averaged over so many images."""
    gan = small_gan(seed)
    gan.averaging.half_life_images = half_life_images
    return gan


PROVOKED = (
    Trial("a generator of ReLU whose first biases are -50", "dead_units", dead_generator),
    Trial("a critic of ReLU whose first biases are -50", "dead_units", dead_critic),
    Trial("a Wasserstein critic without constraint at a rate of 0.02", "spectral_explosion", wasserstein),
    Trial("a generator without batch norm at a rate of 0.3", "spectral_explosion", thrown),
    Trial("batch norm of momentum 0.9999", "batch_norm_drift", with_momentum),
    Trial("an average with a half-life of 10,000,000 images", "averaging_lag", averaged_over),
)
