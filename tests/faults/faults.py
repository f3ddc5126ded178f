"""The command `train` with faults that strike in its own process: python -m tests.faults.faults FAULT ... -- train ...

A fault is NAME@IMAGES:ARGUMENT. It strikes right after the first step at which so many images have been seen, before
the callbacks save what belongs there; NAME@0 when the data are opened and checked, NAME@start before the command.
"""

import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

DAY = 86_400.0
HELD: list[bytearray] = []  # memory that is taken away


def send(name: str) -> None:
    """Sends this process a signal."""
    os.kill(os.getpid(), signal.Signals[name])


def send_twice(name: str) -> None:
    """Sends this process a signal two times."""
    send(name)
    send(name)


def fill(text: str) -> None:
    """Leaves so many bytes free on the file system of a folder: FOLDER,BYTES."""
    folder, left = text.rsplit(",", 1)
    with open(Path(folder) / "filling", "wb") as file:
        while (free := shutil.disk_usage(folder).free) > int(left):
            file.write(bytes(min(free - int(left), 1 << 20)))
            file.flush()


def corrupt(file: str) -> None:
    """Cuts an image file short: its header is whole, its pixels are not."""
    Path(file).write_bytes(Path(file).read_bytes()[:60])


def remove(path: str) -> None:
    """Deletes a file, or a folder with all that is in it."""
    if os.path.isdir(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def hold(_: str) -> None:
    """Says so and waits, until a line comes from the standard input or its end."""
    print("held", flush=True)
    sys.stdin.readline()


def jump(days: str) -> None:
    """Sets the clock that people set, for this process."""
    told, by = time.time, float(days) * DAY
    time.time = lambda: told() + by
    time.time_ns = lambda: round(time.time() * 1e9)


def starve(megabytes: str) -> None:
    """Leaves this process so much memory: its address space is limited, and what is free in it is taken."""
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + 1_000_000 * int(megabytes),) * 2)
    if megabytes == "0":
        size = 1 << 28
        while size > 1 << 12:
            try:
                HELD.append(bytearray(size))
            except MemoryError:
                size //= 2


FAULTS: dict[str, Callable[[str], None]] = {
    function.__name__: function for function in (send, send_twice, fill, corrupt, remove, hold, jump, starve)
}


def strike(set_attribute: Callable, text: str) -> None:
    """Arranges for a fault.

    Args:
        set_attribute: `setattr`, or that of pytest's monkeypatch.
        text: the fault, as above.
    """
    from tfgan_tricks.callbacks import Progress
    from tfgan_tricks.callbacks.periodic import images_seen

    name, _, argument = text.partition(":")
    name, _, when = name.partition("@")
    # The display is made after the data have been checked, and before the first of them is read.
    hook = "__init__" if when == "0" else "on_train_batch_end"
    undisturbed, struck = getattr(Progress, hook), []

    def disturbed(self, *args, **kwargs):
        undisturbed(self, *args, **kwargs)
        if not struck and (when == "0" or images_seen(self.model) >= int(when)):
            struck.append(True)
            FAULTS[name](argument)

    set_attribute(Progress, hook, disturbed)


def main(arguments: list[str]) -> int:
    """Runs the command after "--" with the faults before it."""
    border = arguments.index("--")
    for text in arguments[:border]:
        if "@start" in text:
            FAULTS[text.partition("@")[0]](text.partition(":")[2])
        else:
            strike(setattr, text)
    from tfgan_tricks.cli.main import main as command

    return command(arguments[border + 1 :])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
