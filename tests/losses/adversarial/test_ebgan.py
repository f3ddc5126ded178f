"""`EBGAN` against its formula, in energies: the negative logits."""

import numpy as np
import pytest

from tests.support.adversarial import check_parts, each_pair
from tfgan_tricks import configuration
from tfgan_tricks.losses.adversarial import EBGAN


@each_pair
@pytest.mark.parametrize("margin", [0.75, 10.0])
def test_energy_of_real_images_and_the_margin_on_generated_ones(real, fake, margin):
    energy, generated = -real, -fake
    expected = {
        "real": (energy, -np.ones_like(real)),
        "fake": (np.maximum(0.0, margin - generated), np.where(generated < margin, 1.0, 0.0)),
    }
    check_parts(EBGAN(margin), "discriminator", {"real": real, "fake": fake}, expected)


@each_pair
def test_the_generator_minimises_the_energy(real, fake):
    check_parts(EBGAN(2.0), "generator", {"fake": fake}, {"fake": (-fake, -np.ones_like(fake))})


@pytest.mark.parametrize("margin", [0.0, -1.0, float("inf"), float("nan"), "10"])
def test_the_margin_must_be_positive(margin):
    with pytest.raises(ValueError, match="`margin` is out of range"):
        EBGAN(margin)


def test_smoothing_is_refused():
    with pytest.raises(TypeError, match="EBGAN has no targets"):
        EBGAN(1.0, fake_smoothing=0.1)


def test_a_config_names_it_by_text():
    assert configuration.build("EBGAN(margin=20)", "losses.adversarial") == EBGAN(20)
