"""The page with one script and five sets of tricks: each set runs, without advice against it."""

from pathlib import Path

import numpy as np
import pytest

from tests.docs.test_pages import blocks

PAGE = (Path(__file__).parents[2] / "docs" / "every_trick.md").read_text(encoding="utf-8")
SCRIPT, *SETS = blocks(PAGE, "python")
TITLES = [line.removeprefix("## ") for line in PAGE.splitlines() if line.startswith("## ")]
# The page trains for minutes; these make it train for seconds.
SMALLER = {
    "resolution=32": "resolution=8",
    "batch_size=64": "batch_size=8",
    "width=64": "width=4",
    "epochs=20, steps_per_epoch=500": "epochs=1, steps_per_epoch=2",
}


def test_there_are_five_sets_and_one_script_of_some_twenty_lines():
    assert len(SETS) == len(TITLES) == 5
    assert len([line for line in SCRIPT.splitlines() if line]) <= 24
    assert all(large in SCRIPT + "".join(SETS) for large in SMALLER)


@pytest.mark.parametrize("tricks", SETS, ids=TITLES)
def test_the_script_runs_with_this_set(tricks, tmp_path, monkeypatch, capsys):
    code = tricks + SCRIPT
    for large, small in SMALLER.items():
        code = code.replace(large, small)
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(compile(code, "every_trick.md", "exec"), names)
    assert int(names["gan"].images_seen.numpy()) == 16
    assert all(np.isfinite(np.asarray(weight)).all() for weight in names["gan"].variables)
    assert (tmp_path / "gan.keras").exists()
    assert "(Source:" not in capsys.readouterr().out, "a set on this page must not draw advice"
