"""The critics' part of a one-stage update: one forward pass, and one backward pass through them or two."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import keras
import tensorflow as tf

from tfgan_tricks.checks import explain
from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.training.judging import Networks, judge_of, judged
from tfgan_tricks.training.one_stage_ratio import added, rescaled, sent_back, unless
from tfgan_tricks.types import Match, Player, Tensor


@dataclasses.dataclass(frozen=True)
class Round:
    """What comes out of the critics.

    Attributes:
        matches: by player, as they were judged.
        generator_loss: scaled, for the terms that read the generated images themselves.
        critic_gradients: of the discriminator's scaled loss, in the order of `variables_of("discriminator")`.
        image_gradients: of the generator's scaled loss, through the critic, in the generated images of each match.
    """

    matches: dict[Player, list[Match]]
    generator_loss: Tensor
    critic_gradients: list
    image_gradients: list


class OnlyLogits(Mapping):
    """The critic's answer to generated images, as far as one backward pass can differentiate it."""

    def __init__(self, logits):
        self._logits = logits

    def __getitem__(self, key: str):
        if key == "logits":
            return self._logits
        raise ValueError(
            explain(
                "A term reads more than it says.",
                received=f"a term with reads_only_logits = True that looks for {key!r} among the critic's answers to "
                "generated images",
                expected="'logits' at most",
                fix="set reads_only_logits = False in the term's class.",
            )
        )

    def __iter__(self) -> Iterator[str]:
        return iter(("logits",))

    def __len__(self) -> int:
        return 1


def watching(tensors: Sequence[Tensor]) -> tf.GradientTape:
    """Returns a tape that looks at these tensors and at nothing else."""
    tape = tf.GradientTape(watch_accessed_variables=False)
    with tape:
        tape.watch(tensors)
    return tape


def one_pass(gan, matches: list[Match], images: list[Tensor], seen: Sequence[Tensor], seed: SeedStream) -> Round:
    """Judges the matches, and goes back through each critic once per side.

    A critic that judges each image for itself by one logit has one gradient in it, the logit's. Every loss has a
    multiple of that, so one pass with the discriminator's multiple is rescaled to the generator's, image by image.

    Args:
        gan: `OneStageGAN`.
        matches: as the task made them.
        images: the generated images of each match, cut off from the generator.
        seen: the same images, not cut off, for the generator's terms.
        seed: of this update.
    """
    weights = values_of(gan, "discriminator")
    loss_tape, fake_tape = watching(weights), watching([*weights, *images])
    with loss_tape, fake_tape:
        played = _judged(gan, matches, images, seed)
        answers = [_logits(match) for match in played]
        cut = [tf.stop_gradient(logits) for logits in answers]
        loss_tape.watch(cut)
        cut_off = [_answering(match, logits) for match, logits in zip(played, cut, strict=True)]
        discriminator_loss = _scaled_loss(gan, "discriminator", cut_off)
    logit_tape = watching(cut)
    with logit_tape:
        generator_loss = _scaled_loss(gan, "generator", _of_generator(gan, cut_off, seen, seed))
    zero = tf.UnconnectedGradients.ZERO
    *rest, own = loss_tape.gradient(discriminator_loss, [*weights, cut])
    own = [tf.zeros_like(c) if g is None else g for c, g in zip(cut, own, strict=True)]
    wanted = logit_tape.gradient(generator_loss, cut, unconnected_gradients=zero)
    sent, vanishing = _sent_back(gan, matches, own, wanted)
    arrived = fake_tape.gradient(answers, [*weights, *images], output_gradients=sent)
    critic_gradients = [
        added(gradient, unless(vanishing.get(id(variable)), fake))
        for gradient, fake, variable in zip(
            rest, arrived[: len(weights)], gan.variables_of("discriminator"), strict=True
        )
    ]
    image_gradients = [
        rescaled(gradient, back, want, match.group)
        for gradient, back, want, match in zip(arrived[len(weights) :], sent, wanted, played, strict=True)
    ]
    played_by: dict[Player, list[Match]] = {
        "discriminator": played,
        "generator": _of_generator(gan, played, seen, seed),
    }
    return Round(played_by, generator_loss, critic_gradients, image_gradients)


def two_passes(gan, matches: list[Match], images: list[Tensor], seen: Sequence[Tensor], seed: SeedStream) -> Round:
    """Judges the matches once, and goes back through the critics once for each player; for any critic and term."""
    weights = values_of(gan, "discriminator")
    weight_tape, image_tape = watching(weights), watching(images)
    with weight_tape, image_tape:
        played = _judged(gan, matches, images, seed)
        discriminator_loss = _scaled_loss(gan, "discriminator", played)
        theirs = _of_generator(gan, played, seen, seed)
        generator_loss = _scaled_loss(gan, "generator", theirs)
    zero = tf.UnconnectedGradients.ZERO
    return Round(
        {"discriminator": played, "generator": theirs},
        generator_loss,
        weight_tape.gradient(discriminator_loss, weights),
        image_tape.gradient(generator_loss, images, unconnected_gradients=zero),
    )


def values_of(gan, player: Player) -> list[Tensor]:
    """Returns what a tape watches of a player: the values of its variables."""
    return [variable.value for variable in gan.variables_of(player)]


def _optimizer(gan, player: Player) -> keras.optimizers.Optimizer:
    return getattr(gan, f"{player}_optimizer")


def _scaled_loss(gan, player: Player, matches: list[Match]):
    """Returns a player's loss as its optimizer wants it, as this replica's share of the global batch's."""
    return _optimizer(gan, player).scale_loss(gan.player_loss(player, matches) / gan.replicas)


def _judged(gan, matches: list[Match], images: list[Tensor], seed: SeedStream) -> list[Match]:
    """Returns the discriminator's matches."""
    networks = Networks.of(gan.task, "discriminator", seed)
    step = _optimizer(gan, "discriminator").iterations
    return [
        judged(gan, "discriminator", dataclasses.replace(match, fake=fake), networks, seed, step)
        for match, fake in zip(matches, images, strict=True)
    ]


def _of_generator(gan, played: list[Match], seen: Sequence[Tensor], seed: SeedStream) -> list[Match]:
    """Returns the same matches as the generator's terms see them: with its images, before frozen critics."""
    networks = Networks.of(gan.task, "generator", seed)
    reads_real = gan.needs_real("generator")
    return [
        dataclasses.replace(
            match,
            fake=fake,
            player="generator",
            step=_optimizer(gan, "generator").iterations,
            real_out=keras.tree.map_structure(tf.stop_gradient, match.real_out) if reads_real else {},
            judge=judge_of(gan, match, networks.asked, seed, training=True, live=False),
        )
        for match, fake in zip(played, seen, strict=True)
    ]


def _logits(match: Match) -> Tensor:
    """Returns the critic's only logits on the generated images."""
    (logits,) = keras.tree.flatten(match.fake_out["logits"])
    return logits


def _answering(match: Match, logits: Tensor) -> Match:
    """Returns the match with these logits as all that the critic says of the generated images."""
    return dataclasses.replace(
        match, fake_out=OnlyLogits(keras.tree.pack_sequence_as(match.fake_out["logits"], [logits]))
    )


def _sent_back(gan, matches: list[Match], own: list[Tensor], wanted: list[Tensor]) -> tuple[list[Tensor], dict]:
    """Returns what is sent back from the logits of each match, and whether the critic's own derivatives vanish.

    The latter by the identifiers of the critics' variables.
    """
    sent: dict[int, Tensor] = {}
    vanishing: dict[int, Tensor] = {}
    for critic in dict.fromkeys(match.critic for match in matches):
        places = [place for place, match in enumerate(matches) if match.critic == critic]
        back, vanishes = sent_back([own[place] for place in places], [wanted[place] for place in places])
        sent |= dict(zip(places, back, strict=True))
        for variable in getattr(gan.task, critic).trainable_variables:
            vanishing[id(variable)] = vanishes & vanishing.get(id(variable), True)
    return [sent[place] for place in range(len(matches))], vanishing
