"""A GAN whose critic sees packs: penalties, minibatch layers, labels, averages, replicas and critic steps agree."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.inputs import Packing
from tfgan_tricks.losses.adversarial import Hinge
from tfgan_tricks.randomness import SeedStream

M = 2


def critic_of(build) -> keras.Model:
    packs = keras.Input((8, 8, M))
    return keras.Model(packs, build(packs), name="discriminator")


def linear(packs):
    return keras.layers.Dense(1)(keras.layers.Flatten()(packs))


def with_minibatch_std(packs):
    x = tt.layers.MinibatchStd(groups=2)(packs)  # [n / m, 8, 8, m + 1]
    return keras.layers.GlobalAveragePooling2D()(x[..., M:])


def gan_of(build=linear, task=tt.tasks.Unconditional, prior=None, **arguments) -> tt.training.GAN:
    """Returns a GAN with few operations, whose critic of packs is given."""
    latents = keras.Input((tiny.LATENTS,))
    made = keras.layers.Reshape((8, 8, 1))(keras.layers.Dense(64, activation="tanh")(latents))
    networks = keras.Model(latents, made, name="generator"), critic_of(build)
    gan = tt.training.GAN(task(*networks, prior or tt.latents.Normal(tiny.LATENTS)))
    gan.compile("sgd", "sgd", **{"loss": Hinge(), "inputs": [Packing(M)], "jit_compile": False, **arguments})
    return gan


def play(gan, player="discriminator", batch=None):
    (match,) = gan.play(player, batch or {"image": tiny.images(8)}, SeedStream.from_integer(1))
    return match


def packed(images) -> np.ndarray:
    """Packs of neighbours, side by side in the channels, by NumPy."""
    images = np.asarray(images)
    return np.concatenate([images[0::2], images[1::2]], axis=-1)


def test_one_logit_judges_a_pack_of_neighbours():
    gan = gan_of()
    match = play(gan)
    layer = gan.task.discriminator.layers[-1]
    for images, out in ((match.real, match.real_out), (match.fake, match.fake_out)):
        expected = packed(images).reshape(4, -1) @ layer.kernel.numpy()
        np.testing.assert_allclose(out["logits"], expected, rtol=1e-4, atol=1e-5)
    assert match.group == M


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [
        (tt.penalties.R1(gamma=3.0), lambda norm: 1.5 * norm**2),
        (tt.penalties.R2(gamma=3.0), lambda norm: 1.5 * norm**2),
        (tt.penalties.WGANGP(weight=10.0), lambda norm: 10.0 * (norm - 1.0) ** 2),
        (tt.penalties.DRAGAN(weight=10.0), lambda norm: 10.0 * (norm - 1.0) ** 2),
        (tt.penalties.ZeroCenteredGP(weight=2.0), lambda norm: 2.0 * norm**2),
    ],
    ids=lambda value: type(value).__name__,
)
def test_penalties_take_the_gradient_of_a_whole_pack(penalty, expected):
    gan = gan_of(terms=[penalty])
    norm = np.linalg.norm(gan.task.discriminator.layers[-1].kernel.numpy())
    assert float(penalty(play(gan))) == pytest.approx(expected(norm), rel=1e-4)


def test_lecam_averages_the_scores_of_packs():
    gan = gan_of(terms=[tt.penalties.LeCam()])
    batch = {"image": tiny.images(8)}
    match = play(gan, batch=batch)
    gan.terms[0].observe(match)
    real_average, fake_average, started = (float(variable) for variable in gan.terms[0].variables)
    assert real_average == pytest.approx(np.mean(match.real_out["logits"]), rel=1e-5)
    assert fake_average == pytest.approx(np.mean(match.fake_out["logits"]), rel=1e-5)
    assert started == 1.0


def test_minibatch_std_compares_packs_with_packs():
    match = play(gan_of(with_minibatch_std))
    for images, out in ((match.real, match.real_out), (match.fake, match.fake_out)):
        packs = packed(images)
        # Four packs in two groups of two: packs 0 and 2, and packs 1 and 3.
        deviations = [np.sqrt(packs[i::2].var(axis=0) + 1e-8).mean() for i in (0, 1)]
        np.testing.assert_allclose(np.ravel(out["logits"]), deviations * 2, rtol=1e-4)


def test_labels_stay_those_of_the_images_in_the_order_of_the_packs():
    labels = np.arange(8, dtype="int32") % 3
    match = play(gan_of(), batch={"image": tiny.images(8), "label": labels})
    by_pack = np.reshape(match.aux["real_label"], (-1, match.group))
    for pack, pair in zip(packed(match.real), by_pack, strict=True):
        places = [int(np.flatnonzero(np.all(match.real == pack[..., i : i + 1], axis=(1, 2, 3)))[0]) for i in (0, 1)]
        np.testing.assert_array_equal(pair, labels[places])


def test_a_prior_of_classes_packs_real_and_generated_images_of_the_same_labels():
    prior = tt.latents.PerClass([tt.latents.Uniform(tiny.LATENTS), tt.latents.Normal(tiny.LATENTS)])
    gan = gan_of(prior=prior)
    match = play(gan, batch={"image": tiny.images(8), "label": np.array([0, 1] * 4, "int32")})
    np.testing.assert_array_equal(match.aux["real_label"], match.aux["fake_label"])
    assert match.fake_out["logits"].shape == (4, 1)


@pytest.mark.parametrize("loss", [Hinge(), tt.losses.adversarial.Relativistic(Hinge())], ids=["hinge", "relativistic"])
def test_critic_steps_cut_the_batch_into_parts_of_whole_packs(loss):
    terms = [tt.penalties.R1(1.0), tt.penalties.WGANGP(1.0), tt.penalties.LeCam()]
    gan = gan_of(with_minibatch_std, loss=loss, terms=terms, critic_steps=2)
    history = gan.fit(tiny.dataset(8), steps_per_epoch=2, verbose=0).history  # parts of 4, packs of 2
    assert all(np.isfinite(values).all() for values in history.values())
    assert int(gan.images_seen.numpy()) == 8
    for batch_size in (6, 10):
        with pytest.raises(ValueError, match="a multiple of 4 = 2 critic steps x 1 replicas x packs of 2"):
            gan.fit(tiny.dataset(batch_size), steps_per_epoch=1, verbose=0)


def test_one_and_two_replicas_train_alike(two_replicas):
    results = []
    for scope in (contextlib.nullcontext(), two_replicas.scope()):
        with scope:
            keras.utils.set_random_seed(0)
            gan = gan_of(task=tiny.LatentsFromBatch, terms=[tt.penalties.R1(1.0), tt.penalties.LeCam()])
        gan.fit(tiny.with_latents(8), steps_per_epoch=5, verbose=0)
        results.append(tiny.values(gan.trainable_variables))
    for one, two in zip(*results, strict=True):
        np.testing.assert_allclose(two, one, atol=1e-5)


def test_the_generators_gradient_reaches_every_image_of_a_pack():
    gan = gan_of()
    images = tf.constant(tiny.images(8))
    match = play(gan, "generator")
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.reduce_sum(match.judge(images)["logits"])
    kernel = gan.task.discriminator.layers[-1].kernel.numpy().reshape(8, 8, M)
    slopes = tape.gradient(total, images).numpy()
    for i in range(8):
        np.testing.assert_allclose(slopes[i, :, :, 0], kernel[..., i % 2], rtol=1e-5)


def test_xla_compiles_a_lazy_penalty_on_packs():
    gan = gan_of(terms=[tt.penalties.R1(1.0, every=2)], jit_compile=True)
    history = gan.fit(tiny.dataset(8), steps_per_epoch=2, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())
