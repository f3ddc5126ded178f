"""`tfgan-tricks report`."""

from absl import flags

from tfgan_tricks.cli.command import required
from tfgan_tricks.report import write_report


def define(values: flags.FlagValues, argv) -> None:
    """Adds the flags of this command."""
    flags.DEFINE_string("workdir", None, "Folder of the run.", flag_values=values)
    flags.DEFINE_string("output", None, "File to write; DIR/report.html unless given.", flag_values=values)


def main(values: flags.FlagValues, positional: list[str]) -> None:
    """Writes one HTML page about a run, running or finished: --workdir DIR [--output FILE]."""
    print(f"Wrote {write_report(required(values, 'workdir'), values['output'].value)}")
