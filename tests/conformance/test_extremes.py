"""Values and gradients stay finite where training may go: sure critics, empty images, huge pixels."""

import numpy as np
import pytest

from tests.conformance.running import is_batched, negate, over, value_and_gradient

EXTREMES = {"zeros": 0.0, "plus_100": 100.0, "minus_100": -100.0, "huge": 1e6, "minus_huge": -1e6}


def assert_finite(case, inputs) -> None:
    for name, value in value_and_gradient(case.build(), inputs).items():
        assert np.isfinite(np.asarray(value, "float64")).all(), name


@pytest.mark.parametrize("extreme", EXTREMES)
@over(is_batched, holding="extremes")
def test_finite_on_constant_inputs(case, extreme):
    assert_finite(case, case.filled(EXTREMES[extreme]))


@pytest.mark.parametrize("scale", [100.0, 1e6])
@over(is_batched, holding="extremes")
def test_finite_on_mixed_inputs(case, scale):
    fixed = {*case.labels, *case.masks}
    inputs = [value if i in fixed else scale * np.sign(value) for i, value in enumerate(case.inputs())]
    assert_finite(case, [value.astype(dtype) for value, dtype in zip(inputs, case.dtypes, strict=True)])


@pytest.mark.parametrize("count", [0, 1, 10**12])
@over(negate(is_batched))
def test_finite_at_any_time(case, count):
    assert_finite(case, case.filled(count))
