"""Minibatch standard deviation."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, check_type, explain
from tfgan_tricks.replicas import gather_batch

EPSILON = 1e-8


@keras.saving.register_keras_serializable("tfgan_tricks")
class MinibatchStd(keras.layers.Layer):
    """Appends one feature map that says how much the examples of a group differ from each other.

    For a critic, before its last convolution. A generator whose images are too alike gives itself away by the map,
    which punishes mode collapse. Nothing is learned here; the next layer learns what a suspicious value is.

    For each position and channel the standard deviation over the group, σ = √(mean (x - mean x)² + 1e-8); their
    mean over positions and channels is one number per group, and fills the map of each of its examples.

    With M = max(n // `groups`, 1), example i belongs to group i mod M, so that the M groups have `groups` examples
    each. Any batch size will do: what is left over is dealt out to the groups, and the last ones are smaller by one
    (n = 11, `groups` = 4: one group of 6, one of 5). No group has fewer than `groups` examples unless the batch has;
    then it is one group, and of a single example the map holds √1e-8 = 1e-4.

    A group lies within one replica, so that each replica of a strategy judges its part of the batch by itself.

    **Source**: Karras et al., 2018, arXiv:1710.10196, section 3. The paper takes the whole minibatch; groups, their
    members (i, i + M, i + 2M, ...) and the 1e-8 are in the authors' code.

    **Differs from the paper**: groups, as above; the authors' code wants n below or a multiple of the group size.

    Args:
        groups: examples per group (not the number of groups), at least 2.
        across_replicas: whether groups are made from the batches of all replicas, as if one device had them all.

    Call arguments:
        inputs: float tensor, at least 2-D.

    Input shape: [n, ..., c], any n.

    Output shape: [n, ..., c + 1]; the last channel is the map.

    **Cost**: two passes over the inputs, in float32. Across replicas each one gathers, and then holds, the inputs
    of all of them.

    **Combines badly with**: gradient penalties, which mean a gradient per example while the score of one example
    now depends on its group; a one-stage update for the same reason; comparisons between different group sizes (the
    deviation of 2 examples is smaller than that of 8). `across_replicas=True` with lazy terms (`every` above 1),
    because replicas cannot wait for each other inside a condition: that is an error.

    Example:

    >>> layer = tfgan_tricks.layers.MinibatchStd(groups=4)
    >>> images = np.stack([np.full((8, 8, 3), value, "float32") for value in (0.0, 0.0, 2.0, 2.0)])
    >>> outputs = layer(images)
    >>> tuple(outputs.shape), round(float(outputs[0, 0, 0, -1]), 4)
    ((4, 8, 8, 4), 1.0)
    """

    def __init__(self, groups: int = 4, across_replicas: bool = False, **kwargs):
        super().__init__(**kwargs)
        check_integer("groups", groups, at_least=2)
        check_type("across_replicas", across_replicas, bool, "pass True or False.")
        self.groups = groups
        self.across_replicas = across_replicas

    def build(self, input_shape):
        self._check_shape(input_shape)
        self.built = True

    def call(self, inputs):
        x = ops.cast(inputs, "float32")
        everyone, start = gather_batch(x) if self.across_replicas else (x, 0)
        values = deviation_in_groups(everyone, self.groups)[start : start + ops.shape(x)[0]]  # [n]
        shape = (*ops.shape(x)[:-1], 1)
        values = ops.reshape(values, (-1, *[1] * (len(shape) - 1)))  # [n, 1, 1, 1]
        feature = ops.cast(ops.broadcast_to(values, shape), inputs.dtype)  # [n, h, w, 1]
        return ops.concatenate([inputs, feature], axis=-1)  # [n, h, w, c + 1]

    def compute_output_shape(self, input_shape):
        self._check_shape(input_shape)
        return (*input_shape[:-1], input_shape[-1] + 1)

    def get_config(self):
        return {**super().get_config(), "groups": self.groups, "across_replicas": self.across_replicas}

    def _check_shape(self, shape) -> None:
        if len(shape) < 2 or shape[-1] is None:
            raise ValueError(
                explain(
                    "MinibatchStd has no channels to append a feature map to.",
                    received=f"inputs of shape {tuple(shape)}",
                    expected="(batch, ..., channels) with a known number of channels, e.g. (None, 4, 4, 512)",
                    fix="call it on images or features with a batch and a channel axis.",
                )
            )


def deviation_in_groups(x, size: int):
    """Returns for each example of x, [n, ..., c], the mean standard deviation within its group, [n]."""
    n = ops.shape(x)[0]
    number = _at_least_one(n // size)  # M, a Python integer where n is one
    rows = _at_least_one(-(-n // number))
    rest = ops.zeros((rows * number - n, *ops.shape(x)[1:]), x.dtype)
    x = ops.reshape(ops.concatenate([x, rest]), (rows, number, -1))  # [rows, M, h·w·c]
    there = ops.cast(ops.reshape(ops.arange(rows * number) < n, (rows, number, 1)), x.dtype)  # 0 for the rest
    count = ops.maximum(ops.sum(there, axis=0), 1)  # [M, 1]
    centred = there * (x - ops.sum(x, axis=0) / count)
    variance = ops.sum(ops.square(centred), axis=0) / count  # [M, h·w·c]
    deviation = ops.mean(ops.sqrt(variance + EPSILON), axis=-1)  # [M]
    return ops.reshape(ops.broadcast_to(deviation, (rows, number)), (-1,))[:n]  # [n]


def _at_least_one(number):
    return max(number, 1) if isinstance(number, int) else ops.maximum(number, 1)
