"""Which image comes at which position of the endless stream: a pure function of (seed, position)."""

import dataclasses

import tensorflow as tf

ROUNDS = 16  # 4, TensorFlow's default, leave neighbours together: batches of a set sorted by class are lopsided
WORD = 2**31 - 1  # the shuffle sees 31 bits of each word of its seed


@dataclasses.dataclass(frozen=True)
class Order:
    """Maps positions in the stream to indices of images, without a shuffle buffer and without state.

    Epoch e = position // count is a permutation of all images, drawn by (seed, e). So a run that goes on after n
    images reads on at position n, and sees exactly what it would have seen.

    Attributes:
        count: number of images.
        seed: of the permutations and of the mirroring, from 0 to 2⁶² - 1.
        shuffle: whether to permute; `False` gives every epoch in the order of the source.
    """

    count: int
    seed: int
    shuffle: bool = True

    def indices(self, positions):
        """Returns the index of the image at each position; int64, a scalar or [n]."""
        epoch, place = positions // self.count, positions % self.count
        if not self.shuffle:
            return place
        low, high = (tf.fill(tf.shape(epoch), tf.constant(word, tf.int64)) for word in self._words())
        # Not tf.random.experimental.index_shuffle: it has no `rounds`, and cannot take one seed per position.
        return tf.raw_ops.RandomIndexShuffle(
            index=place,
            seed=tf.stack([low, epoch, high], axis=-1),  # [3] or [n, 3]
            max_index=tf.fill(tf.shape(epoch), tf.constant(self.count - 1, tf.int64)),
            rounds=ROUNDS,
        )

    def mirrored(self, positions):
        """Returns for each position whether its image is to be mirrored: a fair coin, tossed anew each epoch."""
        return tf.strings.to_hash_bucket_strong(tf.strings.as_string(positions), 2, key=list(self._words())) > 0

    def _words(self) -> tuple[int, int]:
        return self.seed & WORD, self.seed >> 31
