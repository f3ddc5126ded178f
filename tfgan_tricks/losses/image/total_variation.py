"""How much neighbouring pixels differ."""

import keras
from keras import ops

from tfgan_tricks.checks import check_choice, check_type
from tfgan_tricks.losses.reading import aux_of, difference
from tfgan_tricks.losses.term import Term
from tfgan_tricks.types import Match


@keras.saving.register_keras_serializable("tfgan_tricks")
class TotalVariation(Term):
    """Smooths generated images: the differences between neighbouring pixels, absolute or squared.

    Σ |x[i+1, j] - x[i, j]| + Σ |x[i, j+1] - x[i, j]|, divided by the number of pixel values h·w·c. With a mask, a
    difference counts where both of its pixels are masked in: for inpainting, the hole and a rim of one pixel.

    **Source**: Liu et al., 2018, arXiv:1804.07723, section 3.3 (absolute, in a region); Mahendran and Vedaldi, 2014,
    arXiv:1412.0035, section 3 (squared).

    **Differs from the paper**: the region of the absolute form is whatever the mask says; widening the hole by one
    pixel is left to whoever makes the mask.

    Args:
        norm: "l1" for absolute differences, "l2" for squared ones.
        mask: name of an entry of aux that holds 1 where differences count and 0 elsewhere, such as "mask"; everywhere
            unless given.
        weight: factor, a number or a schedule in images seen.
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the generator's update; with a mask, [n, h, w, 1] or [n, h, w, c], in `aux`.

    Output shape: `call` returns one value per image, [n].

    **Cost**: none worth naming.

    **Combines badly with**: textures that are meant to be fine; the squared form blurs edges.

    Example:

    >>> image = np.array([0.0, 1.0, 3.0, 3.0], "float32").reshape(1, 2, 2, 1)  # rows 0 1 and 3 3
    >>> match = tfgan_tricks.types.Match(real=None, fake=image)
    >>> float(tfgan_tricks.losses.image.TotalVariation()(match))  # (3 + 2 + 1 + 0) / 4
    1.5
    """

    players = ("generator",)
    reads_only_logits = True

    def __init__(self, norm: str = "l1", mask: str | None = None, weight=1.0, every: int = 1, name: str | None = None):
        check_choice("norm", norm, ("l1", "l2"))
        check_type("mask", mask, (str, type(None)), 'pass the name of an entry of aux, such as mask="mask".')
        super().__init__(weight=weight, every=every, name=name)
        self.norm = norm
        self.mask = mask

    def call(self, match: Match):
        images = match.fake  # [n, h, w, c]
        mask = None if self.mask is None else ops.cast(aux_of(self, match, self.mask), "float32")
        down = difference(self.norm, images[:, 1:], images[:, :-1])  # [n, h - 1, w, c]
        right = difference(self.norm, images[:, :, 1:], images[:, :, :-1])  # [n, h, w - 1, c]
        if mask is not None:
            down *= mask[:, 1:] * mask[:, :-1]
            right *= mask[:, :, 1:] * mask[:, :, :-1]
        _, height, width, channels = ops.shape(images)
        total = ops.sum(down, axis=(1, 2, 3)) + ops.sum(right, axis=(1, 2, 3))  # [n]
        return total / ops.cast(height * width * channels, "float32")
