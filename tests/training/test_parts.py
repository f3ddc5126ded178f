"""Parts of the objective that remember, follow training and refuse partners, as the GAN treats them."""

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.replicas import mean_over_replicas


@keras.saving.register_keras_serializable("tests")
class Remembers(tt.losses.Term):
    """Counts the updates of each player that it saw, and averages the real images of the discriminator's."""

    players = ("discriminator", "generator")

    def prepare(self, task):
        arguments = {"dtype": "float32", "trainable": False, "aggregation": "only_first_replica"}
        self.counts = keras.Variable(np.zeros(2), name="counts", **arguments)
        self.mean = keras.Variable(0.0, name="mean", **arguments)

    @property
    def variables(self):
        return [self.counts, self.mean]

    def call(self, match):
        return 0.0 * keras.ops.mean(match.fake)

    def observe(self, match):
        own = np.array([match.player == "discriminator", match.player == "generator"], "float32")
        self.counts.assign(self.counts + own)
        if match.player == "discriminator":
            self.mean.assign(mean_over_replicas(keras.ops.mean(match.real)))


@keras.saving.register_keras_serializable("tests")
class Refuses(tt.inputs.InputTransform):
    """Works with no clipping."""

    def call(self, images, training=False, images_seen=0, seed=None):
        return images

    def check_partners(self, partners):
        if partners.weight_constraint is not None:
            raise ValueError(f"{type(self).__name__} refuses {type(partners.weight_constraint).__name__}")


@keras.saving.register_keras_serializable("tests")
class RemembersFakes(Refuses):
    """Shows the discriminator white images in place of the generated ones."""

    def recall(self, fake, seed, critic):
        return keras.ops.ones_like(fake)


@keras.saving.register_keras_serializable("tests")
class Halves(tt.losses.adversarial.Wasserstein):
    """Reads half of each logit."""

    def read(self, outputs):
        return {**outputs, "logits": 0.5 * outputs["logits"]}


def test_a_part_sees_each_update_once_and_no_evaluation():
    term = Remembers()
    gan = tiny.gan_of(terms=[term], critic_steps=2)
    gan.fit(tiny.dataset(16), steps_per_epoch=3, verbose=0)
    gan.evaluate(tiny.dataset(16), steps=2, verbose=0)
    np.testing.assert_array_equal(term.counts, [6, 3])


def test_the_memory_is_saved_and_training_goes_on_from_it(tmp_path):
    gan = tiny.gan_of(terms=[Remembers(), Remembers(name="second")])
    gan.fit(tiny.dataset(), steps_per_epoch=2, verbose=0)
    gan.terms[1].counts.assign([7.0, 8.0])
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(again.terms[0].counts, [2, 2])
    np.testing.assert_array_equal(again.terms[1].counts, [7, 8])
    assert float(again.terms[0].mean) == float(gan.terms[0].mean) != 0.0
    again.fit(tiny.dataset(), steps_per_epoch=1, verbose=0)
    np.testing.assert_array_equal(again.terms[1].counts, [8, 9])


def test_replicas_remember_the_same_statistics_of_the_whole_batch(two_replicas):
    term = Remembers()
    with two_replicas.scope():
        gan = tiny.gan_of(terms=[term])
    gan.fit(tiny.dataset(16), steps_per_epoch=1, verbose=0)
    first, second = (copy.numpy() for copy in two_replicas.experimental_local_results(term.mean.value))
    assert first == second
    np.testing.assert_allclose(first, tiny.images(64)[:16].mean(), rtol=1e-4)


def test_a_part_refuses_a_partner_when_the_gan_is_compiled():
    with pytest.raises(ValueError, match="Refuses refuses ClipWeights"):
        tiny.gan_of(inputs=[Refuses()], weight_constraint=tt.constraints.ClipWeights(0.1))


def test_recalled_images_are_shown_to_the_discriminator_alone():
    gan = tiny.gan_of(inputs=[RemembersFakes()])
    batch = {"image": tiny.images(8)}
    for player, recalled in (("discriminator", True), ("generator", False)):
        (match,) = gan.play(player, batch, tt.randomness.SeedStream.from_integer(1))
        assert bool(np.all(match.fake == 1.0)) is recalled
        expected = match.judge(match.fake)["logits"]
        np.testing.assert_allclose(match.fake_out["logits"], expected, rtol=1e-4, atol=1e-5)
    (held_out,) = gan.play("discriminator", batch, tt.randomness.SeedStream.from_integer(1), training=False)
    assert not np.all(held_out.fake == 1.0)


def test_a_loss_reads_the_outputs_everywhere_the_critic_is_asked():
    batch = {"image": tiny.images(8)}
    plain, halved = (tiny.gan_of(loss=loss) for loss in (tt.losses.adversarial.Wasserstein(), Halves()))
    for variable, other in zip(halved.task.variables, plain.task.variables, strict=True):
        variable.assign(other.value)
    one, half = (gan.play("generator", batch, tt.randomness.SeedStream.from_integer(1))[0] for gan in (plain, halved))
    np.testing.assert_allclose(half.fake_out["logits"], one.fake_out["logits"] / 2, rtol=1e-5, atol=1e-7)
    asked, halved_answer = (match.judge(batch["image"])["logits"] for match in (one, half))
    np.testing.assert_allclose(halved_answer, asked / 2, rtol=1e-5, atol=1e-7)


def test_a_part_with_a_memory_serves_one_gan_and_may_be_compiled_again_there():
    term = Remembers()
    gan = tiny.gan_of(terms=[term])
    gan.compile("adam", "sgd", loss=tt.losses.adversarial.Hinge(), terms=[term])
    with pytest.raises(ValueError, match=r"(?s)This Remembers belongs to another GAN.*second Remembers"):
        tiny.gan_of(terms=[term])
    shared = tt.penalties.R1()  # without a memory there is nothing to mix up
    assert all(tiny.gan_of(terms=[shared]).terms == (shared,) for _ in range(2))
