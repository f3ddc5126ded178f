"""Goes through the catalogue, as one of several workers or alone, and writes what each training ended with."""

import sys
import traceback
from pathlib import Path

import keras
import numpy as np

from tfgan_tricks.distribution import make_strategy


def main(folder: str, names: list[str]) -> None:
    """Trains the entries of these names, all unless given."""
    strategy = make_strategy("auto")
    from tests.distribution.catalogue import ENTRIES, state  # which makes networks: the workers must be known before

    who = f"worker-{strategy.cluster_resolver.task_id}" if strategy.cluster_resolver else "alone"
    for entry in ENTRIES:
        if names and entry.name not in names:
            continue
        print(entry.name, flush=True)  # the last one in the log of a process that hangs
        path = Path(folder) / f"{entry.name}.{who}"
        keras.backend.clear_session(free_memory=False)  # names begin anew
        keras.utils.set_random_seed(0)
        try:
            with strategy.scope():
                gan = entry.train()
            np.savez(f"{path}.npz", **state(gan))
        except Exception:  # the test tells of it, beside the other entries
            path.with_name(path.name + ".txt").write_text(traceback.format_exc())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
