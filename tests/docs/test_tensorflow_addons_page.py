"""The page for those who come from tensorflow-addons names what there was and what there is."""

import json
import re
from operator import attrgetter
from pathlib import Path

import keras
import pytest

import tfgan_tricks
from tests.migrate.addons_networks import GOLDEN

PAGE = (Path(__file__).parents[2] / "docs" / "tensorflow_addons.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| `tfa.")
]
NAMES = json.loads((GOLDEN / "names.json").read_text(encoding="utf-8"))
NOW = sorted({name for row in ROWS for name in re.findall(r"\b((?:keras|tfgan_tricks)(?:\.\w+)+)", row[1])})
PACKAGES = {"keras": keras, "tfgan_tricks": tfgan_tricks}


def test_every_row_has_its_three_cells():
    assert len(ROWS) > 50
    assert all(len(row) == 3 and row[1] for row in ROWS)


def test_every_public_name_of_tensorflow_addons_has_one_row_and_no_other_name_has():
    listed = [name for row in ROWS for name in re.findall(r"`tfa\.([\w.]+)`", row[0])]
    assert sorted(listed) == sorted(f"{kind}.{name}" for kind, names in NAMES.items() for name in names)


def test_a_row_that_gives_no_name_says_that_there_is_nothing_or_writes_the_expression():
    for was, now, _ in ROWS:
        assert re.search(r"nothing here|\bnot\b|`", now), was


@pytest.mark.parametrize("name", NOW)
def test_what_to_use_now_exists(name):
    package, _, path = name.partition(".")
    assert attrgetter(path)(PACKAGES[package]) is not None


def test_the_example_builds_a_model_that_can_be_filled():
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    names: dict = {}
    exec(compile(code.partition("print(")[0], "tensorflow_addons.md", "exec"), names)
    assert names["generator"].output_shape == (None, 8, 8, 3)
    assert "load_addons_weights(generator," in code
