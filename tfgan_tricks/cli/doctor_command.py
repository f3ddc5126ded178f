"""`tfgan-tricks doctor`."""

import json

from absl import flags

from tfgan_tricks import run_diagnosis
from tfgan_tricks.cli.command import required
from tfgan_tricks.diagnostics import course


def define(values: flags.FlagValues, argv) -> None:
    """Adds the flags of this command."""
    flags.DEFINE_string("workdir", None, "Folder of the run, finished or running.", flag_values=values)
    flags.DEFINE_bool("json", False, "Print one JSON object, for other programs.", flag_values=values)


def main(values: flags.FlagValues, positional: list[str]) -> None:
    """Says what goes wrong in a run, how it knows, and what to try: --workdir DIR [--json]."""
    window = run_diagnosis.window_of(required(values, "workdir"))
    episodes = course(window)
    if values["json"].value:
        print(json.dumps(run_diagnosis.as_dict(window, episodes), indent=2, allow_nan=False))
    else:
        print("\n".join(run_diagnosis.told(window, episodes)))
