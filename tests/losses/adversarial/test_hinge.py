"""`Hinge` against its formula; both signs are those of the paper."""

import numpy as np
import pytest

from tests.support.adversarial import check_parts, each_pair
from tfgan_tricks.losses.adversarial import Hinge


@each_pair
def test_discriminator_stops_at_the_margin(real, fake):
    expected = {
        "real": (np.maximum(0.0, 1.0 - real), np.where(real < 1.0, -1.0, 0.0)),
        "fake": (np.maximum(0.0, 1.0 + fake), np.where(fake > -1.0, 1.0, 0.0)),
    }
    check_parts(Hinge(), "discriminator", {"real": real, "fake": fake}, expected)


@each_pair
def test_generator_is_linear(real, fake):
    check_parts(Hinge(), "generator", {"fake": fake}, {"fake": (-fake, -np.ones_like(fake))})


@pytest.mark.parametrize("smoothing", [0.1, (0.7, 1.2)])
def test_smoothing_is_refused(smoothing):
    with pytest.raises(TypeError, match=r"Hinge has no targets[\s\S]*Received[\s\S]*Expected[\s\S]*Fix: drop"):
        Hinge(label_smoothing=smoothing)
