"""Small networks for tests of the single loss, and the simultaneous update by two plain tapes."""

import keras
import numpy as np
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.types import PLAYERS

SHAPE = (4, 4, 1)


def task_of(*middle: keras.layers.Layer, logits: int = 1, latents_from_batch: bool = True) -> tt.tasks.Unconditional:
    """Returns a task of small dense networks with fixed weights; the layers given stand within the critic."""
    latents, images = keras.Input((tiny.LATENTS,)), keras.Input(SHAPE)
    x = keras.layers.Dense(16, activation="tanh")(latents)
    y = keras.layers.Dense(6, activation="tanh")(keras.layers.Flatten()(images))
    for layer in middle:
        y = layer(y)
    networks = (
        keras.Model(latents, keras.layers.Reshape(SHAPE)(x), name="generator"),
        keras.Model(images, keras.layers.Dense(logits)(y), name="discriminator"),
    )
    vectors = [variable for variable in networks[1].non_trainable_variables if variable.name == "u"]
    for weights in (networks[0].trainable_variables, networks[1].trainable_variables, vectors):
        for index, weight in enumerate(weights):
            weight.assign(0.5 * np.random.default_rng(index).normal(size=weight.shape))
    kind = tiny.LatentsFromBatch if latents_from_batch else tt.tasks.Unconditional
    return kind(*networks, tt.latents.Normal(tiny.LATENTS))


def gan_of(task=None, optimizer="sgd", averaging=None, **arguments) -> tt.training.SingleLossGAN:
    """Returns a compiled model; other arguments go to `compile`."""
    gan = tt.training.SingleLossGAN(task or task_of(), averaging=averaging)
    gan.compile(optimizer, **{"loss": tt.losses.adversarial.NonSaturating(), "run_eagerly": True, **arguments})
    return gan


def batch(n: int = 6, seed: int = 0) -> dict:
    rng = np.random.default_rng(seed)
    images = rng.uniform(-1, 1, (n, *SHAPE)).astype("float32")
    latents = rng.normal(size=(n, tiny.LATENTS)).astype("float32")
    return {"image": tf.constant(images), "latents": tf.constant(latents)}


def gradients(gan: tt.training.SingleLossGAN, data) -> dict[str, list[np.ndarray]]:
    """Returns what Keras' step would hand to the optimizer, by player."""
    with tf.GradientTape() as tape:
        loss = gan.compute_loss(data, training=True)
    found = tape.gradient(loss, {p: [v.value for v in gan.variables_of(p)] for p in PLAYERS})
    return {player: [np.array(gradient) for gradient in found[player]] for player in PLAYERS}


def two_tapes(task, loss, data, penalty=None) -> dict[str, list[np.ndarray]]:
    """Returns each player's gradient at the same weights: one tape for each, networks called as they are.

    Args:
        task: the networks.
        loss: `AdversarialLoss`.
        data: batch with latents.
        penalty: function from the critic, and real and generated images, to a scalar of the critic's loss.
    """
    generator, critic, real = task.generator, task.discriminator, data["image"]

    def total(parts):
        return sum(tf.reduce_mean(part) for part in parts.values())

    def judge(images):
        return loss.read({"logits": critic(images, training=True)})["logits"]

    fake = tf.constant(generator(data["latents"], training=True).numpy())  # nothing to differentiate
    with tf.GradientTape() as tape:
        value = total(loss.discriminator(real=judge(real), fake=judge(fake)))
        value += penalty(critic, real, fake) if penalty else 0.0
    found = {"discriminator": tape.gradient(value, [v.value for v in critic.trainable_variables])}
    with tf.GradientTape() as tape:
        fake = judge(generator(data["latents"], training=True))
        real_too = {"real": judge(real)} if loss.pairwise else {}
        value = total(loss.generator(fake=fake, **real_too))
    found["generator"] = tape.gradient(value, [v.value for v in generator.trainable_variables])
    return {player: [np.array(gradient) for gradient in found[player]] for player in PLAYERS}


def check_equal(one: dict, other: dict, tolerance: float = 1e-6) -> None:
    """Compares gradients by player, relative to the largest entry of each player's."""
    for player in PLAYERS:
        scale = max(np.abs(value).max() for value in other[player])
        assert scale > 1e-4, f"no gradient reaches the {player}: nothing is compared"
        for mine, theirs in zip(one[player], other[player], strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=tolerance * scale, err_msg=player)


def check_different(one: list[np.ndarray], other: list[np.ndarray]) -> None:
    scale = max(np.abs(value).max() for value in other)
    assert max(np.abs(a - b).max() for a, b in zip(one, other, strict=True)) > 1e-3 * scale
