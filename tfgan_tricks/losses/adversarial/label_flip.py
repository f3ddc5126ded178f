"""Labels that are sometimes wrong."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range, explain
from tfgan_tricks.losses.adversarial.adversarial_loss import AdversarialLoss
from tfgan_tricks.losses.adversarial.least_squares import LeastSquares
from tfgan_tricks.losses.adversarial.minimax import Minimax
from tfgan_tricks.losses.adversarial.wrapped_loss import WrappedLoss


@keras.saving.register_keras_serializable("tfgan_tricks")
class LabelFlip(WrappedLoss):
    """Gives a random share of examples the other side's label in the discriminator's loss.

    Keeps the discriminator from being sure: one that is pays much for each flipped label. Each example, real or
    generated, is flipped or not by itself, anew in each update, and all its patches together. The generator's loss
    stays.

    **Source**: Chintala et al., 2016, the ganhacks list, item 6.

    **Differs from the paper**: the list says "occasionally"; here a share of single examples, not whole batches.

    Args:
        base: a loss with targets: `NonSaturating`, `Minimax` or `LeastSquares`, smoothed or not.
        probability: chance of an example to be flipped, in [0, 0.5).

    Call arguments:
        real: logits on real images.
        fake: logits on generated images.
        seed: where the random numbers come from.

    Input shape: any; the first axis is the example.

    Output shape: each part is shaped like its logits.

    **Cost**: none.

    **Combines badly with**: losses without targets, which are refused; gradients and accuracies that are read as
    signs of a discriminator's health, which flipping makes noisy.

    Example:

    >>> base = tfgan_tricks.losses.adversarial.NonSaturating()
    >>> loss = tfgan_tricks.losses.adversarial.LabelFlip(base, probability=0.25)
    >>> parts = loss.discriminator(real=np.full((1000, 1), 50.0), fake=np.full((1000, 1), -50.0), seed=1)
    >>> bool(0.2 < np.mean(parts["real"] > 1.0) < 0.3)
    True
    """

    def __init__(self, base, probability: float = 0.05):
        if not isinstance(base, Minimax | LeastSquares):
            what = type(base).__name__
            raise TypeError(
                explain(
                    f"{what} has no targets that could be flipped."
                    if isinstance(base, AdversarialLoss)
                    else f"`base` must be an adversarial loss, not of type {what}.",
                    received=f"base={base!r}",
                    expected="NonSaturating, Minimax or LeastSquares",
                    fix="drop LabelFlip, or flip the labels of a loss with targets: LabelFlip(NonSaturating()).",
                )
            )
        check_range("probability", probability, low=0.0, high=0.5, high_open=True)
        super().__init__(base)
        self.probability = probability

    def discriminator(self, *, real, fake, seed=None) -> dict:
        right = self.base.discriminator(real=real, fake=fake, seed=seed)
        wrong = self.base.discriminator(real=fake, fake=real, seed=seed)
        return {
            "real": ops.where(self._flipped(real, seed), wrong["fake"], right["real"]),
            "fake": ops.where(self._flipped(fake, seed), wrong["real"], right["fake"]),
        }

    def _flipped(self, logits, seed):
        """Returns for each example whether it has the other side's label, [n, 1, ...]."""
        shape = (ops.shape(logits)[0], *(1,) * (len(logits.shape) - 1))
        return keras.random.uniform(shape, dtype="float32", seed=seed) < self.probability
