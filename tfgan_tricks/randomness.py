"""Where the random numbers of a training step come from.

All randomness of one update (latents, label smoothing, points between real and fake, noise shown to the
critic) descends from **one** seed, drawn from the generator that the model owns and saves. The update folds in
the replica's number and hands out a `SeedStream`: a `keras.random.SeedGenerator` without a variable. So a step
is a pure function of the saved state, replicas never draw the same numbers, and nothing is assigned inside a
condition (which `tf.distribute` forbids).
"""

import keras
from keras import ops


class SeedStream(keras.random.SeedGenerator):
    """Stream of seeds that is a pure function of its root and of how many seeds were taken.

    It is accepted wherever Keras accepts a `SeedGenerator`. The first seed is the root itself, so that
    `SeedStream.from_integer(3)` starts with the numbers that `seed=3` gives.

    Args:
        root: integer tensor of shape (2,).

    Example:

    >>> stream = SeedStream.from_integer(3)
    >>> first = keras.random.normal((2,), seed=stream)
    >>> bool(keras.ops.all(first == keras.random.normal((2,), seed=3)))
    True
    >>> bool(keras.ops.all(first == keras.random.normal((2,), seed=stream)))
    False
    """

    def __init__(self, root):  # no super().__init__: the base class would create a variable
        self.name = "seed_stream"
        self.root = root
        self.taken = 0

    @classmethod
    def from_integer(cls, seed) -> "SeedStream":
        """Returns the stream that starts at a 32-bit integer (a Python number or a scalar tensor)."""
        # The remainder is what Keras takes of an integer seed on TensorFlow; it matters for negative ones.
        root = ops.mod(ops.cast(seed, "int32"), 2**31 - 2)
        return cls(ops.stack([root, ops.zeros((), "int32")]))

    def next(self, ordered=True):
        """Returns the next seed, a tensor of shape (2,) of the integer type that the backend's generators take."""
        offset = ops.convert_to_tensor([0, self.taken], dtype=self.root.dtype)
        self.taken += 1
        return ops.cast(self.root + offset, "uint32" if keras.backend.backend() == "jax" else "int32")


def stream_of(seed) -> keras.random.SeedGenerator:
    """Returns something that several draws can take their numbers from, one after the other.

    An integer becomes a stream, since drawing twice from it would give the same numbers twice; a `SeedGenerator` or a
    `SeedStream` comes back as it is.
    """
    return seed if isinstance(seed, keras.random.SeedGenerator) else SeedStream.from_integer(seed)


def update_stream(generator: keras.random.SeedGenerator) -> SeedStream:
    """Returns the stream of one update on this replica, and moves `generator` by one.

    The generator's state is hashed into the root, so that streams of successive updates do not overlap.
    """
    root = keras.random.randint((2,), 0, 2**31 - 1, dtype="int32", seed=generator)
    return SeedStream(root + ops.stack([replica_id(), ops.zeros((), "int32")]))


def replica_id():
    """Returns this replica's number as an int32 scalar, 0 without a distribution strategy."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        context = tf.distribute.get_replica_context()
        if context is not None:
            return tf.cast(context.replica_id_in_sync_group, "int32")
    return ops.zeros((), "int32")
