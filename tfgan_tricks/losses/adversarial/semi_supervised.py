"""A classifier that plays the game."""

import keras
from keras import ops

from tfgan_tricks.checks import explain
from tfgan_tricks.losses.adversarial.non_saturating import NonSaturating
from tfgan_tricks.types import Outputs


@keras.saving.register_keras_serializable("tfgan_tricks")
class SemiSupervised(NonSaturating):
    """Turns a classifier of K classes into a discriminator, so that unlabelled images teach it too.

    Generated images are class K + 1, whose logit is fixed at 0: with Z = Σ exp l_k, D(x) = Z / (Z + 1), which is the
    sigmoid of log Z. So the critic returns K logits, the game is that of `NonSaturating` on log Z, and penalties and
    logs see log Z as "logits"; the K logits are handed on as "class_logits".

    This is the unsupervised part. Cross-entropy on the labelled examples is the term `Classification`, which reads
    "class_logits" and leaves out examples whose label is -1: terms=[Classification(...)].

    **Source**: Salimans et al., 2016, arXiv:1606.03498, section 5.

    **Differs from the paper**: the paper trains the generator by feature matching; here it plays the non-saturating
    game, and `FeatureMatching` is a term of its own.

    Args:
        label_smoothing: real targets become 1 - s for a number s in [0, 1), or are drawn anew for each example from
            a range such as (0.7, 1.2).
        fake_smoothing: the same for fake targets: s, or a range such as (0.0, 0.3); 0 is one-sided smoothing.

    Call arguments:
        real: log Z of real images, as `read` makes it of a critic's outputs.
        fake: log Z of generated images.
        seed: where a range takes its random numbers from.

    Input shape: any; the first axis is the example. `read` takes logits of [..., K] to log Z of [..., 1].

    Output shape: each part is shaped like its logits.

    **Cost**: none.

    **Combines badly with**: a generator that matches the data exactly, which leaves the classifier nothing to learn
    from it: for classification choose feature matching, for images a plain game.

    Example:

    >>> loss = tfgan_tricks.losses.adversarial.SemiSupervised()
    >>> outputs = loss.read({"logits": np.zeros((2, 3), "float32")})
    >>> round(float(keras.ops.sigmoid(outputs["logits"])[0, 0]), 4)  # 3 / (3 + 1)
    0.75
    """

    def read(self, outputs: Outputs) -> Outputs:
        flat = keras.tree.flatten(outputs["logits"])
        if "class_logits" in outputs or any(logits.shape[-1] == 1 for logits in flat):
            shapes = ", ".join(str(tuple(logits.shape)) for logits in flat)
            raise ValueError(
                explain(
                    "SemiSupervised plays with a classifier's logits.",
                    received=f"'logits' of shape {shapes} in outputs {sorted(outputs)}",
                    expected="'logits' of shape [..., K], one per class, K > 1, and no 'class_logits' beside them",
                    fix="let the critic end in one layer of K outputs, or play NonSaturating with a class head.",
                )
            )
        score = keras.tree.map_structure(
            lambda logits: ops.logsumexp(logits, axis=-1, keepdims=True), outputs["logits"]
        )
        return {**outputs, "logits": score, "class_logits": outputs["logits"]}
