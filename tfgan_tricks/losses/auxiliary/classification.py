"""The critic tells classes too."""

import keras
from keras import ops

from tfgan_tricks.checks import check_choice, explain
from tfgan_tricks.losses.reading import aux_of, check_shown_one_by_one, leaves_of, output_of
from tfgan_tricks.losses.term import Term
from tfgan_tricks.replicas import gather_batch
from tfgan_tricks.types import Match, Player

UNLABELLED = -1
LEARNS_FROM = {"both": ("real", "fake"), "split": ("real",), "real": ("real",)}


@keras.saving.register_keras_serializable("tfgan_tricks")
class Classification(Term):
    """Cross-entropy of the critic's class head: on real images, on generated ones, or on both.

    | `sides` | discriminator learns from | generator is paid for | for |
    |---|---|---|---|
    | "both" | real and generated images | its own images' class | AC-GAN |
    | "split" | real images | its own images' class | StarGAN, λ_cls = 1 |
    | "real" | real images | nothing | semi-supervised learning, with `SemiSupervised` |

    A label of -1 means unlabelled: the image is left out, and the mean is that over the labelled ones of the whole
    batch, all replicas together; 0 if there are none.

    **Source**: Odena et al., 2016, arXiv:1610.09585, equation 3; Choi et al., 2017, arXiv:1711.09020, equations 2 and
    3; Salimans et al., 2016, arXiv:1606.03498, section 5.

    **Differs from the paper**: no. (AC-GAN's equation pays the generator for real images too, which it cannot change.)

    Args:
        sides: "both", "split" or "real", as in the table.
        multi_label: whether an image has several labels, each 0 or 1: labels are [n, K], and the sigmoid
            cross-entropies of the K are summed, as StarGAN does for attributes of faces.
        weight: λ_cls, a number or a schedule in images seen.
        every: lazy interval; more than 1 works on one replica only.
        name: name in the logs; the generator's is logged as `generator_<name>`.

    Call arguments:
        match: the completed `Match`, with aux["real_label"] or aux["fake_label"], [n], and "class_logits" in the
            outputs: [n, ..., K], the mean over places; a list of scales is summed.

    Output shape: `call` returns a scalar.

    **Cost**: none worth naming; the critic's second head.

    **Combines badly with**: packing, whose images have a label each, and, but for sides="real", past images, both of
    which it refuses; many classes, for which "both" makes images alike within a class: condition by projection.

    Example:

    >>> outputs = {"class_logits": np.log([[1.0, 3.0], [1.0, 1.0]]).astype("float32")}
    >>> match = tfgan_tricks.types.Match(real=None, fake=None, real_out=outputs, aux={"real_label": np.array([1, -1])})
    >>> round(float(tfgan_tricks.losses.auxiliary.Classification(sides="real")(match)), 4)  # -log ¾
    0.2877
    """

    players: tuple[Player, ...] = ("discriminator", "generator")
    reads_fake = False
    joins_replicas = True

    def __init__(
        self,
        sides: str = "both",
        multi_label: bool = False,
        weight=1.0,
        every: int = 1,
        name: str | None = None,
    ):
        check_choice("sides", sides, tuple(LEARNS_FROM))
        if sides == "real":
            self.players = ("discriminator",)
            self.reads_only_logits = True  # real images alone have classes
        super().__init__(weight=weight, every=every, name=name)
        self.sides = sides
        self.multi_label = multi_label

    def check_partners(self, partners) -> None:
        packs = [transform for transform in partners.inputs if getattr(transform, "group", 1) > 1]
        check_shown_one_by_one(self, packs if self.sides == "real" else partners.inputs, "a label")

    def call(self, match: Match):
        sides = LEARNS_FROM[self.sides] if match.player == "discriminator" else ("fake",)
        return sum(self._cross_entropy(match, side) for side in sides)

    def _cross_entropy(self, match: Match, side: str):
        """Returns the mean over the labelled images of one side."""
        label = ops.convert_to_tensor(aux_of(self, match, f"{side}_label"))
        scales = leaves_of(output_of(self, match, side, "class_logits"))
        if self.multi_label != (len(label.shape) == 2):
            raise ValueError(
                explain(
                    "Classification got labels of another kind.",
                    received=f"'{side}_label' of shape {tuple(label.shape)} with multi_label={self.multi_label}",
                    expected="[n, K], 0 or 1 for each label" if self.multi_label else "[n], a class number each",
                    fix=f"pass multi_label={not self.multi_label}, or class numbers in place of one-hot labels.",
                )
            )
        known = ops.cast(label != UNLABELLED, "float32")  # [n] or [n, K]
        values = sum(self._per_example(ops.cast(logits, "float32"), label) for logits in scales)  # like known
        examples = known if not self.multi_label else ops.max(known, axis=1)  # [n]
        labelled = ops.mean(gather_batch(ops.sum(examples)[None])[0])  # images per replica, a scalar
        return ops.sum(known * values) / ops.maximum(labelled, 1e-6)

    def _per_example(self, logits, label):
        """Returns the cross-entropies of one scale, mean over places: [n], or [n, K] of several labels."""
        classes = logits.shape[-1]
        logits = ops.reshape(logits, (ops.shape(logits)[0], -1, classes))  # [n, p, K]
        if self.multi_label:
            wanted = ops.cast(label, "float32")[:, None]  # [n, 1, K]
            return ops.mean(ops.softplus(logits) - wanted * logits, axis=1)
        one_hot = ops.one_hot(ops.cast(label, "int32"), classes, dtype="float32")[:, None]  # [n, 1, K], zeros for -1
        return ops.mean(-ops.sum(one_hot * ops.log_softmax(logits, axis=-1), axis=-1), axis=1)
