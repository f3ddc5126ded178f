"""What replicas must agree on before Keras applies their gradients: clipping, and whether there was an overflow."""

import keras
import tensorflow as tf

from tfgan_tricks.checks import explain
from tfgan_tricks.schedules.learning_rate import inner_optimizers


def agreed(optimizer: keras.optimizers.Optimizer, gradients: list, replicas: int) -> list:
    """Returns the gradients with which Keras' `apply` does on several replicas what it does on one.

    Keras sums over replicas at the very end. Two things come before that and go wrong:

    * With `clipnorm`, `global_clipnorm` or `clipvalue` it clips what each replica has and then adds the pieces up: the
      sum of R pieces can be R times as long as asked for, and points elsewhere than the clipped sum. Here the
      gradients are summed first, and clipped. Each replica gets its share, 1/R, which is within the limits already, so
      that Keras' clipping leaves it alone.
    * Under loss scaling it looks for an overflow on the first replica only; one on another replica would reach the
      weights. Here it is made known to all.

    On one replica, and where neither applies, the gradients come back as they are.

    Args:
        optimizer: of these gradients, built; its `scale_loss` says what the loss was multiplied by.
        gradients: of this replica's share of the loss; `None` where there is none.
        replicas: how many train in sync.

    Raises:
        ValueError: on several replicas for a `MultiOptimizer` of which one clips.
    """
    found = inner_optimizers(optimizer)
    clips = any(_limits(inner) for inner in found)
    scaled = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    if replicas == 1 or not (clips or scaled):
        return gradients
    if clips and len(found) > 1:
        raise ValueError(
            explain(
                "Several optimizers in one cannot clip over replicas.",
                received=f"{type(optimizer).__name__} of {len(found)}, of which one clips, on {replicas} replicas",
                expected="one optimizer for each player, or one replica, or no clipping",
                fix="give each player one optimizer, with clipnorm, global_clipnorm or clipvalue.",
            )
        )
    known = [gradient for gradient in gradients if gradient is not None]
    if clips:
        known = _sum(known)
        known = _clip(known, scale=optimizer.scale_loss(tf.ones(())), **_limits(found[0]))
        known = [gradient / replicas for gradient in known]
    else:
        finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(gradient)) for gradient in known])
        (overflows,) = _sum([tf.where(finite, 0.0, 1.0)])
        known = [tf.where(overflows > 0, float("nan"), gradient) for gradient in known]
    left = iter(known)
    return [None if gradient is None else next(left) for gradient in gradients]


def check_clipping(optimizer: keras.optimizers.Optimizer, replicas: int) -> None:
    """Raises `ValueError` if Keras' own step, which no one can correct, would clip on several replicas."""
    if replicas > 1 and any(_limits(inner) for inner in inner_optimizers(optimizer)):
        raise ValueError(
            explain(
                "Keras' own step clips what each replica has, not their sum.",
                received=f"{type(optimizer).__name__} with clipping, on {replicas} replicas",
                expected="no clipping, or one replica: the steps would be others than on one device",
                fix="use training.GAN or OneStageGAN, which clip the sum, or leave out clipnorm and the like.",
            )
        )


def _sum(values: list) -> list:
    return list(tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, values))


def _limits(optimizer: keras.optimizers.Optimizer) -> dict[str, float]:
    names = ("clipnorm", "global_clipnorm", "clipvalue")  # Keras allows one of them
    return {name: limit for name in names if (limit := getattr(optimizer, name))}


def _clip(gradients: list, scale, clipnorm=None, global_clipnorm=None, clipvalue=None) -> list:
    """Returns gradients clipped at limits for a loss of scale 1; an overflow stays for loss scaling to see."""
    if clipnorm is not None:
        return [tf.clip_by_norm(gradient, clipnorm * scale) for gradient in gradients]
    if global_clipnorm is not None:
        return tf.clip_by_global_norm(gradients, global_clipnorm * scale)[0]
    limit = clipvalue * scale
    return [tf.where(tf.math.is_finite(g), tf.clip_by_value(g, -limit, limit), g) for g in gradients]
