"""On JAX and PyTorch the single loss trains as on TensorFlow, and every penalty has the same value and gradient.

One process per backend does it all; the comparisons share it.
"""

import functools

import numpy as np
import pytest

from tests.support.elsewhere import computed_on
from tests.training import single_loss_elsewhere

# Each process is run once, by one worker.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("single_loss_backends")]


@pytest.fixture(scope="module", params=["jax", "torch"])
def elsewhere(request) -> dict[str, np.ndarray]:
    """What came out on another backend."""
    return computed_on(request.param, "tests.training.single_loss_elsewhere")


@functools.cache
def here(part: str) -> dict[str, np.ndarray]:
    return getattr(single_loss_elsewhere, part)()


def check_same(part: str, prefix: str, elsewhere: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Compares everything of a part with TensorFlow's; returns it by name."""
    received = {name.removeprefix(prefix): value for name, value in elsewhere.items() if name.startswith(prefix)}
    expected = here(part)
    assert set(received) == set(expected)
    for name, value in expected.items():
        assert received[name].shape == value.shape, name
        scale = max(np.abs(value).max(initial=0), 1.0)
        np.testing.assert_allclose(received[name], value, rtol=1e-4, atol=2e-5 * scale, err_msg=name)
    return received


def test_some_steps_leave_the_same_weights_state_optimizers_logs_and_samples(elsewhere):
    """Lazy R1, LeCam, BEGAN's k, historical averaging, clipped weights, averages, schedules, two optimizers."""
    received = check_same("trained", "trained/", elsewhere)
    assert received["began/log/began_k"][-1] > 0.0
    assert len(received) > 80


def test_every_penalty_has_the_same_value_and_gradient(elsewhere):
    received = check_same("penalty_values", "penalties/", elsewhere)
    slopes = [name for name, value in received.items() if name.endswith("/gradient") and np.abs(value).max() > 1e-3]
    assert len(slopes) >= 15


@pytest.mark.parametrize(
    ("norm", "expected"),
    [
        ("penalties.R1/linear", lambda squared: 0.5 * squared),
        ("penalties.ZeroCenteredGP/linear", lambda squared: squared),
        ("penalties.WGANGP/linear", lambda squared: (np.sqrt(squared) - 0.5) ** 2),
    ],
)
def test_a_linear_critic_has_one_gradient_everywhere(norm, expected, elsewhere):
    """The closed form, w; the weight of the row of the table is taken from the value, and the gradient must fit it."""
    weights = single_loss_elsewhere.matches.images_of((8, 1), 2).astype("float64")
    value, gradient = (elsewhere[f"penalties/{norm}/{name}"].astype("float64") for name in ("value", "gradient"))
    squared = float(np.sum(weights**2))
    step = 1e-6 * squared
    slope = (expected(squared + step) - expected(squared - step)) / (2 * step)
    factor = float(value) / expected(squared)
    assert factor > 0.0
    np.testing.assert_allclose(gradient, factor * slope * 2.0 * weights, rtol=1e-4, atol=1e-5)


def test_a_game_full_of_chance_moves_all_its_state_and_goes_on_exactly_when_reloaded(elsewhere):
    found = {name.removeprefix("random/"): value for name, value in elsewhere.items() if name.startswith("random/")}
    # The buffer is full; the seed of evaluation and the update not yet averaged are at rest after `fit`.
    assert {name.split("/")[-1] for name in found["still"]} <= {"unaveraged", "test_seed", "u"}
    assert found["finite"]
    assert found["images_seen"] == 3 * single_loss_elsewhere.BATCH * single_loss_elsewhere.STEPS
    assert found["resumed"]
    assert found["same_logs"]
