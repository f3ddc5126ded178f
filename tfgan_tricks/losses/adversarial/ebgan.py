"""The energy-based game."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range
from tfgan_tricks.losses.adversarial.adversarial_loss import AdversarialLoss


@keras.saving.register_keras_serializable("tfgan_tricks")
class EBGAN(AdversarialLoss):
    """Low energy on real images, at least a margin of it on generated ones.

    The critic's logit is the **negative** energy: E(x) = -D(x), as a rule the reconstruction error of an
    autoencoder. Discriminator: E(x) + max(0, m - E(G(z))); generator: E(G(z)). `PullingAway` is the paper's
    remedy for generated images that are all alike.

    **Source**: Zhao et al., 2016, arXiv:1609.03126, equations 1 and 2.

    **Differs from the paper**: no.

    Args:
        margin: energy m that generated images are pushed up to, above 0, on the scale of the reconstruction error:
            near that of real images when training goes well, or a little above.

    Call arguments:
        real: negative energies of real images.
        fake: negative energies of generated images.

    Input shape: any; the first axis is the example.

    Output shape: each part is shaped like its logits.

    **Cost**: none.

    **Combines badly with**: label smoothing and flipping: it has no targets. A critic whose logits may be positive:
    its energy has no lower end.

    Example:

    >>> loss = tfgan_tricks.losses.adversarial.EBGAN(margin=10.0)
    >>> parts = loss.discriminator(real=np.array([-1.5]), fake=np.array([-4.0]))
    >>> float(parts["real"][0]), float(parts["fake"][0])
    (1.5, 6.0)
    """

    boundary = None

    def __init__(self, margin: float, **label_tricks):
        super().__init__(**label_tricks)
        check_range("margin", margin, low=0.0, low_open=True, high_open=True)
        self.margin = margin

    def discriminator(self, *, real, fake, seed=None) -> dict:
        return {"real": -real, "fake": ops.relu(self.margin + fake)}

    def generator(self, *, real=None, fake, seed=None) -> dict:
        return {"fake": -fake}
