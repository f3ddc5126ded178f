"""No game at all."""

import keras

from tfgan_tricks.checks import explain
from tfgan_tricks.losses.adversarial.adversarial_loss import AdversarialLoss


@keras.saving.register_keras_serializable("tfgan_tricks")
class NoGame(AdversarialLoss):
    """Leaves the generator to the terms alone: no critic is trained or asked, and no adversarial part is logged.

    For the first stage of a coarse-to-refine training, where a network learns from a `Reconstruction` before there is
    anything for a critic to see, and for a warm-up in front of any game. The critic stays as it is, frozen or not. A
    later stage compiles the same GAN with a game.

    **Source**: Ledig et al., 2016, arXiv:1609.04802, section 3.2: the generator is trained by the mean squared error
    alone before the game begins.

    **Differs from the paper**: no; which term stands in for the game is up to the list of terms.

    Call arguments:
        real: logits on real images; not read.
        fake: logits on generated images; not read.

    Input shape: any.

    Output shape: no parts.

    **Cost**: none; in a graph the critic is not even computed, unless a term reads its outputs.

    **Combines badly with**: terms and constraints of the critic alone and several critic steps, which it refuses; an
    empty list of generator terms, also refused. `SingleLossGAN`, where the critic must be frozen before `compile`:
    Keras' own step hands all trainable weights to the optimizer, and is refused otherwise.

    Example:

    >>> loss = tfgan_tricks.losses.adversarial.NoGame()
    >>> loss.generator(fake=np.array([[2.0]]))
    {}
    """

    players = ("generator",)

    def discriminator(self, *, real, fake, seed=None) -> dict:
        return {}

    def generator(self, *, real=None, fake, seed=None) -> dict:
        return {}

    def check_partners(self, partners) -> None:
        idle = [repr(term) for term in partners.terms if "generator" not in term.players]
        if partners.weight_constraint is not None:
            idle.append(f"weight_constraint={type(partners.weight_constraint).__name__}")
        if partners.critic_steps > 1:
            idle.append(f"critic_steps={partners.critic_steps}")
        if idle:
            raise ValueError(
                explain(
                    "With NoGame the critic is not trained.",
                    received=", ".join(idle),
                    expected="nothing that is for the critic's update alone",
                    fix="drop it, in a list of stages from the stage without a game:"
                    " terms=[...], weight_constraint=None, critic_steps=1.",
                )
            )
        if not partners.terms:
            raise ValueError(
                explain(
                    "With NoGame and no term there is nothing to minimise.",
                    received="terms=()",
                    expected="at least one term of the generator",
                    fix="add one, such as tfgan_tricks.losses.auxiliary.Reconstruction().",
                )
            )
