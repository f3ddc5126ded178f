"""What needs no translation stays."""

import keras

from tfgan_tricks.losses.auxiliary.image_pairs import ImagePairs


@keras.saving.register_keras_serializable("tfgan_tricks")
class Identity(ImagePairs):
    """Asks that a translation leaves images of its own target domain alone: λ · mean |G(y) - y|.

    Keeps colours: without it a translation may turn day into dusk for no reason. The default weight is half of
    `CycleConsistency`'s.

    **Source**: Zhu et al., 2017, arXiv:1703.10593, section 5.2.

    **Differs from the paper**: no; the weight is given by itself, not as a share of the cycle's.

    Args:
        loss: "l1" for the absolute difference, "l2" for the squared one.
        weight: λ, a number or a schedule in images seen; half of the cycle's.
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the generator's update; aux["identity"] is a list of pairs (an image, what the
            generator of its own domain makes of it).

    Output shape: `call` returns one value per image, [n], summed over the pairs.

    **Cost**: none worth naming; the task runs each generator once more.

    **Combines badly with**: domains of different size or channels, whose images a generator cannot take.

    Example:

    >>> image = np.zeros((1, 2, 2, 1), "float32")
    >>> match = tfgan_tricks.types.Match(real=None, fake=None, aux={"identity": [(image, image + 0.5)]})
    >>> float(tfgan_tricks.losses.auxiliary.Identity()(match))
    2.5
    """

    key = "identity"

    def __init__(self, loss: str = "l1", weight=5.0, every: int = 1, name: str | None = None):
        super().__init__(loss, weight=weight, every=every, name=name)
