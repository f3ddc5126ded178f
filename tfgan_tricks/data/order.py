"""Which image comes at which position of the endless stream: a pure function of (seed, position).

The permutation of an epoch is a block cipher on the positions (`RandomIndexShuffle`), so nothing is stored and
nothing is read in advance. Measured in TensorFlow 2.21, and why `tf.random.experimental.index_shuffle` is not used
as it is: with its 4 rounds, batches of 1,797 images sorted by class are four times as lopsided as chance makes them;
and of each word of the seed it sees 8 bits (9 at 100,000 images), so that seeds and epochs 256 apart coincide.
Hence 16 rounds, and seed and epoch hashed (SipHash) into all three words.
"""

import dataclasses

import tensorflow as tf

ROUNDS = 16
WORD = 2**16  # of each of the cipher's three key words; it sees no more of them
FOR_ORDER, FOR_MIRRORING = 0, 1  # second half of the hash key: the two draws are independent


@dataclasses.dataclass(frozen=True)
class Order:
    """Maps positions in the stream to indices of images, without a shuffle buffer and without state.

    Epoch e = position // count is a permutation of all images, drawn by (seed, e). So a run that goes on after n
    images reads on at position n, and sees exactly what it would have seen.

    Attributes:
        count: number of images.
        seed: of the permutations and of the mirroring, from 0 to 2⁶³ - 1.
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
        key = self._draw(epoch, WORD**3, FOR_ORDER)
        return tf.raw_ops.RandomIndexShuffle(
            index=place,
            seed=tf.stack([key % WORD, key // WORD % WORD, key // WORD**2], axis=-1),  # [3] or [n, 3]
            max_index=tf.fill(tf.shape(place), tf.constant(self.count - 1, tf.int64)),
            rounds=ROUNDS,
        )

    def mirrored(self, positions):
        """Returns for each position whether its image is to be mirrored: a fair coin, tossed anew each epoch."""
        return self._draw(positions, 2, FOR_MIRRORING) > 0

    def _draw(self, numbers, sides: int, purpose: int):
        """Returns an int64 in [0, sides) for each number, by a hash whose key is the seed."""
        return tf.strings.to_hash_bucket_strong(tf.strings.as_string(numbers), sides, key=[self.seed, purpose])
