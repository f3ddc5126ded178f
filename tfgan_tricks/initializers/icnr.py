"""The start of a sub-pixel convolution that draws no checkerboard."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, explain


@keras.saving.register_keras_serializable("tfgan_tricks")
class ICNR(keras.initializers.Initializer):
    """Starts a sub-pixel convolution as a convolution followed by nearest-neighbour upsampling.

    For the convolution before `PixelShuffle(scale)`. Each output pixel of a block of scale × scale has a sub-kernel of
    its own there; drawn independently, they differ, and the picture starts as a checkerboard that training has to
    remove. Here one kernel W₀ is drawn by `initializer` and given to all of them:
    W[..., i·c + k] = W₀[..., k] for each of the scale² places i of a block. From there on they learn apart.

    **Source**: Aitken et al., 2017, arXiv:1707.02937, where it is called initialization to
    convolution NN resize.

    **Differs from the paper**: the places of a block vary slowest among the channels, not fastest, because
    `PixelShuffle` has the channel order of `tf.nn.depth_to_space`.

    Args:
        scale: the r of the `PixelShuffle` behind, at least 1.
        initializer: draws W₀, of shape (..., c), so that its variance is that of the plain convolution; a Keras
            initializer, or a name or configuration of one.

    Call arguments:
        shape: shape of the kernel of a `Conv2D` or `Dense`, or of a bias; its last axis divides by scale².
        dtype: of the weights, float32 unless Keras is configured otherwise.

    Output shape: `shape`.

    **Cost**: once; less than that of `initializer` on the whole kernel.

    **Combines badly with**: `Conv2DTranspose`, whose last kernel axis is its inputs, and a bias that starts random.

    Example:

    >>> start = tfgan_tricks.initializers.ICNR(2, "he_normal")
    >>> upsample = keras.Sequential([
    ...     keras.layers.Conv2D(3 * 2**2, 3, padding="same", kernel_initializer=start),
    ...     tfgan_tricks.layers.PixelShuffle(2),
    ... ])
    >>> image = np.asarray(upsample(np.random.default_rng(0).normal(size=(1, 4, 4, 5))))
    >>> image.shape, bool(np.allclose(image[:, ::2, ::2], image[:, 1::2, 1::2]))
    ((1, 8, 8, 3), True)
    """

    def __init__(self, scale: int, initializer="glorot_uniform"):
        check_integer("scale", scale, at_least=1)
        self.scale = scale
        self.initializer = keras.initializers.get(initializer)

    def __call__(self, shape, dtype=None):
        places = self.scale**2
        if not len(shape) or shape[-1] % places:
            raise ValueError(
                explain(
                    "ICNR cannot divide this weight into sub-kernels.",
                    received=f"shape={tuple(shape)}, scale={self.scale}",
                    expected=f"a last axis that divides by scale² = {places}",
                    fix=f"give the layer {places}·c outputs for c channels after PixelShuffle({self.scale}).",
                )
            )
        kernel = self.initializer((*shape[:-1], shape[-1] // places), dtype=dtype)
        return ops.tile(kernel, (*(1 for _ in shape[:-1]), places))  # [..., scale²·c]

    def get_config(self):
        return {"scale": self.scale, "initializer": keras.initializers.serialize(self.initializer)}
