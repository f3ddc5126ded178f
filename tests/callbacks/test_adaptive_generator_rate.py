"""The generator's rate against a replay of the rule in NumPy, on logits recorded beside the training."""

import logging
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.callbacks import AdaptiveGeneratorRate
from tfgan_tricks.callbacks.checkpoints import restore, save
from tfgan_tricks.schedules import Cosine, LearningRate

RULE = {"low": 0.45, "high": 0.55, "factor": 1.5, "minimum": 0.001, "maximum": 0.1}
seen: list[np.ndarray] = []


@keras.saving.register_keras_serializable("tests")
class Witness(tt.losses.Term):
    """Notes the logits of the generated images in the discriminator's updates."""

    def call(self, match):
        tf.py_function(lambda logits: seen.append(logits.numpy()), [match.fake_out["logits"]], [])
        return keras.ops.zeros(())


class Rates(keras.callbacks.Callback):
    """Notes the generator's rate after each step, and what the logs say of it."""

    def on_train_begin(self, logs=None):
        self.rates, self.told = [], []

    def on_train_batch_end(self, batch, logs=None):
        self.rates.append(float(self.model.generator_optimizer.learning_rate.numpy()))
        self.told.append(logs["generator_rate"])


def gan_of(generator_optimizer=None, **arguments) -> tt.training.GAN:
    networks = tt.architectures.mlp(resolution=8, channels=1, latent_dim=tiny.LATENTS, widths=(8,))
    gan = tt.training.GAN(tiny.LatentsFromBatch(*networks, tt.latents.Normal(tiny.LATENTS)))
    optimizer = generator_optimizer or keras.optimizers.SGD(0.01)
    loss = tt.losses.adversarial.NonSaturating()
    gan.compile(optimizer, keras.optimizers.SGD(0.05), loss, terms=[Witness()], jit_compile=False, **arguments)
    return gan


def replay(shares, steps_per_epoch, steps_per_window, direction, rate=0.01) -> list[float]:
    """The rate after each step, by the rule as the docstring tells it."""
    rates, window = [], []
    for step, share in enumerate(shares):
        place = step % steps_per_epoch
        window = [share] if place == 0 else [*window, share]
        if len(window) == steps_per_window:
            mean, window = np.mean(window), []
            up = {"raise": mean < RULE["low"], "lower": mean > RULE["high"]}[direction]
            down = {"raise": mean > RULE["high"], "lower": mean < RULE["low"]}[direction]
            rate = min(rate * RULE["factor"], RULE["maximum"]) if up else rate
            rate = max(rate / RULE["factor"], RULE["minimum"]) if down else rate
        rates.append(rate)
    return rates


def trained(gan, epochs=4, initial_epoch=0, callback=None, validate=True, **arguments):
    seen.clear()
    callback = callback or AdaptiveGeneratorRate(window_images=24, **RULE, **arguments)
    rates = Rates()
    data = tiny.with_latents(8, n=56).skip(7 * initial_epoch)
    validation = tiny.with_latents(8).take(2) if validate else None
    history = gan.fit(
        data,
        epochs=epochs,
        initial_epoch=initial_epoch,
        steps_per_epoch=7,
        callbacks=[callback, rates],
        validation_data=validation,
        verbose=0,
    ).history
    return rates, history


def shares_of_steps(steps_per_epoch, with_validation) -> list[float]:
    """The recorded share of each training step; those of a validation's two steps are left out."""
    per_epoch = steps_per_epoch + 2 * with_validation
    return [float(np.mean(logits > 0)) for i, logits in enumerate(seen) if i % per_epoch < steps_per_epoch]


@pytest.mark.parametrize("direction", ["raise", "lower"])
@pytest.mark.parametrize("validate", [True, False])
def test_the_rate_follows_the_rule_over_epochs_and_validations(direction, validate):
    """56 images an epoch are two windows of 24 and a rest that does not count."""
    rates, history = trained(gan_of(), direction=direction, validate=validate)
    expected = replay(shares_of_steps(7, validate), 7, 3, direction)
    assert len(expected) == len(rates.rates) == 28
    np.testing.assert_allclose(rates.rates, expected, rtol=1e-5)
    np.testing.assert_allclose(rates.told, expected, rtol=1e-5)
    np.testing.assert_allclose(history["generator_rate"], expected[6::7], rtol=1e-5)
    assert len(set(rates.rates)) > 2  # there was something to follow


def test_the_rate_that_is_set_is_the_one_applied():
    gan = gan_of()
    gan.task.discriminator.trainable_variables[-1].assign([5.0])  # calls everything real
    callback = AdaptiveGeneratorRate(0.0, 0.5, factor=2.0, window_images=8, direction="lower", maximum=1.0)
    applied = []
    for _ in range(3):
        before = tiny.values(gan.variables_of("generator"))
        history = gan.fit(tiny.with_latents(8), steps_per_epoch=1, callbacks=[callback], verbose=0).history
        after = tiny.values(gan.variables_of("generator"))
        moved = np.sqrt(sum(np.sum((new - old) ** 2.0) for old, new in zip(before, after, strict=True)))
        applied.append(moved / history["generator_gradient_norm"][0])
    np.testing.assert_allclose(applied, [0.01, 0.02, 0.04], rtol=1e-3)


@pytest.mark.parametrize(("critic_steps", "steps_per_execution"), [(1, 7), (2, 1)])
def test_several_steps_at_once_and_several_critic_steps_are_counted(critic_steps, steps_per_execution):
    gan = gan_of(critic_steps=critic_steps, steps_per_execution=steps_per_execution)
    seen.clear()
    callback, rates = AdaptiveGeneratorRate(window_images=24, **RULE), Rates()
    data = tiny.with_latents(8 * critic_steps, n=56 * critic_steps)
    gan.fit(data, steps_per_epoch=7, callbacks=[callback, rates], verbose=0)
    share = float(next(m for m in gan.metrics if m.name == "fooled_share").result())
    shares = np.array(shares_of_steps(7 * critic_steps, False)).reshape(7, critic_steps).mean(axis=1)
    assert share == pytest.approx(shares.mean())
    looks = 7 if steps_per_execution == 7 else 3  # the window ends when all seven are done
    np.testing.assert_allclose(rates.rates, replay(shares, 7, looks, "raise")[steps_per_execution - 1 :], rtol=1e-5)


def test_an_epoch_shorter_than_a_window_is_one_window_and_that_is_said_once(caplog):
    callback = AdaptiveGeneratorRate(window_images=1_000, **RULE)
    with caplog.at_level(logging.WARNING, logger="absl"):
        rates, _ = trained(gan_of(), epochs=3, callback=callback, validate=True)
    warnings = [r.getMessage() for r in caplog.records if "shorter" in r.getMessage()]
    assert len(warnings) == 1
    assert re.search(r"epoch of 56 images .* window of 1000", warnings[0])
    expected = replay(shares_of_steps(7, True), 7, 7, "raise")
    assert rates.rates[6::7][1:] == pytest.approx(expected[6::7][:-1], rel=1e-5)  # after the epoch's last step
    assert float(callback._optimizer.learning_rate.numpy()) == pytest.approx(expected[-1], rel=1e-5)


@pytest.mark.parametrize("window_images", [56, 1_000])
def test_a_validation_after_an_epochs_last_step_does_not_count(caplog, window_images):
    limits = {"low": 0.999, "high": 1.0, "minimum": 1e-9, "maximum": 1.0}  # so that each window is told
    with caplog.at_level(logging.INFO, logger="absl"):
        trained(gan_of(), epochs=3, callback=AdaptiveGeneratorRate(window_images=window_images, **limits))
    told = [float(m[1]) for m in re.finditer(r"called ([\d.]+) % of", caplog.text)]
    per_epoch = np.array([np.mean(logits > 0) for logits in seen]).reshape(3, 9)
    np.testing.assert_allclose(told, 100 * per_epoch[:, :7].mean(axis=1), atol=0.06)
    assert np.abs(per_epoch[:, :7].mean(axis=1) - per_epoch[:, 7:].mean(axis=1)).max() > 0.01


def test_each_change_is_logged_with_its_reason(caplog):
    with caplog.at_level(logging.INFO, logger="absl"):
        rates, _ = trained(gan_of())
    told = [r.getMessage() for r in caplog.records if "generator's rate" in r.getMessage()]
    changes = np.flatnonzero(np.diff([np.float32(0.01), *rates.rates]))
    assert len(told) == len(changes) > 1
    assert f"At {8 * (changes[0] + 1)} images" in told[0]
    assert f"rate is {rates.rates[changes[0]]:.3g}" in told[0]


def test_a_run_resumed_at_an_epochs_end_goes_on_bit_for_bit(tmp_path):
    gan = gan_of()
    trained(gan, epochs=2, validate=False)
    save(gan, tmp_path / "gan.keras")
    whole, _ = trained(gan, epochs=4, initial_epoch=2, validate=False)
    again = gan_of()
    restore(again, tmp_path / "gan.keras")
    resumed, _ = trained(again, epochs=4, initial_epoch=2, validate=False)
    assert len(set(whole.rates)) > 1
    assert resumed.rates == whole.rates
    for mine, other in zip(tiny.values(gan.variables), tiny.values(again.variables), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_loss_scaling_is_looked_through():
    keras.config.set_dtype_policy("mixed_float16")
    gan = gan_of()
    assert isinstance(gan.generator_optimizer, keras.optimizers.LossScaleOptimizer)
    rates, _ = trained(gan, epochs=2)
    np.testing.assert_allclose(rates.rates, replay(shares_of_steps(7, True), 7, 3, "raise"), rtol=1e-5)
    assert float(gan.generator_optimizer.inner_optimizer.learning_rate.numpy()) == rates.rates[-1] != 0.01


def test_replicas_are_counted_together(two_replicas):
    with two_replicas.scope():
        gan = gan_of()
    rates, _ = trained(gan, epochs=1, callback=AdaptiveGeneratorRate(window_images=56, **RULE))
    assert [logits.shape for logits in seen] == [(4, 1)] * (14 + 4)  # half a batch each, of training and validation
    share = float(np.mean(np.concatenate(seen[:14]) > 0))
    assert not RULE["low"] <= share <= RULE["high"]
    np.testing.assert_allclose(rates.rates, replay([share] * 7, 7, 7, "raise"), rtol=1e-5)


def test_a_rate_outside_of_the_limits_only_moves_towards_them():
    callback = AdaptiveGeneratorRate(low=0.2, high=0.8, factor=2.0, minimum=1.0, maximum=8.0)
    assert [callback.changed(rate, 0.1) for rate in (0.25, 1.0, 5.0, 9.0)] == [0.5, 2.0, 8.0, 9.0]
    assert [callback.changed(rate, 0.9) for rate in (0.25, 1.0, 5.0, 20.0)] == [0.25, 1.0, 2.5, 10.0]
    assert [callback.changed(3.0, share) for share in (0.2, 0.5, 0.8)] == [3.0] * 3


def refusal(error, action) -> str:
    with pytest.raises(error) as caught:
        action()
    message = str(caught.value)
    assert all(word in message for word in ("Received:", "Expected:", "Fix:")), message
    return message


@pytest.mark.parametrize(
    ("optimizer", "words"),
    [
        (lambda: keras.optimizers.SGD(LearningRate(Cosine(0.1, 0.0, images=100))), "Cosine(start=0.1"),
        (lambda: keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 100)), "CosineDecay"),
        (
            lambda: keras.optimizers.MultiOptimizer(
                keras.optimizers.OptimizerMap(keras.optimizers.SGD(0.1), {".*kernel": keras.optimizers.Adam(0.1)})
            ),
            "2 optimizers",
        ),
    ],
    ids=["images", "steps", "several"],
)
def test_a_rate_that_cannot_be_set_is_refused_before_training(optimizer, words):
    gan = gan_of(optimizer())
    message = refusal(ValueError, lambda: trained(gan))
    assert words in message
    assert int(gan.images_seen.numpy()) == 0


def test_a_model_without_a_generators_optimizer_or_without_the_count_is_refused():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    callback = AdaptiveGeneratorRate()
    data = np.zeros((2, 1)), np.zeros((2, 1))
    assert "no optimizer of the generator" in refusal(
        ValueError, lambda: model.fit(*data, callbacks=[callback], verbose=0)
    )
    gan = gan_of()
    gan.task.discriminator.trainable = False
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1), loss=tt.losses.adversarial.Hinge())
    assert "frozen" in refusal(TypeError, lambda: trained(gan))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"low": -0.1}, "`low`"),
        ({"low": 0.6, "high": 0.5}, "`high`"),
        ({"factor": 1.0}, "`factor`"),
        ({"window_images": 0}, "`window_images`"),
        ({"direction": "up"}, "'raise'"),
        ({"minimum": 0.0}, "`minimum`"),
        ({"minimum": 1e-3, "maximum": 1e-4}, "`maximum`"),
    ],
)
def test_wrong_arguments_are_refused(arguments, words):
    assert words in refusal(ValueError, lambda: AdaptiveGeneratorRate(**arguments))
