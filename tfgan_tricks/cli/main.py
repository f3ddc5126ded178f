"""The command `tfgan-tricks`: picks the subcommand and leaves the rest to it."""

import importlib
import sys

from tfgan_tricks.checks import suggestion
from tfgan_tricks.cli.command import run

COMMANDS = {
    "train": "train a GAN from a config, or go on where it stopped",
    "sample": "draw images from a trained run",
    "evaluate": "measure how good a run's images are, or those of a folder",
    "report": "write one HTML page about a run",
    "doctor": "say what goes wrong in a run, and what to try",
    "export": "write a SavedModel for serving",
    "list": "list every public component with one line about it",
}


def main(argv: list[str] | None = None) -> int:
    """Runs a subcommand and returns the exit code."""
    name, *arguments = (sys.argv[1:] if argv is None else argv) or ["--help"]
    if name in ("--help", "-h", "help"):
        print("Usage: tfgan-tricks COMMAND [--help] [flags]\n")
        print("\n".join(f"  {command:8s} {text}" for command, text in COMMANDS.items()))
        return 0
    if name not in COMMANDS:
        hint = suggestion(name, COMMANDS, f"the commands are {', '.join(COMMANDS)}.")
        print(f"tfgan-tricks: there is no command {name!r}; {hint}", file=sys.stderr)
        return 2
    module = importlib.import_module(f"tfgan_tricks.cli.{name}_command")
    return run(f"tfgan-tricks {name}", module.define, module.main, arguments)


if __name__ == "__main__":
    sys.exit(main())
