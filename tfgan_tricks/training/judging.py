"""What a critic is shown, and how it is asked."""

import dataclasses
from collections.abc import Callable

import keras

from tfgan_tricks.inputs.input_transform import InputTransform, group_of
from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.tasks.task import Networks as ByName
from tfgan_tricks.tasks.task import Task
from tfgan_tricks.training.stateless import frozen, with_weights
from tfgan_tricks.types import Match, Outputs, Player


@dataclasses.dataclass(frozen=True)
class Networks:
    """What plays in one player's turn: the task's networks, with everything frozen that is not the player's.

    Attributes:
        generators: generators by name.
        critics: what judges the real and the generated images.
        asked: what `Match.judge` asks, for penalties; none of its state moves.
    """

    generators: ByName
    critics: ByName
    asked: ByName

    @classmethod
    def of(cls, task: Task, player: Player, seed: SeedStream) -> "Networks":
        """Returns the networks of a turn; `seed` feeds dropout and noise inside a frozen generator."""
        generators = {name: getattr(task, name) for name in task.generators}
        critics = {name: getattr(task, name) for name in task.critics}
        if player == "discriminator":
            generators = {name: frozen(network, seed) for name, network in generators.items()}
            asked = {name: with_weights(network) for name, network in critics.items()}
            return cls(generators, {name: _live(network, seed) for name, network in critics.items()}, asked)
        critics = {name: frozen(network) for name, network in critics.items()}
        return cls({name: _live(network, seed) for name, network in generators.items()}, critics, critics)


def _live(network: keras.Model, seed: SeedStream) -> Callable:
    """Returns a network of the player whose turn it is; of one that is not trained at all, no state moves either."""
    return network if network.trainable else frozen(network, seed)


def judged(
    model, player: Player, match: Match, networks: Networks, seed: SeedStream, step=None, training: bool = True
) -> Match:
    """Returns a match of the task, completed: judged in this player's turn, and with a critic that may be asked.

    Args:
        model: `AdversarialModel`.
        player: whose turn it is. In the discriminator's, the critics are live and may move their state.
        match: as the task made it.
        networks: who plays.
        seed: of this update.
        step: updates that this player has made.
        training: passed on to the critics and the input transforms.
    """
    live = player == "discriminator"
    judge = judge_of(model, match, networks.critics, seed, training, live)
    shown, fake = fakes_of(model, player, match, seed, training)
    return dataclasses.replace(
        match,
        fake=fake,
        player=player,
        real_out=judge(match.real) if model.needs_real(player) else {},
        fake_out=judge(shown),
        judge=judge_of(model, match, networks.asked, seed, training, live=False),
        seed=seed,
        group=group_of(model.input_transforms),
        images_seen=model.images_seen.value,
        step=step,
    )


def judge_of(model, match: Match, nets, seed: SeedStream, training: bool, live: bool) -> Callable[..., Outputs]:
    """Returns the critic of a match as a function of images alone; only a live one moves its state."""

    def judge(images):
        for transform in model.input_transforms:
            arguments = _arguments(transform, training, model.images_seen.value, seed)
            images = (transform if live else with_weights(transform))(images, **arguments)
        outputs = model.task.judge(match.critic, images, match.condition, training=training, nets=nets)
        return model.adversarial_loss.read(outputs)

    return judge


def fakes_of(model, player: Player, match: Match, seed: SeedStream, training: bool) -> tuple:
    """Returns the generated images that the critic is shown, and those that the terms see.

    They are the same but for two tricks: the discriminator may learn from past ones, and the generator's two
    gradients, through the critic and through the terms, may be balanced.
    """
    fake = match.fake
    if player == "generator":
        return model.adversarial_loss.split(fake)
    if training:
        for transform in model.input_transforms:
            fake = transform.recall(fake, seed, match.critic) if isinstance(transform, InputTransform) else fake
    return fake, fake


def _arguments(transform: keras.Layer, training: bool, images_seen, seed) -> dict:
    """Returns what an input transform is called with besides the images."""
    if isinstance(transform, InputTransform):
        return {"training": training, "images_seen": images_seen, "seed": seed}
    return {"training": training} if transform._call_has_training_arg else {}
