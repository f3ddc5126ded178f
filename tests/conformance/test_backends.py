"""On JAX and PyTorch, with the same weights and inputs, the parts compute what they compute on TensorFlow.

One process per backend runs the whole table; each case is then compared: outputs, gradients, and moved state.
"""

import numpy as np
import pytest

from tests.conformance.other_backend import is_portable
from tests.conformance.running import over, value_and_gradient, variables_of
from tests.support.elsewhere import computed_on

# The tables are computed once, by one worker.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("backends")]


@pytest.fixture(scope="module", params=["jax", "torch"])
def elsewhere(request) -> dict[str, np.ndarray]:
    """What the whole table gave on another backend."""
    return computed_on(request.param, "tests.conformance.other_backend")


@over(is_portable)
def test_values_gradients_and_state_are_those_of_tensorflow(case, elsewhere):
    received = {name.removeprefix(f"{case.id}/"): v for name, v in elsewhere.items() if name.startswith(f"{case.id}/")}
    built = case.build()
    for index, variable in enumerate(variables_of(built)):
        variable.assign(received.pop(f"weight_{index}"))
    computed = value_and_gradient(built, case.inputs())
    expected = {}
    for group in ("gradient", "variable"):
        members = [np.asarray(value) for name, value in computed.items() if name.startswith(f"{group}_")]
        expected |= {f"{'after' if group == 'variable' else group}_{i}": value for i, value in enumerate(members)}
    outputs = [np.asarray(v) for name, v in computed.items() if not name.startswith(("gradient_", "variable_"))]
    expected |= {f"output_{i}": value for i, value in enumerate(outputs)}
    # TensorFlow lists the inputs' gradients first; compare as sets of shapes' sums would be weak, so put them in order.
    inputs = sum(value.dtype.kind == "f" for value in case.inputs())
    count = sum(name.startswith("gradient_") for name in received)
    assert count == sum(name.startswith("gradient_") for name in expected)
    order = [*range(inputs, count), *range(inputs)]
    expected |= {f"gradient_{i}": expected[f"gradient_{place}"] for i, place in enumerate(order)}
    assert set(received) == set(expected)
    for name, value in expected.items():
        assert received[name].shape == value.shape
        both_integers = {received[name].dtype.kind, value.dtype.kind} <= {"i", "u"}  # seeds, of each backend's type
        assert both_integers or received[name].dtype == value.dtype
        if not case.random:  # each backend has a random generator of its own
            scale = max(float(np.abs(value).max(initial=0)), 1e-3)
            np.testing.assert_allclose(received[name], value, rtol=1e-4, atol=2e-5 * scale, err_msg=name)
        assert np.isfinite(received[name]).all()
