"""A GAN whose critic compares examples across replicas trains on two as on one device with the whole batch."""

import contextlib

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.layers import MinibatchDiscrimination, MinibatchStd

NETWORKS = {
    "std": lambda across: [MinibatchStd(4, across_replicas=across), keras.layers.Flatten()],
    "discrimination": lambda across: [
        keras.layers.Flatten(),
        MinibatchDiscrimination(3, 2, across_replicas=across),
    ],
}
each_layer = pytest.mark.parametrize("kind", NETWORKS)


def gan_of(kind, across, scope, every=1):
    with scope:
        keras.utils.set_random_seed(0)
        latents = keras.Input((tiny.LATENTS,))
        x = keras.layers.Dense(64, activation="tanh")(latents)
        generator = keras.Model(latents, keras.layers.Reshape((8, 8, 1))(x))
        x = images = keras.Input((8, 8, 1))
        x = keras.layers.Conv2D(2, 3, strides=3, activation="tanh")(x)
        for layer in NETWORKS[kind](across):
            x = layer(x)
        critic = keras.Model(images, keras.layers.Dense(1)(x))
        gan = tt.training.GAN(tiny.LatentsFromBatch(generator, critic, tt.latents.Normal(tiny.LATENTS)))
        optimizers = keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1)
        terms = [tt.penalties.R1(gamma=0.1, every=every)]
        gan.compile(*optimizers, loss=tt.losses.adversarial.NonSaturating(), terms=terms)
    return gan


def weights_after(gan, steps=3):
    gan.fit(tiny.with_latents(8), steps_per_epoch=steps, verbose=0)
    return tiny.values(gan.trainable_variables)


@each_layer
def test_two_replicas_update_the_weights_as_one_device_does(kind, two_replicas):
    single = gan_of(kind, True, contextlib.nullcontext())
    start = tiny.values(single.trainable_variables)
    one = weights_after(single)
    two = weights_after(gan_of(kind, True, two_replicas.scope()))
    apart = weights_after(gan_of(kind, False, two_replicas.scope()))
    for before, mine, other in zip(start, one, two, strict=True):
        assert np.abs(mine - before).max() > 1e-3
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-6)
    assert max(np.abs(mine - other).max() for mine, other in zip(one, apart, strict=True)) > 1e-4


def test_a_lazy_penalty_on_such_a_critic_is_refused_with_the_way_out(two_replicas):
    gan = gan_of("std", True, two_replicas.scope(), every=2)
    with pytest.raises(RuntimeError, match=r"(?s)inside a condition.*Fix.*every=1"):
        weights_after(gan)
    weights_after(gan_of("std", True, contextlib.nullcontext(), every=2), steps=2)  # one device has nobody to wait for
