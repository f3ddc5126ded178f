"""What only the first worker knows, told to the others."""

import functools
import json
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan_tricks.distribution.roles import is_chief


def from_chief(strategy: tf.distribute.Strategy | None, value: Any) -> Any:
    """Returns the value that the chief has, on all workers, which must call it at the same time.

    Args:
        strategy: that they train under; with one worker, the value comes back as it is.
        value: anything that JSON holds; what the others pass is not read.
    """
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return value
    text = json.dumps(value).encode() if is_chief(strategy) else b""
    told = _joining(strategy)(tf.constant(np.frombuffer(text, np.uint8), tf.int32))
    joined = strategy.experimental_local_results(told)[0].numpy().astype(np.uint8).tobytes()
    copies = len(strategy.extended.worker_devices)  # one of each replica of a worker
    return json.loads(joined[: len(joined) // copies])


@functools.lru_cache(maxsize=1)
def _joining(strategy: tf.distribute.MultiWorkerMirroredStrategy):
    """Returns the function that joins the bytes of all replicas, as numbers that can be joined; traced once."""

    def on_replica(value):
        placed = tf.identity(value)  # on the device of the replica, for `all_gather` to know it
        return tf.distribute.get_replica_context().all_gather(placed, axis=0)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32)])
    def joined(value):
        return strategy.run(on_replica, args=(value,))

    return joined
