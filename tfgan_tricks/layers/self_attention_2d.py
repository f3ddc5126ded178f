"""Self-attention over the positions of an image."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, check_type, explain
from tfgan_tricks.layers.spectral_norm_conv2d import SpectralNormConv2D

REDUCTION = 8  # queries and keys have C/8 channels


@keras.saving.register_keras_serializable("tfgan_tricks")
class SelfAttention2D(keras.layers.Layer):
    """Lets each position of a feature map look at all others: y = γ·o + x, with γ = 0 at the start.

    A convolution sees its neighbourhood; this layer relates far parts of an image, such as two ends of one object.
    SAGAN and BigGAN have one in the generator and one in the discriminator, at 32 × 32 or 64 × 64.

    With 1×1 convolutions f, g, h without bias, the score of key i for query j is s_ij = ⟨f(x_i), g(x_j)⟩, the
    attention is β_ji = exp(s_ij) / Σ_i exp(s_ij), and o_j = Σ_i β_ji h(x_i), to which a fourth 1×1 convolution is
    applied if `value_channels` is given. f and g have C/8 channels. γ is one trained number; while it is 0 the layer
    is the identity, and only γ learns. Scores and softmax are float32 under every precision policy.

    **Source**: Zhang et al., 2018, arXiv:1805.08318, equations 1 to 3 and figure 2; the pooling from Wang et al.,
    2017, arXiv:1711.07971, section 3.3, and Brock et al., 2018, arXiv:1809.11096.

    **Differs from the paper**: by default h keeps all C channels and no convolution follows. The paper's equations
    have `value_channels=C // 8`; BigGAN has C // 2, with `pool=True`.

    Args:
        value_channels: channels of h, at least 1; a 1×1 convolution then brings o back to C channels. None: h has C
            channels and there is no such convolution.
        pool: whether keys and values are max-pooled 2×2, which divides time and memory by 4.
        spectral_norm: whether all convolutions are spectral-normalised (`SpectralNormConv2D`).
        return_attention: whether the call also returns β.
        kernel_initializer: of the convolutions. Each gets numbers of its own, also from one integer seed.
        **kwargs: arguments of `keras.Layer`.

    Attributes:
        gamma: γ, a scalar, trainable.

    Call arguments:
        inputs: float tensor, 4-D; C divisible by 8; with `pool`, height and width even. A size that is unknown when a
            graph is traced and turns out odd loses its last row or column of keys.
        training: whether spectral norms are updated.

    Input shape: (n, h, w, C).

    Output shape: (n, h, w, C); with `return_attention` also β, (n, h, w, h, w), or (n, h, w, h/2, w/2) with `pool`:
    `attention[:, i, j]` is the map, which sums to 1, of the query at row i and column j.

    **Cost**: n·(h·w)²·(C/8 + values) multiply-adds, and n·(h·w)² float32 numbers for the attention, which are kept for
    the gradient, and as many for the scores; all a quarter with `pool`. At 64 × 64 the attention of one image takes
    67 MB, or 17 MB with `pool`.

    **Combines badly with**: high resolutions (the memory above); an initial γ other than 0 in a network that is
    trained from scratch.

    Example:

    >>> layer = tfgan_tricks.layers.SelfAttention2D(value_channels=8, pool=True, return_attention=True)
    >>> images = np.random.default_rng(0).normal(size=(2, 8, 6, 16)).astype("float32")
    >>> outputs, attention = layer(images)
    >>> tuple(outputs.shape), tuple(attention.shape)
    ((2, 8, 6, 16), (2, 8, 6, 4, 3))
    >>> bool(np.allclose(outputs, images))
    True
    """

    def __init__(
        self,
        value_channels: int | None = None,
        *,
        pool: bool = False,
        spectral_norm: bool = False,
        return_attention: bool = False,
        kernel_initializer="glorot_uniform",
        **kwargs,
    ):
        if value_channels is not None:
            check_integer("value_channels", value_channels, at_least=1)
        for name, value in {"pool": pool, "spectral_norm": spectral_norm, "return_attention": return_attention}.items():
            check_type(name, value, bool, f"pass {name}=True or {name}=False.")
        super().__init__(**kwargs)
        self.value_channels = value_channels
        self.pool = pool
        self.spectral_norm = spectral_norm
        self.return_attention = return_attention
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        self._check(input_shape)
        channels = input_shape[-1]
        self.query = self._convolution(0, "query", channels // REDUCTION)  # g
        self.key = self._convolution(1, "key", channels // REDUCTION)  # f
        self.value = self._convolution(2, "value", self.value_channels or channels)  # h
        for convolution in (self.query, self.key, self.value):
            convolution.build(input_shape)
        self.output_convolution = None
        if self.value_channels is not None:
            self.output_convolution = self._convolution(3, "output", channels)
            self.output_convolution.build((*input_shape[:-1], self.value_channels))
        self.gamma = self.add_weight(name="gamma", shape=(), initializer="zeros")

    def _convolution(self, index: int, name: str, filters: int):
        initializer = self.kernel_initializer
        if isinstance(getattr(initializer, "seed", None), int):  # it would make f = g
            initializer = initializer.clone()
            initializer.seed += index
        make = SpectralNormConv2D if self.spectral_norm else keras.layers.Conv2D
        return make(
            filters,
            1,
            use_bias=False,
            kernel_initializer=initializer,
            data_format="channels_last",
            dtype=self.dtype_policy,
            trainable=self.trainable,
            name=name,
        )

    def call(self, inputs, training=None):  # the convolutions find `training` in the context of the call
        self._check(inputs.shape)
        n, h, w, _ = ops.shape(inputs)
        attention = self._attention(inputs)  # [n, h·w, keys]
        values = self._flat(self._pooled(self.value(inputs)))  # [n, keys, v]
        outputs = ops.matmul(ops.cast(attention, values.dtype), values)  # [n, h·w, v]
        outputs = ops.reshape(outputs, (n, h, w, values.shape[-1]))  # [n, h, w, v]
        if self.output_convolution is not None:
            outputs = self.output_convolution(outputs)  # [n, h, w, C]
        outputs = self.gamma * outputs + inputs
        if not self.return_attention:
            return outputs
        return outputs, ops.cast(self._as_maps(attention, inputs), outputs.dtype)

    def attention(self, inputs):
        """Returns β for these inputs in float32, [n, h, w, keys' h, keys' w], without the rest of the layer."""
        inputs = ops.cast(inputs, self.compute_dtype)
        return self._as_maps(self._attention(inputs), inputs)

    def _attention(self, inputs):
        float_type = keras.backend.result_type(self.compute_dtype, "float32")
        queries = ops.cast(self._flat(self.query(inputs)), float_type)  # [n, h·w, C/8]
        keys = ops.cast(self._flat(self._pooled(self.key(inputs))), float_type)  # [n, keys, C/8]
        return ops.softmax(ops.matmul(queries, ops.transpose(keys, (0, 2, 1))), axis=-1)  # [n, h·w, keys]

    def _pooled(self, maps):
        return ops.max_pool(maps, 2, 2, data_format="channels_last") if self.pool else maps  # [n, h/2, w/2, ...]

    def _flat(self, maps):
        n, h, w, _ = ops.shape(maps)
        return ops.reshape(maps, (n, h * w, maps.shape[-1]))  # [n, h·w, channels]

    def _as_maps(self, attention, inputs):
        n, h, w, _ = ops.shape(inputs)
        return ops.reshape(attention, (n, h, w, *self._keys_size(h, w)))  # [n, h, w, keys' h, keys' w]

    def _keys_size(self, h, w) -> tuple:
        return tuple(size // 2 if self.pool and size is not None else size for size in (h, w))

    def compute_output_shape(self, input_shape):
        self._check(input_shape)
        if not self.return_attention:
            return tuple(input_shape)
        n, h, w, _ = input_shape
        return tuple(input_shape), (n, h, w, *self._keys_size(h, w))

    def _check(self, shape) -> None:
        if len(shape) != 4 or shape[-1] is None or shape[-1] % REDUCTION:
            raise ValueError(
                explain(
                    f"{type(self).__name__} '{self.name}' needs images whose channels divide by {REDUCTION}.",
                    received=f"inputs of shape {tuple(shape)}",
                    expected=f"(n, h, w, C) with C known and divisible by {REDUCTION}",
                    fix=f"give the layer before it a multiple of {REDUCTION} channels; do not flatten its outputs.",
                )
            )
        if self.pool and any(size is not None and size % 2 for size in shape[1:3]):
            raise ValueError(
                explain(
                    f"{type(self).__name__} '{self.name}' cannot pool keys and values 2×2 on an odd size.",
                    received=f"inputs of shape {tuple(shape)}",
                    expected="an even height and width",
                    fix="pass pool=False, or use the layer where height and width are even.",
                )
            )

    def get_config(self):
        return {
            **super().get_config(),
            "value_channels": self.value_channels,
            "pool": self.pool,
            "spectral_norm": self.spectral_norm,
            "return_attention": self.return_attention,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }


SelfAttention = SelfAttention2D
