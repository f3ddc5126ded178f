"""What moves besides the weights, and when; saving, resuming, callbacks, replicas, precision, XLA."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tests.training.single_loss_games import SHAPE, batch, gan_of, gradients, task_of
from tfgan_tricks.callbacks.checkpoints import latest, restore
from tfgan_tricks.callbacks.stop_on_non_finite import NonFiniteError
from tfgan_tricks.types import PLAYERS

adversarial, penalties = tt.losses.adversarial, tt.penalties
BATCH, STEPS = 8, 3


def data() -> tf.data.Dataset:
    rng = np.random.default_rng(1)
    n = BATCH * STEPS
    images = rng.uniform(-1, 1, (n, *SHAPE)).astype("float32")
    latents = rng.normal(size=(n, tiny.LATENTS)).astype("float32")
    return tf.data.Dataset.from_tensor_slices({"image": images, "latents": latents}).batch(BATCH, True)


def rich(optimizer=None, **arguments) -> tt.training.SingleLossGAN:
    """Returns a model with a memory in each part, with dropout and with noise."""
    keras.utils.set_random_seed(0)
    norm, dense = keras.layers.BatchNormalization(), tt.layers.SpectralNormDense(5, activation="tanh")
    task = task_of(norm, dense, keras.layers.Dropout(0.3), latents_from_batch=False)
    arguments = {
        "loss": adversarial.BEGAN(lambda_k=0.3),
        "terms": [penalties.R1(every=2), penalties.LeCam(), penalties.HistoricalAveraging(0.1)],
        "inputs": [tt.inputs.HistoryBuffer(5), tt.inputs.InstanceNoise(tt.schedules.Linear(0.1, 0.0, images=100))],
        "generator_weight": tt.schedules.Linear(2.0, 1.0, images=60),
        "weight_constraint": tt.constraints.ClipWeights(0.5),
        **arguments,
    }
    optimizer = optimizer or tt.training.two_time_scales("adam", keras.optimizers.RMSprop(2e-3))
    return gan_of(task, optimizer, averaging=tt.training.ExponentialAveraging(50), **arguments)


def everything(gan) -> list[np.ndarray]:
    return tiny.values([*gan.variables, *gan.optimizer.variables])


def check_same(one, other) -> None:
    for mine, theirs in zip(everything(one), everything(other), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_averages_follow_one_update_later_and_are_settled_when_fit_ends():
    averaging = tt.training.ExponentialAveraging(20)
    gan = gan_of(averaging=averaging)
    live, average = gan.task.generator, gan.averaged["generator"]
    expected, history = tiny.values(average.variables), []
    for step in range(4):
        gan.train_step(batch(6, seed=step))
        history.append(tiny.values(live.variables))
        for mean, wanted in zip(tiny.values(average.variables), expected, strict=True):
            np.testing.assert_allclose(mean, wanted, rtol=1e-5, atol=1e-7)
        decay = 0.5 ** (6 / 20)
        expected = [decay * mean + (1 - decay) * now for mean, now in zip(expected, history[-1], strict=True)]
    for _ in range(2):  # the second time there is nothing to do
        gan.settle()
        for mean, wanted in zip(tiny.values(average.variables), expected, strict=True):
            np.testing.assert_allclose(mean, wanted, rtol=1e-5, atol=1e-7)


def test_the_average_is_that_of_gan_once_settled():
    """A GAN's own, whose weights are set to those that the single loss went through."""
    gan = gan_of(averaging=tt.training.ExponentialAveraging(20, start_images=6))
    other = gan_of(averaging=tt.training.ExponentialAveraging(20, start_images=6))
    for step in range(3):
        gan.train_step(batch(6, seed=step))
        other.task.generator.set_weights(gan.task.generator.get_weights())
        other.advance(tf.constant(6))
    gan.settle()
    for mine, theirs in zip(*(tiny.values(g.averaged["generator"].variables) for g in (gan, other)), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-7)


def test_settling_changes_nothing_of_how_training_goes_on():
    one, other = rich(), rich()
    for model in (one, other):
        for step, images in enumerate(data()):
            model.train_on_batch({"image": images["image"]})
            if model is other and step == 1:
                model.settle()
        model.settle()
    check_same(one, other)


def test_parts_remember_what_their_formula_says():
    """BEGAN's k and LeCam's averages, from the logits that this very step has logged."""
    loss, lecam = adversarial.BEGAN(gamma=0.5, lambda_k=0.1), penalties.LeCam(decay=0.9)
    gan = gan_of(loss=loss, terms=[lecam])
    k, averages = 0.0, None
    for step in range(3):
        logs = {name: float(value) for name, value in gan.train_step(batch(6, seed=step)).items()}
        gan.reset_metrics()
        real, fake = logs["real_logits"], logs["fake_logits"]
        assert logs["began_k"] == pytest.approx(k, abs=1e-6)
        k = min(max(k + 0.1 * (0.5 * -real + fake), 0.0), 1.0)
        averages = (
            (real, fake) if averages is None else (0.9 * averages[0] + 0.1 * real, 0.9 * averages[1] + 0.1 * fake)
        )
        assert float(loss.k) == pytest.approx(k, abs=1e-5)
        np.testing.assert_allclose(tiny.values(lecam.variables)[:2], averages, rtol=1e-4)


def test_everything_that_moves_is_tracked_and_a_new_compile_lets_go_of_the_old():
    gan = rich()
    parts = [variable for part in (gan.adversarial_loss, *gan.terms) for variable in part.variables]
    tracked = {id(variable) for variable in gan.non_trainable_variables}
    assert len(parts) > 8
    assert {id(variable) for variable in parts} <= tracked
    assert {id(v) for layer in gan.input_transforms for v in layer.variables} <= tracked
    assert {id(gan.images_seen), id(gan.updates), id(gan.unaveraged), id(gan.seed_generator.state)} <= tracked
    count = len(gan.variables)
    gan.compile("sgd", loss=adversarial.Hinge())
    assert not {id(variable) for variable in parts} & {id(variable) for variable in gan.variables}
    assert len(gan.variables) == count - len(parts)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_a_reloaded_model_continues_bit_for_bit(policy, tmp_path):
    keras.config.set_dtype_policy(policy)
    gan = rich()
    gan.fit(data(), verbose=0)
    gan.train_on_batch({"image": next(iter(data()))["image"]})  # so that an update is not yet averaged
    assert int(gan.unaveraged.numpy()) == BATCH
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras", safe_mode=True)
    check_same(gan, again)
    assert type(again.optimizer) is type(gan.optimizer)
    assert again.generator_weight == gan.generator_weight
    histories = [g.fit(data(), verbose=0).history for g in (gan, again)]
    assert histories[0] == histories[1]
    check_same(gan, again)
    assert max(np.abs(v).max() for v in tiny.values(again.variables_of("discriminator"))) <= 0.5 + 1e-6
    latents = gan.task.prior.sample(3, seed=4)
    np.testing.assert_array_equal(gan.predict(latents, verbose=0), again.predict(latents, verbose=0))


def test_sampling_and_export_use_the_average(tmp_path):
    gan = gan_of(task_of(latents_from_batch=False), averaging=tt.training.ExponentialAveraging(1_000))
    gan.fit(data().map(lambda images: {"image": images["image"]}), verbose=0)
    latents = gan.task.prior.sample(4, seed=1)
    expected = np.array(gan.averaged["generator"](latents, training=False))
    np.testing.assert_allclose(gan.predict(latents, verbose=0), expected, atol=1e-6)
    assert np.abs(expected - np.array(gan.task.generator(latents))).max() > 1e-5
    gan.export(tmp_path / "exported")
    loaded = tf.saved_model.load(str(tmp_path / "exported"))
    made = loaded.signatures["serving_default"](tf.constant(latents))
    np.testing.assert_allclose(next(iter(made.values())), expected, atol=1e-6)


def test_a_batch_is_told_from_the_generators_input():
    gan = gan_of()
    assert gan(batch()) == {}
    assert gan(batch(), training=True) == {}
    assert gan(batch()["latents"]).shape == (6, *SHAPE)


def test_checkpoints_grids_and_the_stop_at_nan_work(tmp_path):
    gan = rich()
    callbacks = [
        tt.callbacks.ImageGrid(tmp_path / "grids", count=4, film=False),
        tt.callbacks.Checkpointing(tmp_path / "checkpoints", every_images=BATCH),
        tt.callbacks.StopOnNonFinite(),
    ]
    gan.fit(data(), epochs=2, verbose=0, callbacks=callbacks)
    assert len(list((tmp_path / "grids").glob("*.png"))) == 3
    again = rich()
    assert restore(again, latest(tmp_path / "checkpoints")) == 2 * BATCH * STEPS
    again.settle()
    check_same(gan, again)


def test_a_gradient_that_is_not_finite_is_seen_in_the_next_loss():
    @keras.saving.register_keras_serializable("tests")
    class BreaksGradient(tt.losses.Term):
        """Is 0, with a gradient that is NaN once 8 images are seen."""

        def call(self, match):
            broken = keras.ops.cast(match.images_seen >= BATCH, "float32")
            logit = keras.ops.mean(match.fake_out["logits"])
            return keras.ops.sqrt(0.0 * logit + 1.0 - broken) - (1.0 - broken)

    gan = gan_of(terms=[BreaksGradient()])
    with pytest.raises(NonFiniteError, match=f"at {3 * BATCH} images, step 3"):
        gan.fit(data(), verbose=0, callbacks=[tt.callbacks.StopOnNonFinite()])


def test_learning_rates_in_images_reach_both_optimizers():
    rate = tt.schedules.LearningRate(tt.schedules.Linear(0.1, 0.0, images=4 * BATCH))
    gan = gan_of(optimizer=tt.training.two_time_scales(keras.optimizers.SGD(rate), keras.optimizers.Adam(rate)))
    gan.train_step(batch(BATCH))
    for player in PLAYERS:
        assert float(getattr(gan, f"{player}_optimizer").learning_rate) == pytest.approx(0.075)


def test_one_and_two_replicas_give_the_same_weights(two_replicas):
    def trained(scope):
        with scope:
            keras.utils.set_random_seed(0)
            pair = keras.optimizers.Adam(1e-2, 0.5), keras.optimizers.SGD(0.1)
            gan = gan_of(
                task_of(tt.layers.SpectralNormDense(5)),
                tt.training.two_time_scales(*pair),
                averaging=tt.training.ExponentialAveraging(50),
                loss=adversarial.BEGAN(lambda_k=0.1),
                terms=[penalties.R1(gamma=1.0, every=2), penalties.LeCam()],
                weight_constraint=tt.constraints.ClipWeights(0.4),
                run_eagerly=False,
            )
            history = gan.fit(data().repeat(3), verbose=0).history
        return gan, history

    (one, first), (two, second) = trained(contextlib.nullcontext()), trained(two_replicas.scope())
    for mine, other in zip(tiny.values(one.variables), tiny.values(two.variables), strict=True):
        np.testing.assert_allclose(mine, other, atol=2e-5)
    assert int(two.images_seen.numpy()) == 3 * BATCH * STEPS
    for name, values in first.items():
        np.testing.assert_allclose(values, second[name], rtol=1e-3, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_trains_to_finite_values(policy):
    keras.config.set_dtype_policy(policy)
    gan = rich(run_eagerly=False)
    before = tiny.values(gan.trainable_variables)
    history = gan.fit(data(), epochs=4, verbose=0).history
    assert all(np.isfinite(value).all() for value in history.values()), history
    assert all(np.isfinite(value).all() for value in everything(gan))
    assert all(tiny.moved(before, gan.trainable_variables))
    assert isinstance(gan.optimizer, keras.optimizers.LossScaleOptimizer) == (policy == "mixed_float16")


def test_loss_scaling_wraps_both_optimizers_at_once_and_skips_a_step_of_both():
    keras.config.set_dtype_policy("mixed_float16")
    scaled = keras.optimizers.LossScaleOptimizer(tt.training.two_time_scales("sgd", "adam"), initial_scale=2.0**40)
    gan = gan_of(optimizer=scaled, run_eagerly=False)
    assert [type(gan.generator_optimizer).__name__, type(gan.discriminator_optimizer).__name__] == ["SGD", "Adam"]
    before = tiny.values(gan.trainable_variables)
    gan.train_on_batch(batch())  # overflows
    assert not any(tiny.moved(before, gan.trainable_variables))
    assert float(gan.optimizer.dynamic_scale.numpy()) == 2.0**39
    gan.optimizer.dynamic_scale.assign(64.0)
    gan.train_on_batch(batch())
    assert all(tiny.moved(before, gan.trainable_variables))


def test_eager_graph_and_xla_steps_agree():
    results = []
    for arguments in ({"run_eagerly": True}, {"jit_compile": False}, {"jit_compile": True}):
        gan = gan_of(
            task_of(tt.layers.SpectralNormDense(5)),
            terms=[penalties.R1(gamma=1.0, every=2), penalties.LeCam()],
            averaging=tt.training.ExponentialAveraging(20),
            **{"run_eagerly": False, **arguments},
        )
        gan.fit(data(), verbose=0)
        results.append(tiny.values(gan.variables))
    for other in results[1:]:
        for mine, value in zip(results[0], other, strict=True):
            np.testing.assert_allclose(mine, value, atol=1e-5)


def test_advice_reads_the_optimizer_of_the_critic():
    optimizer = tt.training.two_time_scales("sgd", keras.optimizers.Adam(beta_1=0.5))
    gan = gan_of(optimizer=optimizer, loss=adversarial.Wasserstein(), weight_constraint=tt.constraints.ClipWeights())
    assert any("beta_1" in party for advice in tt.configuration.advise(gan) for party in advice.parties)
    assert gradients(gan, batch())  # and it trains all the same
