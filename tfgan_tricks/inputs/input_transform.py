"""The protocol of an input transform: what the discriminator is shown."""

import math
from collections.abc import Iterable

import keras

from tfgan_tricks.parts import Observer


class InputTransform(keras.layers.Layer, Observer):
    """A layer between the images and the critic, applied to real and generated images alike.

    Gradient flows through it into the generator. A subclass implements `call` with the three optional arguments
    below, takes its random numbers from `seed`, and sets `group` if it merges images. Any other Keras layer from
    images to images serves too; it is then called with `training` only.

    Attributes:
        group: how many images become one input of the critic (1 unless the transform packs).
    """

    group: int = 1

    def call(self, images, training=False, images_seen=0, seed=None):
        """Returns what the critic is shown.

        Args:
            images: float tensor, [n, h, w, c].
            training: whether this is a training step; most transforms do nothing otherwise.
            images_seen: images seen by the generator, what schedules are evaluated at.
            seed: `SeedStream` of the update.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement call(images, training, images_seen, seed).")

    def compute_output_shape(self, input_shape):
        return input_shape

    def recall(self, fake, seed):
        """Returns the generated images that the discriminator is to learn from in this update: these, or past ones."""
        return fake


def group_of(transforms: Iterable[keras.Layer]) -> int:
    """Returns how many images become one input of the critic after all transforms."""
    return math.prod(getattr(transform, "group", 1) for transform in transforms)
