"""What a critic is shown, and how it is asked."""

from collections.abc import Callable

import keras

from tfgan_tricks.inputs.input_transform import InputTransform
from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.training.stateless import with_weights
from tfgan_tricks.types import Match, Outputs, Player


def judge_of(gan, match: Match, nets, seed: SeedStream, training: bool, live: bool) -> Callable[..., Outputs]:
    """Returns the critic of a match as a function of images alone; only a live one moves its state."""

    def judge(images):
        for transform in gan.input_transforms:
            arguments = _arguments(transform, training, gan.images_seen.value, seed)
            images = (transform if live else with_weights(transform))(images, **arguments)
        outputs = gan.task.judge(match.critic, images, match.condition, training=training, nets=nets)
        return gan.adversarial_loss.read(outputs)

    return judge


def fakes_of(gan, player: Player, match: Match, seed: SeedStream, training: bool) -> tuple:
    """Returns the generated images that the critic is shown, and those that the terms see.

    They are the same but for two tricks: the discriminator may learn from past ones, and the generator's two
    gradients, through the critic and through the terms, may be balanced.
    """
    fake = match.fake
    if player == "generator":
        return gan.adversarial_loss.split(fake)
    if training:
        for transform in gan.input_transforms:
            fake = transform.recall(fake, seed, match.critic) if isinstance(transform, InputTransform) else fake
    return fake, fake


def _arguments(transform: keras.Layer, training: bool, images_seen, seed) -> dict:
    """Returns what an input transform is called with besides the images."""
    if isinstance(transform, InputTransform):
        return {"training": training, "images_seen": images_seen, "seed": seed}
    return {"training": training} if transform._call_has_training_arg else {}
