"""Stacked: what each network is given, which pairs play, and what moves."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny, two_step_tasks
from tests.support.two_step_tasks import CLASSES, LATENTS, SIDE, batch_of, gan_of
from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.types import PLAYERS


def test_the_second_network_draws_on_what_the_first_has_made():
    task = two_step_tasks.stacked()
    latents = task.prior.sample(4, seed=1)
    out = task(latents)
    np.testing.assert_allclose(out["first"], task.first(latents), atol=1e-6)
    np.testing.assert_allclose(out["images"], task.second(task.first(latents)), atol=1e-6)
    assert tuple(out["images"].shape) == (4, *task.image_shape) == (4, SIDE, SIDE, 1)


def test_the_condition_reaches_each_network_that_has_an_input_for_it():
    task, seen = two_step_tasks.stacked(conditional=True), {}

    def spy(name):
        def network(inputs, training):
            seen[name] = inputs
            return getattr(task, name)(inputs)

        return network

    nets = {name: spy(name) for name in (*task.generators, *task.critics)}
    x = task.inputs(batch_of(4), SeedStream.from_integer(0))
    matches = task.matches(batch_of(4), x, task.call(x, nets=nets))
    for match in matches:
        task.judge(match.critic, match.fake, match.condition, nets=nets)
    assert set(seen) == set(nets)
    for name, (given, label) in seen.items():
        np.testing.assert_array_equal(label, [0, 1, 2, 3], err_msg=name)
        assert given.shape[0] == 4
    np.testing.assert_array_equal(matches[0].aux["fake_label"], [0, 1, 2, 3])


def test_real_images_are_shrunk_by_means_over_squares():
    task, batch = two_step_tasks.stacked(), batch_of(4)
    x = task.inputs(batch, SeedStream.from_integer(0))
    first, second = task.matches(batch, x, task.call(x))
    expected = np.zeros((4, SIDE // 2, SIDE // 2, 1))
    for row in range(SIDE // 2):
        for column in range(SIDE // 2):
            square = np.asarray(batch["image"])[:, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
            expected[:, row, column] = square.mean(axis=(1, 2))
    np.testing.assert_allclose(first.real, expected, atol=1e-6)
    np.testing.assert_array_equal(second.real, batch["image"])
    assert (first.critic, second.critic) == task.critics
    np.testing.assert_array_equal(first.aux["latents"], x)


def test_the_first_critic_may_judge_other_images_of_the_batch():
    task = two_step_tasks.stacked(first_image="shape")
    assert task.needs == ("image", "shape")
    batch = {"image": tf.constant(tiny.images(4)), "shape": tf.constant(tiny.images(4, seed=3)[:, :4, :4])}
    task.check_batch(batch)
    x = task.inputs(batch, SeedStream.from_integer(0))
    np.testing.assert_array_equal(task.matches(batch, x, task.call(x))[0].real, batch["shape"])
    with pytest.raises(ValueError, match=r"first network's images[\s\S]*\(8, 8, 1\)[\s\S]*the same shape"):
        task.check_batch({**batch, "shape": batch["image"]})


@pytest.mark.parametrize(
    ("frozen", "played"),
    [
        ((), ["first_discriminator", "second_discriminator"]),
        (("second", "second_discriminator"), ["first_discriminator"]),
        (("first", "first_discriminator"), ["second_discriminator"]),
        (("first", "second"), ["first_discriminator", "second_discriminator"]),
        (("first_discriminator", "second_discriminator"), ["first_discriminator", "second_discriminator"]),
    ],
)
def test_a_pair_plays_while_its_generator_or_its_critic_is_trained(frozen, played):
    task = two_step_tasks.stacked()
    for name in frozen:
        getattr(task, name).trainable = False
    x = task.inputs(batch_of(4), SeedStream.from_integer(0))
    assert [match.critic for match in task.matches(batch_of(4), x, task.call(x))] == played


def test_a_player_moves_both_its_networks_and_no_other():
    gan = gan_of(two_step_tasks.stacked(), run_eagerly=True)
    for player in PLAYERS:
        before = two_step_tasks.copies(gan.task)
        gan.update(player, batch_of())
        mine = gan.task.generators if player == "generator" else gan.task.critics
        assert two_step_tasks.changed(before, gan.task) == set(mine)


def test_trained_jointly_the_second_critic_teaches_the_first_network_too():
    gan = gan_of(two_step_tasks.stacked(), run_eagerly=True)
    gan.task.first_discriminator.set_weights([0.0 * w for w in gan.task.first_discriminator.get_weights()])
    variables = gan.task.first.trainable_variables
    with tf.GradientTape() as tape:
        tape.watch([variable.value for variable in variables])
        loss = gan.player_loss("generator", gan.play("generator", batch_of(), SeedStream.from_integer(0)))
    gradients = tape.gradient(loss, [variable.value for variable in variables])
    assert max(float(tf.reduce_max(tf.abs(gradient))) for gradient in gradients) > 1e-6


def test_a_conditional_stack_trains_reloads_and_goes_on_exactly(tmp_path):
    prior = tt.latents.PerClass([tt.latents.Normal(LATENTS, stddev=1.0 + k) for k in range(CLASSES)])
    task = two_step_tasks.stacked(conditional=True, prior=prior)
    assert task.needs == ("image", "label")
    gan = gan_of(task, averaging=True, terms=[tt.penalties.R1(gamma=0.1)])
    gan.fit(two_step_tasks.batches(), steps_per_epoch=2, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    histories = [g.fit(two_step_tasks.batches(), steps_per_epoch=2, verbose=0).history for g in (gan, again)]
    assert histories[0] == histories[1]
    assert all(np.isfinite(values).all() for values in histories[0].values())


def test_the_export_draws_by_seed_unless_there_is_a_condition(tmp_path):
    gan = gan_of(two_step_tasks.stacked())
    gan.export(tmp_path / "plain")
    served = tf.saved_model.load(str(tmp_path / "plain"))
    made = served.signatures["sample"](count=tf.constant(3), seed=tf.constant(7))
    expected = gan.predict(gan.task.prior.sample(3, seed=7), verbose=0)
    assert set(made) == set(expected) == {"images", "first"}
    for name in made:
        np.testing.assert_allclose(made[name], expected[name], atol=1e-6)
    gan = gan_of(two_step_tasks.stacked(conditional=True))
    gan.export(tmp_path / "conditional")
    served = tf.saved_model.load(str(tmp_path / "conditional"))
    assert set(served.signatures) == {"serving_default"}
    x = {"latents": gan.task.prior.sample(3, seed=7), "condition": tf.constant([2, 0, 1])}
    made = served.signatures["serving_default"](**x)
    np.testing.assert_allclose(made["images"], gan.predict(x, verbose=0)["images"], atol=1e-6)


def test_grids_need_a_batch_only_for_a_condition():
    latents = tt.callbacks.image_grid.sample_inputs(two_step_tasks.stacked(), 4, seed=2)
    np.testing.assert_array_equal(latents, tt.latents.Normal(LATENTS).sample(4, seed=2))
    task = two_step_tasks.stacked(conditional=True)
    with pytest.raises(ValueError, match="cannot generate from noise alone"):
        tt.callbacks.image_grid.sample_inputs(task, 4, seed=2)
    x = tt.callbacks.image_grid.sample_inputs(task, 4, seed=2, batch=batch_of(8))
    np.testing.assert_array_equal(x["condition"], [0, 1, 2, 3])


def model(inputs, outputs):
    return keras.Model(inputs, keras.layers.Reshape(outputs)(keras.layers.Dense(math.prod(outputs))(inputs)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"prior": tt.latents.Normal(5)}, "'first' does not fit the stack"),
        ({"condition": "label"}, "No network takes the condition"),
        ({"second": model(keras.Input((3,)), (8, 8, 1))}, "'second' does not fit"),
        ({"first_discriminator": model(keras.Input((5,)), (1,))}, "'first_discriminator' does not fit"),
        ({"second_discriminator": two_step_tasks.patch_critic(told=1)}, r"8, 1\) alone[\s\S]*condition='label'"),
    ],
    ids=range(5),
)
def test_networks_that_do_not_fit_are_refused(change, words):
    task = two_step_tasks.stacked()
    parts = {name: getattr(task, name) for name in (*task.generators, *task.critics, "prior")}
    with pytest.raises(ValueError, match=words):
        tt.tasks.Stacked(**{**parts, **change})


def test_sizes_that_are_no_multiples_and_a_buffer_for_two_sizes_are_refused():
    task = two_step_tasks.stacked()
    with pytest.raises(ValueError, match="differ in shape"):
        task.check_batch({"image": tf.zeros((4, 7, 8, 1))})
    with pytest.raises(ValueError, match="cannot serve critics of images of several sizes"):
        gan_of(task, inputs=[tt.inputs.HistoryBuffer(8)])
    gan_of(task, inputs=[tt.inputs.DiffAugment("translation"), tt.inputs.InstanceNoise(0.1)])
