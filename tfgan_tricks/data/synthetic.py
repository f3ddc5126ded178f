"""Points in the plane whose distribution is known: the games on which mode collapse is counted."""

import dataclasses

import numpy as np
import tensorflow as tf

from tfgan_tricks.checks import check_integer, check_range, explain
from tfgan_tricks.data.pipeline import check_batch_size

FINE = 2**53  # steps in [0, 1) that a float64 tells apart
FOR_MODE, FOR_RADIUS, FOR_ANGLE = 2, 3, 4  # second half of the hash key: three independent draws (`order.py` has 0, 1)


@dataclasses.dataclass(frozen=True, eq=False)
class GaussianMixture:
    """Equally likely round Gaussians in the plane, as an endless stream of fresh points.

    Attributes:
        centres: float32 [modes, 2], one row for each Gaussian.
        stddev: standard deviation of each Gaussian along both axes.

    Example, a GAN on points instead of images:

    >>> mixture = tt.data.ring(modes=8, radius=2.0, stddev=0.02)
    >>> generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(2)])
    >>> critic = keras.Sequential([keras.Input((2,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
    >>> gan = tt.training.GAN(tt.tasks.Unconditional(generator, critic, tt.latents.Normal(2)))
    >>> gan.compile("adam", "adam", loss=tt.losses.adversarial.NonSaturating())
    >>> history = gan.fit(mixture.batches(batch_size=64, seed=1), steps_per_epoch=2, verbose=0)
    >>> mixture.hits(gan.predict(gan.task.prior.sample(100, seed=2), verbose=0)).shape
    (8,)
    """

    centres: np.ndarray
    stddev: float

    def batches(self, batch_size: int = 64, *, seed: int = 0, start: int = 0) -> tf.data.Dataset:
        """Returns an endless stream of batches: "image", float32 [batch, 2], and "label", int32 [batch], the mode.

        The point at a position of the stream is a pure function of (seed, position), whatever the batch size. No
        point comes twice, so there are no epochs: `fit` needs `steps_per_epoch`.

        Args:
            batch_size: points in a batch, over all replicas.
            seed: from 0 to 2⁶³ - 1.
            start: how many points of the stream have been used before.
        """
        check_batch_size(batch_size)
        check_integer("seed", seed, at_least=0)
        check_range("seed", seed, high=2**63 - 1)
        check_integer("start", start, at_least=0)

        def draw(first):
            label, points = self.at(first + tf.range(batch_size, dtype=tf.int64), seed)
            return {"image": points, "label": label}

        firsts = tf.data.Dataset.counter(start, batch_size)
        options = tf.data.Options()
        # Batches are global: each worker takes its part of every batch.
        options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
        drawn = firsts.map(draw, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        return drawn.prefetch(tf.data.AUTOTUNE).with_options(options)

    def at(self, positions, seed: int):
        """Returns the modes, int32 [n], and the points, float32 [n, 2], at positions of the stream, int64 [n]."""

        def drawn(sides: int, purpose: int):
            return tf.strings.to_hash_bucket_strong(tf.strings.as_string(positions), sides, key=[seed, purpose])

        label = drawn(len(self.centres), FOR_MODE)  # [n]
        # Box and Muller: radius and angle of a standard normal vector; 1 - u is never 0.
        radius = tf.sqrt(-2.0 * tf.math.log1p(-tf.cast(drawn(FINE, FOR_RADIUS), tf.float64) / FINE))
        angle = 2.0 * np.pi * tf.cast(drawn(FINE, FOR_ANGLE), tf.float64) / FINE
        normal = tf.stack([radius * tf.cos(angle), radius * tf.sin(angle)], axis=-1)  # [n, 2]
        points = tf.gather(tf.constant(self.centres, tf.float64), label) + self.stddev * normal
        return tf.cast(label, tf.int32), tf.cast(points, tf.float32)

    def hits(self, points, within: float = 3.0) -> np.ndarray:
        """Counts, for each mode, the points nearest to it that lie within some standard deviations; [modes].

        Modes covered are those with a hit: `(hits > 0).sum()`; the share of good points is `hits.sum() / len(points)`.
        Of the mixture's own points 98.9 % lie within 3 standard deviations.

        **Source**: Srivastava et al., 2017, arXiv:1705.07761 (VEEGAN); Lin et al., 2018, arXiv:1712.04086, table 1.

        Args:
            points: [n, 2], e.g. of a generator.
            within: largest distance of a hit from its mode, in standard deviations, above 0.
        """
        check_range("within", within, low=0.0, low_open=True)
        points = np.asarray(points, np.float64)
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(
                explain(
                    "These are no points in the plane.",
                    received=f"an array of shape {points.shape}",
                    expected="(n, 2)",
                    fix="give the generator two outputs: keras.layers.Dense(2).",
                )
            )
        offsets = points[:, None] - self.centres.astype(np.float64)  # [n, modes, 2]
        distance = np.sqrt(np.square(offsets).sum(-1))  # [n, modes]
        near = distance.min(-1) <= within * self.stddev
        return np.bincount(distance.argmin(-1)[near], minlength=len(self.centres))


def ring(modes: int = 8, radius: float = 1.0, stddev: float = 0.01) -> GaussianMixture:
    """Returns Gaussians at equal distances on a circle, from angle 0 on.

    The defaults are PacGAN's; the unrolled GAN's ring has radius 2 and a standard deviation of 0.02.

    **Source**: Metz et al., 2017, arXiv:1611.02163, figure 2; Lin et al., 2018, arXiv:1712.04086, table 1.

    **Differs from the paper**: points are drawn anew for ever; PacGAN trains on 100,000 fixed ones.

    Args:
        modes: number of Gaussians.
        radius: of the circle.
        stddev: of each Gaussian.

    Example:

    >>> tt.data.ring(modes=4).centres.round(3).tolist()
    [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [-0.0, -1.0]]
    """
    check_integer("modes", modes, at_least=1)
    check_range("radius", radius, low=0.0)
    check_range("stddev", stddev, low=0.0)
    angles = 2.0 * np.pi * np.arange(modes) / modes
    centres = radius * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return GaussianMixture(centres.astype(np.float32), stddev)


def grid(side: int = 5, spacing: float = 2.0, stddev: float = 0.05) -> GaussianMixture:
    """Returns Gaussians on a square grid around the origin, row by row.

    **Source**: Lin et al., 2018, arXiv:1712.04086, table 1.

    **Differs from the paper**: points are drawn anew for ever; PacGAN trains on 100,000 fixed ones.

    Args:
        side: Gaussians along each side of the square.
        spacing: distance between neighbours.
        stddev: of each Gaussian.

    Example:

    >>> tt.data.grid(side=2).centres.tolist()
    [[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]]
    """
    check_integer("side", side, at_least=1)
    check_range("spacing", spacing, low=0.0)
    check_range("stddev", stddev, low=0.0)
    ticks = spacing * (np.arange(side) - (side - 1) / 2.0)
    y, x = np.meshgrid(ticks, ticks, indexing="ij")
    return GaussianMixture(np.stack([x, y], axis=-1).reshape(-1, 2).astype(np.float32), stddev)
