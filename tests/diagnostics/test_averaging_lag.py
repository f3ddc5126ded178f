"""The lag of an average: against its closed form, judged by the plan, and too long in a training."""

import numpy as np
import pytest

from benchmarks.doctor_lab.provoked_networks import averaged_over
from benchmarks.doctor_lab.trial import Trial, run, severities, small_gan
from tests.callbacks.tiny import state
from tfgan_tricks.diagnostics import AveragingLag, Snapshot, Window
from tfgan_tricks.diagnostics.look import Look, Subject

BATCH = 100


@pytest.mark.parametrize("half_life", [300.0, 2_000.0, 1e6])
def test_weights_that_move_steadily_have_the_lag_of_the_closed_form(half_life):
    gan = small_gan(0)
    gan.averaging.half_life_images = half_life
    live, averaged = gan.task.generator, gan.averaged["generator"]
    random = np.random.default_rng(0)
    speeds = [random.normal(size=variable.shape) for variable in live.trainable_variables]
    subject, detector = Subject(gan, count=8), AveragingLag()
    beta = 0.5 ** (BATCH / half_life)
    steps = 0
    assert "averaging_lag/behind" not in detector.measure(Look(subject))
    behind = 0.0
    for _ in range(3):
        was = steps
        for _ in range(7):
            steps += 1
            gan.images_seen.assign(steps * BATCH)
            for variable, speed in zip(live.trainable_variables, speeds, strict=True):
                variable.assign_add(speed)
            gan.averaging.update(averaged, live, gan.images_seen, BATCH)
        before = state(gan)
        values = detector.measure(Look(subject))
        for value, old in zip(state(gan), before, strict=True):
            np.testing.assert_array_equal(value, old)
        # d(k) = β·(d(k - 1) + v) with d(0) = 0, so d(k) = v·β·(1 - β^k)/(1 - β) behind a way of v·k.
        lag = [beta * (1 - beta**k) / (1 - beta) for k in (was, steps)]
        behind = lag[1] / steps
        assert values["averaging_lag/behind"] == pytest.approx(behind, rel=2e-3)
        followed = (7 - (lag[1] - lag[0])) / 7
        assert values["averaging_lag/followed"] == pytest.approx(followed, rel=2e-2, abs=1e-6)
        assert values["averaging_lag/since"] == steps * BATCH
    tau = half_life / np.log(2)
    assert behind == pytest.approx(tau / (steps * BATCH) * (1 - np.exp(-steps * BATCH / tau)), rel=0.2)


def test_spreads_are_those_of_the_images():
    look = Look(Subject(small_gan(0), count=16))
    values = AveragingLag().measure(look)
    images = look.inference.images.astype("float64")
    expected = np.sqrt(np.mean([(images[i] - images.mean(axis=0)) ** 2 for i in range(16)]))
    assert values["averaging_lag/live_spread"] == pytest.approx(expected)
    assert values["averaging_lag/averaged_spread"] == pytest.approx(expected)


def test_without_an_average_nothing_is_measured():
    assert AveragingLag().measure(Look(Subject(small_gan(0, averaging=False), count=8))) == {}


def window_of(behind=0.2, progress=0.6, since=None, followed=0.5, live=1.0, looks: int = 2) -> Window:
    names = ("behind", "since", "followed", "live_spread", "averaged_spread")
    numbers = (behind, 10_000 * (progress or 0.6) if since is None else since, followed, live, 1.0)
    values = {f"averaging_lag/{name}": number for name, number in zip(names, numbers, strict=True)}
    values |= {} if progress is None else {"progress": progress}
    return Window(
        tuple(Snapshot(int(10_000 * (progress or 0.6)), values) for _ in range(looks)), {"half_life_images": 9_999}
    )


@pytest.mark.parametrize(
    ("window", "severity"),
    [
        (window_of(behind=0.91), ["serious"]),
        (window_of(behind=0.89), []),
        (window_of(behind=0.91, looks=1), []),
        (window_of(behind=0.91, progress=0.3), ["warning"]),
        (window_of(behind=0.91, progress=0.2), []),  # so it begins always
        (window_of(behind=0.91, since=1_000), ["warning"]),  # resumed a moment ago
        (window_of(behind=0.91, progress=None), []),
        (window_of(followed=0.0), ["serious"]),
        (window_of(followed=0.0, behind=0.0), []),  # nothing moves
        (window_of(live=0.19), ["warning"]),
        (window_of(live=0.21), []),
        (Window((*window_of(behind=0.99).snapshots, Snapshot(9_000))), []),
        (Window(), []),
    ],
)
def test_the_lag_is_judged_by_the_plan(window, severity):
    assert [finding.severity for finding in AveragingLag()(window)] == severity


def test_a_half_life_beyond_the_run_is_serious_and_a_short_one_is_not_found():
    assert severities(run(Trial("long", "", averaged_over, steps=120))[1])["averaging_lag"] == "serious"
    assert "averaging_lag" not in severities(
        run(Trial("usual", "", lambda s: small_gan(s, "mlp"), steps=120), seed=1)[1]
    )


def test_an_average_that_is_lost_in_rounding_is_found():
    _, episodes = run(Trial("endless", "", lambda seed: averaged_over(seed, 10**12), steps=80))
    assert any(
        "did not" in episode.finding.evidence[0] for episode in episodes if episode.finding.name == "averaging_lag"
    )
