"""Whether all workers are about to do the same."""

import functools
import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan_tricks.checks import explain


def any_worker(strategy: tf.distribute.MultiWorkerMirroredStrategy, mine: bool) -> bool:
    """Returns whether any worker says so; all must call it at the same time."""
    votes = strategy.experimental_local_results(_summing(strategy)(tf.constant(float(mine))))
    return float(votes[0].numpy()) > 0.0


@functools.lru_cache(maxsize=1)
def _summing(strategy: tf.distribute.MultiWorkerMirroredStrategy):
    """Returns the function that sums a number over all workers, traced once."""

    def on_replica(value):
        placed = tf.identity(value)  # on the device of the replica, which the sum must know
        return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, placed)

    return tf.function(lambda value: strategy.run(on_replica, args=(value,)))


def check_agreement(strategy: tf.distribute.Strategy, images_seen: int, config: Mapping[str, Any]) -> None:
    """Raises `ValueError` on all workers if they would not train the same model from the same point on.

    Otherwise they would wait for each other for ever, or mix two trainings. All workers must call it.

    Args:
        strategy: that they train under; nothing is checked unless it has several workers.
        images_seen: by the model, after it was restored.
        config: of the run, in types that JSON has.
    """
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return
    mine = tf.constant([[images_seen, zlib.crc32(json.dumps(config, sort_keys=True).encode())]], tf.int64)

    @tf.function
    def gather():
        return strategy.run(lambda: tf.distribute.get_replica_context().all_gather(mine, axis=0))

    seen, configs = np.asarray(strategy.experimental_local_results(gather())[0]).T  # one row per replica
    if len(set(configs)) > 1:
        raise ValueError(
            explain(
                "The workers have different configs.",
                received=f"{len(set(configs))} configs on {len(configs)} replicas",
                expected="the same --config and overrides on all workers",
                fix="start all of them with the same command, and the same version of the library.",
            )
        )
    if len(set(seen)) > 1:
        raise ValueError(
            explain(
                "The workers would go on from different checkpoints.",
                received=f"images seen, by replica: {', '.join(f'{n:,}' for n in seen)}",
                expected="the same checkpoint on all workers",
                fix="give a --workdir on a file system that all of them share.",
            )
        )
