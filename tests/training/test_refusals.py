"""Parts that do not fit are refused before the first step, with what was received, expected and how to fix it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny

HINGE = tt.losses.adversarial.Hinge


def refusal(error, action) -> str:
    with pytest.raises(error) as caught:
        action()
    message = str(caught.value)
    assert all(word in message for word in ("Received:", "Expected:", "Fix:")), message
    return message


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"loss": "hinge"}, TypeError, "losses.adversarial.Hinge"),
        ({"terms": tt.penalties.R1()}, TypeError, "pass a list"),
        ({"terms": ["R1"]}, TypeError, "penalties.R1"),
        ({"terms": [tt.penalties.R1(), tt.penalties.R1(0.1)]}, ValueError, "R1(gamma=10.0, every=1, name='r1')"),
        ({"terms": [tt.penalties.R1(name="generator_loss")]}, ValueError, "generator_loss"),
        ({"inputs": [lambda images: images]}, TypeError, "InstanceNoise"),
        ({"inputs": [tt.inputs.Packing(2)]}, ValueError, "does not fit"),
        ({"critic_steps": 0}, ValueError, "at least 1"),
        ({"critic_steps": 1.5}, ValueError, "integer"),
        ({"weight_constraint": abs}, TypeError, "ClipWeights"),
    ],
    ids=range(10),
)
def test_compile_refuses_what_is_not_of_its_kind(arguments, error, words):
    assert words in refusal(error, lambda: tiny.gan_of(**{"loss": HINGE(), **arguments}))


def test_players_do_not_share_an_optimizer():
    optimizer = keras.optimizers.Adam()
    assert "share" in refusal(ValueError, lambda: tiny.gan_of(optimizers=(optimizer, optimizer)))


def test_a_prior_must_fit_the_generator():
    networks = tiny.networks()
    message = refusal(ValueError, lambda: tt.tasks.Unconditional(*networks, tt.latents.Normal(5)))
    assert "(5,)" in message
    assert "(4,)" in message


def test_networks_must_be_built():
    unbuilt = keras.Sequential([keras.layers.Dense(1)])

    class Loose(tt.tasks.Task):
        def __init__(self):
            super().__init__()
            self.generator = self.discriminator = unbuilt

    assert "no functional model" in refusal(TypeError, lambda: tt.training.GAN(Loose()))
    networks = tiny.networks()[0], unbuilt
    assert "'discriminator'" in refusal(TypeError, lambda: tt.tasks.Unconditional(*networks, tt.latents.Normal(4)))
    assert "Unconditional" in refusal(TypeError, lambda: tt.training.GAN(unbuilt))


@pytest.mark.parametrize(
    ("dataset", "arguments", "words"),
    [
        (tiny.dataset(7), {"critic_steps": 2}, "a multiple of 2"),
        (tiny.dataset(9), {"inputs": [tt.inputs.Packing(2)], "packing": 2}, "packs of 2"),
        (tiny.dataset(8, channels=3), {}, "(8, 8, 3)"),
        (tf.data.Dataset.from_tensor_slices(tiny.images()).batch(8), {}, "'image'"),
        (tf.data.Dataset.from_tensor_slices({"picture": tiny.images()}).batch(8), {}, "['picture']"),
        (
            tf.data.Dataset.from_tensor_slices({"image": tiny.images(63)}).batch(8),
            {"critic_steps": 2},
            "no fixed number",
        ),
        ({"image": tiny.images(49)}, {"critic_steps": 2}, "batches of 17 and 32"),
        ({"image": (tiny.images(8) * 100).astype("uint8")}, {}, "whole numbers"),
    ],
    ids=["critic_steps", "packing", "channels", "no_dict", "other_key", "ragged", "ragged_arrays", "integers"],
)
def test_fit_refuses_data_that_do_not_fit(dataset, arguments, words):
    gan = tiny.gan_of(**arguments)
    assert words in refusal(ValueError, lambda: gan.fit(dataset, steps_per_epoch=1, verbose=0))


def test_fit_refuses_a_batch_that_replicas_cannot_share(two_replicas):
    with two_replicas.scope():
        gan = tiny.gan_of()
    message = refusal(ValueError, lambda: gan.fit(tiny.dataset(7), steps_per_epoch=1, verbose=0))
    assert "2 replicas" in message
    assert "drop_remainder" in message


def test_a_ragged_last_batch_is_refused_where_it_would_be_cut_and_welcome_elsewhere(two_replicas):
    ragged = tf.data.Dataset.from_tensor_slices({"image": tiny.images(17)}).batch(16)
    with two_replicas.scope():
        gan = tiny.gan_of()
    assert "2 replicas" in refusal(ValueError, lambda: gan.fit(ragged, verbose=0))
    assert "2 replicas" in refusal(ValueError, lambda: gan.evaluate(ragged, verbose=0))
    alone = tiny.gan_of()
    history = alone.fit(ragged, verbose=0).history
    assert int(alone.images_seen.numpy()) == 17
    assert all(np.isfinite(value).all() for value in history.values())


def test_an_unknown_optimizer_is_answered_with_the_nearest():
    assert "'Adam'" in refusal(ValueError, lambda: tiny.gan_of(optimizers=("adamm", "adam")))


def test_labels_are_asked_for_by_name():
    class Labelled(tt.tasks.Unconditional):
        needs = ("image", "label")

    gan = tiny.gan_of(task=Labelled)
    assert "'label'" in refusal(ValueError, lambda: gan.fit(tiny.dataset(), steps_per_epoch=1, verbose=0))


def test_a_critic_without_logits_is_named():
    task = tt.tasks.Unconditional(*tiny.networks(), tt.latents.Normal(tiny.LATENTS))
    nets = {"discriminator": lambda images, training: {"score": images}}
    message = refusal(ValueError, lambda: task.judge("discriminator", np.zeros((1, 8, 8, 1)), nets=nets))
    assert "no logits" in message


def test_before_compile_and_outside_a_gan_the_message_says_what_to_do():
    generator, discriminator = tiny.networks()
    gan = tt.training.GAN(tt.tasks.Unconditional(generator, discriminator, tt.latents.Normal(tiny.LATENTS)))
    with pytest.raises(ValueError, match="compile"):
        gan.fit(tiny.dataset(), steps_per_epoch=1)
    match = tt.types.Match(real=np.zeros((1, 8, 8, 1)), fake=np.zeros((1, 8, 8, 1)))
    with pytest.raises(RuntimeError, match="filled by the GAN"):
        tt.penalties.R1()(match)


@pytest.mark.parametrize("rule", [tt.training.GAN, tt.training.OneStageGAN, tt.training.UnrolledGAN])
@pytest.mark.parametrize(
    "wrong", [{"generator_optimizer": "nonsense"}, {"terms": [tt.penalties.R1(), tt.penalties.R1(0.1)]}], ids=range(2)
)
def test_a_refused_compile_leaves_the_model_as_it_was(rule, wrong):
    gan = rule(tt.tasks.Unconditional(*tiny.networks(), tt.latents.Normal(tiny.LATENTS)))
    gan.compile("sgd", "sgd", loss=HINGE())
    before = gan.adversarial_loss, gan.terms, gan.logs, gan.generator_optimizer
    with pytest.raises(ValueError, match="Received:"):
        gan.compile(**{"loss": tt.losses.adversarial.LeastSquares(), **wrong})
    assert (gan.adversarial_loss, gan.terms, gan.logs, gan.generator_optimizer) == before


@pytest.mark.parametrize("rule", [tt.training.GAN, tt.training.OneStageGAN, tt.training.UnrolledGAN])
def test_other_backends_are_refused_with_what_to_use_there(rule, monkeypatch, tmp_path):
    gan = rule(tt.tasks.Unconditional(*tiny.networks(), tt.latents.Normal(tiny.LATENTS)))
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    assert "SingleLossGAN" in refusal(ValueError, lambda: gan.compile("sgd", "sgd", loss=HINGE()))
    assert ".keras" in refusal(ValueError, lambda: gan.export(tmp_path / "served"))
