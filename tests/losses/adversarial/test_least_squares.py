"""`LeastSquares` against its formula, targets on any scale."""

import numpy as np
import pytest

from tests.support.adversarial import check_parts, derivatives, each_pair
from tfgan_tricks.losses.adversarial import LeastSquares
from tfgan_tricks.randomness import SeedStream

PEARSON = {"a": -1.0, "b": 1.0, "c": 0.0}  # section 3.2: b - c = 1, b - a = 2


def squared(logits, target):
    return 0.5 * (logits - target) ** 2, logits - target


@each_pair
@pytest.mark.parametrize("targets", [{"a": 0.0, "b": 1.0, "c": 1.0}, PEARSON, {"a": -0.5, "b": 2.0, "c": 1.5}])
def test_half_squared_distance_to_the_targets(real, fake, targets):
    loss = LeastSquares(**targets)
    expected = {"real": squared(real, targets["b"]), "fake": squared(fake, targets["a"])}
    check_parts(loss, "discriminator", {"real": real, "fake": fake}, expected)
    check_parts(loss, "generator", {"fake": fake}, {"fake": squared(fake, targets["c"])})


@each_pair
def test_default_targets_are_0_1_1(real, fake):
    check_parts(
        LeastSquares(),
        "discriminator",
        {"real": real, "fake": fake},
        {"real": squared(real, 1), "fake": squared(fake, 0)},
    )
    check_parts(LeastSquares(), "generator", {"fake": fake}, {"fake": squared(fake, 1)})


@each_pair
def test_smoothing_is_a_share_of_the_way_to_the_other_target(real, fake):
    loss = LeastSquares(**PEARSON, label_smoothing=0.1, fake_smoothing=0.25)
    expected = {"real": squared(real, 0.8), "fake": squared(fake, -0.5)}  # 1 - 0.1·2 and -1 + 0.25·2
    check_parts(loss, "discriminator", {"real": real, "fake": fake}, expected)
    check_parts(loss, "generator", {"fake": fake}, {"fake": squared(fake, 0.0)})


def test_a_range_is_on_the_scale_of_the_targets():
    loss = LeastSquares(**PEARSON, label_smoothing=(0.7, 1.2))
    slope = derivatives(loss, (4096, 1), SeedStream.from_integer(1), at=0.3)
    targets = 0.3 - slope["real"]  # the derivative is x - t
    assert targets.min() == pytest.approx(0.4, abs=0.01)  # -1 + 0.7·2
    assert targets.max() == pytest.approx(1.4, abs=0.01)  # -1 + 1.2·2
    assert targets.mean() == pytest.approx(0.9, abs=0.02)
    np.testing.assert_allclose(0.3 - slope["fake"], -1.0, rtol=1e-6)
