"""One of several workers on this machine, or one process with several logical devices: trains as the test of replicas
does, and writes what it ended with."""

import json
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import tfgan_tricks as tt
from tests.training.test_replicas import trained
from tfgan_tricks.randomness import update_stream


def values_of(gan: keras.Model) -> dict[str, np.ndarray]:
    """Returns the values of a GAN's variables by path, those of the first replica."""
    return {variable.path: variable.numpy() for variable in gan.variables if "seed_generator" not in variable.path}


def unlike(strategy: tf.distribute.Strategy, variables: list[keras.Variable]) -> list[str]:
    """Returns the paths of the variables whose copies on this process' replicas differ in any bit."""
    found = []
    for variable in variables:
        copies = [copy.numpy() for copy in strategy.experimental_local_results(variable.value)]
        if any(copy.tobytes() != copies[0].tobytes() for copy in copies):
            found.append(variable.path)
    return found


def train(strategy: tf.distribute.Strategy, steps: int) -> tuple[dict[str, np.ndarray], dict]:
    """Returns the variables that a training ended with, and what there is to say about it."""
    gan, history = trained(strategy.scope(), steps, terms=[tt.penalties.R1(gamma=1.0, every=3)])
    latents = strategy.run(lambda: gan.task.prior.sample(4, update_stream(gan.seed_generator)))
    about = {"replicas": strategy.num_replicas_in_sync, "chief": gan.is_chief, "history": history}
    about["latents"] = [copy.numpy().tolist() for copy in strategy.experimental_local_results(latents)]
    slots = [*gan.generator_optimizer.variables, *gan.discriminator_optimizer.variables]
    about["unlike"] = unlike(strategy, [*gan.variables, *slots])
    return values_of(gan), about


def main(folder: str, steps: int, devices: int) -> None:
    """Trains for so many steps on all workers that the environment tells of, or on several logical devices."""
    if devices > 1:
        several = [tf.config.LogicalDeviceConfiguration()] * devices
        tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], several)
    strategy = tt.distribution.make_strategy("mirrored" if devices > 1 else "multi_worker")
    values, about = train(strategy, steps)
    name = "devices" if devices > 1 else f"worker-{strategy.cluster_resolver.task_id}"
    np.savez(Path(folder) / f"{name}.npz", **values)
    (Path(folder) / f"{name}.json").write_text(json.dumps(about))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
