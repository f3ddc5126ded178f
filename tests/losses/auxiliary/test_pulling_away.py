"""`PullingAway` against a double loop over pairs."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.losses.auxiliary import PullingAway
from tfgan_tricks.types import Match


def features_of(shape, seed=0, offset=0.4):
    return np.random.default_rng(seed).normal(offset, 1.0, size=shape)


def by_pairs(features) -> float:
    """The mean squared cosine, pair by pair."""
    flat = features.reshape(len(features), -1)
    squares = [
        (a @ b / np.sqrt((a @ a) * (b @ b))) ** 2 for i, a in enumerate(flat) for j, b in enumerate(flat) if i != j
    ]
    return float(np.mean(squares))


def value(features, **arguments):
    match = Match(real=None, fake=None, fake_out={"features": features}, player="generator")
    return PullingAway(**{"weight": 1.0, **arguments})(match)


@pytest.mark.parametrize("shape", [(5, 7), (4, 3, 2, 2), (2, 3)])
def test_value_and_gradient_are_those_of_the_pairs(shape):
    features = features_of(shape)
    variable = tf.constant(features, "float32")
    with tf.GradientTape() as tape:
        tape.watch(variable)
        received = value(variable)
    np.testing.assert_allclose(received, by_pairs(features), rtol=1e-5)
    slope = tape.gradient(received, variable).numpy()
    for place in list(np.ndindex(shape))[::3]:
        moved = np.zeros(shape)
        moved[place] = 1e-5
        expected = (by_pairs(features + moved) - by_pairs(features - moved)) / 2e-5
        assert slope[place] == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_parallel_features_cost_most_and_orthogonal_ones_nothing():
    direction = features_of((1, 6))
    assert float(value(direction * np.array([[1.0], [-2.0], [0.3]]))) == pytest.approx(1.0, rel=1e-5)
    assert float(value(np.eye(4)[:3] * np.array([[1.0], [5.0], [-2.0]]))) == 0.0


def test_the_length_of_the_features_does_not_matter():
    features = features_of((5, 4))
    scaled = features * np.array([0.1, 1.0, 7.0, 100.0, 3.0])[:, None]
    assert float(value(features)) == pytest.approx(float(value(scaled)), rel=1e-5)


def test_one_image_and_empty_features_are_finite():
    assert float(value(features_of((1, 4)))) == 0.0
    variable = tf.zeros((3, 4))
    with tf.GradientTape() as tape:
        tape.watch(variable)
        received = value(variable)
    assert float(received) == 0.0
    assert np.isfinite(tape.gradient(received, variable)).all()


@pytest.mark.parametrize(("layer", "chosen"), [(-1, 2), (0, 0), (1, 1)])
def test_a_layer_is_chosen_by_its_place(layer, chosen):
    layers = [features_of((4, 3), seed=seed) for seed in range(3)]
    assert float(value(layers, layer=layer)) == pytest.approx(by_pairs(layers[chosen]), rel=1e-5)


def test_half_precision_features_are_compared_in_float32():
    features = tf.cast(300.0 * features_of((4, 6)), "float16")  # squares overflow
    received = value(features)
    assert received.dtype == tf.float32
    assert float(received) == pytest.approx(by_pairs(features.numpy().astype("float64")), rel=1e-4)


def test_each_replica_compares_its_own_images(two_replicas):
    features = features_of((6, 4)).astype("float32")
    halves = two_replicas.experimental_distribute_values_from_function(
        lambda context: tf.constant(features[3 * context.replica_id_in_sync_group :][:3])
    )
    received = two_replicas.experimental_local_results(two_replicas.run(value, args=(halves,)))
    for half, one in zip((features[:3], features[3:]), received, strict=True):
        assert float(one) == pytest.approx(by_pairs(half), rel=1e-5)


def test_in_a_gan_the_generator_alone_is_moved_by_it():
    generator, _ = tiny.networks()
    images = keras.Input((tiny.RESOLUTION, tiny.RESOLUTION, 1))
    code = keras.layers.Dense(6)(keras.layers.Flatten()(images))
    critic = keras.Model(images, {"logits": keras.layers.Dense(1)(code), "features": code}, name="discriminator")
    gan = tt.training.GAN(tt.tasks.Unconditional(generator, critic, tt.latents.Normal(tiny.LATENTS)))
    loss = tt.losses.adversarial.EBGAN(margin=1.0)
    gan.compile("sgd", "sgd", loss=loss, terms=[PullingAway(weight=0.5)], run_eagerly=True)
    batch = {"image": tiny.images(8)}
    (match,) = gan.play("generator", batch, tt.randomness.SeedStream.from_integer(1))
    logs = gan.train_on_batch(batch, return_dict=True)
    total = logs["generator_fake_loss"] + logs["pulling_away"]
    assert logs["generator_loss"] == pytest.approx(total, rel=1e-5)
    assert 0.0 < logs["pulling_away"] < 0.5
    assert match.fake_out["features"].shape == (8, 6)


@pytest.mark.parametrize(
    ("outputs", "layer", "found"),
    [
        ({"logits": 0}, -1, r"0 features in the outputs \['logits'\] of 'discriminator'"),
        ({"features": [np.zeros((2, 2))]}, 1, "1 features"),
    ],
)
def test_a_critic_without_such_features_is_refused(outputs, layer, found):
    with pytest.raises(ValueError, match=rf"PullingAway finds no features[\s\S]*{found}[\s\S]*Fix: let the critic"):
        PullingAway(layer=layer)(Match(real=None, fake=None, fake_out=outputs))


@pytest.mark.parametrize("layer", [1.5, "last", None, True])
def test_a_layer_is_an_integer(layer):
    with pytest.raises(TypeError, match="`layer` must be an index"):
        PullingAway(layer=layer)


def test_a_config_names_it_by_text():
    assert tt.configuration.build("PullingAway(weight=0.2)", "losses.auxiliary") == PullingAway(weight=0.2)
