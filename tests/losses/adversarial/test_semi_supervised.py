"""`SemiSupervised` against a softmax over K + 1 classes."""

import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tests.support.adversarial import linear_gan
from tfgan_tricks.losses.adversarial import LabelFlip, NonSaturating, SemiSupervised

CLASSES = 5
SHAPES = {"scalars": (6, CLASSES), "patches": (3, 2, 4, CLASSES)}


def logits_of(shape, scale=3.0, seed=0):
    return np.random.default_rng(seed).normal(0.3, scale, size=shape)


@pytest.mark.parametrize("scale", [3.0, 100.0])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_the_probability_of_being_real_is_z_of_z_plus_1(shape, scale):
    loss = SemiSupervised()
    real, fake = (logits_of(shape, scale, seed) for seed in (0, 1))
    classes = {"real": tf.constant(real), "fake": tf.constant(fake)}
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(classes)
        pair = {side: loss.read({"logits": value})["logits"] for side, value in classes.items()}
        parts = loss.discriminator(**pair)
        generator = loss.generator(fake=pair["fake"])["fake"]
    assert parts["real"].shape == (*shape[:-1], 1)
    z_real, z = (np.exp(value).sum(axis=-1, keepdims=True) for value in (real, fake))
    tolerance = {"rtol": 1e-9, "atol": 1e-40}
    np.testing.assert_allclose(parts["real"], np.log1p(1 / z_real), **tolerance)  # -log Z/(Z + 1)
    np.testing.assert_allclose(parts["fake"], np.log1p(z), **tolerance)  # -log (1 - Z/(Z + 1))
    np.testing.assert_allclose(generator, np.log1p(1 / z), **tolerance)
    softmax = np.exp(fake) / z
    np.testing.assert_allclose(tape.gradient(parts["fake"], classes["fake"]), z / (z + 1) * softmax, **tolerance)
    np.testing.assert_allclose(tape.gradient(generator, classes["fake"]), -softmax / (z + 1), **tolerance)


def test_a_generated_image_is_one_more_class_whose_logit_is_0():
    classes = logits_of((6, CLASSES))
    extended = np.concatenate([classes, np.zeros((6, 1))], axis=-1)
    last = np.exp(extended[:, -1]) / np.exp(extended).sum(axis=-1)
    score = SemiSupervised().read({"logits": classes})["logits"]
    np.testing.assert_allclose(1 / (1 + np.exp(score[:, 0])), last, rtol=1e-9)


@pytest.mark.parametrize("value", [100.0, -100.0])
def test_sure_classifiers_stay_finite(value):
    loss = SemiSupervised(label_smoothing=0.1)
    classes = tf.fill((4, CLASSES), tf.constant(value))
    with tf.GradientTape() as tape:
        tape.watch(classes)
        score = loss.read({"logits": classes})["logits"]
        total = sum(tf.reduce_sum(part) for part in loss.discriminator(real=score, fake=score).values())
    assert np.isfinite(total)
    assert np.isfinite(tape.gradient(total, classes)).all()


def test_the_class_logits_are_handed_on():
    classes = logits_of((4, CLASSES))
    outputs = SemiSupervised().read({"logits": classes, "features": "kept"})
    assert outputs["class_logits"] is classes
    assert outputs["features"] == "kept"
    np.testing.assert_allclose(outputs["logits"], np.log(np.exp(classes).sum(axis=-1, keepdims=True)), rtol=1e-9)


def test_each_scale_of_a_critic_is_read_by_itself():
    scales = [logits_of((4, CLASSES)), logits_of((4, 2, 2, CLASSES))]
    outputs = SemiSupervised().read({"logits": scales})
    assert [score.shape for score in outputs["logits"]] == [(4, 1), (4, 2, 2, 1)]


@pytest.mark.parametrize("loss", [SemiSupervised(), LabelFlip(SemiSupervised(), 0.2)], ids=["plain", "flipped"])
def test_a_classifier_is_the_discriminator_of_a_gan(loss):
    gan = linear_gan(loss, CLASSES, terms=[tt.penalties.R1(gamma=1.0)])
    batch = {"image": tiny.images(8)}
    (match,) = gan.play("discriminator", batch, tt.randomness.SeedStream.from_integer(1))
    for out in (match.real_out, match.fake_out, match.judge(batch["image"])):
        assert out["class_logits"].shape == (8, CLASSES)
        score = np.log(np.exp(out["class_logits"]).sum(axis=-1, keepdims=True))
        np.testing.assert_allclose(out["logits"], score, rtol=1e-4, atol=1e-5)
    logs = gan.train_on_batch(batch, return_dict=True)
    assert all(np.isfinite(value) for value in logs.values())


@pytest.mark.parametrize(
    "outputs",
    [{"logits": np.zeros((4, 1))}, {"logits": np.zeros((4, 1)), "class_logits": np.zeros((4, CLASSES))}],
    ids=["one_logit", "head_of_its_own"],
)
def test_a_critic_that_is_no_classifier_is_refused(outputs):
    with pytest.raises(ValueError, match=r"classifier's logits[\s\S]*\(4, 1\)[\s\S]*Fix: let the critic end in one"):
        SemiSupervised().read(outputs)


def test_a_config_names_it_by_text():
    built = tt.configuration.build("SemiSupervised(label_smoothing=0.1)", "losses.adversarial")
    assert built == SemiSupervised(label_smoothing=0.1)
    assert built != NonSaturating(label_smoothing=0.1)
