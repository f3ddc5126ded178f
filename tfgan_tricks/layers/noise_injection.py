"""Noise inside the generator."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range, check_type, explain
from tfgan_tricks.layers.always_on import AlwaysOn


@keras.saving.register_keras_serializable("tfgan_tricks")
class NoiseInjection(AlwaysOn):
    """Adds Gaussian noise to the features of a generator, in training and in use.

    For every layer of a generator. It gives the fine details of an image (hair, grain, foliage) a source of
    randomness of their own, so that the latents need not carry it; the critic sees a smoother distribution.

    Two forms, with ε ~ N(0, 1):

    * plain: y = x + `stddev`·ε with ε of the inputs' own shape, [n, h, w, c]: each number gets noise of its own;
    * `learned_scale=True`: y = x + `stddev`·s_c·ε with ε of shape [n, h, w, 1]: one noise map per example, which the
      channels share, each with a learned scale s_c. s starts at 0, so that the layer begins as the identity.

    The noise is new in each call and on each replica, and follows from the seed. It stays on in inference and in an
    exported model; `tfgan_tricks.export.deterministic(model)` and `gan.export(..., deterministic=True)` leave it out.

    **Source**: noise in each layer of the generator: Zhao et al., 2017, arXiv:1609.03126, as told by the list of
    GAN hacks (item 13); the learned form: Karras et al., 2019, arXiv:1812.04948, section 2.

    **Differs from the paper**: `stddev` multiplies the learned form too; 1 is StyleGAN's.

    Args:
        stddev: standard deviation of the noise in units of the features, at least 0. After a normalisation 1 drowns
            the features in the plain form; 0.1 is a careful start.
        learned_scale: whether each channel has a learned scale, StyleGAN's form.
        seed: integer from which the noise descends; drawn at random unless given.

    Attributes:
        scale: weight s, [c], float32, only with `learned_scale`.

    Call arguments:
        inputs: float tensor, at least 2-D.

    Input shape: [n, ..., c].

    Output shape: the same.

    **Cost**: one random number per input, or per position in the learned form.

    **Combines badly with**: a deterministic task such as reconstruction by an L1 term alone, which teaches the next
    layer to ignore it; pixel-wise comparison of two calls.

    Example:

    >>> noise = tfgan_tricks.layers.NoiseInjection(0.5, seed=1)
    >>> first, second = (np.asarray(noise(np.zeros((2, 8, 8, 3), "float32"))) for _ in range(2))
    >>> bool((first != second).all())
    True
    """

    def __init__(self, stddev: float = 1.0, learned_scale: bool = False, seed: int | None = None, **kwargs):
        super().__init__(seed=seed, **kwargs)
        check_range("stddev", stddev, low=0.0, high_open=True)
        check_type("learned_scale", learned_scale, bool, "pass True or False.")
        self.stddev = stddev
        self.learned_scale = learned_scale

    def build(self, input_shape):
        if len(input_shape) < 2 or (self.learned_scale and input_shape[-1] is None):
            raise ValueError(
                explain(
                    "NoiseInjection has no channels to add noise to.",
                    received=f"inputs of shape {tuple(input_shape)}",
                    expected="(batch, ..., channels), with a known number of channels for a learned scale",
                    fix="call it on images or features with a batch and a channel axis.",
                )
            )
        if self.learned_scale:
            self.scale = self.add_weight(shape=input_shape[-1:], initializer="zeros", autocast=False, name="scale")
        self.built = True

    def disturb(self, inputs, seed):
        shape = ops.shape(inputs)
        if self.learned_scale:
            shape = (*shape[:-1], 1)
        # float32 also for half-precision inputs: some backends make coarse normals of coarse uniforms
        noise = self.stddev * keras.random.normal(shape, dtype="float32", seed=seed)  # [n, h, w, c] or [n, h, w, 1]
        if self.learned_scale:
            noise = self.scale * noise  # [n, h, w, c]
        return inputs + ops.cast(noise, inputs.dtype)

    def get_config(self):
        return {**super().get_config(), "stddev": self.stddev, "learned_scale": self.learned_scale}
