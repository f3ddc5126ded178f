"""Networks whose weights or state must not move: frozen opponents, and critics that a penalty asks."""

from collections.abc import Callable, Sequence

import keras
from keras import ops

from tfgan_tricks.randomness import SeedStream


def with_weights(network: keras.Layer, weights: Sequence | None = None, seed: SeedStream | None = None) -> Callable:
    """Returns `network` as a function that moves none of its state.

    Spectral norm's vector, batch norm's statistics and dropout's seeds are read but keep their values, whatever
    `training` says. So the function may also be called inside a condition, where assignments are forbidden under
    `tf.distribute`.

    Args:
        network: a built layer or model.
        weights: values to use in place of the trainable variables, in their order; the live ones unless given.
        seed: where dropout and noise layers get the seeds of each call from; their own, which do not move, unless
            given, so that each call draws the same.
    """

    def call(inputs, **arguments):
        trainable = [variable.value for variable in network.trainable_variables] if weights is None else weights
        state = [_state(variable, seed) for variable in network.non_trainable_variables]
        outputs, _ = network.stateless_call(trainable, state, inputs, **arguments)
        return outputs

    return call


def frozen(network: keras.Layer, seed: SeedStream | None = None) -> Callable:
    """Returns `network` as a function with constant weights: gradient reaches its input and nothing else."""
    return with_weights(network, [ops.stop_gradient(variable.value) for variable in network.trainable_variables], seed)


def _state(variable: keras.Variable, seed: SeedStream | None):
    fresh = seed is not None and "seed_generator" in variable.path
    return ops.cast(seed.next(), variable.dtype) if fresh else variable.value  # type: ignore[union-attr]
