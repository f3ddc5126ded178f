"""The rate an optimizer applies follows the images seen: in graphs, over replicas, after loading, in wrappers."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks import experiment
from tfgan_tricks.callbacks.checkpoints import restore, save
from tfgan_tricks.configuration import build
from tfgan_tricks.schedules import ConstantThenLinear, Cosine, LearningRate, Linear
from tfgan_tricks.schedules.learning_rate import bind_learning_rates, inner_optimizers

LINE = Linear(0.1, 0.0, images=160)
applied: dict[str, list[float]] = {}
traces: list[str] = []


@keras.saving.register_keras_serializable("tests")
class Recording(keras.optimizers.SGD):
    """Gradient descent that notes the rate of each of its steps, and how often it is traced."""

    def apply(self, grads, trainable_variables=None):
        traces.append(self.name)
        rate = self.learning_rate
        tf.py_function(lambda value: applied.setdefault(self.name, []).append(float(value)), [rate], [])
        super().apply(grads, trainable_variables)


@pytest.fixture(autouse=True)
def _nothing_applied():
    applied.clear()
    traces.clear()


def recording(player, schedule=LINE, **arguments):
    return Recording(LearningRate(schedule, **arguments), name=player)


def gan_of(generator_optimizer, discriminator_optimizer, **arguments) -> tt.training.GAN:
    """Returns a compiled GAN of two small dense networks."""
    networks = tt.architectures.mlp(resolution=8, channels=1, latent_dim=tiny.LATENTS, widths=(8,))
    gan = tt.training.GAN(tiny.LatentsFromBatch(*networks, tt.latents.Normal(tiny.LATENTS)))
    gan.compile(generator_optimizer, discriminator_optimizer, loss=tt.losses.adversarial.Hinge(), **arguments)
    return gan


@pytest.mark.parametrize(("batch_size", "critic_steps"), [(8, 1), (16, 1), (8, 3)])
def test_each_step_takes_the_rate_of_the_images_seen_at_any_batch_size_and_number_of_critic_steps(
    batch_size, critic_steps
):
    gan = gan_of(recording("generator"), recording("critic"), critic_steps=critic_steps)
    gan.fit(tiny.with_latents(batch_size * critic_steps), steps_per_epoch=4, epochs=2, verbose=0)
    expected = np.interp(batch_size * np.arange(8), [0, 160], [0.1, 0.0])
    np.testing.assert_allclose(applied["generator"], expected, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(applied["critic"], np.repeat(expected, critic_steps), rtol=1e-5, atol=1e-9)
    assert traces == ["critic"] * critic_steps + ["generator"]  # one graph for all steps
    assert float(gan.optimizer.learning_rate) == float(LINE(8 * batch_size))


def test_the_applied_update_is_that_rate_times_the_gradient_also_compiled_by_xla():
    rate = LearningRate(Cosine(0.1, 0.01, images=64))
    gan = gan_of(keras.optimizers.SGD(rate), keras.optimizers.SGD(0.1), jit_compile=True)
    batches = iter(tiny.with_latents(16))
    for step in range(4):
        gan.reset_metrics()
        before = tiny.values(gan.variables_of("generator"))
        logs = gan.train_on_batch(next(batches), return_dict=True)
        after = tiny.values(gan.variables_of("generator"))
        moved = np.sqrt(sum(np.sum((new - old) ** 2.0) for old, new in zip(before, after, strict=True)))
        expected = 0.01 + 0.09 * (1 + np.cos(np.pi * 16 * step / 64)) / 2
        assert moved / logs["generator_gradient_norm"] == pytest.approx(expected, rel=1e-3)


def test_one_and_two_replicas_take_the_same_rates_and_steps(two_replicas):
    gans = []
    for scope in (contextlib.nullcontext(), two_replicas.scope()):
        with scope:
            keras.utils.set_random_seed(0)
            rates = [LearningRate(ConstantThenLinear(0.1, 0.0, constant_images=32, images=64)) for _ in range(2)]
            gan = gan_of(keras.optimizers.SGD(rates[0], momentum=0.5), keras.optimizers.SGD(rates[1], weight_decay=0.5))
            gan.fit(tiny.with_latents(16), steps_per_epoch=5, verbose=0)
            gans.append(gan)
    one, two = gans
    assert float(two.generator_optimizer.learning_rate) == float(one.generator_optimizer.learning_rate)
    assert float(one.generator_optimizer.learning_rate) == pytest.approx(0.1 * (96 - 80) / 64, rel=1e-6)
    for mine, other in zip(tiny.values(one.trainable_variables), tiny.values(two.trainable_variables), strict=True):
        np.testing.assert_allclose(mine, other, atol=2e-5)


@pytest.mark.parametrize("way", ["load", "restore"])
def test_a_resumed_run_goes_on_at_the_right_rate_bit_for_bit(way, tmp_path):
    def make():
        return gan_of(recording("generator"), keras.optimizers.Adam(LearningRate(LINE)))

    gan = make()
    gan.fit(tiny.with_latents(8), steps_per_epoch=3, verbose=0)
    path = tmp_path / "gan.keras"
    save(gan, path)
    if way == "load":
        again = keras.models.load_model(path)
    else:
        again = make()
        restore(again, path)
    assert again.generator_optimizer.get_config() == gan.generator_optimizer.get_config()
    applied.clear()
    for model in (gan, again):
        model.fit(tiny.with_latents(8), steps_per_epoch=3, verbose=0)
    np.testing.assert_allclose(applied["generator"], 2 * [0.1 * (160 - n) / 160 for n in (24, 32, 40)], rtol=1e-5)
    for mine, other in zip(tiny.values(gan.variables), tiny.values(again.variables), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_a_config_writes_it_as_text():
    optimizer = build("Adam(LearningRate(Cosine(2e-4, 0.0, images=100_000)), beta_1=0.0)", "optimizers")
    assert isinstance(optimizer, keras.optimizers.Adam)
    assert optimizer.get_config()["beta_1"] == 0.0
    gan = gan_of(optimizer, keras.optimizers.SGD(1e-3))
    gan.images_seen.assign(50_000)
    assert float(gan.generator_optimizer.learning_rate) == pytest.approx(1e-4, rel=1e-5)


def test_an_experiment_reads_it_from_its_config():
    config = experiment.default_config()
    config.update(architecture="mlp(widths=(8,))", prior="Normal(4)")
    config.discriminator_optimizer = "SGD(LearningRate(Linear(1.0, 0.0, images=100)), momentum=0.5)"
    gan = experiment.build_gan(config)
    gan.images_seen.assign(25)
    assert float(gan.discriminator_optimizer.learning_rate) == 0.75


def test_loss_scaling_and_several_optimizers_in_one_are_looked_into():
    keras.config.set_dtype_policy("mixed_float16")
    inner = keras.optimizers.Adam(LearningRate(LINE))
    outer = keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(keras.optimizers.SGD(LearningRate(LINE)), {".*kernel": inner})
    )
    gan = gan_of(keras.optimizers.RMSprop(LearningRate(LINE)), outer)
    gan.fit(tiny.with_latents(8), steps_per_epoch=2, verbose=0)
    players = [inner_optimizers(o) for o in (gan.generator_optimizer, gan.discriminator_optimizer)]
    assert [type(o).__name__ for found in players for o in found] == ["RMSprop", "Adam", "SGD"]
    assert isinstance(gan.generator_optimizer, keras.optimizers.LossScaleOptimizer)
    for optimizer in (o for found in players for o in found):
        assert float(optimizer.learning_rate) == pytest.approx(0.09, rel=1e-6)


def test_one_rate_serves_several_optimizers_and_models_each_by_its_own_count():
    rate = LearningRate(LINE)
    gans = [gan_of(keras.optimizers.SGD(rate), keras.optimizers.SGD(rate)) for _ in range(2)]
    gans[0].images_seen.assign(40)
    assert [round(float(gan.generator_optimizer.learning_rate), 6) for gan in gans] == [0.075, 0.1]
    gans[0].compile(keras.optimizers.SGD(rate), gans[0].discriminator_optimizer, loss=tt.losses.adversarial.Hinge())
    assert round(float(gans[0].generator_optimizer.learning_rate), 6) == 0.075


def test_outside_of_a_gan_it_counts_the_optimizers_steps():
    weight = keras.Variable([1.0])
    optimizer = keras.optimizers.SGD(LearningRate(LINE, images_per_update=16))
    step = tf.function(lambda: optimizer.apply([tf.constant([1.0])], [weight]))
    for _ in range(3):
        step()
    np.testing.assert_allclose(weight.numpy(), [1.0 - 0.1 * (1.0 + 0.9 + 0.8)], rtol=1e-6)
    again = keras.optimizers.SGD.from_config(optimizer.get_config())
    assert again.get_config() == optimizer.get_config()
    assert float(again.learning_rate) == pytest.approx(0.1)


def refusal(error, action) -> str:
    with pytest.raises(error) as caught:
        action()
    message = str(caught.value)
    assert all(word in message for word in ("Received:", "Expected:", "Fix:")), message
    return message


def test_without_any_count_it_says_what_to_pass():
    optimizer = keras.optimizers.SGD(LearningRate(LINE))
    assert "images_per_update=<batch size>" in refusal(ValueError, lambda: optimizer.learning_rate)


def test_a_backend_that_compiles_variables_in_is_told_before_training(monkeypatch):
    counter = keras.Variable(80, dtype="int64", trainable=False)
    optimizers = [keras.optimizers.SGD(LearningRate(LINE, images_per_update=n)) for n in (None, 16)]
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    assert "jax backend" in refusal(ValueError, lambda: bind_learning_rates(optimizers[0], counter))
    bind_learning_rates(optimizers[1], counter)
    assert float(optimizers[1].learning_rate) == pytest.approx(0.1)  # at its own step 0, not at 80 images


def test_a_bare_schedule_in_an_optimizer_is_refused_by_name():
    optimizers = keras.optimizers.SGD(LINE), keras.optimizers.SGD(0.1)
    assert "pass LearningRate(Linear(...))" in refusal(TypeError, lambda: gan_of(*optimizers))


def test_a_number_is_no_schedule():
    assert "a fixed rate needs none" in refusal(TypeError, lambda: LearningRate(1e-4))
    assert "`images_per_update` is out of range" in refusal(ValueError, lambda: LearningRate(LINE, 0))


def test_keras_own_callbacks_cannot_set_such_a_rate():
    gan = gan_of(keras.optimizers.SGD(LearningRate(LINE)), keras.optimizers.SGD(0.1))
    callback = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    with pytest.raises(TypeError, match="not settable"):
        gan.fit(tiny.with_latents(8), steps_per_epoch=1, verbose=0, callbacks=[callback])
