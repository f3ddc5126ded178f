"""The page on update rules: its scripts run."""

from pathlib import Path

import numpy as np

from tests.docs.test_pages import blocks

PAGE = (Path(__file__).parents[2] / "docs" / "update_rules.md").read_text(encoding="utf-8")
# The page trains for minutes; these make it train for seconds.
SMALLER = {
    "resolution=32": "resolution=8",
    "width=64": "width=4",
    '"fashion_mnist"': '"digits"',
    "batch_size=64": "batch_size=8",
    "steps_per_epoch=1_000, epochs=10": "steps_per_epoch=2, epochs=1",
}


def test_the_scripts_run_one_after_the_other():
    code = "\n".join(blocks(PAGE, "python"))
    assert all(large in code for large in SMALLER)
    for large, small in SMALLER.items():
        code = code.replace(large, small)
    one_stage, single_loss = code.split("gan = tt.training.SingleLossGAN")
    names: dict = {}
    for part in (one_stage, "gan = tt.training.SingleLossGAN" + single_loss):
        exec(compile(part, "update_rules.md", "exec"), names)
        assert int(names["gan"].images_seen.numpy()) == 16
        assert all(np.isfinite(np.asarray(weight)).all() for weight in names["gan"].variables)
