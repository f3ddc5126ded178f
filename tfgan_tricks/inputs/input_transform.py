"""The protocol of an input transform: what the discriminator is shown."""

import math
from collections.abc import Iterable
from typing import Any

import keras

from tfgan_tricks.checks import explain
from tfgan_tricks.parts import Observer, Partners


class InputTransform(keras.layers.Layer, Observer):
    """A layer between the images and the critic, applied to real and generated images alike.

    Gradient flows through it into the generator. A subclass implements `call` with the three optional arguments
    below, takes its random numbers from `seed`, and sets `group` if it merges images. Any other Keras layer from
    images to images serves too; it is then called with `training` only.

    A transform with a memory creates its variables in `build`, by `add_weight` with
    `aggregation="only_first_replica"`, and moves them in `observe` or `recall`.

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

    def prepare(self, task: Any) -> None:
        """Looks at the task before this layer is built; called by `GAN.compile`, under its strategy."""

    def recall(self, fake, seed, critic: str = "discriminator"):
        """Returns the generated images that a critic is to learn from in this update: these, or past ones.

        Called once for each match in each training update of the discriminator, on images as they were generated,
        before any transform. All replicas take part.
        """
        return fake

    def report(self) -> dict:
        """Returns scalars for the logs, by name, as they stand in a discriminator's update; nothing by default."""
        return {}


def group_of(transforms: Iterable[keras.Layer]) -> int:
    """Returns how many images become one input of the critic after all transforms."""
    return math.prod(getattr(transform, "group", 1) for transform in transforms)


def check_sees_single_images(transform: InputTransform, partners: Partners) -> None:
    """Raises `ValueError` if an earlier transform has packed the images that this one augments one by one."""
    inputs = list(partners.inputs)
    place = next((i for i, other in enumerate(inputs) if other is transform), 0)
    packing = [other for other in inputs[:place] if group_of([other]) > 1]
    if packing:
        name, other = type(transform).__name__, type(packing[0]).__name__
        raise ValueError(
            explain(
                f"{name} cannot augment what {other} has packed.",
                received=f"inputs in the order {[type(layer).__name__ for layer in inputs]}",
                expected=f"{name} before {other}: all images of a pack would be moved alike, and their colours mixed",
                fix=f"exchange the two: inputs=[{name}(...), {other}(...)].",
            )
        )


def check_images(transform: InputTransform, shape) -> None:
    """Raises `ValueError` unless a shape is that of images with a known number of channels."""
    if len(shape) != 4 or shape[-1] is None:
        name = type(transform).__name__
        raise ValueError(
            explain(
                f"{name} augments images.",
                received=f"inputs of shape {tuple(shape)}",
                expected="(batch, height, width, channels) with a known number of channels",
                fix=f"drop {name}, or show the critic images.",
            )
        )
