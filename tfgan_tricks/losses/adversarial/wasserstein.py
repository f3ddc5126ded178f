"""The Wasserstein critic's game."""

import keras

from tfgan_tricks.losses.adversarial.adversarial_loss import AdversarialLoss


@keras.saving.register_keras_serializable("tfgan_tricks")
class Wasserstein(AdversarialLoss):
    """Difference of the critic's means: -f(x) + f(G(z)) for the critic, -f(G(z)) for the generator.

    Estimates the Wasserstein-1 distance if the critic is 1-Lipschitz, which this loss does not ensure: add
    `WGANGP`, `ClipWeights` or spectral normalisation, and give the critic several steps.

    **Source**: Arjovsky et al., 2017, arXiv:1701.07875, equation 2 and algorithm 1.

    **Differs from the paper**: no.

    Call arguments:
        real: critic values on real images.
        fake: critic values on generated images.

    Input shape: any; the first axis is the example.

    Output shape: each part is shaped like its logits.

    **Cost**: none; the papers take 5 critic steps per generator step.

    **Combines badly with**: a critic without a Lipschitz constraint, whose values grow without bound.

    Example:

    >>> parts = tfgan_tricks.losses.adversarial.Wasserstein().discriminator(real=np.array([2.0]), fake=np.array([-1.0]))
    >>> float(parts["real"][0] + parts["fake"][0])
    -3.0
    """

    boundary = None

    def discriminator(self, *, real, fake, seed=None) -> dict:
        return {"real": -real, "fake": fake}

    def generator(self, *, real=None, fake, seed=None) -> dict:
        return {"fake": -fake}
