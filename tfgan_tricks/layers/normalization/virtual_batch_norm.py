"""Virtual batch normalisation."""

import contextlib
from collections.abc import Iterator, Sequence

import keras
import numpy as np
from keras import ops

from tfgan_tricks.checks import explain
from tfgan_tricks.layers.normalization.affine_norm import AffineNorm, example_moments, pooled_moments


@keras.saving.register_keras_serializable("tfgan_tricks")
class VirtualBatchNorm(AffineNorm):
    """Normalises each example by the statistics of a fixed reference batch and of itself, never of its neighbours.

    For a generator in which batch normalisation makes the images of one batch alike: here an example gives the same
    output in any company, in training and at inference. Choose the reference once (latents for a generator, images
    for a discriminator) and pass it through the network with `adapt_virtual_batch_norms`: before training, and again
    as training goes on, since the statistics kept are those of the weights at that time, and the weights move.

    Example i, with mean μᵢ and variance σᵢ² over its positions, and m reference examples, with μ and σ² over all of
    them, form one batch in which the example has the share s = 1/(m + 1):
    y = γ · (x - (s μᵢ + (1 - s) μ))/√(s σᵢ² + (1 - s) σ² + s (1 - s)(μᵢ - μ)² + ε) + β.

    Until it is adapted, a layer normalises nothing: its reference is an endless batch of mean 0 and variance 1.
    `adapted` tells. The statistics are weights, so they are saved and loaded with the network.

    **Source**: Salimans et al., 2016, arXiv:1606.03498, section 3.5.

    **Differs from the paper**: the reference's statistics are those of the last adaptation; the paper passes the
    reference through the network along with every batch. Adapted before each step, the values are the paper's and
    the gradient still is not: it takes the reference's statistics as constants. The paper gives no formula for the
    share; s = 1/(m + 1) counts each example once, whatever its size. Means and variances are kept in place of E[x]
    and E[x²]: the same union, without the rounding error of a difference of large numbers.

    Args:
        center: whether there is a trained offset β per channel, which starts at 0.
        scale: whether there is a trained scale γ per channel, which starts at 1.
        epsilon: ε, added to the variance, inside the root, above 0.
        **kwargs: arguments of `keras.layers.Layer` (name, dtype, ...).

    Attributes:
        gamma: γ, [channels], or `None`.
        beta: β, [channels], or `None`.
        reference_mean: μ, [channels], not trainable.
        reference_variance: σ², biased, [channels], not trainable.
        share: s, a scalar, not trainable; 0 until adapted.

    Call arguments:
        inputs: float tensor, images or vectors.

    Input shape: (n, ..., channels).

    Output shape: that of the input.

    **Cost**: that of `InstanceNorm`, and one forward pass of the reference for each adaptation.

    **Combines badly with**: weights that move fast and a reference that is rarely refreshed. Averaged weights: the
    average takes over statistics made with the live weights, so adapt the averaged network too before it samples.

    Example:

    >>> latents = np.random.default_rng(0).normal(size=(64, 8)).astype("float32")
    >>> layer = tfgan_tricks.layers.VirtualBatchNorm()
    >>> generator = keras.Sequential([keras.layers.Dense(16), layer, keras.layers.Dense(2)])
    >>> tfgan_tricks.layers.adapt_virtual_batch_norms(generator, latents)
    >>> layer.adapted, bool(np.allclose(generator(latents[:1]), generator(latents)[:1], atol=1e-5))
    (True, True)
    """

    def __init__(self, center: bool = True, scale: bool = True, epsilon: float = 1e-5, **kwargs):
        super().__init__(center=center, scale=scale, epsilon=epsilon, **kwargs)
        self.is_adapting = False

    def build(self, input_shape):
        super().build(input_shape)
        channels = (input_shape[-1],)
        self.reference_mean = self.add_statistic("reference_mean", channels, "zeros")
        self.reference_variance = self.add_statistic("reference_variance", channels, "ones")
        self.share = self.add_statistic("share", (), "zeros")

    @property
    def adapted(self) -> bool:
        """Whether the layer has seen a reference."""
        return self.built and bool(ops.convert_to_numpy(self.share) > 0)

    def adapt(self, reference) -> None:
        """Takes the statistics of `reference`, a batch of this layer's inputs, to normalise with from now on."""
        with adapting([self], reference):
            self(reference)

    def call(self, inputs):
        x = self.promote(inputs)  # [n, ..., c]
        mean, variance = example_moments(x)  # [n, 1, ..., 1, c]
        if self.is_adapting:
            mean, variance = pooled_moments(mean, variance, axis=0)  # [1, ..., 1, c]
            self._keep(mean, variance, examples=x.shape[0])
            return self.normalize(x, mean, variance)
        share, reference_mean, reference_variance = (
            ops.cast(value, x.dtype) for value in (self.share, self.reference_mean, self.reference_variance)
        )
        away = mean - reference_mean
        variance = share * variance + (1 - share) * (reference_variance + share * ops.square(away))
        return self.normalize(x, reference_mean + share * away, variance)

    def _keep(self, mean, variance, examples: int) -> None:
        for variable, value in ((self.reference_mean, mean), (self.reference_variance, variance)):
            variable.assign(ops.cast(ops.reshape(value, variable.shape), variable.dtype))
        self.share.assign(1.0 / (examples + 1))


@contextlib.contextmanager
def adapting(layers: Sequence[VirtualBatchNorm], reference) -> Iterator[None]:
    """Has the layers, when called in this context, keep the statistics of their inputs and normalise by these alone."""
    shapes = [np.shape(part) for part in keras.tree.flatten(reference)]
    if any(len(shape) < 1 or shape[0] < 2 for shape in shapes):
        raise ValueError(
            explain(
                "A reference batch needs at least 2 examples.",
                received=f"a reference of shape {', '.join(map(str, shapes))}",
                expected="a batch, examples along the first axis",
                fix="pass about as many examples as a training batch has.",
            )
        )
    for layer in layers:
        layer.is_adapting = True
    try:
        yield
    finally:
        for layer in layers:
            layer.is_adapting = False
