"""One and several replicas train alike on the same global batch and latents, and draw different latents."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import rich_task, tiny


def networks_without_batch_norm():
    latents = keras.Input((tiny.LATENTS,))
    x = keras.layers.Dense(64, activation="tanh")(latents)
    generator = keras.Model(latents, keras.layers.Reshape((8, 8, 1))(x))
    images = keras.Input((8, 8, 1))
    x = keras.layers.LeakyReLU(0.1)(tt.layers.SpectralNormConv2D(4, 3, strides=2)(images))
    return generator, keras.Model(images, tt.layers.SpectralNormDense(1)(keras.layers.Flatten()(x)))


def trained(scope, steps=20, **arguments):
    with scope:
        keras.utils.set_random_seed(0)
        task = tiny.LatentsFromBatch(*networks_without_batch_norm(), tt.latents.Normal(tiny.LATENTS))
        gan = tt.training.GAN(task, averaging=tt.training.ExponentialAveraging(50))
        optimizers = keras.optimizers.Adam(1e-2, 0.5), keras.optimizers.SGD(0.1)
        gan.compile(*optimizers, loss=tt.losses.adversarial.NonSaturating(), **arguments)
        history = gan.fit(tiny.with_latents(16), steps_per_epoch=steps, verbose=0).history
    return gan, history


@pytest.mark.parametrize(
    "arguments",
    [
        {"terms": [tt.penalties.R1(gamma=1.0, every=3)]},
        {"weight_constraint": tt.constraints.ClipWeights(0.3)},
    ],
    ids=["lazy_r1", "clipped"],
)
def test_one_and_two_replicas_give_the_same_weights(two_replicas, arguments):
    steps = 20
    one, history_one = trained(contextlib.nullcontext(), steps, **arguments)
    two, history_two = trained(two_replicas.scope(), steps, **arguments)
    for mine, other in zip(tiny.values(one.trainable_variables), tiny.values(two.trainable_variables), strict=True):
        np.testing.assert_allclose(mine, other, atol=2e-5)
    averages = [g.averaged["generator"].variables for g in (one, two)]
    for mine, other in zip(*map(tiny.values, averages), strict=True):
        np.testing.assert_allclose(mine, other, atol=2e-5)
    assert int(two.images_seen.numpy()) == int(one.images_seen.numpy()) == 16 * steps
    for name in ("discriminator_loss", "generator_loss", "real_logits", *(t.name for t in one.terms)):
        np.testing.assert_allclose(history_one[name], history_two[name], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("make", [tt.losses.auxiliary.Classification, tt.losses.auxiliary.FeatureMatching])
def test_lazy_terms_that_join_replicas_train_as_on_one(two_replicas, make):
    def weights(scope):
        with scope:
            gan = rich_task.gan_of(tt.losses.adversarial.Hinge(), [make(every=2)])
            history = gan.fit(rich_task.batches(), steps_per_epoch=1, epochs=3, verbose=0).history
        return tiny.values(gan.trainable_variables), history[gan.terms[0].name]

    (one, logs), (two, same) = weights(contextlib.nullcontext()), weights(two_replicas.scope())
    for mine, other in zip(one, two, strict=True):
        np.testing.assert_allclose(mine, other, atol=2e-5)
    np.testing.assert_allclose(same, logs, rtol=1e-5)
    assert [value == 0.0 for value in logs] == [False, True, False]


def test_replicas_draw_different_latents_and_noise(two_replicas):
    with two_replicas.scope():
        gan = tiny.gan_of()

    def draw():
        seed = tt.randomness.update_stream(gan.seed_generator)
        return gan.task.prior.sample(4, seed), keras.random.normal((4,), seed=seed)

    latents, noise = two_replicas.run(tf.function(draw))
    for drawn in (latents, noise):
        first, second = two_replicas.experimental_local_results(drawn)
        assert np.abs(first.numpy() - second.numpy()).max() > 0.1


def test_the_vectors_of_spectral_norm_agree_on_all_replicas(two_replicas):
    gan, _ = trained(two_replicas.scope(), steps=3)
    vectors = [v for v in gan.task.discriminator.variables if v.path.endswith("/u")]
    assert len(vectors) == 2
    for variable in vectors:
        first, second = two_replicas.experimental_local_results(variable.value)
        np.testing.assert_array_equal(first.numpy(), second.numpy())


def test_a_gan_trained_on_two_replicas_saves_and_goes_on_with_one(two_replicas, tmp_path):
    gan, _ = trained(two_replicas.scope(), steps=2)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    for mine, other in zip(tiny.values(gan.variables), tiny.values(again.variables), strict=True):
        np.testing.assert_array_equal(mine, other)
    again.fit(tiny.with_latents(16), steps_per_epoch=1, verbose=0)
    assert int(again.images_seen.numpy()) == 48
