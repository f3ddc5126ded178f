"""Targets drawn from a range: one per example, uniform, by the seed; and what is refused."""

import numpy as np
import pytest

from tests.support.adversarial import derivatives, sigmoid
from tfgan_tricks.losses.adversarial import LeastSquares, Minimax, NonSaturating
from tfgan_tricks.randomness import SeedStream

LOW, HIGH = 0.7, 1.2
smoothed = pytest.mark.parametrize("loss_class", [Minimax, NonSaturating])
with_targets = pytest.mark.parametrize("loss_class", [Minimax, NonSaturating, LeastSquares])


def targets(loss, shape=(4096, 1), seed=1) -> dict[str, np.ndarray]:
    """The targets that a cross-entropy used: its derivative is σ(x) - t."""
    slopes = derivatives(loss, shape, SeedStream.from_integer(seed), at=0.3)
    return {side: sigmoid(0.3) - slope for side, slope in slopes.items()}


@smoothed
def test_a_range_is_drawn_uniformly_and_anew_for_each_example(loss_class):
    drawn = np.sort(targets(loss_class(label_smoothing=(LOW, HIGH)))["real"].ravel())
    assert len(np.unique(drawn)) > 4000
    assert drawn.min() >= LOW - 1e-6
    assert drawn.max() <= HIGH + 1e-6
    np.testing.assert_allclose(drawn, np.linspace(LOW, HIGH, len(drawn)), atol=0.02)  # quantiles
    assert drawn.mean() == pytest.approx((LOW + HIGH) / 2, abs=0.01)


@smoothed
def test_without_fake_smoothing_fake_targets_stay_zero(loss_class):
    np.testing.assert_allclose(targets(loss_class(label_smoothing=(LOW, HIGH)))["fake"], 0.0, atol=1e-6)


@smoothed
def test_fake_targets_have_a_range_of_their_own(loss_class):
    drawn = targets(loss_class(label_smoothing=(LOW, HIGH), fake_smoothing=(0.0, 0.3)))
    assert drawn["fake"].min() == pytest.approx(0.0, abs=0.01)
    assert drawn["fake"].max() == pytest.approx(0.3, abs=0.01)
    assert abs(np.corrcoef(drawn["real"].ravel(), drawn["fake"].ravel())[0, 1]) < 0.06  # drawn independently


@smoothed
def test_all_patches_of_an_example_share_its_target(loss_class):
    drawn = targets(loss_class(label_smoothing=(LOW, HIGH)), shape=(16, 4, 4, 1))["real"]
    np.testing.assert_allclose(drawn, np.broadcast_to(drawn[:, :1, :1, :1], drawn.shape), atol=1e-6)
    assert len(np.unique(drawn[:, 0, 0, 0])) == 16


@smoothed
def test_targets_are_a_function_of_the_seed(loss_class):
    loss = loss_class(label_smoothing=(LOW, HIGH))
    one, same, other = (targets(loss, seed=seed)["real"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert np.mean(one == other) < 0.01


@with_targets
def test_each_update_draws_anew(loss_class):
    loss, stream = loss_class(label_smoothing=(LOW, HIGH), fake_smoothing=(0.0, 0.3)), SeedStream.from_integer(1)
    first, second = (derivatives(loss, (512, 1), stream) for _ in range(2))
    for side in ("real", "fake"):
        assert np.mean(first[side] == second[side]) < 0.01
        assert abs(np.corrcoef(first[side].ravel(), second[side].ravel())[0, 1]) < 0.2


@with_targets
@pytest.mark.parametrize("side", ["label_smoothing", "fake_smoothing"])
@pytest.mark.parametrize("wrong", [1.0, -0.1, float("nan"), "0.1", None, True])
def test_a_number_must_be_a_share(loss_class, side, wrong):
    with pytest.raises(ValueError, match=rf"`{side}` is out of range"):
        loss_class(**{side: wrong})


@with_targets
@pytest.mark.parametrize("wrong", [(1.2, 0.7), (0.7,), (0.7, 0.9, 1.2), (0.7, 0.7), (0.7, None), ("a", "b")])
def test_a_range_must_be_an_increasing_pair_of_numbers(loss_class, wrong):
    with pytest.raises(ValueError, match=r"must be a number or a range[\s\S]*Received: label_smoothing="):
        loss_class(label_smoothing=wrong)


@with_targets
def test_logits_are_keyword_only_so_that_sides_cannot_be_swapped(loss_class):
    with pytest.raises(TypeError, match="positional"):
        loss_class().discriminator(np.zeros((2, 1)), np.zeros((2, 1)))
