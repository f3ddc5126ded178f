"""`tfgan-tricks export`."""

from pathlib import Path

from absl import flags

from tfgan_tricks import run_results
from tfgan_tricks.cli.command import required


def define(values: flags.FlagValues, argv) -> None:
    """Adds the flags of this command."""
    flags.DEFINE_string("workdir", None, "Folder of the run.", flag_values=values)
    flags.DEFINE_string("output", None, "Folder to write to; DIR/served unless given.", flag_values=values)
    flags.DEFINE_bool("deterministic", False, "Leave out noise and dropout that are always on.", flag_values=values)


def main(values: flags.FlagValues, positional: list[str]) -> None:
    """Writes a SavedModel (signatures serving_default, sample): --workdir DIR [--output DIR] [--deterministic]."""
    workdir = Path(required(values, "workdir"))
    output = Path(values["output"].value or workdir / "served")
    gan, _ = run_results.load_run(workdir)
    gan.export(output, deterministic=bool(values["deterministic"].value))
    print(f"Wrote {output}")
