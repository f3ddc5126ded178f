"""One loss, two players: its gradients are those of two tapes; what would break that, and what does not."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.conformance.cases import CASES
from tests.support import tiny
from tests.training.single_loss_games import (
    SHAPE,
    batch,
    check_different,
    check_equal,
    gan_of,
    gradients,
    task_of,
    two_tapes,
)
from tfgan_tricks.types import PLAYERS

adversarial, penalties = tt.losses.adversarial, tt.penalties
NEEDS_MORE = {"losses.adversarial.NoGame", "losses.adversarial.GradientRatio"}  # terms of the generator
LOSSES = {
    case.id.removeprefix("losses.adversarial."): case.fresh
    for case in CASES
    if case.name.startswith("losses.adversarial.") and not case.random and case.name not in NEEDS_MORE
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
def test_the_gradients_are_those_of_two_tapes(loss):
    loss = loss()
    gan = gan_of(task_of(logits=3 if isinstance(loss, adversarial.SemiSupervised) else 1), loss=loss)
    for variable in loss.variables:
        variable.assign(0.4)  # of BEGAN: generated images count
    expected = two_tapes(gan.task, loss, batch())
    check_equal(gradients(gan, batch()), expected)


def squared_gradient(critic, images):
    """Returns ‖∇D(x)‖² of each image, by a tape of its own."""
    with tf.GradientTape() as tape:
        tape.watch(images)
        score = critic(images, training=True)
    return tf.reduce_sum(tape.gradient(score, images) ** 2, axis=(1, 2, 3))


PENALTIES = {
    "r1": (penalties.R1(gamma=3.0), lambda d, real, fake: 1.5 * tf.reduce_mean(squared_gradient(d, real))),
    "fake": (
        penalties.GradientPenalty("fake", target=0.5, weight=2.0),
        lambda d, real, fake: 2.0 * tf.reduce_mean((tf.sqrt(squared_gradient(d, fake)) - 0.5) ** 2),
    ),
}


@pytest.mark.parametrize(("term", "formula"), PENALTIES.values(), ids=PENALTIES.keys())
@pytest.mark.parametrize("loss", [adversarial.Wasserstein(), adversarial.Relativistic(adversarial.Hinge())], ids=str)
def test_with_penalties_too(loss, term, formula):
    gan = gan_of(loss=loss, terms=[term])
    check_equal(gradients(gan, batch()), two_tapes(gan.task, loss, batch(), formula))


def test_kerass_own_step_applies_them():
    """`train_step` is Keras'; with plain gradient descent a step is the gradient."""
    assert tt.training.SingleLossGAN.train_step is keras.Model.train_step
    gan = gan_of(optimizer=keras.optimizers.SGD(1.0), run_eagerly=False)
    expected = two_tapes(gan.task, gan.adversarial_loss, batch())
    before = {player: tiny.values(gan.variables_of(player)) for player in PLAYERS}
    gan.fit(tf.data.Dataset.from_tensors(batch()), verbose=0)
    taken = {
        player: [old - new for old, new in zip(before[player], tiny.values(gan.variables_of(player)), strict=True)]
        for player in PLAYERS
    }
    check_equal(taken, expected, tolerance=1e-5)


def test_the_weight_of_the_generator_scales_its_gradient_and_no_other():
    expected = two_tapes(task_of(), adversarial.NonSaturating(), batch())
    schedule = tt.schedules.Linear(3.0, 1.0, images=12)
    gan = gan_of(generator_weight=schedule)
    for weight in (3.0, 2.0):  # after 6 images it is half way
        scaled = {**expected, "generator": [weight * gradient for gradient in expected["generator"]]}
        check_equal(gradients(gan, batch()), scaled)


def test_under_adam_the_weight_of_the_generator_does_nothing_and_under_gradient_descent_it_is_a_rate():
    steps = {}
    for name, optimizer in (("adam", keras.optimizers.Adam), ("sgd", keras.optimizers.SGD)):
        for weight in (1.0, 10.0):
            gan = gan_of(optimizer=optimizer(1e-2), generator_weight=weight)
            before = tiny.values(gan.variables_of("generator"))
            gan.train_step(batch())
            now = tiny.values(gan.variables_of("generator"))
            steps[name, weight] = np.concatenate([(n - b).ravel() for n, b in zip(now, before, strict=True)])
    scale = np.abs(steps["adam", 1.0]).max()
    np.testing.assert_allclose(steps["adam", 1.0], steps["adam", 10.0], atol=0.02 * scale)
    np.testing.assert_allclose(10.0 * steps["sgd", 1.0], steps["sgd", 10.0], rtol=1e-2, atol=1e-6)


def naive(task, data) -> dict[str, list[np.ndarray]]:
    """The form that subtracts: L = L_D(D(x), D(sg G)) + L_G(D(G)) - L_G(D(sg G)), all calls of D alike, Wasserstein's.

    Here L_G(D(G)) - L_G(D(sg G)) = D(sg G) - D(G), a difference of two calls.
    """
    critic = task.discriminator
    variables = {player: [v.value for v in task.networks_of(player)[0].trainable_variables] for player in PLAYERS}
    with tf.GradientTape() as tape:
        fake = task.generator(data["latents"], training=True)
        still = tf.stop_gradient(fake)
        real, shown = (tf.reduce_mean(critic(images, training=True)) for images in (data["image"], still))
        difference = tf.reduce_mean(critic(still, training=True)) - tf.reduce_mean(critic(fake, training=True))
        loss = shown - real + difference
    return {p: [np.array(g) for g in gradients] for p, gradients in tape.gradient(loss, variables).items()}


def test_subtracting_is_the_same_where_the_critic_is_one_function():
    check_equal(naive(task_of(), batch()), two_tapes(task_of(), adversarial.Wasserstein(), batch()))
    check_equal(gradients(gan_of(loss=adversarial.Wasserstein()), batch()), naive(task_of(), batch()))


@pytest.mark.parametrize(
    "layer",
    [lambda: keras.layers.Dropout(0.5, seed=1), lambda: keras.layers.GaussianNoise(1.0, seed=1)],
    ids=["dropout", "noise"],
)
def test_with_chance_in_the_critic_subtracting_fails_and_stopping_its_weights_does_not(layer):
    """The critic's gradient is that of its own loss alone: as if no generator were paid."""
    loss = adversarial.Wasserstein()
    alone = gradients(gan_of(task_of(layer()), loss=loss, generator_weight=1e-30), batch())["discriminator"]
    ours = gradients(gan_of(task_of(layer()), loss=loss), batch())["discriminator"]
    for mine, other in zip(ours, alone, strict=True):
        np.testing.assert_array_equal(mine, other)
    expected = two_tapes(task_of(layer()), loss, batch())["discriminator"]  # the same draws, in the same order
    for mine, other in zip(ours, expected, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-6)
    check_different(naive(task_of(layer()), batch())["discriminator"], expected)


def spectrally_normalised():
    """Returns a task whose critic's power iteration has not converged, so that its vector moves in each call."""
    layer = tt.layers.SpectralNormDense(5)
    task = task_of(layer)
    layer.kernel.assign(np.random.default_rng(3).normal(size=(6, 5)))
    layer.u.assign(np.array([0.9, 0.1, -0.3, 0.3, 0.0], "float32"))
    return task


def test_with_spectral_norm_subtracting_fails_and_stopping_the_weights_does_not():
    loss = adversarial.Wasserstein()
    expected = two_tapes(spectrally_normalised(), loss, batch())["discriminator"]
    check_different(naive(spectrally_normalised(), batch())["discriminator"], expected)
    task = spectrally_normalised()
    for mine, other in zip(gradients(gan_of(task, loss=loss), batch())["discriminator"], expected, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-6)
    once = spectrally_normalised()
    for images in (batch()["image"], once.generator(batch()["latents"])):
        once.discriminator(images, training=True)
    moved, twice = (task.discriminator.layers[3].u for task in (task, once))
    np.testing.assert_allclose(*tiny.values([moved, twice]), atol=1e-6)  # two calls, the generator's turn is none


def test_statistics_of_batch_norm_take_up_real_and_generated_images_once_each():
    """Subtracting judges the generated ones once more, so they would count double."""
    ours, alone, subtracting = (task_of(keras.layers.BatchNormalization(momentum=0.5)) for _ in range(3))
    gan = gan_of(ours)
    mine = gradients(gan, batch())
    for images in (batch()["image"], alone.generator(batch()["latents"])):
        alone.discriminator(images, training=True)
    naive(subtracting, batch())
    statistics = [tiny.values(t.discriminator.non_trainable_variables) for t in (ours, alone, subtracting)]
    for one, other in zip(*statistics[:2], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    check_different(statistics[2], statistics[1])
    fresh = task_of(keras.layers.BatchNormalization(momentum=0.5))
    check_equal(mine, two_tapes(fresh, gan.adversarial_loss, batch()))


def clipped_steps(optimizer, scale: float) -> list[np.ndarray]:
    """Returns the generator's step where the critic's gradient is multiplied by a factor."""

    class Pushed(tt.losses.Term):
        def call(self, match):
            return scale * keras.ops.mean(match.real_out["logits"])

    gan = gan_of(optimizer=optimizer, terms=[Pushed()])
    before = tiny.values(gan.variables_of("generator"))
    gan.train_step(batch())
    return [old - new for old, new in zip(before, tiny.values(gan.variables_of("generator")), strict=True)]


def test_clipping_by_one_norm_couples_the_players_and_two_optimizers_do_not():
    def clipping():
        return keras.optimizers.SGD(1.0, global_clipnorm=1e-2)

    together = [clipped_steps(clipping(), scale) for scale in (0.0, 100.0)]
    check_different(*together)
    apart = [clipped_steps(tt.training.two_time_scales(clipping(), clipping()), scale) for scale in (0.0, 100.0)]
    for one, other in zip(*apart, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-7)
    norm = np.sqrt(sum(np.sum(step**2) for step in apart[0]))
    assert norm == pytest.approx(1e-2, rel=1e-4)


def test_lazy_terms_count_updates_and_weigh_as_much():
    gan = gan_of(loss=adversarial.Wasserstein(), terms=[penalties.R1(gamma=3.0, every=3)])
    for step in range(4):
        plain = two_tapes(gan.task, gan.adversarial_loss, batch())
        paid = two_tapes(
            gan.task, gan.adversarial_loss, batch(), lambda d, x, f: 4.5 * tf.reduce_mean(squared_gradient(d, x))
        )
        check_equal(gradients(gan, batch()), paid if step % 3 == 0 else plain)


def test_one_step_runs_the_generator_once_and_the_critic_three_times():
    calls = {"generator": 0, "discriminator": 0}

    def counted(name):
        def count(x):
            calls[name] += 1
            return x

        return keras.layers.Lambda(count, output_shape=lambda shape: shape)

    task = task_of(counted("discriminator"))
    generator = keras.Model(task.generator.input, counted("generator")(task.generator.output))
    gan = gan_of(tiny.LatentsFromBatch(generator, task.discriminator, task.prior))
    calls.update(dict.fromkeys(calls, 0))
    gan.train_step(batch())
    assert calls == {"generator": 1, "discriminator": 3}


def test_a_frozen_player_does_not_move_nor_its_state():
    for player, other in zip(PLAYERS, reversed(PLAYERS), strict=True):
        task = task_of(keras.layers.BatchNormalization())
        frozen = task.networks_of(player)[0]
        frozen.trainable = False
        gan = gan_of(task)
        before, opponent = tiny.values(frozen.variables), tiny.values(gan.variables_of(other))
        logs = gan.train_step(batch())
        assert not any(tiny.moved(before, frozen.variables))
        assert any(tiny.moved(opponent, gan.variables_of(other)))
        assert f"{player}_loss" not in logs
        assert f"{other}_loss" in logs


def test_the_loss_is_logged_and_gradient_norms_are_not():
    gan = gan_of(generator_weight=2.0)
    logs = {name: float(value) for name, value in gan.train_step(batch()).items()}
    assert logs["loss"] == pytest.approx(logs["discriminator_loss"] + 2.0 * logs["generator_loss"], rel=1e-5)
    assert not any("gradient" in name for name in logs)
    assert {metric.name for metric in gan.metrics} == set(logs)


def test_evaluation_moves_nothing_but_its_seed():
    gan = gan_of(
        task_of(keras.layers.BatchNormalization()),
        terms=[penalties.LeCam(), penalties.R1(every=2)],
        averaging=tt.training.ExponentialAveraging(10),
    )
    gan.train_step(batch())
    others = [v for v in gan.variables if v is not gan.test_seed_generator.state]
    before = tiny.values(others)
    logs = gan.evaluate({name: value.numpy() for name, value in batch().items()}, verbose=0, return_dict=True)
    assert not any(tiny.moved(before, others))
    assert logs["r1"] > 0.0
    images = gan.task.generator(batch()["latents"], training=False)
    fake = float(tf.reduce_mean(gan.task.discriminator(images, training=False)))
    assert logs["fake_logits"] == pytest.approx(fake, rel=1e-4)


def test_what_a_single_loss_cannot_have_is_refused():
    with pytest.raises(TypeError, match=r"no `critic_steps`(.|\n)*use GAN"):
        gan_of(critic_steps=2)
    with pytest.raises(TypeError, match=r"no `discriminator_optimizer`(.|\n)*two_time_scales"):
        gan_of(discriminator_optimizer="sgd")
    with pytest.raises(ValueError, match=r"belong to no player(.|\n)*trainable = False"):
        gan_of(inputs=[keras.layers.Dense(SHAPE[-1])])
    for weight in (-1.0, 0.0):
        with pytest.raises(ValueError, match="generator_weight"):
            gan_of(generator_weight=weight)
    with pytest.raises(ValueError, match=r"no such optimizer(.|\n)*Adam"):
        gan_of(optimizer="adm")


def test_clipping_on_several_replicas_is_refused(two_replicas):
    with two_replicas.scope(), pytest.raises(ValueError, match=r"on 2 replicas(.|\n)*OneStageGAN, which clip the sum"):
        gan_of(optimizer=tt.training.two_time_scales("sgd", keras.optimizers.SGD(0.1, clipnorm=1.0)))


def test_the_critic_is_constrained_after_each_step_and_a_later_compile_forgets_it():
    task = task_of(keras.layers.Dense(5, kernel_constraint=keras.constraints.NonNeg()))
    layer = task.discriminator.layers[3]
    gan = gan_of(task, optimizer=keras.optimizers.SGD(1.0), weight_constraint=tt.constraints.ClipWeights(0.3))
    generator = tiny.values(gan.variables_of("generator"))
    gan.train_step(batch())
    assert max(np.abs(value).max() for value in tiny.values(gan.variables_of("discriminator"))) <= 0.3 + 1e-7
    assert tiny.values([layer.kernel])[0].min() >= 0.0  # the layer's own constraint holds too
    assert max(np.abs(value).max() for value in generator) > 0.5
    gan.compile(keras.optimizers.SGD(1.0), loss=adversarial.Wasserstein(), run_eagerly=True)
    gan.train_step(batch())
    assert max(np.abs(value).max() for value in tiny.values(gan.variables_of("discriminator"))) > 0.3
    assert isinstance(layer.kernel.constraint, keras.constraints.NonNeg)
