"""`Wasserstein` against its formula."""

import numpy as np
import pytest

from tests.support.adversarial import check_parts, each_pair
from tfgan_tricks.losses.adversarial import Wasserstein


@each_pair
def test_critic_pushes_real_up_and_fake_down(real, fake):
    one = np.ones_like(real)
    check_parts(
        Wasserstein(), "discriminator", {"real": real, "fake": fake}, {"real": (-real, -one), "fake": (fake, one)}
    )


@each_pair
def test_generator_pushes_fake_up(real, fake):
    check_parts(Wasserstein(), "generator", {"fake": fake}, {"fake": (-fake, -np.ones_like(fake))})


@pytest.mark.parametrize("trick", ["label_smoothing", "fake_smoothing"])
def test_smoothing_is_refused(trick):
    with pytest.raises(TypeError, match=rf"no targets[\s\S]*Received: {trick}=0.1[\s\S]*LeastSquares"):
        Wasserstein(**{trick: 0.1})
