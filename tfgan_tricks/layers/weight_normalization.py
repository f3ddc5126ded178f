"""Weight normalisation of any layer that has one kernel."""

import math

import keras
from keras import ops

from tfgan_tricks.checks import explain
from tfgan_tricks.layers.substituted_kernel import SubstitutedKernel, call_with, dtype_of, full_precision


@keras.saving.register_keras_serializable("tfgan_tricks")
class WeightNormalization(SubstitutedKernel):
    """Wraps a layer and trains the length and the direction of its weight vectors apart.

    For networks that train badly without normalisation but must not mix the examples of a batch, as generators and
    discriminators under a gradient penalty: it makes the step size of each output independent of the length of its
    weights.

    w = g · v/‖v‖, with the norm over the weights of one output. v is the layer's kernel, g a new weight that starts as
    ‖v‖, so that wrapping does not change what the layer computes. An output is told by the last axis of the kernel, for
    transposed convolutions by the last but one, for depthwise ones by both (channels and multiplier), for `EinsumDense`
    by the axes that the output has; for `Embedding` each entry has its norm. `axis` says otherwise. g, v and the norm
    are float32, also under mixed precision.

    **Source**: Salimans and Kingma, 2016, arXiv:1602.07868, equations 2 and 3; `adapt`: section 3, equations 5 and 6.

    **Differs from the paper**: g starts as ‖v‖ unless `adapt` is called.

    Args:
        layer: the layer to wrap, of one input, with one weight whose name ends in "kernel" or "embeddings" and is used
            as it is stored: not normalised or scaled already.
        weight_name: where it has several, the end of the path of the one to normalise, such as "depthwise_kernel"; the
            others are used as they are.
        axis: axis of the kernel that tells outputs apart, or a tuple of them; chosen by the kind of layer unless given.
        **kwargs: arguments of `keras.layers.Layer`; the precision policy is that of `layer` unless given.

    Attributes:
        layer: the wrapped layer.
        kernel: its stored kernel, v, trainable.
        g: the length of each weight vector, trainable, of the shape of the kernel's axes that tell outputs apart.

    Call arguments:
        inputs: what `layer` takes.
        training: passed on to `layer`.

    Input shape: that of `layer`.

    Output shape: that of `layer`.

    **Cost**: one pass over the kernel per call; nothing that grows with the batch.

    **Combines badly with**: spectral normalisation of the same kernel (refused); weight decay on the kernel, which
    shrinks v alone and with it only raises its step size; LoRA and quantization.

    Example:

    >>> layer = tfgan_tricks.layers.WeightNormalization(keras.layers.Dense(8))
    >>> x = np.random.default_rng(0).normal(3.0, 2.0, size=(256, 5)).astype("float32")
    >>> layer.adapt(x)
    >>> outputs = np.asarray(layer(x))
    >>> np.allclose(outputs.mean(0), 0, atol=1e-4), np.allclose(outputs.std(0), 1, atol=1e-4)
    (True, True)
    """

    def __init__(self, layer, *, weight_name: str | None = None, axis: int | tuple[int, ...] | None = None, **kwargs):
        super().__init__(layer, weight_name=weight_name, axis=axis, **kwargs)

    def build(self, input_shape=None):
        super().build(input_shape)
        kernel = self.kernel
        self.g = self.add_weight(
            name="g",
            shape=tuple(kernel.shape[axis] for axis in self.output_axes),
            initializer=lambda shape, dtype=None: ops.reshape(self._norm(full_precision(kernel)), shape),
            dtype=dtype_of(full_precision(kernel)),
            autocast=False,
        )

    def normalized_kernel(self):
        """Returns w, the kernel that the layer is called with."""
        return self._with_length(self.g)

    def substitute(self, training):
        return self.normalized_kernel()

    def adapt(self, inputs) -> None:
        """Sets g and the bias such that the outputs for `inputs`, before the activation, have mean 0 and variance 1.

        Call it once, before training, on a batch as the layer will get it. An output that does not vary keeps its g. A
        layer without bias keeps its mean.

        Args:
            inputs: a batch of what `layer` takes.
        """
        if not self.built:
            self.build(inputs.shape)
        g, bias = self.g, getattr(self.layer, "bias", None)
        activation, self.layer.activation = getattr(self.layer, "activation", None), keras.activations.linear
        try:
            outputs = call_with(
                self.layer, self.kernel, self._with_length(ops.ones(g.shape, g.dtype)), inputs, training=False
            )
        finally:
            self.layer.activation = activation
        count = math.prod(g.shape)
        if outputs.shape[-1] != count or (bias is not None and math.prod(bias.shape) != count):
            raise ValueError(
                explain(
                    f"{type(self.layer).__name__} cannot be adapted to data.",
                    received=f"outputs of shape {tuple(outputs.shape)} for g of shape {tuple(g.shape)}",
                    expected="an output whose last axis has one entry per entry of g",
                    fix="leave g as it is; it starts such that wrapping changes nothing.",
                )
            )
        outputs = ops.reshape(ops.cast(outputs, g.dtype), (-1, count))  # [positions, outputs]
        if bias is not None:
            outputs = outputs - ops.reshape(full_precision(bias), (-1,))
        mean, deviation = ops.mean(outputs, axis=0), ops.std(outputs, axis=0)
        varies = deviation > 1e-5 * ops.abs(mean)
        length = ops.where(varies, 1.0 / ops.where(varies, deviation, 1.0), ops.reshape(g, (-1,)))
        g.assign(ops.reshape(length, g.shape))
        if bias is not None:
            bias.assign(ops.reshape(-mean * length, bias.shape))

    def _with_length(self, length):
        kernel = full_precision(self.kernel)
        shape = [size if axis in self.output_axes else 1 for axis, size in enumerate(kernel.shape)]
        return ops.reshape(length, shape) * kernel / self._norm(kernel)

    def _norm(self, kernel):
        """Returns ‖v‖ of each output, its other axes kept; 1 for a v of zeros, whose w is then 0, with a gradient."""
        others = tuple(axis for axis in range(len(kernel.shape)) if axis not in self.output_axes)
        squared = ops.sum(ops.square(kernel), axis=others, keepdims=True)
        return ops.sqrt(ops.where(squared > 0, squared, 1.0))
