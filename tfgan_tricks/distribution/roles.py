"""Who does what among several processes."""

import tensorflow as tf


def is_chief(strategy: tf.distribute.Strategy | None = None) -> bool:
    """Returns whether this process writes files: always, unless it is one of several workers and not the first.

    Among several workers the one that is called "chief" writes, or else the first worker.

    Args:
        strategy: that the process trains under; the present one unless given.

    **Cost**: none.

    **Combines badly with**: nothing known.

    Example:

    >>> tfgan_tricks.distribution.is_chief()
    True
    """
    resolver = getattr(strategy or tf.distribute.get_strategy(), "cluster_resolver", None)
    kind = getattr(resolver, "task_type", None)
    if kind is None or len(resolver.cluster_spec().as_dict()) == 0:
        return True
    if kind == "chief":
        return True
    return kind == "worker" and resolver.task_id == 0 and "chief" not in resolver.cluster_spec().as_dict()
