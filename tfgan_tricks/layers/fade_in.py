"""The cross-fade between two resolutions of progressive growing."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range, explain, same_shape
from tfgan_tricks.schedules.schedule import Schedule, value_at


@keras.saving.register_keras_serializable("tfgan_tricks")
class FadeIn(keras.layers.Layer):
    """Blends two branches, (1 − α)·old + α·new, with a share α that is set from outside while training goes on.

    Progressive growing adds layers to a network that is already good. They would break it at once; blended in with α
    rising from 0 to 1 they do not. The generator blends the enlarged image of its old last layer with the new one,
    the discriminator the features of the reduced image with those of its new first layer.

    α is a variable, not trained, saved with the layer. With a schedule it follows the images seen by itself: a GAN
    calls `follow_training` after each generator update, in the graph. Else the owner of the network sets it:
    `layer.alpha.assign(0.3)`. At 0 and at 1 the output is exactly one branch, as long as the other is finite.

    **Source**: Karras et al., 2017, arXiv:1710.10196, section 2 and figure 2.

    **Differs from the paper**: no.

    Args:
        alpha: share of the new branch, from 0 to 1, at the beginning, or a schedule of it.
        **kwargs: arguments of `keras.Layer`.

    Attributes:
        alpha: the share as it is now, a float32 scalar variable.
        schedule: what `alpha` was made with; it may be replaced, and is saved.

    Call arguments:
        inputs: list [old, new] of two float tensors of the same shape.

    Input shape: [(n, ...), (n, ...)], the same twice.

    Output shape: (n, ...).

    **Cost**: two multiplications and an addition per number; both branches are computed at every α.

    **Combines badly with**: batch normalisation behind it, whose running statistics lag behind α.

    Example:

    >>> layer = tfgan_tricks.layers.FadeIn(alpha=0.25)
    >>> np.asarray(layer([np.array([[4.0]]), np.array([[8.0]])])).tolist()
    [[5.0]]
    >>> _ = layer.alpha.assign(1.0)
    >>> np.asarray(layer([np.array([[4.0]]), np.array([[8.0]])])).tolist()
    [[8.0]]
    """

    def __init__(self, alpha: float | Schedule = 0.0, **kwargs):
        if not isinstance(alpha, Schedule):
            check_range("alpha", alpha, low=0.0, high=1.0)
        super().__init__(**kwargs)
        self.schedule = alpha
        self.alpha = self.add_weight(
            name="alpha",
            shape=(),
            initializer=keras.initializers.Constant(float(value_at(alpha, 0))),
            dtype="float32",
            trainable=False,
            autocast=False,
            aggregation="only_first_replica",
        )

    def follow_training(self, images_seen) -> None:
        """Moves α to where its schedule is at `images_seen`; a plain number stays what the owner has set."""
        if isinstance(self.schedule, Schedule):
            self.alpha.assign(ops.clip(value_at(self.schedule, images_seen), 0.0, 1.0))

    def build(self, input_shape):
        self._check(input_shape)

    def call(self, inputs):
        self._check([tuple(one.shape) for one in inputs])
        old, new = inputs
        alpha = ops.convert_to_tensor(self.alpha)
        return ops.cast(1.0 - alpha, old.dtype) * old + ops.cast(alpha, new.dtype) * new

    def compute_output_shape(self, input_shape):
        self._check(input_shape)
        old, new = input_shape
        return tuple(other if one is None else one for one, other in zip(old, new, strict=True))

    def _check(self, shapes) -> None:
        two = len(shapes) == 2 and all(isinstance(shape, list | tuple) for shape in shapes)
        if not two or not same_shape(*shapes):
            raise ValueError(
                explain(
                    f"{type(self).__name__} '{self.name}' blends two tensors of the same shape.",
                    received=f"inputs of shape {[tuple(shape) for shape in shapes] if two else shapes}",
                    expected="a list [old, new] of two tensors of one shape",
                    fix="bring the old branch to the size and the channels of the new one first.",
                )
            )

    def get_config(self):
        return {**super().get_config(), "alpha": keras.saving.serialize_keras_object(self.schedule)}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "alpha": keras.saving.deserialize_keras_object(config["alpha"])})
