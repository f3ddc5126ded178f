"""There and back again."""

import keras

from tfgan_tricks.losses.auxiliary.image_pairs import ImagePairs


@keras.saving.register_keras_serializable("tfgan_tricks")
class CycleConsistency(ImagePairs):
    """Asks that an image comes back when it is translated to the other domain and back: λ · mean |G(F(y)) - y|.

    What replaces pairs where there are none: the translation may not drop what the way back needs.

    **Source**: Zhu et al., 2017, arXiv:1703.10593, equation 2.

    **Differs from the paper**: no.

    Args:
        loss: "l1" for the absolute difference, "l2" for the squared one.
        weight: λ, a number or a schedule in images seen.
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the generator's update; aux["cycle"] is a list of pairs (an image, the same
            image there and back again). If a task has two matches, each holds the pairs that it alone is to count.

    Output shape: `call` returns one value per image, [n], summed over the pairs.

    **Cost**: none worth naming; the task generates the images.

    **Combines badly with**: translations that have to drop something, which then hides in invisible patterns.

    Example:

    >>> image = np.zeros((1, 2, 2, 1), "float32")
    >>> match = tfgan_tricks.types.Match(real=None, fake=None, aux={"cycle": [(image, image + 0.5)]})
    >>> float(tfgan_tricks.losses.auxiliary.CycleConsistency()(match))
    5.0
    """

    key = "cycle"

    def __init__(self, loss: str = "l1", weight=10.0, every: int = 1, name: str | None = None):
        super().__init__(loss, weight=weight, every=every, name=name)
