"""Switchable normalisation."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range
from tfgan_tricks.layers.normalization.affine_norm import AffineNorm, example_moments, pooled_moments


@keras.saving.register_keras_serializable("tfgan_tricks")
class SwitchableNorm(AffineNorm):
    """Normalises by a trained mixture of the statistics of instance, layer and batch normalisation.

    Where it is not clear which norm a layer needs, training decides: style transfer moves the weights towards
    instance statistics, small batches move them away from batch statistics.

    y = γ · (x - Σₖ wₖ μₖ)/√(Σₖ w′ₖ σₖ² + ε) + β, k over instance, layer, batch. The weights w of the means and w′ of
    the variances are two softmaxes of three trained logits each; they start equal. Layer and batch statistics are
    pooled from those of the instances, so the input is read no more often than for instance normalisation.

    In training the batch statistics are those of this batch, and of this replica; at inference they are moving
    averages, m̄ ← momentum · m̄ + (1 - momentum) · m, averaged over replicas. A layer with `trainable=False` uses and
    keeps the moving averages, as `keras.layers.BatchNormalization` does.

    **Source**: Luo et al., 2019, arXiv:1806.10779, the definition of SN and its inference.

    **Differs from the paper**: at inference the paper averages the batch statistics of a few batches after training
    ("batch average"); here they are moving averages, the option that the paper compares with.

    Args:
        center: whether there is a trained offset β per channel, which starts at 0.
        scale: whether there is a trained scale γ per channel, which starts at 1.
        epsilon: ε, added to the mixed variance, inside the root, above 0.
        momentum: share of the old moving average that a training call keeps, at least 0 and below 1.
        **kwargs: arguments of `keras.layers.Layer` (name, dtype, ...).

    Attributes:
        gamma: γ, [channels], or `None`.
        beta: β, [channels], or `None`.
        mean_logits: logits of w, [3]: instance, layer, batch.
        variance_logits: logits of w′, [3]: instance, layer, batch.
        moving_mean: moving average of the batch mean, [channels], not trainable.
        moving_variance: moving average of the biased batch variance, [channels], not trainable.

    Call arguments:
        inputs: float tensor with at least one axis of positions.
        training: whether statistics of this batch are used, and counted in the moving averages.

    Input shape: (n, ..., channels), at least 3-D; images are (n, h, w, channels).

    Output shape: that of the input.

    **Cost**: that of `InstanceNorm`.

    **Combines badly with**: gradient penalties and one-stage updates, as batch normalisation: in training each
    output depends on the whole batch. A discriminator that sees real and fake images in separate batches. Weight
    decay on the logits, which pulls the mixture back to equal parts.

    Example:

    >>> layer = tfgan_tricks.layers.SwitchableNorm()
    >>> outputs = layer(np.random.default_rng(0).normal(size=(4, 8, 8, 3)), training=True)
    >>> mean_weights, variance_weights = layer.mixture()
    >>> [round(float(weight), 3) for weight in mean_weights]
    [0.333, 0.333, 0.333]
    """

    least_rank = 3

    def __init__(
        self, center: bool = True, scale: bool = True, epsilon: float = 1e-5, momentum: float = 0.99, **kwargs
    ):
        check_range("momentum", momentum, low=0.0, high=1.0, high_open=True)
        super().__init__(center=center, scale=scale, epsilon=epsilon, **kwargs)
        self.momentum = momentum

    def build(self, input_shape):
        super().build(input_shape)
        channels = (input_shape[-1],)
        self.mean_logits = self.add_weight(name="mean_logits", shape=(3,), initializer="zeros", autocast=False)
        self.variance_logits = self.add_weight(name="variance_logits", shape=(3,), initializer="zeros", autocast=False)
        self.moving_mean = self.add_statistic("moving_mean", channels, "zeros", aggregation="mean")
        self.moving_variance = self.add_statistic("moving_variance", channels, "ones", aggregation="mean")

    def mixture(self):
        """Returns the weights of the means and those of the variances, each [instance, layer, batch]; sums are 1."""
        logits = (self.promote(logits) for logits in (self.mean_logits, self.variance_logits))
        return tuple(ops.softmax(values) for values in logits)

    def call(self, inputs, training=False):
        x = self.promote(inputs)  # [n, ..., c]
        instance_mean, instance_variance = example_moments(x)  # [n, 1, ..., 1, c]
        layer_mean, layer_variance = pooled_moments(instance_mean, instance_variance, axis=-1)  # [n, 1, ..., 1, 1]
        if training and self.trainable:
            batch_mean, batch_variance = pooled_moments(instance_mean, instance_variance, axis=0)  # [1, ..., 1, c]
            self._move(self.moving_mean, batch_mean)
            self._move(self.moving_variance, batch_variance)
        else:
            batch_mean, batch_variance = (ops.cast(m, x.dtype) for m in (self.moving_mean, self.moving_variance))
        mean_weights, variance_weights = (ops.cast(weights, x.dtype) for weights in self.mixture())
        return self.normalize(
            x,
            _weighted(mean_weights, instance_mean, layer_mean, batch_mean),
            _weighted(variance_weights, instance_variance, layer_variance, batch_variance),
        )

    def _move(self, moving, current):
        current = ops.cast(ops.reshape(current, moving.shape), moving.dtype)
        moving.assign(self.momentum * moving + (1.0 - self.momentum) * current)

    def get_config(self):
        return {**super().get_config(), "momentum": self.momentum}


def _weighted(weights, instance, layer, batch):
    """Returns the sum of three statistics, which broadcast, with these weights."""
    return weights[0] * instance + weights[1] * layer + weights[2] * batch
