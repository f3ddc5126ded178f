"""`LabelFlip`: which share of examples has the other side's target, drawn how, and what that costs them."""

import numpy as np
import pytest

from tests.support.adversarial import PAIRS, derivatives, sigmoid, softplus
from tfgan_tricks import configuration
from tfgan_tricks.losses.adversarial import (
    BEGAN,
    EBGAN,
    FDivergence,
    Hinge,
    LabelFlip,
    LeastSquares,
    Minimax,
    NonSaturating,
    Relativistic,
    Wasserstein,
)
from tfgan_tricks.randomness import SeedStream

N = 40_000
with_targets = pytest.mark.parametrize("base_class", [Minimax, NonSaturating])


def flipped(loss, shape=(N, 1), seed=1) -> dict[str, np.ndarray]:
    """Whether each logit had the other side's target: the derivative of a cross-entropy is σ(x) - t."""
    slopes = derivatives(loss, shape, SeedStream.from_integer(seed), at=0.3)
    targets = {side: sigmoid(0.3) - slope for side, slope in slopes.items()}
    for side in targets:
        assert np.isin(np.round(targets[side], 5), [0.0, 1.0]).all()
    return {"real": targets["real"] < 0.5, "fake": targets["fake"] > 0.5}


@with_targets
@pytest.mark.parametrize("probability", [0.05, 0.3])
def test_each_side_has_its_share_of_wrong_labels(base_class, probability):
    wrong = flipped(LabelFlip(base_class(), probability))
    error = 4.5 * np.sqrt(probability * (1 - probability) / N)
    assert abs(wrong["real"].mean() - probability) < error
    assert abs(wrong["fake"].mean() - probability) < error
    assert abs(np.corrcoef(wrong["real"].ravel(), wrong["fake"].ravel())[0, 1]) < 4.5 / np.sqrt(N)


def test_examples_are_flipped_one_by_one():
    wrong = flipped(LabelFlip(NonSaturating(), 0.3))["real"].ravel()
    both = (wrong[1:] & wrong[:-1]).mean()
    assert abs(both - 0.09) < 0.01


def test_the_default_share_is_one_in_twenty():
    assert abs(flipped(LabelFlip(NonSaturating()))["real"].mean() - 0.05) < 0.005


def test_all_patches_of_an_example_are_flipped_together():
    wrong = flipped(LabelFlip(NonSaturating(), 0.4), shape=(64, 3, 4, 1))["real"]
    np.testing.assert_array_equal(wrong, np.broadcast_to(wrong[:, :1, :1], wrong.shape))
    assert 5 < wrong[:, 0, 0].sum() < 59


def test_each_update_flips_others_and_a_seed_gives_them_again():
    loss, stream = LabelFlip(NonSaturating(), 0.3), SeedStream.from_integer(1)
    logits = dict(zip(("real", "fake"), PAIRS["scalars"], strict=True))
    logits = {side: np.tile(value, (40, 1)).astype("float32") for side, value in logits.items()}
    first, second = (loss.discriminator(**logits, seed=stream)["real"].numpy() for _ in range(2))
    again = loss.discriminator(**logits, seed=SeedStream.from_integer(1))["real"].numpy()
    assert 0.1 < np.mean(first != second) < 0.7
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("pair", PAIRS)
def test_a_flipped_example_pays_as_one_of_the_other_side(pair):
    real, fake = PAIRS[pair]
    parts = LabelFlip(NonSaturating(), 0.4).discriminator(real=real, fake=fake, seed=SeedStream.from_integer(5))
    for values, right, wrong in (
        (parts["real"].numpy(), softplus(-real), softplus(real)),
        (parts["fake"].numpy(), softplus(fake), softplus(-fake)),
    ):
        assert values.shape == right.shape
        is_right, is_wrong = (np.isclose(values, expected, rtol=1e-6, atol=1e-12) for expected in (right, wrong))
        assert (is_right | is_wrong).all()


def test_targets_of_any_scale_are_exchanged():
    loss = LabelFlip(LeastSquares(a=-1.0, b=1.5, c=0.5, label_smoothing=0.1), 0.3)
    slopes = derivatives(loss, (N, 1), SeedStream.from_integer(2), at=0.3)
    real, fake = (np.round(0.3 - slopes[side], 4) for side in ("real", "fake"))  # the derivative is x - t
    assert set(real.ravel()) == {np.float32(1.25), np.float32(-1.0)}  # 1.5 - 0.1·2.5, and that of generated images
    assert set(fake.ravel()) == {np.float32(1.25), np.float32(-1.0)}
    assert abs(np.mean(real == -1.0) - 0.3) < 0.02
    assert abs(np.mean(fake == 1.25) - 0.3) < 0.02


def test_the_generators_loss_stays():
    _, fake = PAIRS["patches"]
    for base in (Minimax(), NonSaturating(), LeastSquares()):
        np.testing.assert_array_equal(
            LabelFlip(base, 0.4).generator(fake=fake)["fake"], base.generator(fake=fake)["fake"]
        )


def test_without_a_chance_nothing_is_flipped():
    real, fake = PAIRS["edges"]
    parts = LabelFlip(NonSaturating(), 0.0).discriminator(real=real, fake=fake, seed=1)
    np.testing.assert_allclose(parts["real"], softplus(-real), rtol=1e-12)
    np.testing.assert_allclose(parts["fake"], softplus(fake), rtol=1e-12)


@pytest.mark.parametrize(
    "base",
    [Hinge(), Wasserstein(), BEGAN(), EBGAN(1.0), FDivergence("gan"), Relativistic(NonSaturating())],
    ids=lambda base: type(base).__name__,
)
def test_a_loss_without_targets_is_refused(base):
    with pytest.raises(TypeError, match=rf"{type(base).__name__} has no targets that could be flipped[\s\S]*Fix: drop"):
        LabelFlip(base)


def test_what_is_no_loss_is_refused():
    with pytest.raises(TypeError, match="must be an adversarial loss, not of type str"):
        LabelFlip("NonSaturating")


@pytest.mark.parametrize("probability", [-0.1, 0.5, 1.0, float("nan"), None])
def test_the_share_must_be_below_one_half(probability):
    with pytest.raises(ValueError, match="`probability` is out of range"):
        LabelFlip(NonSaturating(), probability)


def test_a_config_names_it_by_text():
    text = "LabelFlip(LeastSquares(label_smoothing=(0.7, 1.2)), probability=0.1)"
    built = configuration.build(text, "losses.adversarial")
    assert built == LabelFlip(LeastSquares(label_smoothing=(0.7, 1.2)), probability=0.1)
