"""What always-on layers have in common: new numbers in each call and on each replica, by the seed, also in a GAN."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.layers import AlwaysOnDropout, NoiseInjection
from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.training.stateless import frozen, with_weights

MAKERS = {
    "noise": lambda **arguments: NoiseInjection(1.0, **arguments),
    "dropout": lambda **arguments: AlwaysOnDropout(0.5, **arguments),
}
each_layer = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
N = 20_000
X = np.ones((N, 1), "float32")


def correlation(one, other) -> float:
    return abs(np.corrcoef(np.asarray(one).flatten(), np.asarray(other).flatten())[0, 1])


@each_layer
@pytest.mark.parametrize("training", [True, False])
def test_calls_are_uncorrelated(make, training):
    layer = make(seed=1)
    compute = tf.function(lambda x: layer(x, training=training))
    for call in (lambda x: layer(x, training=training), compute):
        assert correlation(call(X), call(X)) < 5 / np.sqrt(N)


@each_layer
def test_the_seed_determines_all_calls(make):
    one, same, other, unseeded, again = (make(seed=seed) for seed in (1, 1, 2, None, None))
    graph = tf.function(same)
    for _ in range(3):
        first = one(X)
        np.testing.assert_array_equal(first, graph(X))
        assert correlation(first, other(X)) < 5 / np.sqrt(N)
        assert correlation(unseeded(X), again(X)) < 5 / np.sqrt(N)


@each_layer
def test_two_layers_of_one_network_and_one_layer_called_twice_draw_apart(make):
    inputs = keras.Input((1,))
    shared = make(seed=1)
    model = keras.Model(inputs, [shared(inputs), shared(inputs), make(seed=2)(inputs)])
    one, two, three = model(X)
    assert max(correlation(one, two), correlation(one, three), correlation(two, three)) < 5 / np.sqrt(N)


@each_layer
def test_replicas_draw_apart_and_the_first_draws_what_one_device_draws(make, two_replicas):
    with two_replicas.scope():
        layer = make(seed=1)
    single = make(seed=1)
    compute = tf.function(lambda: two_replicas.run(lambda: layer(tf.constant(X))))
    previous = None
    for _ in range(2):
        first, second = two_replicas.experimental_local_results(compute())
        assert correlation(first, second) < 5 / np.sqrt(N)
        np.testing.assert_array_equal(first, single(X))
        if previous is not None:
            assert max(correlation(first, previous), correlation(second, previous)) < 5 / np.sqrt(N)
        previous = second


@each_layer
def test_masks_pass_through(make):
    embedded = keras.layers.Embedding(5, 3, mask_zero=True)(np.array([[1, 0, 2]]))
    np.testing.assert_array_equal(keras.src.backend.get_keras_mask(make()(embedded)), [[True, False, True]])


def network(make, **arguments) -> keras.Model:
    inputs = keras.Input((1,))
    return keras.Model(inputs, make(**arguments)(inputs))


@each_layer
def test_a_frozen_call_leaves_the_state_and_draws_from_the_stream_that_it_is_given(make):
    model = network(make, seed=1)
    state = np.array(model.layers[1].seed_generator.state)
    np.testing.assert_array_equal(with_weights(model)(X), with_weights(model)(X))
    stream = SeedStream.from_integer(3)
    one, two = frozen(model, stream)(X), frozen(model, stream)(X)
    np.testing.assert_array_equal(one, frozen(model, SeedStream.from_integer(3))(X))
    np.testing.assert_array_equal(model.layers[1].seed_generator.state, state)
    live = model(X)
    assert max(correlation(one, two), correlation(one, live), correlation(two, live)) < 5 / np.sqrt(N)


class Recorder(keras.layers.Layer):
    """Passes its inputs on, and keeps what each call, also of a graph, was given."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seen = []

    def call(self, inputs):
        tf.numpy_function(lambda value: self.seen.append(value) or np.float32(0), [inputs], tf.float32)
        return inputs


def noisy_networks(recorder=None, keras_dropout=True):
    latents = keras.Input((tiny.LATENTS,))
    x = keras.layers.Dense(64)(latents)
    x = AlwaysOnDropout(0.5)(NoiseInjection(0.3, learned_scale=True)(x))
    x = keras.layers.Dropout(0.3)(x) if keras_dropout else x
    if recorder is not None:
        x = recorder(NoiseInjection(1.0)(0.0 * x))
    generator = keras.Model(latents, keras.layers.Reshape((8, 8, 1))(x))
    images = keras.Input((8, 8, 1))
    return generator, keras.Model(images, keras.layers.Dense(1)(keras.layers.Flatten()(images)))


def gan_of(averaging=None, recorder=None, **arguments):
    task = tt.tasks.Unconditional(*noisy_networks(recorder), tt.latents.Normal(tiny.LATENTS))
    gan = tt.training.GAN(task, averaging=averaging)
    optimizers = keras.optimizers.Adam(1e-2), keras.optimizers.Adam(1e-2)
    gan.compile(*optimizers, loss=tt.losses.adversarial.Hinge(), **arguments)
    return gan


def test_all_updates_and_replicas_of_a_fit_have_noise_of_their_own(two_replicas):
    recorder = Recorder()
    with two_replicas.scope():
        gan = gan_of(recorder=recorder, critic_steps=2)
    gan.fit(tiny.dataset(16), steps_per_epoch=2, verbose=0)
    # 2 steps of 2 critic updates and one generator update, on 2 replicas, each of 4 examples with 64 numbers.
    noise = np.stack([value.flatten() for value in recorder.seen])
    assert noise.shape == (2 * 3 * 2, 4 * 64)
    assert np.abs(np.corrcoef(noise) - np.eye(12)).max() < 5 / np.sqrt(4 * 64)


@pytest.mark.parametrize("averaging", [None, tt.training.ExponentialAveraging(50)], ids=["live", "averaged"])
def test_a_resumed_gan_goes_on_bit_for_bit(averaging, tmp_path):
    gan = gan_of(averaging)
    gan.fit(tiny.dataset(8), steps_per_epoch=2, verbose=0)
    gan.predict(np.ones((2, tiny.LATENTS)), verbose=0)  # moves seeds of its own
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    latents = np.random.default_rng(0).normal(size=(3, tiny.LATENTS)).astype("float32")
    np.testing.assert_array_equal(gan(latents), again(latents))
    for model in (gan, again):
        model.fit(tiny.dataset(8), steps_per_epoch=2, verbose=0)
    for one, other in zip(tiny.values(gan.variables), tiny.values(again.variables), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(gan(latents), again(latents))


def test_an_averaged_generator_has_noise_and_sampling_it_does_not_touch_training():
    gan = gan_of(tt.training.ExponentialAveraging(50))
    latents = np.ones((100, tiny.LATENTS), "float32")
    before = [np.array(v) for v in gan.task.variables]
    first, second = gan(latents), gan(latents)
    assert np.mean(np.asarray(first) != np.asarray(second)) > 0.4
    for value, variable in zip(before, gan.task.variables, strict=True):
        np.testing.assert_array_equal(value, variable)
