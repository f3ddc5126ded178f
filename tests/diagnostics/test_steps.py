"""Single steps recovered from running means, against the steps themselves."""

import numpy as np
import pytest

from tfgan_tricks.diagnostics.steps import WATCHED, Steps

NAMES = (*WATCHED, "real_probability")


def logs_of(history: np.ndarray) -> dict[str, float]:
    """Returns what Keras logs after these steps, [steps, names]: means, as float32."""
    return dict(zip(NAMES, np.float32(history.mean(axis=0)).tolist(), strict=True))


def fed(steps: Steps, history: np.ndarray, counts) -> None:
    for count in counts:
        steps.add(count, logs_of(history[:count]))


def test_a_span_has_the_mean_deviation_and_maximum_of_its_own_steps():
    history = np.random.default_rng(0).uniform(0.1, 3.0, (50, len(NAMES)))
    steps = Steps(set(NAMES))
    fed(steps, history, range(1, 31))
    assert steps.span(logs_of(history[:30]))["generator_loss"] == pytest.approx(history[:30, 1].mean(), rel=1e-5)
    steps.begin_span()
    fed(steps, history, range(31, 51))
    found, own = steps.span(logs_of(history)), history[30:]
    for i, name in enumerate(NAMES):
        assert found[name] == pytest.approx(own[:, i].mean(), rel=1e-4)
        if name in WATCHED:
            assert found[f"{name}_max"] == pytest.approx(own[:, i].max(), rel=1e-4)
            assert found[f"{name}_std"] == pytest.approx(own[:, i].std(), rel=1e-3)


def test_of_several_steps_in_one_execution_their_mean_counts():
    history = np.random.default_rng(1).uniform(0.1, 3.0, (12, len(NAMES)))
    steps = Steps(set(NAMES))
    fed(steps, history, (4, 8, 12))
    means = history.reshape(3, 4, -1).mean(axis=1)
    assert steps.span(logs_of(history))["generator_loss_max"] == pytest.approx(means[:, 1].max(), rel=1e-5)


def test_an_epoch_begins_anew_and_other_logs_are_taken_as_they_are():
    first, second = np.random.default_rng(2).uniform(0.1, 3.0, (2, 6, len(NAMES)))
    steps = Steps(set(NAMES))
    fed(steps, first, range(1, 7))
    steps.begin_epoch()
    fed(steps, second, range(1, 7))
    found = steps.span(logs_of(second) | {"sigma/discriminator/conv": 7.0})
    assert found["discriminator_loss"] == pytest.approx(second[:, 0].mean(), rel=1e-5)
    assert found["sigma/discriminator/conv"] == 7.0


def test_without_a_step_nothing_is_known_of_steps():
    assert Steps(set(NAMES)).span({}) == {}
