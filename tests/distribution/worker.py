"""One of several workers on this machine: trains as the test of replicas does, and writes what it ended with."""

import json
import sys
from pathlib import Path

import numpy as np

import tfgan_tricks as tt
from tests.training.test_replicas import trained
from tfgan_tricks.randomness import update_stream


def main(folder: str, steps: int) -> None:
    """Trains for so many steps under the strategy that the environment asks for."""
    strategy = tt.distribution.make_strategy("auto")
    gan, history = trained(strategy.scope(), steps, terms=[tt.penalties.R1(gamma=1.0, every=3)])
    latents = strategy.run(lambda: gan.task.prior.sample(4, update_stream(gan.seed_generator)))
    resolver = strategy.cluster_resolver
    name = f"worker-{resolver.task_id}" if resolver else "alone"
    values = {variable.path: variable.numpy() for variable in gan.variables if "seed_generator" not in variable.path}
    np.savez(Path(folder) / f"{name}.npz", **values)
    about = {"replicas": strategy.num_replicas_in_sync, "chief": gan.is_chief, "history": history}
    about["latents"] = np.asarray(latents).tolist()
    (Path(folder) / f"{name}.json").write_text(json.dumps(about))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
