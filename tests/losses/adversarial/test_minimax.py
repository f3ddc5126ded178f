"""`Minimax` against cross-entropies and their derivatives in NumPy."""

import pytest

from tests.support.adversarial import check_parts, cross_entropy, each_pair, sigmoid, softplus
from tfgan_tricks.losses.adversarial import Minimax


@each_pair
@pytest.mark.parametrize(("label", "fake_label"), [(0.0, 0.0), (0.1, 0.0), (0.0, 0.2), (0.3, 0.15)])
def test_discriminator_is_the_cross_entropy_with_softened_targets(real, fake, label, fake_label):
    expected = {"real": cross_entropy(real, 1.0 - label), "fake": cross_entropy(fake, fake_label)}
    loss = Minimax(label_smoothing=label, fake_smoothing=fake_label)
    check_parts(loss, "discriminator", {"real": real, "fake": fake}, expected)


@each_pair
def test_generator_minimises_log_of_one_minus_d(real, fake):
    check_parts(Minimax(), "generator", {"fake": fake}, {"fake": (-softplus(fake), -sigmoid(fake))})


@each_pair
def test_the_players_play_a_zero_sum_game_on_fakes(real, fake):
    discriminator = Minimax().discriminator(real=real, fake=fake)["fake"]
    assert (discriminator + Minimax().generator(fake=fake)["fake"] == 0).numpy().all()


def test_smoothing_leaves_the_generator_alone():
    plain, soft = Minimax().generator(fake=2.0)["fake"], Minimax(0.3, (0.0, 0.3)).generator(fake=2.0)["fake"]
    assert plain == soft
