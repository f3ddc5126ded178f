"""Writing into a run folder so that a killed process or a full disk never leaves half a file behind."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tfgan_tricks.checks import explain

TEMPORARY = ".tmp-"  # prefix of the folders that hold what is not finished yet


class WriteError(OSError):
    """Something could not be written; what the folder held before is still there and still valid."""


def prepare_directory(directory: str | Path) -> Path:
    """Creates a folder for output, removes what killed processes left unfinished in it, and tries to write there.

    Raises:
        WriteError: if the folder cannot be created or written to.
    """
    directory = Path(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for leftover in directory.glob(f"{TEMPORARY}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=directory) as folder:
            (Path(folder) / "probe").write_bytes(b"written")
    except OSError as error:
        raise WriteError(
            explain(
                f"Nothing can be written to the folder '{directory}'.",
                received=f"{type(error).__name__}: {error.strerror or error}",
                expected="a folder that exists or can be created, with permission to write and free space",
                fix="choose another folder, change its permissions, or free space.",
            )
        ) from error
    return directory


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Calls `write` with a temporary path, makes what it wrote durable, and only then gives it its name.

    The temporary file has the same name in a folder of its own beside `path`, so that `write` may need more than one
    file; the folder is removed whatever happens.

    Args:
        path: where the file is to be, in a folder that exists. A file that is there already is replaced.
        write: writes the file to the path that it is given.

    Raises:
        WriteError: if the folder is not there, or the disk refuses; other errors of `write` pass as they are.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=path.parent, ignore_cleanup_errors=True) as folder:
            temporary = Path(folder) / path.name
            write(temporary)
            _make_durable(temporary)
            os.replace(temporary, path)
        if os.name == "posix":  # elsewhere a folder cannot be opened
            _make_durable(path.parent)  # the new name, too, survives a power failure
    except OSError as error:
        _refuse_missing_folder(path, error)
        raise WriteError(
            explain(
                f"'{path}' could not be written.",
                received=f"{type(error).__name__}: {error.strerror or error}; {_free_space(path.parent)}",
                expected="a folder with permission to write and enough free space",
                fix="free space or choose another folder, and run again; what the folder held before is still valid.",
            )
        ) from error


def _refuse_missing_folder(path: Path, error: OSError) -> None:
    if os.path.isdir(path.parent) or not isinstance(error, FileNotFoundError | NotADirectoryError):
        return
    raise WriteError(
        explain(
            f"'{path}' could not be written: it has no folder to be in.",
            received=f"'{path.parent}', which {'is a file' if os.path.isfile(path.parent) else 'does not exist'}",
            expected="a path in a folder that exists",
            fix=f"create it first, pathlib.Path({str(path.parent)!r}).mkdir(parents=True), or correct the path.",
        )
    ) from error


def _make_durable(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _free_space(directory: Path) -> str:
    try:
        return f"{shutil.disk_usage(directory).free / 1e6:,.1f} MB free"
    except OSError as error:
        return f"free space unknown ({error.strerror})"
