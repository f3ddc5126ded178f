"""The protocol of input transforms."""

import numpy as np
import pytest

from tfgan_tricks.inputs import InputTransform


def test_a_subclass_must_implement_call():
    with pytest.raises(NotImplementedError, match="must implement call"):
        InputTransform()(np.zeros((2, 3), "float32"))
