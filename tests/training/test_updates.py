"""Which variables a step moves, how often, and by how much."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny


def batch_of(n=8, seed=0):
    return {"image": tf.constant(tiny.images(n, seed))}


@pytest.mark.parametrize(("player", "opponent"), [("discriminator", "generator"), ("generator", "discriminator")])
def test_an_update_moves_one_player_and_its_state_only(player, opponent):
    gan = tiny.gan_of(terms=[tt.penalties.WGANGP()], dropout=0.5)
    own, other = getattr(gan.task, player), getattr(gan.task, opponent)
    optimizers = {name: getattr(gan, f"{name}_optimizer") for name in (player, opponent)}
    before_own, before_other = tiny.values(own.variables), tiny.values(other.variables)
    before_average = tiny.values(gan.averaged["generator"].variables)
    before_optimizer = tiny.values(optimizers[opponent].variables)
    gan.update(player, batch_of())
    changed = dict(zip([v.path for v in own.variables], tiny.moved(before_own, own.variables), strict=True))
    still = {path for path, moved in changed.items() if not moved}
    assert still <= {"spectral_norm_dense/u"}  # one output: its vector is 1 for ever
    assert any("moving_mean" in path for path in changed)
    assert not any(tiny.moved(before_other, other.variables))
    assert not any(tiny.moved(before_optimizer, optimizers[opponent].variables))
    assert not any(tiny.moved(before_average, gan.averaged["generator"].variables))
    assert int(optimizers[player].iterations.numpy()) == 1


def test_spectral_norm_moves_once_per_judged_batch_and_never_in_a_penalty():
    """One discriminator update judges real and fake: two power iterations, with or without a penalty."""
    vectors = []
    for terms in ([], [tt.penalties.R1(gamma=0.0)]):
        keras.utils.set_random_seed(1)
        gan = tiny.gan_of(terms=terms)
        layer = next(la for la in gan.task.discriminator.layers if isinstance(la, tt.layers.SpectralNormConv2D))
        matrix, u = tiny.values([layer.kernel])[0].reshape(-1, 4), np.array([0.5, -0.5, 0.5, 0.5], "float32")
        layer.u.assign(u)
        gan.update("discriminator", batch_of())
        for _ in range(2):
            v = matrix @ u / np.linalg.norm(matrix @ u)
            u = v @ matrix / np.linalg.norm(v @ matrix)
        vectors += tiny.values([layer.u])
        np.testing.assert_allclose(vectors[-1], u, atol=1e-5)
    np.testing.assert_array_equal(*vectors)


@pytest.mark.parametrize("critic_steps", [1, 3])
def test_a_step_takes_critic_steps_on_fresh_images_and_one_generator_update(critic_steps):
    seen = []

    @keras.saving.register_keras_serializable("tests")
    class Recorder(tt.losses.Term):
        def call(self, match):
            tf.py_function(lambda x: seen.append(x.numpy()), [match.real], [])
            return tf.zeros(())

    gan = tiny.gan_of(terms=[Recorder()], critic_steps=critic_steps)
    images = tiny.images(4 * critic_steps)
    gan.train_on_batch({"image": images})
    np.testing.assert_array_equal(np.concatenate(seen), images)
    assert len(seen) == critic_steps
    assert int(gan.discriminator_optimizer.iterations.numpy()) == critic_steps
    assert int(gan.generator_optimizer.iterations.numpy()) == 1
    assert int(gan.images_seen.numpy()) == 4


def test_a_step_of_gradient_descent_moves_a_scalar_game_by_the_closed_form():
    """G(z) = θ, D(x) = ψ·x, Wasserstein: ψ ← ψ + η(x̄ - θ), then θ ← θ + ηψ."""

    def single(name, value, shape):
        inputs = keras.Input(shape)
        start = keras.initializers.Constant(value)
        flat = keras.layers.Flatten()(inputs)
        layer = keras.layers.Dense(1, use_bias=name == "generator", bias_initializer=start, kernel_initializer=start)
        if name == "generator":
            layer.kernel_initializer = keras.initializers.Zeros()
        out = layer(flat)
        return keras.Model(inputs, keras.layers.Reshape((1, 1, 1))(out) if name == "generator" else out)

    task = tt.tasks.Unconditional(
        single("generator", 0.5, (1,)), single("discriminator", 2.0, (1, 1, 1)), tt.latents.Normal(1)
    )
    task.generator.layers[2].trainable_variables[0].assign([[0.0]])
    gan = tt.training.GAN(task)
    loss = tt.losses.adversarial.Wasserstein()
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1), loss=loss)
    real = np.array([1.0, 3.0], "float32").reshape(2, 1, 1, 1)
    gan.train_on_batch({"image": real})
    psi = 2.0 + 0.1 * (2.0 - 0.5)
    theta = 0.5 + 0.1 * psi
    np.testing.assert_allclose(tiny.values(task.discriminator.trainable_variables)[0].item(), psi, rtol=1e-6)
    np.testing.assert_allclose(tiny.values(task.generator.trainable_variables)[1].item(), theta, rtol=1e-6)


def test_the_critic_is_clipped_after_each_of_its_updates_and_the_generator_is_not():
    gan = tiny.gan_of(tt.losses.adversarial.Wasserstein(), weight_constraint=tt.constraints.ClipWeights(0.01))
    gan.train_on_batch(batch_of())
    assert max(np.abs(value).max() for value in tiny.values(gan.variables_of("discriminator"))) <= 0.01 + 1e-9
    assert max(np.abs(value).max() for value in tiny.values(gan.variables_of("generator"))) > 0.02


def test_the_average_follows_its_formula_and_copies_statistics():
    gan = tiny.gan_of()
    average, live = gan.averaged["generator"], gan.task.generator
    expected = tiny.values(average.variables)
    for step in range(3):
        gan.train_on_batch(batch_of(8, seed=step))
        decay = 0.5 ** (8 / 50)
        expected = [
            decay * mean + (1 - decay) * now if variable.trainable else now
            for mean, now, variable in zip(expected, tiny.values(live.variables), live.variables, strict=True)
        ]
    for mean, wanted in zip(tiny.values(average.variables), expected, strict=True):
        np.testing.assert_allclose(mean, wanted, rtol=1e-5, atol=1e-6)


def test_sampling_uses_the_average_and_training_the_live_generator():
    gan = tiny.gan_of()
    gan.fit(tiny.dataset(), steps_per_epoch=3, verbose=0)
    latents = gan.task.prior.sample(4, seed=1)
    np.testing.assert_array_equal(gan(latents), gan.averaged["generator"](latents, training=False))
    assert np.abs(np.array(gan(latents)) - np.array(gan.task.generator(latents, training=False))).max() > 1e-4


def test_each_update_draws_fresh_latents():
    drawn = []

    class Spy(tt.latents.Normal):
        def sample(self, n, seed):
            latents = super().sample(n, seed)
            drawn.append(np.array(latents))
            return latents

    generator, discriminator = tiny.networks()
    gan = tt.training.GAN(tt.tasks.Unconditional(generator, discriminator, Spy(tiny.LATENTS)))
    gan.compile("adam", "adam", loss=tt.losses.adversarial.Hinge(), run_eagerly=True)
    for _ in range(2):
        gan.train_on_batch(batch_of())
    assert len(drawn) == 4
    assert len({latents.tobytes() for latents in drawn}) == 4


def test_evaluation_moves_nothing_and_reports_held_out_losses():
    gan = tiny.gan_of(terms=[tt.penalties.R1(gamma=1.0, every=4)], dropout=0.5)
    own = [v for v in gan.variables if v is not gan.test_seed_generator.state]
    before = tiny.values(own)
    logs = gan.evaluate(tiny.dataset(), steps=2, verbose=0, return_dict=True)
    assert not any(tiny.moved(before, own))
    assert set(logs) >= {"discriminator_loss", "generator_loss", "discriminator_accuracy", "r1"}
    # Outside of training a lazy term is computed each time and not multiplied by its interval.
    dense = tiny.gan_of(terms=[tt.penalties.R1(gamma=1.0)], dropout=0.5)
    for mine, other in zip(dense.variables, gan.variables, strict=True):
        mine.assign(other)
    dense.test_seed_generator.state.assign([1, 0])
    again = dense.evaluate(tiny.dataset(), steps=2, verbose=0, return_dict=True)
    np.testing.assert_allclose(again["r1"], logs["r1"], rtol=1e-5)


def test_a_regulariser_of_a_network_is_part_of_its_players_loss():
    results = []
    for factor in (0.0, 1.0):
        keras.utils.set_random_seed(3)
        generator, _ = tiny.networks()
        images = keras.Input((8, 8, 1))
        penalty = keras.regularizers.L2(factor)
        out = keras.layers.Dense(1, kernel_regularizer=penalty)(keras.layers.Flatten()(images))
        gan = tt.training.GAN(tt.tasks.Unconditional(generator, keras.Model(images, out), tt.latents.Normal(4)))
        gan.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0), loss=tt.losses.adversarial.Hinge())
        results.append(gan.train_on_batch(batch_of(), return_dict=True)["discriminator_loss"])
    kernel = tiny.values(gan.task.discriminator.trainable_variables)[0]
    np.testing.assert_allclose(results[1] - results[0], np.sum(kernel**2), rtol=1e-4)


def test_logged_values_equal_numpy():
    gan = tiny.gan_of(tt.losses.adversarial.Hinge(), optimizers=(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0)))
    judged = []
    network = gan.task.discriminator
    original = network.call

    def spy(*arguments, **named):
        judged.append(np.array(original(*arguments, **named)))
        return judged[-1]

    network.call = spy
    gan.run_eagerly = True
    batch = batch_of()
    seed = tt.randomness.SeedStream.from_integer(5)
    loss = gan.player_loss("discriminator", gan.play("discriminator", batch, seed))
    network.call = original
    real, fake = judged
    logs = {name: float(value) for name, value in gan.logs.result().items()}
    np.testing.assert_allclose(float(loss), np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean(), rtol=1e-5)
    np.testing.assert_allclose(logs["real_logits"], real.mean(), rtol=1e-5)
    np.testing.assert_allclose(logs["fake_probability"], (1 / (1 + np.exp(-fake))).mean(), rtol=1e-5)
    accuracy = np.concatenate([real > 0, fake < 0]).mean()
    np.testing.assert_allclose(logs["discriminator_accuracy"], accuracy, rtol=1e-6)


def test_gradient_norms_are_those_of_the_losses():
    gan = tiny.gan_of(optimizers=(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1)))
    before = tiny.values(gan.variables_of("generator"))
    batch = batch_of()
    gan.update("generator", batch)
    step = [(old - new) / 0.1 for old, new in zip(before, tiny.values(gan.variables_of("generator")), strict=True)]
    norm = np.sqrt(sum(np.sum(gradient.astype("float64") ** 2) for gradient in step))
    np.testing.assert_allclose(float(gan.logs.result()["generator_gradient_norm"]), norm, rtol=1e-3)
