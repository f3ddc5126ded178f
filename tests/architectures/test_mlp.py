"""The perceptrons: widths, parameter counts, mirrored discriminator."""

import itertools

import keras
import numpy as np
import pytest

from tfgan_tricks.architectures import mlp


def dense_chain(*sizes):
    """Weights and biases of dense layers between these sizes."""
    return sum(inputs * outputs + outputs for inputs, outputs in itertools.pairwise(sizes))


def trainable(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


@pytest.mark.parametrize("widths", [(16, 32), [7], ()])
def test_parameter_counts(widths):
    generator, discriminator = mlp(resolution=8, channels=3, latent_dim=10, widths=widths)
    assert trainable(generator) == dense_chain(10, *widths, 8 * 8 * 3)
    assert trainable(discriminator) == dense_chain(8 * 8 * 3, *widths[::-1], 1)


def test_batch_norm_replaces_the_bias_in_the_generator_only():
    generator, discriminator = mlp(resolution=8, latent_dim=10, widths=(16, 32), batch_norm=True)
    assert trainable(generator) == dense_chain(10, 16, 32, 64) + 16 + 32
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in discriminator.layers)


def test_without_hidden_layers_the_networks_are_linear():
    generator, discriminator = mlp(resolution=4, latent_dim=3, widths=())
    latents = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    kernel, bias = generator.get_weights()
    np.testing.assert_allclose(generator(latents), np.tanh(latents @ kernel + bias).reshape(5, 4, 4, 1), rtol=1e-5)
    images = np.random.default_rng(1).normal(size=(5, 4, 4, 1)).astype("float32")
    kernel, bias = discriminator.get_weights()
    np.testing.assert_allclose(discriminator(images), images.reshape(5, -1) @ kernel + bias, rtol=1e-4, atol=1e-6)
