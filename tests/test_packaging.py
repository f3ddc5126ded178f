"""What is declared, what is locked and what is explained agree."""

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PINS = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
try:
    REQUIREMENTS = importlib.metadata.requires("tfgan_tricks") or []
except importlib.metadata.PackageNotFoundError:
    pytest.skip("the package is on the path but not installed; make test installs it", allow_module_level=True)
UNLOCKED = {"gpu", "export", "addons", "benchmark", "report"}  # extras that `make test` does not install


def plain(name: str) -> str:
    """Returns a distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distribution(requirement: str) -> str:
    return plain(re.match(r"[\w.-]+", requirement)[0])


def extra(requirement: str) -> str:
    found = re.search(r'extra == "(\w+)"', requirement)
    return found[1] if found else ""


def test_version_is_read_without_importing_the_package():
    code = "import runpy; print(runpy.run_path('tfgan_tricks/version.py')['__version__'])"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == importlib.metadata.version("tfgan_tricks")


def test_command_is_installed():
    (command,) = importlib.metadata.entry_points(group="console_scripts", name="tfgan-tricks")
    assert callable(command.load())


def test_pins_are_exact_and_name_no_address():
    assert all(re.fullmatch(r"[\w.-]+==[\w.!+]+", pin) for pin in PINS)
    assert not any("+" in pin for pin in PINS), "a local version is on no public index"


@pytest.mark.parametrize("requirement", [r for r in REQUIREMENTS if extra(r) not in UNLOCKED])
def test_requirement_is_pinned(requirement):
    assert distribution(requirement) in {plain(pin.split("==")[0]) for pin in PINS}


@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_requirement_is_explained_and_bounded(requirement):
    explained = {plain(name) for name in re.findall(r"[\w.-]+", (ROOT / "docs" / "dependencies.md").read_text())}
    assert distribution(requirement) in explained
    assert re.search(r"<\d|==|>=\d{4}", requirement), "a new major version may break what worked"
