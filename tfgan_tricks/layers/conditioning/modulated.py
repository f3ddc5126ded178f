"""A normalisation whose scale and offset depend on a condition."""

import keras
from keras import ops

from tfgan_tricks.checks import check_type, explain, same_shape
from tfgan_tricks.layers.conditioning.modulation import Modulation
from tfgan_tricks.layers.conditioning.pairs import split_pair


@keras.saving.register_keras_serializable("tfgan_tricks")
class Modulated(keras.layers.Layer):
    """Any normalisation with any modulation: y = γ(c)·norm(x) + β(c).

    Every conditional normalisation is this formula. They differ in what norm(x) takes its statistics over, and in how
    γ and β come from the condition c: looked up by label (`LabelModulation`), a dense map of a vector
    (`StyleModulation`), statistics of another image (`StatisticsModulation`), a convolution of a map
    (`SpatialModulation`). Each published pair has its name, e.g. `ConditionalBatchNorm`; all other pairs are made here.
    For a modulation of your own derive from `Modulation`.

    **Source**: the common form of Dumoulin et al., 2017, arXiv:1610.07629, section 2.2; Huang and Belongie, 2017,
    arXiv:1703.06868, equation 8; Karras et al., 2019, arXiv:1812.04948, equation 1; Park et al., 2019,
    arXiv:1903.07291, equation 1.

    **Differs from the paper**: no. Some codes write (1 + γ)·norm(x) + β; here γ is the whole factor, as in the
    equations, and what produces it starts around one.

    Args:
        norm: layer from x to normalised x of the same shape, without a scale and an offset of its own: a Keras
            normalisation or `InstanceNorm` with `center=False, scale=False`, or `PixelNorm`.
        modulation: `Modulation`, from [x, condition] to (scale, offset).
        **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: list [x, condition]; x is a float tensor, the condition what `modulation` takes.
        training: passed on to `norm` and `modulation`.

    Input shape: [(n, ..., channels), that of the condition].

    Output shape: that of x.

    **Cost**: that of `norm` and of `modulation`, and one multiplication and addition per element.

    **Combines badly with**: norms that have a scale and an offset of their own (refused); a bias in the layer before
    it, which `norm` takes out.

    Example:

    >>> norm = keras.layers.GroupNormalization(groups=2, center=False, scale=False)
    >>> layer = tt.layers.Modulated(norm, tt.layers.LabelModulation(classes=10))
    >>> images, labels = np.ones((3, 8, 8, 4), "float32"), np.array([7, 0, 7])
    >>> layer([images, labels]).shape
    TensorShape([3, 8, 8, 4])
    """

    def __init__(self, norm, modulation, **kwargs):
        check_type("norm", norm, keras.layers.Layer, "pass a layer such as keras.layers.LayerNormalization(...).")
        check_type("modulation", modulation, Modulation, "pass a modulation such as LabelModulation(classes=10).")
        super().__init__(**kwargs)
        self.norm = norm
        self.modulation = modulation
        self._refuse_own_affine()

    def build(self, input_shape):
        x_shape, condition_shape = split_pair(self, input_shape)
        for layer, shape in ((self.norm, x_shape), (self.modulation, [x_shape, condition_shape])):
            if not layer.built:
                layer.build(shape)
        self._refuse_own_affine()  # some norms make their scale when they are built
        self._check_shapes(x_shape, condition_shape)
        super().build(input_shape)

    def call(self, inputs, training=False):
        x, condition = inputs
        normalized = self.norm(x, training=training)  # [n, ..., c]
        scale, offset = self.modulation([x, condition], training=training)
        normalized, scale, offset = (ops.cast(part, self.compute_dtype) for part in (normalized, scale, offset))
        return scale * normalized + offset  # [n, ..., c]

    def compute_output_shape(self, input_shape):
        self.modulation.compute_output_shape(input_shape)  # refuses a condition that does not fit x
        return split_pair(self, input_shape)[0]

    def _refuse_own_affine(self) -> None:
        settings = {name: getattr(self.norm, name, None) for name in ("center", "scale")}
        own = [name for name, value in settings.items() if value is not None and value is not False]
        if own:
            raise ValueError(
                explain(
                    f"The norm of {type(self).__name__} must not scale or shift by itself; the modulation does.",
                    received=f"norm={type(self.norm).__name__} with {' and '.join(own)}",
                    expected="a norm without scale and offset",
                    fix=f"pass {type(self.norm).__name__}(..., center=False, scale=False) if it has these arguments.",
                )
            )

    def _check_shapes(self, x_shape: tuple, condition_shape: tuple) -> None:
        normalized = tuple(self.norm.compute_output_shape(x_shape))
        modulated = self.modulation.compute_output_shape([x_shape, condition_shape])
        fits = same_shape(normalized, x_shape) and all(broadcasts_to(shape, x_shape) for shape in modulated)
        if not fits:
            raise ValueError(
                explain(
                    "Norm and modulation do not fit the shape of x.",
                    received=f"x {x_shape}, norm(x) {normalized}, scale and offset {tuple(map(tuple, modulated))}",
                    expected="norm(x) of the shape of x; scale and offset of its rank, each axis of its size or 1",
                    fix="reshape per-channel values to (n, 1, ..., 1, channels): Modulation.per_channel does.",
                )
            )

    def get_config(self):
        parts = {"norm": self.norm, "modulation": self.modulation}
        return {
            **super().get_config(),
            **{name: keras.saving.serialize_keras_object(part) for name, part in parts.items()},
        }

    @classmethod
    def from_config(cls, config):
        parts = {
            name: keras.saving.deserialize_keras_object(config[name])
            for name in ("norm", "modulation")
            if name in config
        }
        return super().from_config({**config, **parts})


def broadcasts_to(shape, whole) -> bool:
    """Returns whether a shape fits a whole one of the same rank, each of its sizes being that of the whole, or 1."""
    return len(shape) == len(whole) and all(
        size in (1, None, whole_size) or whole_size is None for size, whole_size in zip(shape, whole, strict=True)
    )
