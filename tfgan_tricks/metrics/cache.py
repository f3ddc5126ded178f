"""Where metrics keep what is downloaded or trained once."""

import os
from pathlib import Path

VARIABLE = "TFGAN_TRICKS_CACHE"


def cache_folder(folder: str | os.PathLike | None = None) -> Path:
    """Returns the folder for files that can be made again; the environment variable TFGAN_TRICKS_CACHE moves it.

    Args:
        folder: another one.
    """
    if folder is not None:
        return Path(folder).expanduser()
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tfgan_tricks"
    return Path(os.environ.get(VARIABLE) or default)
