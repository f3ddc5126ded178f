"""Both players move at once, on one pass through each network."""

import keras
import tensorflow as tf
from absl import logging

from tfgan_tricks.parts import Partners
from tfgan_tricks.randomness import update_stream
from tfgan_tricks.training import batches
from tfgan_tricks.training.gan import GAN
from tfgan_tricks.training.judging import Networks
from tfgan_tricks.training.one_stage_checks import check_one_stage, reason_for_two_passes
from tfgan_tricks.training.one_stage_passes import one_pass, two_passes, values_of, watching
from tfgan_tricks.types import Batch, Match


@keras.saving.register_keras_serializable("tfgan_tricks")
class OneStageGAN(GAN):
    """The simultaneous game: one generated batch serves both players, and they move together.

    Both gradients are taken at the same weights, so what one player computes serves the other. The generator runs once,
    forward and backward; the critic runs forward once per side. And where a critic judges each image for itself by one
    logit e, the gradient of either player's loss in image i is a multiple of ∂eᵢ/∂xᵢ:

        ∂L_G/∂xᵢ = (∂L_G/∂eᵢ) / (∂L_D/∂eᵢ) · ∂L_D/∂xᵢ,

    so that one backward pass through the critic on generated images serves both. Where ∂L_D/∂eᵢ vanishes (hinge,
    beyond the margin), 2⁻⁴⁰ of the batch's largest takes its place, which is less than rounding does to the
    discriminator's gradient; where all of them do, the discriminator's gradient is exact too.

    That is not so for critics with several logits per image (patches, scales), for critics that mix the images of a
    batch (batch norm, `MinibatchStd`, `MinibatchDiscrimination`), for terms that read the critic's features, classes or
    code of generated images (`Term.reads_only_logits` is False), and in `mixed_float16`, which cannot hold so small
    numbers. Then each player has a backward pass of its own through the critic on generated images. `compile` finds
    out, by trying the critics on a few random images, and logs it; `backward_passes` is 1 or 2, and
    `two_passes_because` says why. The gradients are the same either way.

    It is another game than alternating: the generator answers the discriminator as it was before its step, and the same
    generated images teach both. Input transforms and dropout in the critic draw once for both players. If one player is
    frozen, the other takes the steps of `GAN`.

    **Source**: Shen et al., 2021, arXiv:2103.00430, section 3; moving both players at once: Nowozin et al., 2016,
    arXiv:1606.00709, section 3.

    **Differs from the paper**: losses whose derivative vanishes, and critics and terms without such a multiple, are
    covered as said. The paper's two classes, symmetric games (ratio -1) and asymmetric ones, are one case here.

    Args:
        task: owns the networks and says what a batch means.
        averaging: how the generator's weights are averaged for sampling; not at all unless given.
        seed: integer from which all randomness of training descends.

    Call arguments:
        x: the generator's input, e.g. latents.
        training: if false, the averaged generator answers, if there is one.

    Input shape: the generator's.

    Output shape: the generator's.

    **Cost**: per step a forward and a backward pass through the generator, and two forward and two backward passes
    through the discriminator (three with `backward_passes` = 2, the third without the weights' half): 3 passes through
    the generator and 6 through the discriminator where `GAN` makes 4 and 8, counting a backward pass as two.

    **Combines badly with**: `HistoryBuffer` and `critic_steps` above 1, which it refuses; games that circle when both
    players move at once (`Wasserstein` without a penalty), more than they do when alternating.

    Example:

    >>> generator, discriminator = tt.architectures.mlp(resolution=8, channels=1, latent_dim=4)
    >>> gan = tt.training.OneStageGAN(tt.tasks.Unconditional(generator, discriminator, prior=tt.latents.Normal(4)))
    >>> gan.compile("adam", "adam", loss=tt.losses.adversarial.Hinge(), terms=[tt.penalties.R1(gamma=1.0)])
    >>> gan.backward_passes
    1
    >>> logs = gan.train_on_batch({"image": np.zeros((4, 8, 8, 1), "float32")}, return_dict=True)
    >>> int(gan.images_seen.numpy())
    4
    """

    def hold(self, partners: Partners) -> None:
        check_one_stage(partners)
        super().hold(partners)
        together = len(self.players) == 2
        self.two_passes_because = reason_for_two_passes(self) if together else None
        self.backward_passes = 1 if self.two_passes_because is None else 2
        if self.two_passes_because:
            logging.info(
                "OneStageGAN makes two backward passes through the critic on generated images: %s.",
                self.two_passes_because,
            )

    def train_step(self, data):
        if len(self.players) < 2:
            return super().train_step(data)
        batch = batches.unpack(self, data)
        self.update_both(batch)
        self.advance(tf.shape(batch["image"])[0])
        return self.logs.result()

    def update_both(self, batch: Batch) -> None:
        """Moves both players by one step of their optimizers, each against the other as it is now."""
        seed = update_stream(self.seed_generator)
        weights = values_of(self, "generator")
        critics_part = one_pass if self.backward_passes == 1 else two_passes
        generator_tape = watching(weights)
        with generator_tape:
            matches = self._generated(batch, seed)
            shown, seen = zip(*(self.adversarial_loss.split(match.fake) for match in matches), strict=True)
            images = [tf.stop_gradient(fake) for fake in shown]
            both = critics_part(self, matches, images, seen, seed)
        generator_gradients = generator_tape.gradient(
            [both.generator_loss, *shown],
            weights,
            output_gradients=[tf.ones_like(both.generator_loss), *both.image_gradients],
        )
        self.move("discriminator", both.critic_gradients)
        self.move("generator", generator_gradients)
        for player in self.players:
            self.observe(both.matches[player])

    def _generated(self, batch: Batch, seed) -> list[Match]:
        """Returns the matches of this batch, not judged yet, of a live generator."""
        nets = Networks.of(self.task, "generator", seed).generators
        x = self.task.inputs(batch, seed)
        return self.task.matches(batch, x, self.task.call(x, training=True, nets=nets))
