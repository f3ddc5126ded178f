"""What happens once, before the first step: checks of the parts, optimizers, and what is saved of a model."""

from collections.abc import Sequence
from typing import Any

import keras

from tfgan_tricks.checks import check_integer, check_type, explain, same_shape, suggestion
from tfgan_tricks.inputs.input_transform import InputTransform
from tfgan_tricks.losses.adversarial.adversarial_loss import AdversarialLoss
from tfgan_tricks.losses.term import Term
from tfgan_tricks.parts import Observer, Partners
from tfgan_tricks.schedules.learning_rate import bind_learning_rates
from tfgan_tricks.tasks.task import Task, check_network
from tfgan_tricks.types import PLAYERS, Player

# Two time scales: Heusel et al., 2017, arXiv:1706.08500, with Adam(beta_1=0.0, beta_2=0.9).
DEFAULT_RATES = {"generator": 1e-4, "discriminator": 4e-4}


def check_task(task: object) -> None:
    """Raises unless `task` is a task whose networks are built."""
    check_type(
        "task", task, Task, "wrap the networks, e.g. tfgan_tricks.tasks.Unconditional(generator, discriminator, prior)."
    )
    for name in (*task.generators, *task.critics):  # type: ignore[attr-defined]
        check_network(name, getattr(task, name))


def check_arguments(partners: Partners) -> None:
    """Raises if an argument of `compile` is not of its kind."""
    fix = "pass an object such as tfgan_tricks.losses.adversarial.Hinge()."
    check_type("loss", partners.loss, AdversarialLoss, fix)
    for argument, parts in (("terms", partners.terms), ("inputs", partners.inputs)):
        check_type(argument, parts, (list, tuple), f"pass a list, also for one: {argument}=[...].")
    for term in partners.terms:
        check_type("terms", term, Term, "pass objects such as tfgan_tricks.penalties.R1(gamma=1.0).")
    for transform in partners.inputs:
        check_type("inputs", transform, keras.Layer, "pass layers such as tfgan_tricks.inputs.InstanceNoise(0.1).")
    check_integer("critic_steps", partners.critic_steps, at_least=1)
    if partners.weight_constraint is not None:
        fix = "pass an object such as tfgan_tricks.constraints.ClipWeights(0.01); a function could not be saved."
        check_type("weight_constraint", partners.weight_constraint, keras.constraints.Constraint, fix)


def check_backend(model) -> None:
    """Raises `ValueError` unless Keras runs on TensorFlow, which this update rule is written for."""
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            explain(
                f"{type(model).__name__} trains on TensorFlow only.",
                received=f"Keras on {keras.backend.backend()}",
                expected="KERAS_BACKEND=tensorflow",
                fix="use training.SingleLossGAN, which Keras' own step trains on every backend.",
            )
        )


def check_players(task: Task, players: Sequence[Player]) -> None:
    """Raises `ValueError` if nobody has anything to train."""
    if not players:
        raise ValueError(
            explain(
                "All networks are frozen.",
                received=f"no trainable variable in {', '.join((*task.generators, *task.critics))}",
                expected="at least one network that is trained",
                fix="set network.trainable = True before compile.",
            )
        )


def build_inputs(task: Task, inputs: Sequence[keras.Layer]) -> None:
    """Builds the input transforms, and raises unless what they make of an image fits each critic."""
    shape: tuple[int | None, ...] = (None, *task.image_shape)
    for transform in inputs:
        if isinstance(transform, InputTransform):
            transform.prepare(task)
        if not transform.built:
            transform.build(shape)
        shape = tuple(transform.compute_output_shape(shape))
    for name in task.critics:
        shape = (None, *task.shape_before(name))
        for transform in inputs:
            shape = tuple(transform.compute_output_shape(shape))
        wanted = getattr(task, name).input_shape
        wanted = wanted[0] if isinstance(wanted, list) else wanted
        if not same_shape(shape, wanted):
            raise ValueError(
                explain(
                    f"The critic '{name}' does not fit what it is shown.",
                    received=f"images of shape {shape[1:]} after {[type(layer).__name__ for layer in inputs]}",
                    expected=f"images of shape {tuple(wanted[1:])}, the critic's input",
                    fix="build the critic for the generator's images as the input transforms change them"
                    " (packing by m multiplies the channels by m).",
                )
            )


def prepare_parts(partners: Partners) -> None:
    """Raises if a part refuses another one; else gives each part with a memory its variables."""
    for part in (partners.loss, *partners.terms, *partners.inputs):
        if isinstance(part, Observer):
            part.check_partners(partners)
    for part in (partners.loss, *partners.terms):
        if part.task is not None and part.task is not partners.task and part.variables:
            raise ValueError(
                explain(
                    f"This {type(part).__name__} belongs to another GAN.",
                    received=f"{part!r}, compiled into two GANs, which would share its variables",
                    expected="an object of its own for each GAN",
                    fix=f"make a second {type(part).__name__} with the same settings.",
                )
            )
        part.prepare(partners.task)
        part.task = partners.task


def build_optimizers(gan, generator_optimizer, discriminator_optimizer) -> list[keras.optimizers.Optimizer]:
    """Returns the generator's and the discriminator's optimizer, built, and with loss scaling under `mixed_float16`."""
    if isinstance(generator_optimizer, keras.optimizers.Optimizer) and generator_optimizer is discriminator_optimizer:
        raise ValueError(
            explain(
                "The two players share one optimizer.",
                received="the same object as generator_optimizer and discriminator_optimizer",
                expected="two optimizers, each with moments of its own",
                fix="create a second one with the same settings.",
            )
        )
    optimizers: dict[Player, Any] = {"generator": generator_optimizer, "discriminator": discriminator_optimizer}
    return [
        build_optimizer(gan, default_optimizer(player) if given is None else given, [player])
        for player, given in optimizers.items()
    ]


def build_optimizer(gan, given, players: Sequence[Player] = PLAYERS) -> keras.optimizers.Optimizer:
    """Returns the optimizer of some players' variables, built, and with loss scaling under `mixed_float16`."""
    optimizer = optimizer_of(" and the ".join(players), given)
    if gan.dtype_policy.name == "mixed_float16" and not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    optimizer.build(gan.variables_of(players[0]) if len(players) == 1 else gan.trainable_variables)
    bind_learning_rates(optimizer, gan.images_seen)
    return optimizer


def default_optimizer(player: Player) -> keras.optimizers.Optimizer:
    """Returns the optimizer of a player that was given none."""
    return keras.optimizers.Adam(DEFAULT_RATES[player], beta_1=0.0, beta_2=0.9)


def optimizer_of(player: str, given) -> keras.optimizers.Optimizer:
    """Returns a Keras optimizer, given itself or by its name; `player` is for the message."""
    base, others = keras.optimizers.Optimizer, ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")
    kinds = {name: o for name, o in vars(keras.optimizers).items() if isinstance(o, type) and issubclass(o, base)}
    known = {name: kind for name, kind in kinds.items() if name not in others}
    try:
        if isinstance(given, str):  # Keras' own `get` does not know all of them by name
            return {name.lower(): kind for name, kind in known.items()}[given.lower()]()
        return keras.optimizers.get(given)
    except (ValueError, TypeError, KeyError):
        raise ValueError(
            explain(
                f"There is no such optimizer for the {player}.",
                received=repr(given),
                expected="a Keras optimizer such as keras.optimizers.Adam(1e-4), or the name of a plain one",
                fix=suggestion(str(given), known, f"choose one of {', '.join(sorted(known))}."),
            )
        ) from None
