"""Pushes the features of generated images apart."""

import keras
from keras import ops

from tfgan_tricks.checks import explain
from tfgan_tricks.losses.term import Term
from tfgan_tricks.types import Match

EPSILON = 1e-12  # inside the root, for features that are all zero


@keras.saving.register_keras_serializable("tfgan_tricks")
class PullingAway(Term):
    """Makes generated images of a batch point in different directions in the critic's features.

    The mean squared cosine between the features S of each two generated images,
    1/(n(n-1)) Σ_i Σ_{j≠i} (S_i·S_j / (‖S_i‖‖S_j‖))², from 1 (all alike) to 0 (orthogonal). Against mode collapse,
    for `EBGAN` above all, where the features are the autoencoder's code; cheaper than comparing within the critic.

    **Source**: Zhao et al., 2016, arXiv:1609.03126, section 2.4.

    **Differs from the paper**: 1e-12 is added under the root of the norms. On several replicas the pairs are those of
    each replica's own part of the batch.

    Args:
        weight: factor, a number or a schedule in images seen.
        layer: which of the critic's features, if it returns several: an index, from the end if negative.
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the generator's update, with "features" in `fake_out`: one tensor [n, ...] or a
            list of them, each flattened.

    Output shape: `call` returns a scalar; a batch of one image gives 0.

    **Cost**: one product of the features with their transpose.

    **Combines badly with**: features after a ReLU, whose cosines cannot be negative; a batch of two or three.

    Example:

    >>> features = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 3.0]], "float32")
    >>> match = tfgan_tricks.types.Match(real=None, fake=None, fake_out={"features": features})
    >>> round(float(tfgan_tricks.losses.auxiliary.PullingAway(weight=1.0)(match)), 4)  # one pair of three is parallel
    0.3333
    """

    players = ("generator",)
    reads_fake = False

    def __init__(self, weight=0.1, layer: int = -1, every: int = 1, name: str | None = None):
        super().__init__(weight=weight, every=every, name=name)
        if not isinstance(layer, int) or isinstance(layer, bool):
            raise TypeError(
                explain(
                    "`layer` must be an index.",
                    received=f"layer={layer!r}",
                    expected="an integer, such as 0 for the first or -1 for the last",
                    fix="pass the place of the features in the critic's list.",
                )
            )
        self.layer = layer

    def call(self, match: Match):
        features = ops.cast(self._features(match), "float32")
        n = ops.shape(features)[0]
        flat = ops.reshape(features, (n, -1))  # [n, d]
        unit = flat * ops.rsqrt(ops.sum(ops.square(flat), axis=1, keepdims=True) + EPSILON)
        cosines = ops.matmul(unit, ops.transpose(unit))  # [n, n]
        place = ops.arange(n)
        others = ops.cast(place[:, None] != place[None, :], "float32")  # [n, n]
        pairs = ops.maximum(ops.sum(others), 1.0)
        return ops.sum(others * ops.square(cosines)) / pairs

    def _features(self, match: Match):
        """Returns the chosen features of the generated images."""
        layers = keras.tree.flatten(match.fake_out.get("features", []))
        if not -len(layers) <= self.layer < len(layers):
            raise ValueError(
                explain(
                    f"{type(self).__name__} finds no features to compare.",
                    received=f"{len(layers)} features in the outputs {sorted(match.fake_out)} of '{match.critic}'",
                    expected=f"'features' with a layer {self.layer}",
                    fix="let the critic return a dict with 'logits' and 'features', a tensor or a list of them.",
                )
            )
        return layers[self.layer]
