"""Adversarial losses: logits of real and generated images."""

from tests.conformance.case import Case

LOGITS = ((4, 1), (4, 1))  # real and fake
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
]
