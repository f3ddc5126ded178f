"""Always-on layers stay on in what is exported, new in each call, unless they are switched off for serving."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tfgan_tricks.cli.main import main
from tfgan_tricks.export import deterministic, export_saved_model
from tfgan_tricks.layers import AlwaysOnDropout, NoiseInjection

AVERAGING = tt.training.ExponentialAveraging(half_life_images=20)
LATENTS = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")


def networks(noisy=True):
    """Returns a generator with all kinds of always-on layers, or without, and a critic."""
    latents = keras.Input((4,))
    x = keras.layers.Dense(64, kernel_initializer=keras.initializers.GlorotUniform(seed=1))(latents)
    if noisy:
        x = AlwaysOnDropout(0.5)(NoiseInjection(0.5)(NoiseInjection(1.0, learned_scale=True)(x)))
    generator = keras.Model(latents, keras.layers.Reshape((8, 8, 1))(x))
    images = keras.Input((8, 8, 1))
    return generator, keras.Model(images, keras.layers.Dense(1)(keras.layers.Flatten()(images)))


def gan_of(noisy=True, averaging=None):
    return tt.training.GAN(tt.tasks.Unconditional(*networks(noisy), tt.latents.Normal(4)), averaging=averaging)


def served(directory, count=3, signature="serving_default"):
    """Returns what so many calls of a signature answer."""
    model = tf.saved_model.load(str(directory))
    inputs = (
        {"latents": tf.constant(LATENTS)}
        if signature == "serving_default"
        else {"count": tf.constant(40), "seed": tf.constant(3)}
    )
    return [model.signatures[signature](**inputs)["images"].numpy() for _ in range(count)]


def share_of_differences(one, other) -> float:
    return float(np.mean(np.asarray(one) != np.asarray(other)))


@pytest.mark.parametrize("averaging", [None, AVERAGING], ids=["live", "averaged"])
@pytest.mark.parametrize("signature", ["serving_default", "sample"])
def test_an_export_keeps_the_noise_and_draws_it_anew_in_each_call(averaging, signature, tmp_path):
    gan_of(averaging=averaging).export(tmp_path / "served")
    one, two, three = served(tmp_path / "served", signature=signature)
    for first, second in ((one, two), (two, three), (one, three)):
        # Half of the numbers fall out in each, so that a quarter is 0 in both.
        assert share_of_differences(first, second) == pytest.approx(0.75, abs=5 * np.sqrt(0.75 * 0.25 / one.size))
    np.testing.assert_array_equal(one, served(tmp_path / "served", signature=signature)[0])  # loaded again


@pytest.mark.parametrize("averaging", [None, AVERAGING], ids=["live", "averaged"])
def test_a_deterministic_export_equals_the_network_without_such_layers(averaging, tmp_path):
    gan, plain = gan_of(averaging=averaging), gan_of(noisy=False)
    gan.export(tmp_path / "method", deterministic=True)
    export_saved_model(gan, tmp_path / "function", deterministic=True)
    for name in ("method", "function"):
        for answer in served(tmp_path / name):
            np.testing.assert_allclose(answer, plain(LATENTS), rtol=1e-5, atol=1e-6)
        one, two = served(tmp_path / name, count=2, signature="sample")
        np.testing.assert_array_equal(one, two)
        np.testing.assert_allclose(one, plain(plain.task.prior.sample(40, seed=3)), rtol=1e-5, atol=1e-6)
    assert share_of_differences(gan(LATENTS), gan(LATENTS)) > 0.5  # the GAN itself has its noise again


def test_a_gan_of_two_replicas_is_exported_in_both_ways(two_replicas, tmp_path):
    with two_replicas.scope():
        gan = gan_of(averaging=AVERAGING)
    gan.export(tmp_path / "noisy")
    gan.export(tmp_path / "plain", deterministic=True)
    assert share_of_differences(*served(tmp_path / "noisy", count=2)) > 0.5
    for answer in served(tmp_path / "plain", count=2):
        np.testing.assert_allclose(answer, gan_of(noisy=False)(LATENTS), rtol=1e-5, atol=1e-6)


def test_the_export_of_keras_does_the_same(tmp_path):
    generator, _ = networks()
    generator.export(tmp_path / "noisy", format="tf_saved_model", verbose=False)
    with deterministic(generator):
        generator.export(tmp_path / "plain", format="tf_saved_model", verbose=False)
    noisy, plain = (tf.saved_model.load(str(tmp_path / name)) for name in ("noisy", "plain"))
    assert share_of_differences(noisy.serve(LATENTS), noisy.serve(LATENTS)) > 0.5
    for _ in range(2):
        np.testing.assert_allclose(plain.serve(LATENTS), networks(noisy=False)[0](LATENTS), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("averaging", [None, AVERAGING], ids=["live", "averaged"])
def test_within_the_context_calls_and_predict_are_deterministic_and_afterwards_as_before(averaging):
    gan, expected = gan_of(averaging=averaging), gan_of(noisy=False)(LATENTS)
    gan.predict(LATENTS, verbose=0)  # Keras keeps this graph
    with deterministic(gan) as same:
        assert same is gan
        for images in (gan(LATENTS), gan(LATENTS, training=True), gan.predict(LATENTS, verbose=0)):
            np.testing.assert_allclose(images, expected, rtol=1e-5, atol=1e-6)
        with deterministic(gan.task.generator):
            pass
        np.testing.assert_allclose(gan(LATENTS), expected, rtol=1e-5, atol=1e-6)
    for sample in (gan, lambda latents: gan.predict(latents, verbose=0)):
        assert share_of_differences(sample(LATENTS), sample(LATENTS)) > 0.5


def test_a_graph_of_an_outer_model_is_reached_through_the_outer_model_alone():
    inner = keras.Sequential([keras.Input((4,)), NoiseInjection(1.0)])
    outer, late = (keras.Sequential([keras.Input((4,)), inner]) for _ in range(2))

    def noisy(model):
        one, two = (model.predict(LATENTS, verbose=0) for _ in range(2))
        return share_of_differences(one, two) > 0.5

    assert noisy(outer)
    with deterministic(inner):
        assert noisy(outer)  # as documented: a layer does not know the models around it
        assert not noisy(late)
    assert not noisy(late)  # traced inside
    with deterministic(outer):
        assert not noisy(outer)
        assert not noisy(inner)
    assert noisy(outer)
    assert noisy(inner)


def test_an_error_within_the_context_leaves_the_layers_on():
    layer = NoiseInjection(1.0)
    with pytest.raises(RuntimeError, match="mine"), deterministic(layer):
        raise RuntimeError("mine")
    assert layer.active


def test_a_fit_may_be_sampled_without_noise_from_a_callback():
    gan = gan_of()
    gan.compile("adam", "adam", loss=tt.losses.adversarial.Hinge())
    pairs = []

    class Sample(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            with deterministic(gan):
                pairs.append([gan.predict(LATENTS, verbose=0) for _ in range(2)])

    data = {"image": np.random.default_rng(0).uniform(-1, 1, (24, 8, 8, 1)).astype("float32")}
    gan.fit(data, batch_size=8, verbose=0, callbacks=[Sample()])
    assert len(pairs) == 3
    for one, two in pairs:
        np.testing.assert_array_equal(one, two)
    assert share_of_differences(pairs[0][0], pairs[1][0]) > 0.9  # the weights move on
    assert share_of_differences(gan(LATENTS), gan(LATENTS)) > 0.5


def test_other_things_than_layers_are_refused():
    with pytest.raises(TypeError, match=r"(?s)model=3 .*generator or the GAN"), deterministic(3):
        pass


def test_the_command_line_exports_in_both_ways(tmp_path, monkeypatch):
    monkeypatch.setattr("tfgan_tricks.run_results.load_run", lambda workdir: (gan_of(), None))
    for name, flags in (("noisy", []), ("plain", ["--deterministic"])):
        assert main(["export", "--workdir", str(tmp_path), "--output", str(tmp_path / name), *flags]) == 0
    assert share_of_differences(*served(tmp_path / "noisy", count=2)) > 0.5
    np.testing.assert_array_equal(*served(tmp_path / "plain", count=2))
