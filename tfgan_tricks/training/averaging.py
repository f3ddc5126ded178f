"""The protocol of weight averaging: the generator that is sampled is a mean of the ones that were trained."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer
from tfgan_tricks.serialization import Configurable


class Averaging(Configurable):
    """A rule by which a copy of the generator follows the one that is trained, and which is sampled in its place.

    After each update w̄ ← β·w̄ + (1 - β)·w, with β from `decay`. Everything that is not trained (batch norm's
    statistics, spectral norm's vectors, frozen networks) is copied. A subclass implements `decay` with `keras.ops`,
    as a function of counts alone, so that the average needs no memory but its weights.

    Args:
        start_images: until so many images the average is a plain copy.
    """

    def __init__(self, start_images: int = 0):
        check_integer("start_images", start_images, at_least=0)
        self.start_images = start_images

    def decay(self, images_seen, n):
        """Returns the share β of the old average that is kept, a float32 scalar, 0 until the start.

        Args:
            images_seen: integer scalar, images seen after this update.
            n: images of this update.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement decay(images_seen, n).")

    def update(self, averaged: keras.Model, live: keras.Model, images_seen, n) -> None:
        """Moves the variables of `averaged` towards those of `live`; no trained one after an update of 0 images."""
        decay = ops.where(n > 0, self.decay(images_seen, n), 1.0)
        for mean, variable in zip(averaged.variables, live.variables, strict=True):
            value = ops.convert_to_tensor(variable)
            # A copy: on JAX two variables must not share a buffer.
            mean.assign(decay * mean + (1.0 - decay) * value if variable.trainable else ops.copy(value))


def clone(network: keras.Model) -> keras.Model:
    """Returns a copy of the model with variables of its own, same in value and not trained by anyone."""
    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    copy.trainable = False
    return copy
