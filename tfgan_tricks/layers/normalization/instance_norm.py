"""Instance normalisation."""

import keras

from tfgan_tricks.layers.normalization.affine_norm import AffineNorm, example_moments


@keras.saving.register_keras_serializable("tfgan_tricks")
class InstanceNorm(AffineNorm):
    """Normalises each channel of each example by its own mean and variance over positions.

    For style transfer and image translation (pix2pix with a batch of 1, CycleGAN, StarGAN): the contrast of one
    image says nothing about what it should become, so it is removed, in training and at inference alike. No example
    depends on another, so a batch of one is as good as any and gradient penalties stay exact.

    y = γ · (x - μ)/√(σ² + ε) + β, with μ and the biased variance σ² over the positions of one example's channel. It
    is the function of `keras.layers.GroupNormalization(groups=-1)`, with the ε that is usual for this norm.

    **Source**: Ulyanov et al., 2016, arXiv:1607.08022, section 2.

    **Differs from the paper**: no; the paper names no value for ε, 1e-5 is the usual one.

    Args:
        center: whether there is a trained offset β per channel, which starts at 0.
        scale: whether there is a trained scale γ per channel, which starts at 1.
        epsilon: ε, added to the variance, inside the root, above 0.
        **kwargs: arguments of `keras.layers.Layer` (name, dtype, ...).

    Attributes:
        gamma: γ, [channels], or `None`.
        beta: β, [channels], or `None`.

    Call arguments:
        inputs: float tensor with at least one axis of positions.

    Input shape: (n, ..., channels), at least 3-D; images are (n, h, w, channels).

    Output shape: that of the input.

    **Cost**: two passes over the input for the moments, one to normalise.

    **Combines badly with**: feature maps of one position (1 × 1): there the output is β, whatever the input, and no
    gradient passes. Networks that must know how bright or saturated their input is.

    Example:

    >>> images = np.random.default_rng(0).normal(5.0, 3.0, size=(2, 8, 8, 3)).astype("float32")
    >>> outputs = np.asarray(tfgan_tricks.layers.InstanceNorm()(images))
    >>> bool(np.allclose(outputs.mean((1, 2)), 0.0, atol=1e-5) and np.allclose(outputs.std((1, 2)), 1.0, atol=1e-5))
    True
    """

    least_rank = 3

    def __init__(self, center: bool = True, scale: bool = True, epsilon: float = 1e-5, **kwargs):
        super().__init__(center=center, scale=scale, epsilon=epsilon, **kwargs)

    def call(self, inputs):
        x = self.promote(inputs)  # [n, ..., c]
        return self.normalize(x, *example_moments(x))
