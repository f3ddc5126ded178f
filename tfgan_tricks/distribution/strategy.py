"""From a word to the strategy that a training runs under."""

import os

import tensorflow as tf
from absl import logging

from tfgan_tricks.checks import check_choice, explain
from tfgan_tricks.distribution.cluster import find_cluster
from tfgan_tricks.distribution.slurm import take_own_gpus

STRATEGIES = ("auto", "one_device", "mirrored", "multi_worker", "tpu")


def make_strategy(kind: str = "auto") -> tf.distribute.Strategy:
    """Returns a strategy; build and compile the GAN in its scope.

    * "one_device": the first GPU, or the CPU: TensorFlow's default strategy.
    * "mirrored": all GPUs of this machine, or all logical devices of the CPU.
    * "multi_worker": all workers of the cluster that the environment tells of (`find_cluster`).
    * "tpu": all cores of a TPU. Written after TensorFlow's documentation and never run: there was none to test it on.
    * "auto": "multi_worker" in a cluster, else "mirrored" where there are several GPUs, else "one_device".

    The batch size is that of all replicas together, and must be a multiple of their number.

    Call it first of all for several workers: TensorFlow must know of them before it runs anything.

    Args:
        kind: one of these words.

    Raises:
        ValueError: for another word, or one that does not fit this machine.

    **Cost**: none by itself; each step sums gradients over all replicas.

    **Combines badly with**: a second "mirrored" or "multi_worker" strategy in the same process: the collective
    operations of both carry the same numbers, and TensorFlow aborts.

    Example:

    >>> strategy = tfgan_tricks.distribution.make_strategy("one_device")
    >>> strategy.num_replicas_in_sync
    1
    """
    check_choice("kind", kind, STRATEGIES)
    # Logical devices are not asked for here: that starts TensorFlow, and several workers must be known before.
    if kind == "auto":
        several = len(tf.config.list_physical_devices("GPU")) > 1
        kind = "multi_worker" if find_cluster() else "mirrored" if several else "one_device"
    logging.info("Strategy: %s.", kind)
    if kind == "one_device":
        return tf.distribute.get_strategy()
    if kind == "mirrored":
        if not os.environ.get("TF_CONFIG", "{}").strip():
            del os.environ["TF_CONFIG"]  # which says nothing, but which TensorFlow reads as JSON
        devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    if kind == "tpu":
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver.connect()
        return tf.distribute.TPUStrategy(resolver)
    take_own_gpus(os.environ)
    cluster = find_cluster()
    if cluster is None:
        raise ValueError(
            explain(
                "There are no other workers.",
                received="strategy 'multi_worker', and an environment that tells of no cluster",
                expected="TF_CONFIG, a Slurm step of several tasks, or WORKER_HOSTS with JOB_COMPLETION_INDEX",
                fix="set one of them on each worker, or choose 'auto'.",
            )
        )
    return tf.distribute.MultiWorkerMirroredStrategy(cluster)
