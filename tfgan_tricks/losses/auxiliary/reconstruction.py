"""The plain distance of a generated image from the one it should be."""

import keras

from tfgan_tricks.checks import check_choice, check_type
from tfgan_tricks.losses.image.image_comparison import ImageComparison
from tfgan_tricks.losses.reading import difference, per_example


@keras.saving.register_keras_serializable("tfgan_tricks")
class Reconstruction(ImageComparison):
    """Asks for the right image, pixel by pixel, beside a realistic one: λ · mean |x - y|.

    The distance alone gives blurred images, the mean of all that would fit; it sets the coarse picture right, and the
    game the details. L1 blurs less than L2.

    **Source**: Isola et al., 2016, arXiv:1611.07004, equations 3 and 4.

    **Differs from the paper**: no.

    Args:
        loss: "l1" for the absolute difference, "l2" for the squared one.
        key: name of an entry of aux to compare in place of `fake`, such as "coarse", what a first network made of it.
        weight: λ, a number or a schedule in images seen.
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the generator's update, with aux["target"] like `fake`, or like
            aux[key].

    Output shape: `call` returns one value per image, [n].

    **Cost**: none worth naming.

    **Combines badly with**: tasks without pairs, which have no target.

    Example:

    >>> image = np.zeros((1, 2, 2, 1), "float32")
    >>> match = tfgan_tricks.types.Match(real=None, fake=image, aux={"target": image + 0.5})
    >>> float(tfgan_tricks.losses.auxiliary.Reconstruction()(match))
    50.0
    """

    def __init__(self, loss: str = "l1", key: str | None = None, weight=100.0, every: int = 1, name: str | None = None):
        check_choice("loss", loss, ("l1", "l2"))
        check_type("key", key, (str, type(None)), 'pass the name of an entry of aux, such as key="coarse".')
        super().__init__(weight=weight, every=every, name=name)
        self.loss = loss
        self.key = key
        self.reads_fake = key is None

    def compare(self, fake, target):
        return per_example(difference(self.loss, fake, target))
