"""Keras alone: what its users write, with Keras' own spectral normalisation.

`keras.layers.SpectralNormalization` overwrites the kernel with W/σ in every training call, so this does not train
as the others do, but it does the same amount of arithmetic.
"""

import keras
import tensorflow as tf
from keras import layers, ops

from step_contenders import (
    BETA_1,
    BETA_2,
    LATENT_DIM,
    LEARNING_RATE,
    SLOPE,
    STDDEV,
    Contender,
    Settings,
    compiled_step,
    set_threads,
)

STRIDE = {"strides": 2, "padding": "same"}


def normal():
    return keras.initializers.RandomNormal(stddev=STDDEV)


def make_generator(settings: Settings) -> keras.Model:
    width, bottom = settings.width, settings.resolution // 8
    latents = keras.Input((LATENT_DIM,))
    x = layers.Dense(bottom * bottom * 8 * width, kernel_initializer=normal())(latents)
    x = layers.Reshape((bottom, bottom, 8 * width))(x)
    for filters in (4 * width, 2 * width, width):
        x = layers.Conv2DTranspose(filters, 4, **STRIDE, use_bias=False, kernel_initializer=normal())(x)
        x = layers.BatchNormalization(momentum=0.9, epsilon=2e-5)(x)
        x = layers.ReLU()(x)
    x = layers.Conv2D(settings.channels, 3, padding="same", kernel_initializer=normal())(x)
    return keras.Model(latents, layers.Activation("tanh", dtype="float32")(x))


def make_discriminator(settings: Settings) -> keras.Model:
    def convolution(x, filters, kernel, **arguments):
        layer = layers.Conv2D(filters, kernel, kernel_initializer=normal(), **arguments)
        return layers.LeakyReLU(SLOPE)(layers.SpectralNormalization(layer)(x))

    images = x = keras.Input((settings.resolution, settings.resolution, settings.channels))
    for filters in (settings.width, 2 * settings.width, 4 * settings.width):
        x = convolution(x, filters, 3, padding="same")
        x = convolution(x, filters, 4, **STRIDE)
    x = layers.Flatten()(convolution(x, 8 * settings.width, 3, padding="same"))
    return keras.Model(images, layers.SpectralNormalization(layers.Dense(1, kernel_initializer=normal()))(x))


class PlainGAN(keras.Model):
    """A GAN as the Keras guide to custom training steps writes it, with the hinge loss."""

    def __init__(self, settings: Settings):
        super().__init__()
        self.generator, self.discriminator = make_generator(settings), make_discriminator(settings)
        self.seeds = keras.random.SeedGenerator(0)
        self.built = True

    def compile(self, generator_optimizer, discriminator_optimizer, **kwargs):
        super().compile(**kwargs)
        self.generator_optimizer, self.discriminator_optimizer = generator_optimizer, discriminator_optimizer
        self.generator_loss = keras.metrics.Mean(name="generator_loss")
        self.discriminator_loss = keras.metrics.Mean(name="discriminator_loss")

    @property
    def metrics(self):
        return [self.generator_loss, self.discriminator_loss]

    def train_step(self, batch):
        real = batch["image"]
        n = ops.shape(real)[0]
        fake = self.generator(keras.random.normal((n, LATENT_DIM), seed=self.seeds), training=True)
        with tf.GradientTape() as tape:
            real_logits = ops.cast(self.discriminator(real, training=True), "float32")
            fake_logits = ops.cast(self.discriminator(fake, training=True), "float32")
            loss = ops.mean(ops.relu(1.0 - real_logits)) + ops.mean(ops.relu(1.0 + fake_logits))
        weights = self.discriminator.trainable_weights
        self.discriminator_optimizer.apply(tape.gradient(loss, weights), weights)
        self.discriminator_loss.update_state(loss)
        latents = keras.random.normal((n, LATENT_DIM), seed=self.seeds)
        with tf.GradientTape() as tape:
            fake = self.generator(latents, training=True)
            loss = -ops.mean(ops.cast(self.discriminator(fake, training=True), "float32"))
        weights = self.generator.trainable_weights
        self.generator_optimizer.apply(tape.gradient(loss, weights), weights)
        self.generator_loss.update_state(loss)
        return {metric.name: metric.result() for metric in self.metrics}


def prepare(settings: Settings) -> Contender:
    """Returns the step of `PlainGAN`."""
    set_threads(settings.threads)
    keras.config.set_dtype_policy(settings.precision)
    gan = PlainGAN(settings)
    optimizers = [keras.optimizers.Adam(LEARNING_RATE, BETA_1, BETA_2) for _ in range(2)]
    for optimizer, network in zip(optimizers, (gan.generator, gan.discriminator), strict=True):
        optimizer.build(network.trainable_weights)
    gan.compile(*optimizers, jit_compile=settings.jit_compile)
    trained = sum(int(tf.size(weight)) for weight in gan.trainable_variables)
    return Contender(compiled_step(gan, settings), trained, {"keras": keras.__version__, "tensorflow": tf.__version__})
