"""One training at a time in one folder."""

import contextlib
import json
import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path

import filelock
from absl import logging

from tfgan_tricks.checks import explain
from tfgan_tricks.files import prepare_directory, write_atomically

LOCK, OWNER = ".lock", ".owner.json"


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps a folder for this process as long as the block runs; makes it where it does not exist.

    The lock is the operating system's (`flock`), so that it ends with the process, however that ends: a killed run
    leaves no lock behind. A folder that was made for the lock and holds nothing else goes again.

    Raises:
        BlockingIOError: if another process trains there.
        WriteError: if the folder cannot be written to.
    """
    fresh = not folder.exists()
    if fresh:
        prepare_directory(folder)
    lock = filelock.FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise BlockingIOError(_taken(folder)) from None
    except NotImplementedError:
        logging.warning("The file system of '%s' has no locks: nothing stops a second training in it.", folder)
    except OSError:
        prepare_directory(folder)  # says what is wrong with the folder
        raise
    owner = {"process": os.getpid(), "host": platform.node(), "since": time.strftime("%Y-%m-%d %H:%M:%S %z")}
    try:
        prepare_directory(folder)  # not before: it removes what another process may be writing
        write_atomically(folder / OWNER, lambda temporary: temporary.write_text(json.dumps(owner)))
        yield
    finally:
        with contextlib.suppress(OSError):  # the folder may be gone, or read-only by now: not what the caller must know
            (folder / OWNER).unlink()
        lock.release()
        with contextlib.suppress(OSError):
            if fresh and [path.name for path in folder.iterdir()] == [LOCK]:
                (folder / LOCK).unlink()
                folder.rmdir()


def _taken(folder: Path) -> str:
    try:
        owner = json.loads((folder / OWNER).read_text())
        who = f"process {owner['process']} on {owner['host']}, since {owner['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return explain(
        f"Another training is running in {folder}.",
        received=f"a folder locked by {who}",
        expected="one training per folder",
        fix="wait for it, end it, or choose another --workdir.",
    )
