"""Games whose value is an f-divergence."""

import math

import keras
from keras import ops

from tfgan_tricks.checks import check_choice
from tfgan_tricks.losses.adversarial.adversarial_loss import AdversarialLoss

# Logits up to here enter an exponential as they are; e^10 is a density ratio of 22,000.
LIMIT = 10.0


def limited(logits):
    """Returns logits that grow as a logarithm above `LIMIT`, smoothly, so that their exponential grows linearly."""
    return ops.where(logits > LIMIT, LIMIT + ops.log1p(ops.relu(logits - LIMIT)), logits)


def _kl(v):
    t = limited(v)
    return t, ops.exp(t - 1.0)


def _reverse_kl(v):
    log = limited(-v)
    return -ops.exp(log), -1.0 - log


def _pearson(v):
    return v, 0.25 * ops.square(v) + v


def _squared_hellinger(v):
    v = -limited(-limited(v))  # both ends
    return -ops.expm1(-v), ops.expm1(v)


def _jensen_shannon(v):
    return math.log(2.0) - ops.softplus(-v), ops.softplus(v) - math.log(2.0)


def _gan(v):
    return -ops.softplus(-v), ops.softplus(v)


# From logits v to the output T = g(v) and to its conjugate f*(T).
KINDS = {
    "kl": _kl,
    "reverse_kl": _reverse_kl,
    "pearson": _pearson,
    "squared_hellinger": _squared_hellinger,
    "jensen_shannon": _jensen_shannon,
    "gan": _gan,
}


@keras.saving.register_keras_serializable("tfgan_tricks")
class FDivergence(AdversarialLoss):
    """The discriminator estimates an f-divergence from below; the generator makes it small.

    With the output T = g(v) of logits v, the discriminator minimises -E T(x) + E f*(T(G(z))), the negative of a
    lower bound on D_f(data ‖ generated) that is reached at T = f'(p/q); the generator minimises -E f*(T(G(z))).

    | kind | f(u) | T = g(v) | f*(T) | best v |
    |---|---|---|---|---|
    | kl | u log u | v | exp(v - 1) | 1 + log p/q |
    | reverse_kl | -log u | -exp(-v) | v - 1 | log p/q |
    | pearson | (u - 1)² | v | v²/4 + v | 2(p/q - 1) |
    | squared_hellinger | (√u - 1)² | 1 - exp(-v) | exp(v) - 1 | ½ log p/q |
    | jensen_shannon | u log u - (u + 1) log((u + 1)/2) | log 2 - softplus(-v) | softplus(v) - log 2 | log p/q |
    | gan | u log u - (u + 1) log(u + 1) | -softplus(-v) | softplus(v) | log p/q |

    These f of "jensen_shannon" and "gan" are 2·JSD and 2·JSD - log 4. The logs count logits above 0 as called real,
    for "kl" those above 1.

    **Source**: Nowozin et al., 2016, arXiv:1606.00709, table 2 for g and f*, algorithm 1, and section 3.2 for the
    non-saturating generator.

    **Differs from the paper**: the exponentials of "kl", "reverse_kl" and "squared_hellinger" overflow at logits
    that training reaches. Where their argument v passes 10 it is 10 + log(1 + v - 10) instead, in g, so that e^v
    goes on as a straight line. Such a g is still increasing and reaches the same outputs, so the bound holds and its
    optimum stays; only which logit stands for a density ratio above e^10 is another.

    Args:
        kind: "kl", "reverse_kl", "pearson", "squared_hellinger", "jensen_shannon" or "gan".
        saturating: whether the generator minimises the bound; if false, it minimises -E T(G(z)), which has more
            gradient where the discriminator is sure.

    Call arguments:
        real: logits on real images.
        fake: logits on generated images.

    Input shape: any; the first axis is the example.

    Output shape: each part is shaped like its logits.

    **Cost**: none.

    **Combines badly with**: label smoothing and flipping: it has no targets. "kl" and "pearson" at a high learning
    rate, as generated images that the discriminator takes for real weigh exponentially or quadratically.

    Example:

    >>> loss = tfgan_tricks.losses.adversarial.FDivergence("pearson")
    >>> parts = loss.discriminator(real=np.array([2.0]), fake=np.array([-1.0]))
    >>> float(parts["real"][0]), float(parts["fake"][0])
    (-2.0, -0.75)
    """

    def __init__(self, kind: str, saturating: bool = True, **label_tricks):
        super().__init__(**label_tricks)
        check_choice("kind", kind, KINDS)
        self.kind = kind
        self.boundary = 1.0 if kind == "kl" else 0.0
        self.saturating = saturating

    def discriminator(self, *, real, fake, seed=None) -> dict:
        output, _ = KINDS[self.kind](real)
        _, conjugate = KINDS[self.kind](fake)
        return {"real": -output, "fake": conjugate}

    def generator(self, *, real=None, fake, seed=None) -> dict:
        output, conjugate = KINDS[self.kind](fake)
        return {"fake": -conjugate if self.saturating else -output}
