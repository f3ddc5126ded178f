"""NoGame: the terms alone train the generator, the critic rests, and nothing of it is logged."""

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.support import rich_task, tiny, two_step_tasks
from tfgan_tricks.losses.adversarial import GradientRatio, Hinge, NoGame
from tfgan_tricks.losses.auxiliary import Reconstruction


def test_the_generator_moves_by_its_terms_alone_and_the_critic_rests():
    data = next(iter(rich_task.batches()))
    gan = rich_task.gan_of(NoGame(), [Reconstruction(loss="l2", weight=3.0)], run_eagerly=True)
    optimizer = keras.optimizers.SGD(0.5)
    gan.compile(optimizer, loss=NoGame(), terms=[Reconstruction(loss="l2", weight=3.0)], run_eagerly=True)
    dense = gan.task.generator.layers[1]
    latents = np.asarray(data["latents"], "float64")
    kernel, bias = (np.asarray(value, "float64") for value in tiny.values((dense.kernel, dense.bias)))
    critic = tiny.values(gan.task.discriminator.variables)
    gan.train_step(data)
    made = np.tanh(latents @ kernel + bias)  # [n, pixels]
    target = np.asarray(data["image"], "float64").reshape(made.shape)
    slope = 3.0 * 2.0 * (made - target) * (1.0 - made**2) / made.size
    np.testing.assert_allclose(dense.kernel, kernel - 0.5 * latents.T @ slope, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(dense.bias, bias - 0.5 * slope.sum(axis=0), rtol=1e-4, atol=1e-6)
    assert not any(tiny.moved(critic, gan.task.discriminator.variables))


def test_nothing_is_logged_of_a_game():
    gan = rich_task.gan_of(NoGame(), [Reconstruction()])
    history = gan.fit(rich_task.batches(), steps_per_epoch=2, verbose=0).history
    assert set(history) == {"generator_loss", "reconstruction", "generator_gradient_norm"}
    assert history["generator_loss"] == history["reconstruction"]
    assert all(value > 0.0 for values in history.values() for value in values)
    tested = gan.evaluate(rich_task.batches().take(2), return_dict=True, verbose=0)
    assert set(tested) == {"generator_loss", "reconstruction"}


def test_a_term_may_read_the_resting_critic():
    gan = rich_task.gan_of(NoGame(), [tt.losses.auxiliary.FeatureMatching()], run_eagerly=True)
    critic, generator = tiny.values(gan.task.discriminator.variables), tiny.values(gan.task.generator.variables)
    gan.train_step(next(iter(rich_task.batches())))
    assert not any(tiny.moved(critic, gan.task.discriminator.variables))
    assert all(tiny.moved(generator, gan.task.generator.variables))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"terms": [Reconstruction(), tt.penalties.R1()]}, r"critic is not trained[\s\S]*R1\(gamma"),
        ({"weight_constraint": tt.constraints.ClipWeights(0.1)}, "weight_constraint=ClipWeights"),
        ({"critic_steps": 2}, "critic_steps=2"),
        ({"terms": []}, "nothing to minimise"),
    ],
    ids=range(4),
)
def test_what_only_a_trained_critic_could_use_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        rich_task.gan_of(NoGame(), **{"terms": [Reconstruction()], **arguments})


def test_a_wrapper_around_no_game_is_no_game():
    gan = rich_task.gan_of(GradientRatio(NoGame()), [Reconstruction()])
    assert gan.players == ("generator",)
    assert rich_task.gan_of(GradientRatio(Hinge()), [Reconstruction()]).players == ("discriminator", "generator")


def test_a_text_builds_it():
    assert tt.configuration.build("NoGame()", "losses.adversarial", "config.loss") == NoGame()


@pytest.mark.parametrize("loss", [NoGame, lambda: GradientRatio(NoGame())], ids=["no game", "wrapped"])
def test_a_single_loss_says_that_the_critic_must_be_frozen(loss):
    gan = tt.training.SingleLossGAN(two_step_tasks.inpainting())
    words = r"discriminator does not play[\s\S]*NoGame\(\)[\s\S]*Fix: .*gan.task.discriminator.trainable = False"
    with pytest.raises(ValueError, match=words):
        gan.compile("sgd", loss=loss(), terms=[Reconstruction()])


@pytest.mark.parametrize("optimizer", [None, "adam"])
def test_a_single_loss_trains_without_a_game_under_a_frozen_critic_and_a_later_stage_thaws_it(optimizer):
    gan = tt.training.SingleLossGAN(two_step_tasks.inpainting())
    gan.task.discriminator.trainable = False
    gan.compile(optimizer, loss=NoGame(), terms=[Reconstruction(key="coarse")], run_eagerly=True)
    stages = [
        tt.training.NetworkStage(8, ["coarse"], batch_size=8),
        tt.training.NetworkStage(8, ["refine", "discriminator"], {"loss": Hinge()}, batch_size=8),
    ]

    def data(stage, images_seen):
        return two_step_tasks.batches(stage.batch_size, start=images_seen)

    for stage, moved in zip(stages, ({"coarse"}, {"refine", "discriminator"}), strict=True):
        before = two_step_tasks.copies(gan.task)
        upto = tt.training.StagedTraining(stages[: stages.index(stage) + 1], images_per_epoch=8)
        gan = upto.fit(gan, data)
        assert two_step_tasks.changed(before, gan.task) == moved
