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
    cluster = resolver.cluster_spec().as_dict() if resolver and resolver.task_type else {}
    if not resolver or not cluster:
        return True
    first = resolver.task_type == "worker" and resolver.task_id == 0 and "chief" not in cluster
    return first or resolver.task_type == "chief"
