"""The first GAN's game, saturating form."""

import keras
from keras import ops

from tfgan_tricks.losses.adversarial.adversarial_loss import AdversarialLoss
from tfgan_tricks.losses.adversarial.label_smoothing import check_smoothing, soft_targets


@keras.saving.register_keras_serializable("tfgan_tricks")
class Minimax(AdversarialLoss):
    """The zero-sum game of the first GAN: the generator minimises what the discriminator maximises.

    Discriminator: -log σ(D(x)) - log(1 - σ(D(G(z)))); generator: log(1 - σ(D(G(z)))). The generator's gradient
    vanishes where the discriminator is sure; prefer `NonSaturating` for training and keep this for theory.

    **Source**: Goodfellow et al., 2014, arXiv:1406.2661, equation 1; one-sided smoothing from Salimans et al., 2016,
    arXiv:1606.03498, section 3.4.

    **Differs from the paper**: written with softplus on logits, finite in value and gradient at any logit.

    Args:
        label_smoothing: real targets become 1 - s for a number s in [0, 1), or are drawn anew for each example from
            a range such as (0.7, 1.2).
        fake_smoothing: the same for fake targets: s, or a range such as (0.0, 0.3); 0 is one-sided smoothing.

    Call arguments:
        real: logits on real images.
        fake: logits on generated images.
        seed: where a range takes its random numbers from.

    Input shape: any; the first axis is the example.

    Output shape: each part is shaped like its logits.

    **Cost**: none.

    **Combines badly with**: a discriminator that wins early, which leaves the generator without a gradient.

    Example:

    >>> loss = tfgan_tricks.losses.adversarial.Minimax(label_smoothing=0.1)
    >>> parts = loss.discriminator(real=np.array([[2.0]], "float32"), fake=np.array([[-1.0]], "float32"))
    >>> {name: round(float(value[0, 0]), 4) for name, value in parts.items()}
    {'real': 0.3269, 'fake': 0.3133}
    """

    def __init__(self, label_smoothing=0.0, fake_smoothing=0.0):
        self.label_smoothing = check_smoothing("label_smoothing", label_smoothing)
        self.fake_smoothing = check_smoothing("fake_smoothing", fake_smoothing)

    def discriminator(self, *, real, fake, seed=None) -> dict:
        real_target = soft_targets(real, "real", self.label_smoothing, seed)
        fake_target = soft_targets(fake, "fake", self.fake_smoothing, seed)
        # cross-entropy with target t: t·softplus(-x) + (1 - t)·softplus(x)
        return {
            "real": ops.softplus(-real) + (1.0 - real_target) * real,
            "fake": ops.softplus(fake) - fake_target * fake,
        }

    def generator(self, *, real=None, fake, seed=None) -> dict:
        return {"fake": -ops.softplus(fake)}
