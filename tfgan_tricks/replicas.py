"""What the replicas of one training step see of each other's batches."""

import keras

from tfgan_tricks.checks import explain


def gather_batch(values):
    """Returns the values of all replicas along the first axis, and at which row this replica's own begin.

    Replica after replica, so that the rows are those of the global batch in its own order. Parts of different
    sizes are joined too. Without a distribution strategy, and on JAX and PyTorch, where one program sees the whole
    batch that Keras gives it, the values come back as they are.

    **Gradient**: what all replicas' losses together say about this replica's rows (the sum over replicas). So the
    loss of each replica must be its share of the global one, i.e. a mean divided by the number of replicas, as the
    training step of this package and Keras' own do; the gradients that the optimizer then sums over replicas are
    those of one device with the whole batch. It may be differentiated twice, as gradient penalties do.

    All replicas must take part: this cannot be called inside a condition.

    Args:
        values: [n, ...], float32 as a rule.

    Raises:
        RuntimeError: if called inside a condition, or inside a `tf.function` that a replica runs.
    """
    if keras.backend.backend() != "tensorflow":
        return values, 0
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:  # none while a network is built in a strategy's scope
        return values, 0
    size = tf.shape(values)[:1]  # [1]
    try:
        gathered, sizes = context.all_gather(values, axis=0), context.all_gather(size, axis=0)  # [N, ...], [replicas]
    except RuntimeError as error:
        if "merge_call" not in str(error):
            raise
        raise RuntimeError(
            explain(
                "Replicas cannot wait for each other inside a condition.",
                received="a layer with across_replicas=True, called in a branch of a condition or in a function"
                " that each replica runs for itself",
                expected="a call that every replica makes in every step",
                fix="compute the term in each step (every=1), or keep the statistics within a replica"
                " (across_replicas=False).",
            )
        ) from error
    start = tf.reduce_sum(sizes[: context.replica_id_in_sync_group])
    return tf.ensure_shape(gathered, (None, *values.shape[1:])), start


def has_others() -> bool:
    """Returns whether this is one of several replicas."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    return context is not None and context.num_replicas_in_sync > 1


def mean_over_replicas(value):
    """Returns the mean of a tensor over all replicas, the same on each; the value itself without a strategy.

    For statistics that a part of the objective remembers. All replicas must take part: not inside a condition.
    """
    if keras.backend.backend() != "tensorflow":
        return value
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return value
    return context.all_reduce(tf.distribute.ReduceOp.MEAN, value)
