"""What every command does alike: parse flags, run, and turn a user's mistake into one message and exit code 2."""

import re
import shlex
import sys
import traceback
from collections.abc import Callable, Sequence
from itertools import pairwise

from absl import flags
from ml_collections import ConfigDict, config_flags

from tfgan_tricks.checks import explain, suggestion
from tfgan_tricks.configuration.fields import default_config
from tfgan_tricks.output import say_line


class StoppedError(Exception):
    """A command that was told to stop, and that goes on where it was when it is given again."""


def run(name: str, define: Callable, main: Callable, arguments: Sequence[str]) -> int:
    """Parses the arguments of a command and calls it.

    Args:
        name: how the command is called, for its help.
        define: adds the command's flags to the `absl.flags.FlagValues` it is given.
        main: the command, called with the parsed flags and the remaining positional arguments.
        arguments: the command line after the command's name.

    Returns:
        0, also if it was stopped and can be resumed, which is told; or 2 after a mistake of the user, which is told in
        one message without a traceback.
    """
    values = flags.FlagValues()
    flags.DEFINE_bool("help", False, "Show this help.", short_name="h", flag_values=values)
    flags.DEFINE_bool("traceback", False, "Show where in the code an error was raised.", flag_values=values)
    try:
        define(values, [name, *arguments])
        positional = values([name, *arguments])[1:]
        if "config" in values:
            _ = values["config"].value  # a file that cannot be read is told when it is asked for
    except Exception as error:  # the user's config file ran: it may raise anything
        if "--traceback" in arguments:
            raise
        return _mistake(_config_text(error, arguments))
    if values["help"].value:
        print(f"{name}: {main.__doc__}\n{values.get_help()}")
        return 0
    try:
        main(values, positional)
    except StoppedError as stopped:
        say_line(f"{stopped}\nResume with: {shlex.join([*name.split(), *arguments])}")
    except (flags.Error, ValueError, TypeError, OSError, ArithmeticError, ImportError, MemoryError) as error:
        if values["traceback"].value:
            raise
        return _mistake(_text(error))
    except Exception as error:  # a mistake of the library, or a file that leads one of the libraries below astray
        if values["traceback"].value:
            raise
        return _unexpected(error)
    return 0


def define_config(values: flags.FlagValues, argv: Sequence[str]) -> None:
    """Adds `--config FILE[:VARIANT]` and the overrides `--config.field=value`."""
    help_text = "Recipe, a Python file with get_config(variant), e.g. configs/digits_quickstart.py:quick."
    config_flags.DEFINE_config_file(
        "config", None, help_text, flag_values=values, lock_config=True, sys_argv=list(argv)
    )


def required(values: flags.FlagValues, flag: str):
    """Returns a flag's value; raises `flags.Error` if it was not given."""
    if values[flag].value is None:
        raise flags.Error(f"--{flag} is missing: {values[flag].help}")
    return values[flag].value


def _text(error: Exception) -> str:
    return str(error.args[0]) if len(error.args) == 1 else str(error)


def _config_text(error: Exception, arguments: Sequence[str]) -> str:
    """Returns what went wrong with a config, which ml_collections tells by various built-in errors."""
    if isinstance(error, flags.Error) and "Traceback" not in str(error):
        return _text(error)
    unknown = _unknown_field(arguments) if isinstance(error, (KeyError, AttributeError)) else None
    if unknown:
        return unknown
    while isinstance(error.__context__, Exception):  # what the file itself raised
        error = error.__context__
    if "Received:" in str(error):
        return str(error)
    file = next((after for before, after in pairwise(["", *arguments]) if before == "--config"), "--config=...")
    return explain(
        "The config cannot be used.",
        received=f"{file}: {type(error).__name__}: {error}",
        expected="a Python file with get_config(variant) that returns a config, and overrides of the field's type",
        fix="correct the path, the file or the override; --traceback shows where it failed.",
    )


def _unknown_field(arguments: Sequence[str]) -> str | None:
    """Returns what to say of the first override that names no field of a config, if there is one."""
    for argument in arguments:
        override = re.match(r"--config\.(\w+(?:\.\w+)*)", argument)
        above, fields = "", default_config()
        for name in override[1].split(".") if override else ():
            if not isinstance(fields, ConfigDict) or name not in fields:
                names = list(fields) if isinstance(fields, ConfigDict) else []
                return explain(
                    f"The config has no field {f'{above}{name}'!r}.",
                    received=argument,
                    expected=f"one of {', '.join(above + n for n in names)}" if names else f"--config.{above[:-1]}=...",
                    fix=suggestion(name, names, "help(tfgan_tricks.experiment.default_config) tells what each is."),
                )
            above, fields = f"{above}{name}.", fields[name]
    return None


def _unexpected(error: Exception) -> int:
    place = traceback.extract_tb(error.__traceback__)[-1]
    text = explain(
        "Something that should not have happened.",
        received=f"{type(error).__name__}: {str(error).strip()[:500]} ({place.filename}:{place.lineno})",
        expected="no such error, whatever was given",
        fix="look at the files that were given; --traceback shows where it was, for a report of the mistake.",
    )
    print(f"tfgan-tricks: {text}", file=sys.stderr)
    return 1


def _mistake(message: str) -> int:
    print(f"tfgan-tricks: {message.strip()}", file=sys.stderr)
    return 2
