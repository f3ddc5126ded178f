"""Adversarial losses: logits of real and generated images."""

from tests.conformance.case import Case
from tfgan_tricks.losses.adversarial import Hinge, LeastSquares, Minimax, NonSaturating

LOGITS = ((4, 1), (4, 1))  # real and fake
MANY = ((64, 1), (64, 1))
PATCHES = ((4, 2, 3, 1), (4, 2, 3, 1))

CASES = [
    Case(
        "losses.adversarial.NonSaturating",
        {"label_smoothing": (0.7, 1.2), "fake_smoothing": 0.1},
        LOGITS,
        variant="range",
        random=True,
    ),
    Case("losses.adversarial.NonSaturating", {"label_smoothing": 0.1}, PATCHES, variant="patches"),
    Case("losses.adversarial.Minimax", {"label_smoothing": 0.2, "fake_smoothing": 0.1}, LOGITS),
    Case(
        "losses.adversarial.Minimax",
        {"label_smoothing": 0.1, "fake_smoothing": (0.0, 0.3)},
        PATCHES,
        variant="range",
        random=True,
    ),
    Case("losses.adversarial.Wasserstein", {}, LOGITS),
    Case("losses.adversarial.Wasserstein", {}, PATCHES, variant="patches"),
    Case("losses.adversarial.LeastSquares", {"a": -1.0, "b": 1.5, "c": 0.5}, LOGITS),
    Case(
        "losses.adversarial.LeastSquares",
        {"a": -1.0, "b": 1.5, "c": 0.5, "label_smoothing": 0.1, "fake_smoothing": (0.0, 0.3)},
        PATCHES,
        variant="range",
        random=True,
    ),
    Case("losses.adversarial.Hinge", {}, LOGITS),
    Case("losses.adversarial.Hinge", {}, PATCHES, variant="patches"),
    Case("losses.adversarial.NoGame", {}, LOGITS),
    Case("losses.adversarial.Relativistic", {"base": Hinge(), "mode": "average"}, LOGITS),
    Case(
        "losses.adversarial.Relativistic",
        {"base": LeastSquares(a=-1.0, b=1.0, c=1.0), "mode": "average"},
        PATCHES,
        variant="patches",
    ),
    Case("losses.adversarial.Relativistic", {"base": NonSaturating(), "mode": "paired"}, PATCHES, variant="paired"),
    Case(
        "losses.adversarial.Relativistic",
        {"base": Minimax(label_smoothing=(0.7, 1.2)), "mode": "paired"},
        LOGITS,
        variant="range",
        random=True,
    ),
    *(
        Case("losses.adversarial.FDivergence", {"kind": kind, "saturating": False}, shapes, variant=kind)
        for kind, shapes in (
            ("kl", LOGITS),
            ("reverse_kl", PATCHES),
            ("pearson", LOGITS),
            ("squared_hellinger", PATCHES),
            ("jensen_shannon", LOGITS),
            ("gan", PATCHES),
        )
    ),
    Case("losses.adversarial.BEGAN", {"gamma": 0.7, "lambda_k": 0.01}, LOGITS),
    Case("losses.adversarial.BEGAN", {"gamma": 0.3, "lambda_k": 0.002}, PATCHES, variant="patches"),
    Case("losses.adversarial.EBGAN", {"margin": 1.5}, LOGITS),
    Case("losses.adversarial.EBGAN", {"margin": 0.5}, PATCHES, variant="patches"),
    Case(
        "losses.adversarial.SemiSupervised",
        {"label_smoothing": 0.1, "fake_smoothing": (0.0, 0.3)},
        LOGITS,
        random=True,
    ),
    Case("losses.adversarial.SemiSupervised", {"label_smoothing": 0.1}, PATCHES, variant="patches"),
    Case(
        "losses.adversarial.LabelFlip", {"base": NonSaturating(), "probability": 0.3}, ((64, 1), (64, 1)), random=True
    ),
    Case(
        "losses.adversarial.LabelFlip",
        {"base": LeastSquares(a=-1.0, fake_smoothing=(0.0, 0.3)), "probability": 0.4},
        PATCHES,
        variant="range",
        random=True,
    ),
]
