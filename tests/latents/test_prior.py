"""The protocol of priors."""

import pytest

from tfgan_tricks.latents import Prior


def test_a_subclass_must_implement_shape_and_sample():
    with pytest.raises(NotImplementedError, match="`shape`"):
        _ = Prior().shape
    with pytest.raises(NotImplementedError, match="sample"):
        Prior().sample(1, seed=0)
