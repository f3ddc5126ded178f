"""Keras' clipping arguments, per player: the applied update is the clipped one, on one replica and on two."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.training.replica_gradients import agreed

CLIPS = [{"clipnorm": 0.02}, {"global_clipnorm": 0.03}, {"clipvalue": 0.004}]


def gan_of(generator_clip=None, discriminator_clip=None, rate=1.0, **arguments) -> tt.training.GAN:
    """A GAN of dense networks under gradient descent, clipped as told."""
    keras.utils.set_random_seed(1)
    networks = tt.architectures.mlp(resolution=8, channels=1, latent_dim=tiny.LATENTS, widths=(8,))
    gan = tt.training.GAN(tiny.LatentsFromBatch(*networks, tt.latents.Normal(tiny.LATENTS)))
    optimizers = (keras.optimizers.SGD(rate, **(clip or {})) for clip in (generator_clip, discriminator_clip))
    gan.compile(*optimizers, loss=tt.losses.adversarial.NonSaturating(), **arguments)
    return gan


def clipped(gradients, clipnorm=None, global_clipnorm=None, clipvalue=None) -> list[np.ndarray]:
    """NumPy's word on it, in float64."""
    gradients = [gradient.astype("float64") for gradient in gradients]
    if clipvalue:
        return [np.clip(gradient, -clipvalue, clipvalue) for gradient in gradients]
    if clipnorm:
        return [gradient * min(1.0, clipnorm / np.linalg.norm(gradient)) for gradient in gradients]
    norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients))
    return [gradient * min(1.0, global_clipnorm / norm) for gradient in gradients]


def update(gan, player) -> list[np.ndarray]:
    """What one update of a player takes off its weights."""
    before = tiny.values(gan.variables_of(player))
    gan.update(player, next(iter(tiny.with_latents(8))))
    return [old - new for old, new in zip(before, tiny.values(gan.variables_of(player)), strict=True)]


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: next(iter(clip)))
@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_players_update_is_the_clipped_gradient_and_the_others_is_not_clipped(clip, player):
    other = {"generator": "discriminator", "discriminator": "generator"}[player]
    gradients = {name: update(gan_of(), name) for name in (player, other)}
    expected = clipped(gradients[player], **clip)
    assert max(np.abs(e - g).max() for e, g in zip(expected, gradients[player], strict=True)) > 1e-3  # it matters
    for moved, wanted in zip(update(gan_of(**{f"{player}_clip": clip}), player), expected, strict=True):
        np.testing.assert_allclose(moved, wanted, atol=2e-7)
    for moved, wanted in zip(update(gan_of(**{f"{player}_clip": clip}), other), gradients[other], strict=True):
        np.testing.assert_array_equal(moved, wanted)


def test_the_logged_norm_is_the_one_before_clipping():
    plain, limited = gan_of(), gan_of({"global_clipnorm": 0.01})
    norms = []
    for gan in (plain, limited):
        update(gan, "generator")
        norms.append(float(gan.logs.result()["generator_gradient_norm"]))
    assert norms[0] == norms[1] > 0.02


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: next(iter(clip)))
def test_one_and_two_replicas_clip_alike(two_replicas, clip):
    gans = []
    for scope in (contextlib.nullcontext(), two_replicas.scope()):
        with scope:
            gans.append(gan_of(clip, clip))
        gans[-1].fit(tiny.with_latents(16), steps_per_epoch=3, verbose=0)
    one, two = (tiny.values(gan.trainable_variables) for gan in gans)
    for mine, other in zip(one, two, strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-6)


def applied_on_two_replicas(strategy, optimizer, weight, pieces, by_keras_alone=False) -> np.ndarray:
    """The weight, once 0, after one step down the gradient whose shares the replicas have."""

    @tf.function
    def step():
        def replica():
            number = tf.distribute.get_replica_context().replica_id_in_sync_group
            gradients = [optimizer.scale_loss(tf.gather(tf.constant(pieces, tf.float32), number)), None]
            if not by_keras_alone:
                gradients = agreed(optimizer, gradients, replicas=2)
            optimizer.apply(gradients[:1], [weight])

        strategy.run(replica)

    step()
    return -tiny.values([weight])[0]


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("clip", [{"clipnorm": 0.1}, {"global_clipnorm": 0.1}, {"clipvalue": 0.05}])
def test_the_sum_is_clipped_and_not_its_pieces(two_replicas, clip, scaled):
    pieces = np.array([[1.5, 2.0, 0.0], [0.0, -1.9, 1.0]])
    results = []
    for by_keras_alone in (False, True):
        with two_replicas.scope():
            weight = keras.Variable(np.zeros(3, "float32"))
            optimizer = keras.optimizers.SGD(1.0, **clip)
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer) if scaled else optimizer
            optimizer.build([weight])
        results.append(applied_on_two_replicas(two_replicas, optimizer, weight, pieces, by_keras_alone))
    np.testing.assert_allclose(results[0], clipped([pieces.sum(axis=0)], **clip)[0], rtol=1e-5, atol=1e-8)
    # What Keras does. Should this fail some day, `agreed` is needed no more.
    alone = sum(clipped([piece], **clip)[0] for piece in pieces)
    np.testing.assert_allclose(results[1], alone, rtol=1e-5, atol=1e-8)
    assert np.abs(results[0] - results[1]).max() > 0.01


@pytest.mark.parametrize("bad", [np.inf, np.nan])
@pytest.mark.parametrize("clip", [{}, {"clipnorm": 0.1}, {"global_clipnorm": 0.1}, {"clipvalue": 0.05}])
def test_loss_scaling_sees_an_overflow_on_any_replica(two_replicas, clip, bad):
    with two_replicas.scope():
        weight = keras.Variable(np.zeros(3, "float32"))
        optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(1.0, **clip))
        optimizer.build([weight])
    pieces = [[1.0, 1.0, 1.0], [0.0, bad, 1.0]]
    np.testing.assert_array_equal(applied_on_two_replicas(two_replicas, optimizer, weight, pieces), [0.0, 0.0, 0.0])
    assert float(optimizer.dynamic_scale.numpy()) == 2.0**14


def test_loss_scaling_without_overflow_is_left_alone(two_replicas):
    with two_replicas.scope():
        weight = keras.Variable(np.zeros(3, "float32"))
        optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(1.0))
        optimizer.build([weight])
    moved = applied_on_two_replicas(two_replicas, optimizer, weight, [[1.0, -2.0, 0.5], [0.25, 1.0, 4.0]])
    np.testing.assert_array_equal(moved, [1.25, -1.0, 4.5])


def test_keras_alone_looks_for_an_overflow_on_the_first_replica_only(two_replicas):
    """Should this fail some day, that half of `agreed` is needed no more."""
    with two_replicas.scope():
        weight = keras.Variable(np.zeros(2, "float32"))
        optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(1.0))
        optimizer.build([weight])
    pieces = [[1.0, 1.0], [np.inf, 1.0]]
    moved = applied_on_two_replicas(two_replicas, optimizer, weight, pieces, by_keras_alone=True)
    np.testing.assert_array_equal(moved, [np.inf, 2.0])


def test_several_clipping_optimizers_in_one_are_refused_on_replicas():
    inner = keras.optimizers.SGD(0.1, clipnorm=1.0), keras.optimizers.SGD(0.1)
    optimizer = keras.optimizers.MultiOptimizer(keras.optimizers.OptimizerMap(inner[0], {".*kernel": inner[1]}))
    gradients = [tf.ones(())]
    assert agreed(optimizer, gradients, replicas=1) is gradients
    with pytest.raises(ValueError, match=r"cannot clip over replicas[\s\S]*Received:[\s\S]*Fix:"):
        agreed(optimizer, gradients, replicas=2)
