"""`NonSaturating` against cross-entropies and their derivatives in NumPy."""

import pytest

from tests.support.adversarial import check_parts, cross_entropy, each_pair, sigmoid, softplus
from tfgan_tricks.losses.adversarial import NonSaturating


@each_pair
@pytest.mark.parametrize(("label", "fake_label"), [(0.0, 0.0), (0.1, 0.0), (0.3, 0.15)])
def test_discriminator_is_the_cross_entropy_with_softened_targets(real, fake, label, fake_label):
    expected = {"real": cross_entropy(real, 1.0 - label), "fake": cross_entropy(fake, fake_label)}
    loss = NonSaturating(label_smoothing=label, fake_smoothing=fake_label)
    check_parts(loss, "discriminator", {"real": real, "fake": fake}, expected)


@each_pair
def test_generator_maximises_log_d(real, fake):
    check_parts(NonSaturating(), "generator", {"fake": fake}, {"fake": (softplus(-fake), -sigmoid(-fake))})


def test_generator_has_its_full_gradient_where_the_discriminator_is_sure():
    value = -100.0
    assert -sigmoid(-value) == pytest.approx(-1.0)
    assert float(NonSaturating().generator(fake=value)["fake"]) == pytest.approx(100.0)
