"""The hinge game."""

import keras
from keras import ops

from tfgan_tricks.losses.adversarial.adversarial_loss import AdversarialLoss


@keras.saving.register_keras_serializable("tfgan_tricks")
class Hinge(AdversarialLoss):
    """Hinge for the discriminator, linear for the generator: the loss of SNGAN, SAGAN and BigGAN.

    Discriminator: max(0, 1 - D(x)) + max(0, 1 + D(G(z))), which ignores examples that are already told apart by the
    margin; generator: -D(G(z)).

    **Source**: Lim and Ye, 2017, arXiv:1705.02894; Miyato et al., 2018, arXiv:1802.05957, equations 16 and 17.

    **Differs from the paper**: no (both signs as in the paper: a version with them reversed is widely copied).

    Call arguments:
        real: logits on real images.
        fake: logits on generated images.

    Input shape: any; the first axis is the example.

    Output shape: each part is shaped like its logits.

    **Cost**: none.

    **Combines badly with**: label smoothing and flipping: it has no targets.

    Example:

    >>> parts = tfgan_tricks.losses.adversarial.Hinge().discriminator(real=np.array([0.5]), fake=np.array([-2.0]))
    >>> float(parts["real"][0]), float(parts["fake"][0])
    (0.5, 0.0)
    """

    def discriminator(self, *, real, fake, seed=None) -> dict:
        return {"real": ops.relu(1.0 - real), "fake": ops.relu(1.0 + fake)}

    def generator(self, *, real=None, fake, seed=None) -> dict:
        return {"fake": -fake}
