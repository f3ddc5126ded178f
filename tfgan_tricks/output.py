"""Texts for people: that nobody reads them any more ends no training."""

import os
import sys
from typing import TextIO

from absl import logging


def say(text: str, stream: TextIO | None = None) -> None:
    """Writes a text at once; where that is no longer possible, this text and all later ones go nowhere.

    The reader of a pipe may have ended (`| head`), the terminal may be gone, or the disk under a log file full.

    Args:
        text: with the end of its line.
        stream: where to; the standard output unless given, which a process may lack.
    """
    stream = stream or sys.stdout
    if stream is None:
        return
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        logging.warning("The output cannot be written any more (%s); everything else goes on.", error.strerror)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # what is still in the buffer goes there, too, when the process ends
        os.close(nowhere)


def say_line(text: object) -> None:
    """Writes a line to the standard output."""
    say(f"{text}\n")
