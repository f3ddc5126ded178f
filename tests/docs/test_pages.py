"""What the pages tell a reader to type works."""

import re
from pathlib import Path

import pytest

from tfgan_tricks import configuration
from tfgan_tricks.cli.main import COMMANDS
from tfgan_tricks.configuration.registry import KINDS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md")] + sorted((ROOT / "docs").glob("*.md"))
TEXTS = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
# The example trains for minutes; these make it train for seconds.
SMALLER = {
    "resolution=32": "resolution=8",
    "width=64": "width=4",
    '"fashion_mnist"': '"digits"',
    "batch_size=64": "batch_size=8",
    "epochs=10, steps_per_epoch=1_000": "epochs=1, steps_per_epoch=2",
}


def blocks(text: str, language: str) -> list[str]:
    """Returns the fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def test_readme_and_quickstart_show_the_same_example():
    assert blocks(TEXTS["README.md"], "python") == blocks(TEXTS["quickstart.md"], "python")


def test_example_runs(tmp_path, monkeypatch):
    (code,) = blocks(TEXTS["README.md"], "python")
    for large, small in SMALLER.items():
        assert large in code
        code = code.replace(large, small)
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(compile(code, "README.md", "exec"), names)
    assert names["images"].shape == (16, 8, 8, 1)
    assert abs(names["images"]).max() <= 1.0
    assert {"gan.keras", "served", "samples"} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("page", TEXTS)
def test_commands_exist(page):
    code = "\n".join(blocks(TEXTS[page], "bash"))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"^make ([a-z-]+)", code, flags=re.MULTILINE)) <= targets
    assert set(re.findall(r"tfgan-tricks ([a-z]+)", code)) <= set(COMMANDS)
    for config in re.findall(r"configs/\w+\.py", code):
        assert (ROOT / config).exists(), config


@pytest.mark.parametrize("page", TEXTS)
def test_links_between_pages_lead_somewhere(page):
    folder = next(path.parent for path in PAGES if path.name == page)
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", TEXTS[page]):
        generated = target.startswith("tricks/")
        assert generated or (folder / target).exists(), target


def test_readme_names_what_is_there():
    table = TEXTS["README.md"].split("## What is there")[1].split("##")[0]
    public = {name for kind in KINDS for name in configuration.registry(kind)}
    protocols = {"AdversarialLoss", "InputTransform", "Modulation", "Prior", "Schedule", "Task", "Term"}
    assert public - protocols - set(re.findall(r"`(\w+)`", table)) == set()
