"""Generated images that look real to the critic's inner layers."""

import keras
from keras import ops

from tfgan_tricks.checks import check_choice, explain
from tfgan_tricks.losses.reading import check_alike, difference, leaves_of, output_of, per_example
from tfgan_tricks.losses.term import Term
from tfgan_tricks.replicas import gather_batch
from tfgan_tricks.types import Match

WEIGHTS = {"mean": 1.0, "paired": 10.0}


@keras.saving.register_keras_serializable("tfgan_tricks")
class FeatureMatching(Term):
    """Pulls the critic's features of generated images to those of real ones.

    * `mode="mean"`: the squared distance of their means over the batch, ‖E f(x) - E f(G(z))‖², for images from noise.
      It gives the generator a target that does not chase the critic's last layer; strong for semi-supervised learning.
    * `mode="paired"`: Σ over layers and scales of mean |f(xᵢ) - f(G(sᵢ))|, image by image, for tasks of pairs. It
      steadies the training of large images.

    **Source**: "mean": Salimans et al., 2016, arXiv:1606.03498, section 3.1; "paired": Wang et al., 2017,
    arXiv:1711.11585, equation 4.

    **Differs from the paper**: several layers are summed in "mean" too. The means run over the batches of all replicas.

    Args:
        mode: "mean" or "paired".
        weight: λ, a number or a schedule in images seen; 1 for "mean" and 10 for "paired" unless given.
        every: lazy interval; more than 1 works in "mean" on one replica only.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the generator's update, with "features" in `real_out` and `fake_out`: a tensor,
            a list of layers, or a list of such lists, one per scale.

    Output shape: `call` returns a scalar in "mean", one value per judged example in "paired", [n].

    **Cost**: one forward pass of the critic on real images in the generator's update.

    **Combines badly with**: "paired" where images have no partners, which asks every image for the average one;
    `GradientRatio`, which counts it as part of the game, because its gradient comes through the critic.

    Example:

    >>> outputs = [{"features": np.array([[1.0, 2.0], [3.0, 4.0]]) + shift} for shift in (0.0, 0.5)]
    >>> match = tfgan_tricks.types.Match(real=None, fake=None, real_out=outputs[0], fake_out=outputs[1])
    >>> float(tfgan_tricks.losses.auxiliary.FeatureMatching()(match))  # 0.5² + 0.5²
    0.5
    """

    players = ("generator",)
    needs_real = True
    reads_fake = False

    def __init__(self, mode: str = "mean", weight=None, every: int = 1, name: str | None = None):
        check_choice("mode", mode, tuple(WEIGHTS))
        super().__init__(weight=WEIGHTS[mode] if weight is None else weight, every=every, name=name)
        self.mode = mode
        self.joins_replicas = mode == "mean"

    def call(self, match: Match):
        real, fake = (leaves_of(output_of(self, match, side, "features")) for side in ("real", "fake"))
        if not real or len(real) != len(fake):
            raise ValueError(
                explain(
                    "FeatureMatching finds no features to compare.",
                    received=f"{len(real)} features of real images, {len(fake)} of generated ones",
                    expected="one layer or more, as many of both",
                    fix="let the critic return 'features', a tensor or a list of them.",
                )
            )
        compare = self._paired if self.mode == "paired" else _means
        return sum(compare(ops.stop_gradient(one), other) for one, other in zip(real, fake, strict=True))

    def _paired(self, real, fake):
        check_alike(self, real, fake, "the features of pairs of images")
        return per_example(difference("l1", real, fake))


def _means(real, fake):
    """Returns the squared distance of the mean features, over all their entries, a scalar."""
    return ops.sum(difference("l2", _mean(real), _mean(fake)))


def _mean(features):
    """Returns the mean of the features over the whole batch, that of all replicas."""
    own = ops.mean(ops.cast(features, "float32"), axis=0, keepdims=True)  # [1, ...]
    return ops.mean(gather_batch(own)[0], axis=0)
