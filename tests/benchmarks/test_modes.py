"""The benchmark of modes: its networks, its measures, that a killed run goes on, and what the page says of it."""

import dataclasses
import importlib.util
import json
import math
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tfgan_tricks.metrics.trained_classifier import TrainedClassifier

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from mode_lab import digits, points, results, tables  # noqa: E402
from mode_lab.maxout import Maxout  # noqa: E402
from mode_lab.trial import StepClock, run_trial  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results" / "modes.json"
RING, GRID = points.PointGame("ring", tt.data.ring), points.PointGame("grid", tt.data.grid)


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("benchmark_modes", ROOT / "benchmarks" / "modes.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Networks and data.


@pytest.mark.parametrize("packing", [1, 2, 3, 4])
def test_networks_have_the_shapes_and_parameters_of_the_paper(packing):
    generator, critic = points.generator(), points.critic(packing)
    assert (generator.input_shape, generator.output_shape) == ((None, 2), (None, 2))
    assert (critic.input_shape, critic.output_shape) == ((None, 2 * packing), (None, 1))
    # Four layers of 400 without bias, scale and offset of each, and two outputs with one.
    assert trained(generator) == 2 * 400 + 3 * 400**2 + 4 * 2 * 400 + 400 * 2 + 2
    # Three layers of 200, each the largest of five with a bias, and the logit.
    assert trained(critic) == 5 * (200 * 2 * packing + 200) + 2 * 5 * (200**2 + 200) + 200 + 1
    assert [type(layer).__name__ for layer in generator.layers[1:4]] == ["Dense", "BatchNormalization", "ReLU"]
    kernels = [w for network in (generator, critic) for w in network.trainable_weights if w.name == "kernel"]
    assert len(kernels) == 9
    assert all(abs(np.std(kernel) - 0.02) < 0.004 for kernel in kernels)


def trained(network) -> int:
    return sum(math.prod(weight.shape) for weight in network.trainable_weights)


def test_maxout_takes_the_largest_piece_of_each_unit():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 3)).astype("float32")
    layer = Maxout(units=4, pieces=5)
    layer.build(x.shape)
    layer.set_weights([rng.normal(size=w.shape).astype("float32") for w in layer.weights])
    kernel, bias = layer.get_weights()
    for n in range(6):
        for unit in range(4):  # piece p of a unit is p times the number of units further on
            pieces = [x[n] @ kernel[:, unit + 4 * p] + bias[unit + 4 * p] for p in range(5)]
            assert float(layer(x)[n, unit]) == pytest.approx(max(pieces), rel=1e-5, abs=1e-5)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert (again.units, again.pieces) == (4, 5)
    assert layer.compute_output_shape((None, 3)) == (None, 4)


def test_packs_are_fixed_and_each_comes_once_in_an_epoch():
    protocol = dataclasses.replace(points.QUICK, examples=60, batch=20)
    batches = list(GRID.batches(GRID.variants["packing=3"], protocol, seed=4).take(6).as_numpy_iterator())
    assert {batch["image"].shape for batch in batches} == {(60, 2)}  # 20 packs of 3
    epochs = [np.concatenate([b["image"].reshape(20, 6) for b in part]) for part in (batches[:3], batches[3:])]
    _, drawn = GRID.mixture.at(np.arange(180), 4)
    packs = {row.tobytes() for row in np.reshape(drawn, (60, 6))}
    assert all({row.tobytes() for row in epoch} == packs for epoch in epochs)
    assert not np.array_equal(*epochs)


def test_the_game_is_that_of_the_paper():
    gan = RING.gan(RING.variants["packing=2"], seed=0, jit_compile=False)
    for optimizer in (gan.generator_optimizer, gan.discriminator_optimizer):
        assert (float(optimizer.learning_rate), optimizer.beta_1) == (pytest.approx(1e-4), 0.8)
    assert (gan.backward_passes, gan.critic_steps, len(gan.terms)) == (1, 1, 0)
    assert isinstance(gan.adversarial_loss, tt.losses.adversarial.NonSaturating)
    full = points.FULL
    assert (full.examples, full.batch, full.epochs, full.evaluated, full.trials) == (100_000, 100, 400, 2_500, 10)
    assert RING.mixture.stddev == 0.01
    np.testing.assert_allclose(np.linalg.norm(RING.mixture.centres, axis=1), np.ones(8), rtol=1e-6)
    assert (len(GRID.mixture.centres), GRID.mixture.stddev, GRID.mixture.centres.max()) == (25, 0.05, 4.0)


# Measures.


def test_points_are_judged_as_counted_by_hand():
    near = [[1.0, 0.0], [1.0, 0.02], [0.0, 1.0], [-0.975, 0.0]]  # within 0.03 of east (twice), north and west
    samples = np.array([*near, [0.0, -0.96], [0.71, 0.6]])  # near south and north-east, but not near enough
    found = RING.judge(samples)
    assert (found["modes"], found["high_quality"]) == (3.0, pytest.approx(4 / 6))
    assert found["hits"] == [2, 0, 1, 0, 1, 0, 0, 0]
    shares = np.array([2, 1, 1, 1, 1]) / 6  # every point counts at its nearest centre
    assert found["reverse_kl"] == pytest.approx((shares * np.log(8 * shares)).sum())


def test_digits_are_judged_channel_by_channel():
    game = digits.DigitGame()
    game.__dict__["classifier"] = SimpleNamespace(
        probabilities=lambda channel: np.eye(10)[np.rint(channel[:, 0, 0, 0] * 127.5 + 127.5).astype(int)],
        settings={"accuracy": 1.0},
    )
    told = np.array([[4, 0, 7], [4, 0, 7], [7, 0, 4], [9, 9, 9]], np.uint8)
    images = tt.data.to_float(np.broadcast_to(told[:, None, None, :], (4, 16, 16, 3)).copy())
    found = game.judge(images)
    assert found["modes"] == 3.0
    assert found["reverse_kl"] == pytest.approx(math.log(1_000) + 0.5 * math.log(0.5) + 0.5 * math.log(0.25))


def test_a_classifier_that_errs_does_not_judge():
    game = digits.DigitGame()
    game.classifier._trained = TrainedClassifier(keras.Sequential(), accuracy=0.94, shape=(16, 16, 1), classes=10)
    with pytest.raises(ValueError, match=r"(?s)did not learn.*0\.940.*at least 0\.95"):
        game.judge(np.zeros((2, 16, 16, 3), "float32"))


def test_a_standard_error_is_that_of_the_mean():
    assert results.mean_and_error([1.0, 4.0, 7.0]) == {"mean": 4.0, "standard_error": pytest.approx(math.sqrt(3.0))}
    assert results.mean_and_error([2.5]) == {"mean": 2.5, "standard_error": None}
    assert tables.text({"mean": 0.9817, "standard_error": 0.0023}, "high_quality") == "98.2 ± 0.2"
    assert tables.text({"mean": 7.0, "standard_error": None}, "modes") == "7.0"


def test_the_duration_of_the_whole_protocol_is_the_sum_of_its_steps():
    steps = {"packing=1": 0.009, "packing=2": 0.018, "packing=3": 0.027, "packing=4": 0.036}
    cells = {f"ring/{v}": {"summary": {"seconds_per_step": {"wall": 9.0, "processor": s}}} for v, s in steps.items()}
    assert tables.hours(RING, {"cells": cells}) == pytest.approx(10 * 400_000 * 0.09 / 3600)
    assert tables.hours(GRID, {"cells": cells}) is None


def test_the_clock_leaves_the_first_call_out(monkeypatch):
    clock, now = StepClock(), iter([10.0, 50.0, 13.0, 58.0, 16.0, 66.0])
    monkeypatch.setattr("mode_lab.trial.CLOCKS", {"wall": lambda: next(now), "processor": lambda: next(now)})
    assert clock.seconds_per_step is None
    for last in (99, 199, 299):
        clock.on_train_batch_end(last)
    assert clock.seconds_per_step == {"wall": 0.03, "processor": 0.08}


# Runs.


@pytest.mark.parametrize("name", ["ring", "digits"])
def test_a_few_steps_of_the_whole_protocol(script, monkeypatch, name):
    """Cut short, and by graph, which compiles sooner than XLA; a slow test runs it as it is."""
    game = script.GAMES[name]
    monkeypatch.setattr(type(game), "xla", False)
    monkeypatch.setattr(type(game), "judge", lambda self, samples: {"shape": samples.shape, "std": samples.std()})
    protocol = dataclasses.replace(game.protocols["full"], steps=4, examples=400, evaluated=30)
    monkeypatch.setattr("mode_lab.game.STEPS_AT_ONCE", 2)
    trial = run_trial(game, game.variants["packing=2"], protocol, seed=3)
    assert trial["images_seen"] == 4 * 2 * protocol.batch
    assert trial["shape"] == {"ring": (30, 2), "digits": (30, 16, 16, 3)}[name]
    assert trial["std"] > 0.0
    assert set(trial["seconds_per_step"]) == {"wall", "processor"}
    assert np.isfinite(list(trial["mean_losses"].values())).all()
    assert len(trial["mean_losses"]) == 2


@pytest.mark.slow
@pytest.mark.parametrize("length", ["quick", "full"])
def test_every_cell_makes_a_few_steps_as_it_is(script, length):
    for cell in script.CELLS:
        name, variant = cell.split("/")
        protocol = dataclasses.replace(script.GAMES[name].protocols[length], steps=4, evaluated=30)
        trial = run_trial(script.GAMES[name], script.GAMES[name].variants[variant], protocol, seed=0)
        assert trial["modes"] >= 0, cell


def test_a_killed_run_goes_on_where_it_was(script, monkeypatch, tmp_path, capsys):
    asked = []

    def fake_trial(game, variant, protocol, seed):
        if len(asked) == 3 and not resumed:
            raise KeyboardInterrupt
        asked.append((game.name, variant.packing, seed))
        time = {"wall": 0.01, "processor": 0.02}
        numbers = {"modes": 4.0 + seed, "high_quality": 0.5, "reverse_kl": 0.1 * variant.packing}
        return {"seed": seed, "seconds_per_step": time, **numbers}

    monkeypatch.setattr(script, "run_trial", fake_trial)
    killed, whole = tmp_path / "new" / "killed.json", tmp_path / "whole.json"
    command = ["--full", "--only", "ring/packing=[12]", "--only", "grid/packing=3", "--trials", "2", "--json"]
    resumed = False
    with pytest.raises(KeyboardInterrupt):
        script.main([*command, str(killed)])
    kept = json.loads(killed.read_text(encoding="utf-8"))["full"]["cells"]
    assert {cell: len(found["trials"]) for cell, found in kept.items()} == dict.fromkeys(kept, 1)
    resumed = True
    script.main([*command, str(killed)])
    order = [("ring", 1), ("ring", 2), ("grid", 3)]
    assert asked == [(*cell, 0) for cell in order] + [(*cell, 1) for cell in order]
    script.main([*command, str(killed)])
    assert len(asked) == 6  # all there
    script.main([*command, str(whole)])
    reports = [json.loads(path.read_text(encoding="utf-8"))["full"] for path in (killed, whole)]
    assert reports[0] == reports[1] | {"command": reports[0]["command"]}
    printed = capsys.readouterr().out
    assert "| packing=2 | 2 | 4.5 ± 0.5 | 7.9 ± 0.1 | 50.0 ± 0.0 | 95.6 ± 2.0 | 0.20 ± 0.00 | 0.07 ± 0.03 |" in printed
    assert list(tmp_path.glob("**/.tmp-*")) == []


def test_trials_of_another_protocol_are_not_mixed_in(script, tmp_path, monkeypatch, capsys):
    file = tmp_path / "modes.json"
    trial = {"seed": 0, "seconds_per_step": None, "modes": 1.0, "high_quality": 0.5, "reverse_kl": 0.1}
    results.Results(file, "quick", script.GAMES).add("ring/packing=1", trial, "command")
    shorter = {**points.PointGame.protocols, "quick": dataclasses.replace(points.QUICK, steps=7)}
    monkeypatch.setattr(points.PointGame, "protocols", shorter)
    with pytest.raises(SystemExit) as stopped:
        script.main(["--quick", "--json", str(file)])
    assert stopped.value.code == 2
    assert re.search(r"(?s)other protocols.*'steps': 10000.*'steps': 7.*--restart", capsys.readouterr().err)
    assert results.Results(file, "quick", script.GAMES, restart=True).done("ring/packing=1") == set()
    assert results.Results(file, "full", script.GAMES).done("ring/packing=1") == set()  # it has a place of its own
    monkeypatch.undo()
    monkeypatch.setattr(results, "VERSIONS", {**results.VERSIONS, "keras": "9.9"})
    with pytest.raises(ValueError, match=r"(?s)other versions.*keras: 9\.9"):
        results.Results(file, "quick", script.GAMES)


def test_times_of_the_step_stand_beside_the_trials(script, monkeypatch, tmp_path, capsys):
    file = tmp_path / "modes.json"
    file.write_text('{"quick": {"kept": 1}}', encoding="utf-8")

    def seconds(games, cell, options, steps):
        return {"wall": 0.02 / options["steps_per_execution"] + 0.001 * options["jit_compile"], "processor": 1.0}

    monkeypatch.setattr("mode_lab.speed.seconds_per_step", seconds)
    script.main(["--speed", "--only", "ring/packing=4", "--json", str(file)])
    report = json.loads(file.read_text(encoding="utf-8"))
    assert report["quick"] == {"kept": 1}
    found = report["speed"]["seconds_per_step"]["ring/packing=4"]
    wall = {way: time["wall"] for way, time in found.items()}
    calls = {"graph": 0.02, "graph, 100 steps in a call": 0.0002, "XLA": 0.021, "XLA, 100 steps in a call": 0.0012}
    assert wall == pytest.approx(calls)
    assert "ring/packing=4: graph: 20.0 ms" in capsys.readouterr().out


def test_cells_are_chosen_by_name_or_pattern(script, tmp_path, capsys):
    assert len(script.chosen_cells(None)) == len(script.CELLS) == 11
    assert script.chosen_cells(["digits", "ring/packing=2"])[0] == "ring/packing=2"
    assert script.chosen_cells(["*/packing=1"]) == ["ring/packing=1", "grid/packing=1", "digits/packing=1"]
    with pytest.raises(SystemExit) as stopped:
        script.main(["--quick", "--json", str(tmp_path / "a.json"), "--only", "ring", "--only", "rng"])
    assert stopped.value.code == 2
    assert "Nothing is called 'rng'" in capsys.readouterr().err


# What is published.


def test_the_page_says_what_was_measured(script):
    page = (ROOT / "docs" / "modes.md").read_text(encoding="utf-8")
    measured = json.loads(RESULTS.read_text(encoding="utf-8"))["quick"]
    for game in script.GAMES.values():
        assert tables.table(game, measured) in page
    assert tables.hours_table(script.GAMES, measured) in page
    assert measured["command"] in page


def test_the_results_have_what_is_needed_to_measure_them_again(script):
    measured = json.loads(RESULTS.read_text(encoding="utf-8"))["quick"]
    assert set(measured["versions"]) == {"tensorflow", "keras", "numpy", "tfgan_tricks"}
    assert measured["protocols"] == {name: results.protocol_of(game, "quick") for name, game in script.GAMES.items()}
    assert set(measured["cells"]) <= set(script.CELLS)
    for cell, found in measured["cells"].items():
        game = script.GAMES[cell.split("/")[0]]
        assert [trial["seed"] for trial in found["trials"]] == list(range(len(found["trials"])))
        assert found["summary"] == results.summary(found["trials"], game.measures)
        for trial in found["trials"]:
            variant, protocol = game.variants[cell.split("/")[1]], game.protocols["quick"]
            assert trial["images_seen"] == protocol.steps * protocol.batch * variant.packing
            assert f"-/{protocol.evaluated}]" in trial["metric"]
