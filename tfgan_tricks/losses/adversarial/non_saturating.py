"""The first GAN's game as it is trained in practice."""

import keras
from keras import ops

from tfgan_tricks.losses.adversarial.minimax import Minimax


@keras.saving.register_keras_serializable("tfgan_tricks")
class NonSaturating(Minimax):
    """The standard GAN loss: the generator maximises log σ(D(G(z))), so its gradient does not vanish.

    Discriminator as in `Minimax`; generator: -log σ(D(G(z))) = softplus(-D(G(z))), largest in gradient exactly
    where the discriminator is sure that the image is generated.

    **Source**: Goodfellow et al., 2014, arXiv:1406.2661, section 3; smoothing from Salimans et al., 2016,
    arXiv:1606.03498, section 3.4, and ranges from the ganhacks list, item 6.

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

    **Combines badly with**: two-sided smoothing with large shares, which pulls the generator towards its own past.

    Example:

    >>> loss = tfgan_tricks.losses.adversarial.NonSaturating()
    >>> round(float(loss.generator(fake=np.array([0.0], "float32"))["fake"][0]), 4)
    0.6931
    """

    def generator(self, *, real=None, fake, seed=None) -> dict:
        return {"fake": ops.softplus(-fake)}
