"""`FeatureMatching` against sums over features."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.support.differences import check_slopes
from tfgan_tricks.losses.auxiliary import FeatureMatching
from tfgan_tricks.types import Match

SHAPES = ((4, 3), (4, 2, 3, 2), (4, 5))
REAL, FAKE = ([np.random.default_rng(9 * i + j).normal(size=s) for j, s in enumerate(SHAPES)] for i in (1, 2))


def match_of(real, fake, **fields) -> Match:
    outputs = {"real_out": {"features": real}, "fake_out": {"features": fake}}
    return Match(real=None, fake=None, player="generator", **outputs, **fields)


def squared_distance_of_means(real, fake) -> float:
    total = 0.0
    for one, other in zip(real, fake, strict=True):
        for place in np.ndindex(one.shape[1:]):
            total += (np.mean([x[place] for x in one]) - np.mean([x[place] for x in other])) ** 2
    return total


def mean_absolute_differences(real, fake) -> float:
    return sum(float(np.mean([abs(a[i] - b[i]) for i in np.ndindex(a.shape)])) for a, b in zip(real, fake, strict=True))


FORMULAS = {"mean": (squared_distance_of_means, 1.0), "paired": (mean_absolute_differences, 10.0)}


@pytest.mark.parametrize("mode", FORMULAS)
@pytest.mark.parametrize("layer", range(3))
def test_all_layers_are_summed_with_the_papers_weight(mode, layer):
    formula, weight = FORMULAS[mode]
    term = FeatureMatching(mode)
    assert term.weight == weight

    def replaced(features):
        return [*FAKE[:layer], features, *FAKE[layer + 1 :]]

    check_slopes(
        lambda features: term(match_of(REAL, replaced(features))),
        lambda features: weight * formula(REAL, replaced(features)),
        FAKE[layer],
    )


@pytest.mark.parametrize("mode", FORMULAS)
def test_scales_are_lists_of_layers(mode):
    nested = [[value[0], value[1]] for value in ([REAL[0], REAL[1]], [FAKE[0], FAKE[1]])]
    scales = [[nested[0], [REAL[2]]], [nested[1], [FAKE[2]]]]
    flat = FeatureMatching(mode)(match_of(REAL, FAKE))
    assert float(FeatureMatching(mode)(match_of(*scales))) == pytest.approx(float(flat), rel=1e-6)
    one = FeatureMatching(mode, weight=1.0)(match_of(REAL[0], FAKE[0]))
    assert float(one) == pytest.approx(FORMULAS[mode][0](REAL[:1], FAKE[:1]), rel=1e-5)


def test_pairs_have_a_value_each_and_means_one_together():
    values = FeatureMatching("paired").call(match_of(REAL[0], FAKE[0]))
    np.testing.assert_allclose(values, np.abs(REAL[0] - FAKE[0]).mean(axis=1), rtol=1e-5)
    assert FeatureMatching("mean").call(match_of(REAL, FAKE)).shape == ()


def test_the_order_of_images_matters_to_pairs_alone():
    shuffled = [features[::-1] for features in FAKE]
    means, pairs = ([float(FeatureMatching(m)(match_of(REAL, f))) for f in (FAKE, shuffled)] for m in FORMULAS)
    assert means[0] == pytest.approx(means[1], rel=1e-5)
    assert abs(pairs[0] - pairs[1]) > 0.1


@pytest.mark.parametrize("mode", FORMULAS)
def test_real_features_get_no_gradient(mode):
    real = tf.constant(REAL[0], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(real)
        value = FeatureMatching(mode)(match_of(real, FAKE[0]))
    assert tape.gradient(value, real) is None


def test_replicas_match_the_means_of_the_whole_batch(two_replicas):
    real, fake = REAL[0].astype("float32"), FAKE[0].astype("float32")
    parts = two_replicas.experimental_distribute_values_from_function(
        lambda context: tuple(tf.constant(v[2 * context.replica_id_in_sync_group :][:2]) for v in (real, fake))
    )

    def slope(pair):
        with tf.GradientTape() as tape:
            tape.watch(pair[1])
            value = FeatureMatching()(match_of(*pair)) / 2.0  # the share of one of two replicas
        return value, tape.gradient(value, pair[1])

    values, slopes = tf.function(lambda: two_replicas.run(slope, args=(parts,)))()
    expected = squared_distance_of_means([real], [fake])
    for value in two_replicas.experimental_local_results(values):
        assert float(value) == pytest.approx(expected / 2, rel=1e-5)
    received = np.concatenate([s.numpy() for s in two_replicas.experimental_local_results(slopes)])
    by_hand = np.tile(2 * (fake.mean(axis=0) - real.mean(axis=0)) / 4, (4, 1))
    np.testing.assert_allclose(received, by_hand, rtol=1e-4)


def test_half_precision_features_are_compared_in_float32():
    real, fake = (tf.cast(100.0 * np.stack(f[0]), "float16") for f in (REAL, FAKE))
    expected = squared_distance_of_means([real.numpy().astype("float64")], [fake.numpy().astype("float64")])
    received = FeatureMatching()(match_of(real, fake))
    assert received.dtype == tf.float32
    assert float(received) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("real", "fake", "words"),
    [
        ({"logits": 0}, {"logits": 0}, r"no 'features' among what 'discriminator' says of real images"),
        ({"features": REAL}, {"logits": 0}, "of fake images"),
        ({"features": REAL}, {"features": FAKE[:2]}, "3 features of real images, 2 of generated"),
        ({"features": []}, {"features": []}, "finds no features to compare"),
        ({"features": REAL[0]}, {"features": FAKE[0][:2]}, "differ in shape"),
    ],
)
def test_features_that_are_not_there_or_do_not_pair_up_are_errors(real, fake, words):
    with pytest.raises(ValueError, match=words):
        FeatureMatching("paired")(Match(real=None, fake=None, real_out=real, fake_out=fake))


def test_an_unknown_mode_is_an_error():
    with pytest.raises(ValueError, match="Unknown value for `mode`"):
        FeatureMatching("median")


def test_it_comes_back_with_the_weight_of_its_mode():
    config = keras.saving.serialize_keras_object(FeatureMatching("paired"))
    assert config["config"]["weight"] == 10.0
    assert keras.saving.deserialize_keras_object(config) == FeatureMatching("paired")
