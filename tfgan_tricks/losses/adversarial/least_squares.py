"""The least-squares game."""

import keras
from keras import ops

from tfgan_tricks.losses.adversarial.adversarial_loss import AdversarialLoss
from tfgan_tricks.losses.adversarial.label_smoothing import check_smoothing, soft_targets


@keras.saving.register_keras_serializable("tfgan_tricks")
class LeastSquares(AdversarialLoss):
    """Squared distance to targets: ½(D(x) - b)² + ½(D(G(z)) - a)² and ½(D(G(z)) - c)².

    Penalises generated images that are on the right side of the boundary but far from it, so its gradient does not
    vanish. With b - c = 1 and b - a = 2 it minimises the Pearson χ² divergence; 0, 1, 1 is the usual choice.

    **Source**: Mao et al., 2017, arXiv:1611.04076, equation 2, and section 3.2 for the targets.

    **Differs from the paper**: smoothing is an addition.

    Args:
        a: target of generated images for the discriminator.
        b: target of real images for the discriminator.
        c: target of generated images for the generator.
        label_smoothing: real targets move by this share from b towards a, or are drawn anew for each example from a
            range on a scale where 0 is a and 1 is b.
        fake_smoothing: fake targets move by this share from a towards b, or are drawn likewise.

    Call arguments:
        real: logits on real images.
        fake: logits on generated images.
        seed: where a range takes its random numbers from.

    Input shape: any; the first axis is the example.

    Output shape: each part is shaped like its logits.

    **Cost**: none.

    **Combines badly with**: nothing known.

    Example:

    >>> parts = tfgan_tricks.losses.adversarial.LeastSquares().discriminator(real=np.array([3.0]), fake=np.array([1.0]))
    >>> float(parts["real"][0]), float(parts["fake"][0])
    (2.0, 0.5)
    """

    def __init__(self, a: float = 0.0, b: float = 1.0, c: float = 1.0, label_smoothing=0.0, fake_smoothing=0.0):
        self.a = a
        self.b = b
        self.c = c
        self.boundary = (a + b) / 2
        self.label_smoothing = check_smoothing("label_smoothing", label_smoothing)
        self.fake_smoothing = check_smoothing("fake_smoothing", fake_smoothing)

    def discriminator(self, *, real, fake, seed=None) -> dict:
        targets = {"fake_target": self.a, "real_target": self.b}
        real_target = soft_targets(real, "real", self.label_smoothing, seed, **targets)
        fake_target = soft_targets(fake, "fake", self.fake_smoothing, seed, **targets)
        return {"real": 0.5 * ops.square(real - real_target), "fake": 0.5 * ops.square(fake - fake_target)}

    def generator(self, *, real=None, fake, seed=None) -> dict:
        return {"fake": 0.5 * ops.square(fake - self.c)}
