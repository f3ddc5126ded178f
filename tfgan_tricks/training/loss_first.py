"""Weights that move only when the loss has read them."""

import keras
import tensorflow as tf


def loss_first(loss):
    """Returns a loss whose gradient is computed only once the loss is.

    A loss that is linear in the critic's logits (such as `BEGAN`) has a gradient in the critic's last kernel
    that does not depend on the logits. What holds back its update until the logits are computed is then nothing but an
    edge of order in the graph, from reading the kernel to assigning it. TensorFlow's graph optimizer drops that edge as
    superfluous, because of a path through the shape of the logits, and then that path too, because the shape is known.
    In some steps the loss then reads the kernel after its update, and no two runs are the same.
    """
    if keras.backend.backend() != "tensorflow":
        return loss

    @tf.custom_gradient
    def passed(value):
        def gradient(upstream):
            with tf.control_dependencies([value]):
                return tf.identity(upstream)

        return tf.identity(value), gradient

    return passed(loss)
