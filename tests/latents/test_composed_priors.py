"""Priors made of others, or of classes: what each part holds, and how often."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tests.support.sampling import check_moments, check_sampling
from tfgan_tricks.latents import (
    AppendedNoise,
    Categorical,
    Code,
    Concatenated,
    Mixture,
    Normal,
    PerClass,
    TruncatedNormal,
    Uniform,
)

APART = (Normal(3, mean=-6.0), Normal(3, mean=6.0, stddev=0.5))


def shares(one_hot) -> np.ndarray:
    one_hot = np.asarray(one_hot)
    assert set(np.unique(one_hot)) == {0.0, 1.0}
    assert (one_hot.sum(axis=1) == 1).all()
    return one_hot.mean(axis=0)


def test_classes_are_equally_likely():
    np.testing.assert_allclose(shares(Categorical(5).sample(20_000, seed=1)), 0.2, atol=5 * 0.4 / np.sqrt(20_000))
    check_sampling(Categorical(50), discrete=True)


def test_a_code_is_its_factors_side_by_side():
    code = Code(categorical=(3, 2), continuous=2)
    draws = np.asarray(code.sample(20_000, seed=1))
    for place, classes in zip(code.categorical_slices, (3, 2), strict=True):
        np.testing.assert_allclose(shares(draws[:, place]), 1 / classes, atol=0.02)
    continuous = draws[:, code.continuous_slice]
    assert continuous.min() >= -1
    assert continuous.max() < 1
    check_moments(continuous, 0.0, 1 / 3)
    together = (draws[:, 0] * draws[:, 3]).mean()  # the factors do not depend on each other
    assert together == pytest.approx(1 / 6, abs=0.02)
    check_sampling(code, discrete=True)


def test_a_code_may_have_one_kind_of_factors_only():
    assert Code(categorical=(), continuous=3).shape == Code((3,), continuous=0).shape == (3,)
    shares(Code((3,), continuous=0).sample(10, seed=1))
    with pytest.raises(ValueError, match="`continuous`"):
        Code((), 0)


def test_appended_noise_is_beside_the_base_with_a_variance_of_one_hundredth():
    prior = AppendedNoise(Categorical(3), dim=4)
    draws = np.asarray(prior.sample(20_000, seed=1))
    shares(draws[:, :3])
    check_moments(draws[:, 3:], 0.0, 0.01)
    assert abs(np.corrcoef(draws[:, 0], draws[:, 3])[0, 1]) < 5 / np.sqrt(20_000)
    check_sampling(AppendedNoise(Normal(3), dim=2))


def test_concatenated_parts_are_independent_and_found_again():
    prior = Concatenated(Normal(2), Normal(2), Uniform(3))
    draws = np.asarray(prior.sample(20_000, seed=1))
    check_moments(draws[:, :4], 0.0, 1.0)  # also: the two Gaussians do not repeat each other
    check_moments(draws[:, prior.slices[2]], 0.0, 1 / 3)
    assert prior.slices == (slice(0, 2), slice(2, 4), slice(4, 7))
    check_sampling(prior)


def test_a_mixture_draws_each_prior_by_its_weight():
    draws = np.asarray(Mixture(APART, weights=(1.0, 3.0)).sample(20_000, seed=1))
    left = (draws < 0).all(axis=1)
    assert (left | (draws > 0).all(axis=1)).all(), "an image mixes two priors"
    assert left.mean() == pytest.approx(0.25, abs=5 * np.sqrt(0.25 * 0.75 / 20_000))
    check_moments(draws[left], -6.0, 1.0)
    check_moments(draws[~left], 6.0, 0.25)
    check_sampling(Mixture(APART))


def test_each_class_has_its_own_prior():
    prior = PerClass(APART)
    label = np.random.default_rng(0).integers(2, size=4_000)
    draws = np.asarray(prior.sample(4_000, seed=1, label=label))
    check_moments(draws[label == 0], -6.0, 1.0)
    check_moments(draws[label == 1], 6.0, 0.25)
    unlabelled = np.asarray(prior.sample(4_000, seed=1))
    assert (unlabelled[:, 0] > 0).mean() == pytest.approx(0.5, abs=0.04)
    check_sampling(prior)


def test_a_label_that_no_class_has_is_an_error_and_zeros_inside_a_graph():
    prior = PerClass(APART)
    with pytest.raises(ValueError, match=r"(?s)out of range.*label 2 for classes=2"):
        prior.sample(3, seed=1, label=np.array([0, 2, 1]))
    drawn = tf.function(lambda label: prior.sample(3, seed=1, label=label))(tf.constant([0, 2, 1]))
    assert (drawn[1] == 0).numpy().all()
    assert (drawn[0] < 0).numpy().all()
    assert (drawn[2] > 0).numpy().all()


def test_labels_reach_a_prior_inside_others():
    prior = Concatenated(Normal(1), AppendedNoise(Mixture((PerClass(APART), PerClass(APART))), dim=1))
    assert prior.needs_label
    draws = np.asarray(prior.sample(100, seed=1, label=np.ones(100, "int32")))
    assert (draws[:, 1:4] > 0).all()
    assert not Concatenated(Normal(1), Categorical(2)).needs_label


def test_a_prior_per_class_works_in_fit_save_and_export(tmp_path):
    generator, discriminator = tiny.networks()
    prior = PerClass((Normal(tiny.LATENTS, mean=-2.0), Normal(tiny.LATENTS, mean=2.0)))
    gan = tt.training.GAN(tt.tasks.Unconditional(generator, discriminator, prior))
    gan.compile("adam", "adam", loss=tt.losses.adversarial.Hinge())
    batches = tf.data.Dataset.from_tensor_slices({"image": tiny.images(32), "label": np.arange(32) % 2}).batch(8)
    gan.fit(batches, verbose=0)
    (match,) = gan.play("generator", next(iter(batches)), tt.randomness.SeedStream.from_integer(1))
    np.testing.assert_array_equal(np.asarray(match.aux["latents"]).mean(axis=1) > 0, np.arange(8) % 2)
    np.testing.assert_array_equal(match.aux["fake_label"], match.aux["real_label"])
    with pytest.raises(ValueError, match="'label'"):
        gan.fit(batches.map(lambda batch: {"image": batch["image"]}), verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    assert again.task.prior == prior
    again.fit(batches, verbose=0)
    again.export(tmp_path / "served")
    served = tf.saved_model.load(tmp_path / "served")
    images = served.signatures["sample"](count=tf.constant(5), seed=tf.constant(2))["images"]
    np.testing.assert_allclose(images, again(prior.sample(5, seed=2)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Concatenated(Normal(3), Code((4,), 1))", (8,)),
        ("AppendedNoise(Categorical(3), 2)", (5,)),
        ("Mixture((Normal(2), Uniform(2)), weights=(1.0, 2.0))", (2,)),
        ("PerClass((Normal(2), TruncatedNormal(2, 1.0)))", (2,)),
    ],
)
def test_a_config_may_name_them(text, shape):
    prior = tt.configuration.build(text, "latents")
    assert prior.shape == shape
    assert keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(prior)) == prior


@pytest.mark.parametrize(
    ("build", "error", "word"),
    [
        (lambda: Mixture((Normal(2), Normal(3))), ValueError, "different lengths"),
        (lambda: Mixture((Normal(2), Normal(2)), weights=(1.0,)), ValueError, "`weights`"),
        (lambda: PerClass((Normal(2), 3)), TypeError, "`priors` has the wrong type"),
        (lambda: Concatenated(), ValueError, "priors of vectors"),
        (lambda: AppendedNoise(Normal, 2), TypeError, "`base` has the wrong type"),
        (lambda: Categorical(1), ValueError, "`classes`"),
    ],
)
def test_wrong_arguments_are_refused(build, error, word):
    with pytest.raises(error, match=word):
        build()


def test_truncation_works_inside_a_mixture():
    draws = np.asarray(Mixture((TruncatedNormal(2, 0.1), Normal(2, mean=9.0))).sample(200, seed=1))
    assert ((np.abs(draws) <= 0.1) | (draws > 3)).all()
