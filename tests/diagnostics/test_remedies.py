"""Every config line that a finding tells can be typed: the shell takes it, and a GAN is built from it."""

import ast
import shlex
from pathlib import Path

import pytest
from absl import flags

import tfgan_tricks.diagnostics
from tfgan_tricks.cli.command import define_config
from tfgan_tricks.configuration.fields import check_config
from tfgan_tricks.construction import build_gan
from tfgan_tricks.diagnostics import Snapshot, Window
from tfgan_tricks.diagnostics.facts import written
from tfgan_tricks.diagnostics.remedies import clip_gradient, lower_rate

ROOT = Path(__file__).parents[2]
SOURCES = sorted(Path(tfgan_tricks.diagnostics.__file__).parent.glob("*.py"))
# What stands for the numbers and names of a training in the lines that are made for it.
FOR_EXAMPLE = {
    "player": "generator",
    "half_life": 2_000,
    "rates": {"generator": 1e-4},
    "loss": "Hinge",
    "norm": 10.0,
    "text": "Adam(0.0001, beta_1=0.0)",
    "line": "Adam(0.0001)",
    "written": written,
}


def lines() -> dict[str, str]:
    """Returns all config lines in the sources of the detectors, by file and line number."""
    found = {}
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if id(node) in inside | documented or not isinstance(node, ast.JoinedStr | ast.Constant):
                continue
            code = compile(ast.Expression(ast.copy_location(node, node)), path.name, "eval")
            text = eval(code, {}, FOR_EXAMPLE) if "--config." in ast.unparse(node) else None
            if text:
                found[f"{path.name}:{node.lineno}"] = text
    return found


LINES = lines()


def built(line: str):
    """Returns the GAN of a small config with this line on the command line."""
    values = flags.FlagValues()
    small = ["--config.architecture=mlp(widths=(8,))", "--config.data.resolution=16"]
    arguments = ["train", "--config", f"{ROOT}/configs/digits_quickstart.py:quick", *small, *shlex.split(line)]
    define_config(values, arguments)
    values(arguments)
    config = values["config"].value
    check_config(config)
    return build_gan(config)


def test_lines_are_found():
    assert len(LINES) > 20


@pytest.mark.parametrize("line", sorted(set(LINES.values())))
def test_a_line_builds_a_gan(line):
    assert line.startswith("--config.")
    assert built(line).compiled


def test_the_rate_of_a_training_is_lowered_and_everything_else_of_its_optimizer_stays():
    facts = {"rates": {"generator": 2e-4}, "optimizers": {"generator": "Adam(0.0002, beta_1=0.0, clipnorm=1.0)"}}
    (remedy,) = lower_rate(Window((), facts), "generator")
    assert remedy.config == "--config.generator_optimizer='Adam(0.0001, beta_1=0.0, clipnorm=1.0)'"
    optimizer = built(remedy.config).generator_optimizer
    assert (float(optimizer.learning_rate), optimizer.beta_1, optimizer.clipnorm) == (pytest.approx(1e-4), 0.0, 1.0)
    assert lower_rate(Window((), facts), "discriminator") == []


@pytest.mark.parametrize(
    ("rate", "factor", "new"), [(1.0, 0.5, 1e-4), (1e-8, 10.0, 1e-4), (1e-3, 0.5, 5e-4), (4.0, 0.5, 1e-4)]
)
def test_an_absurd_rate_becomes_a_usual_one_that_can_be_typed(rate, factor, new):
    facts = {"rates": {"generator": 3.0}, "optimizers": {"generator": "Adam(3.0)"}}
    (remedy,) = lower_rate(Window((Snapshot(8, {"rate/generator": rate}),), facts), "generator", factor)
    assert remedy.config == f"--config.generator_optimizer='Adam({new})'"
    assert f"which is {rate:g}" in remedy.text
    (clipped,) = clip_gradient(Window((), facts), "generator")
    for line in (remedy.config, clipped.config):
        assert built(line).compiled
