"""The balance of gradients, whose values are those of the loss inside."""

from tests.conformance.case import Case
from tfgan_tricks.losses.adversarial import Hinge, LeastSquares, Relativistic

LOGITS = ((4, 1), (4, 1))  # real and fake
PATCHES = ((4, 2, 3, 1), (4, 2, 3, 1))

CASES = [
    Case("losses.adversarial.GradientRatio", {"base": Relativistic(Hinge()), "share": 0.3}, LOGITS),
    Case(
        "losses.adversarial.GradientRatio",
        {"base": LeastSquares(a=-1.0), "share": 0.2},
        PATCHES,
        variant="patches",
    ),
]
