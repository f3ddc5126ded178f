"""The boundary of a game is the logit that its best critic gives an image as likely real as generated."""

import numpy as np
import pytest

from tfgan_tricks.losses.adversarial import (
    BEGAN,
    EBGAN,
    FDivergence,
    GradientRatio,
    Hinge,
    LabelFlip,
    LeastSquares,
    Minimax,
    NonSaturating,
    Relativistic,
    Wasserstein,
)
from tfgan_tricks.losses.adversarial.f_divergence import KINDS
from tfgan_tricks.training.logs import Logs

GAMES = [
    NonSaturating(),
    Minimax(),
    Hinge(),
    LeastSquares(),
    LeastSquares(-1.0, 2.0, 2.0),
    LabelFlip(LeastSquares(), 0.0),
]
GAMES += [FDivergence(kind) for kind in KINDS]


@pytest.mark.parametrize("loss", GAMES, ids=repr)
def test_where_real_and_generated_are_equally_likely_the_boundary_is_the_best_answer(loss):
    logits = np.float32(np.linspace(-2.0, 2.0, 401) + loss.boundary)[:, None]
    parts = loss.discriminator(real=logits, fake=logits, seed=0)
    cost = sum(np.asarray(part, "float64") for part in parts.values()).ravel()
    assert cost[200] <= cost.min() + 1e-6
    assert cost[0] > cost[200] + 1e-3
    assert cost[-1] > cost[200] + 1e-3


@pytest.mark.parametrize(
    "loss", [Wasserstein(), BEGAN(), EBGAN(margin=1.0), Relativistic(Hinge()), GradientRatio(Wasserstein())]
)
def test_games_without_a_boundary_say_so(loss):
    assert loss.boundary is None


@pytest.mark.parametrize(("loss", "accuracy", "fooled"), [(LeastSquares(), 1.0, 0.0), (Hinge(), 0.5, 1.0)])
def test_scores_count_from_the_boundary(loss, accuracy, fooled):
    logs = Logs(loss, ())
    logits = {"real": np.float32([[0.7], [0.6]]), "fake": np.float32([[0.4], [0.2]])}
    logs.track_parts("discriminator", loss.discriminator(**logits), logits)
    found = logs.result()
    assert float(found["discriminator_accuracy"]) == accuracy
    assert float(found["fooled_share"]) == fooled
