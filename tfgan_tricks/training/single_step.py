"""What lets Keras' own training step train a GAN: checks, tracked state, attached constraints, scopes."""

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence

import keras
from keras import ops

from tfgan_tricks.checks import check_range, explain
from tfgan_tricks.schedules.schedule import Schedule, check_schedule
from tfgan_tricks.tasks.task import Task
from tfgan_tricks.types import PLAYERS


class Constrained(keras.constraints.Constraint):
    """A weight constraint of the model, after that of the layer; stays on the variable until it is replaced."""

    def __init__(self, own: keras.constraints.Constraint | None, added: keras.constraints.Constraint):
        self.own = own
        self.added = added

    def __call__(self, weights):
        return self.added(weights if self.own is None else self.own(weights))


def constrain(variables: Iterable[keras.Variable], constraint: keras.constraints.Constraint | None) -> None:
    """Attaches a constraint to variables, in place of the one that was attached before."""
    for variable in variables:
        own = variable.constraint.own if isinstance(variable.constraint, Constrained) else variable.constraint
        variable.constraint = own if constraint is None else Constrained(own, constraint)


def check_arguments(generator_weight, arguments: Mapping) -> None:
    """Raises unless λ is above 0, and for arguments of `GAN.compile` that a single loss cannot have."""
    check_schedule("generator_weight", generator_weight)
    if not isinstance(generator_weight, Schedule):
        check_range("generator_weight", generator_weight, low=0.0, low_open=True)
    foreign = sorted({"critic_steps", "generator_optimizer", "discriminator_optimizer"} & set(arguments))
    if foreign:
        raise TypeError(
            explain(
                f"A single loss has no `{foreign[0]}`.",
                received=f"{', '.join(foreign)} in SingleLossGAN.compile",
                expected="optimizer=..., for one step of both players at once",
                fix="use GAN for several critic steps."
                if "critic_steps" in foreign
                else "pass optimizer=two_time_scales(generator=..., discriminator=...).",
            )
        )


def check_trained(model) -> None:
    """Raises `ValueError` if Keras' step would train a variable that is no player's."""
    for player in PLAYERS:
        names = model.task.generators if player == "generator" else model.task.critics
        resting = [name for name in names if getattr(model.task, name).trainable_variables]
        if player not in model.players and resting:
            # None for a gradient: left alone on TensorFlow; on JAX a gradient of 0, and weight decay moves the weights.
            frozen = "; ".join(f"gan.task.{name}.trainable = False" for name in resting)
            raise ValueError(
                explain(
                    f"The {player} does not play, yet is not frozen: Keras' step would hand it to the optimizer.",
                    received=f"loss={model.adversarial_loss!r}, and trainable weights in {', '.join(resting)}",
                    expected="networks without trainable weights where nobody plays",
                    fix=f"before compile, {frozen}; a NetworkStage that names it trains it again. Or use GAN.",
                )
            )
    own = {id(variable) for player in model.players for variable in model.variables_of(player)}
    others = [variable.path for variable in model.trainable_variables if id(variable) not in own]
    if others:
        raise ValueError(
            explain(
                "Keras would train weights that belong to no player.",
                received=f"{len(others)} trainable variables, such as '{others[0]}'",
                expected="trainable variables in the task's generators and critics alone",
                fix="set layer.trainable = False on the layer, or use GAN, which leaves it as it is.",
            )
        )


def track(model, variables: Sequence[keras.Variable]) -> None:
    """Makes variables the model's own, in place of those of an earlier `compile`.

    On JAX, Keras' step keeps what happens to the variables that the model tracks, and drops the rest.
    """
    for variable in list(model.part_variables):
        model._untrack_variable(variable)
    model.part_variables = list(variables)


def is_batch(task: Task, x, training: bool) -> bool:
    """Returns whether this is a batch, on which Keras' step calls the model, and no input of the generator.

    If it could be both, it is a batch in training, when nobody else calls.
    """
    if not isinstance(x, Mapping) or not set(task.needs) <= set(x):
        return False
    takes = getattr(task, "specification", None)
    return training or not (isinstance(takes, Mapping) and set(takes) == set(x))


def scope_of(model):
    """Returns the scope of the strategy that the model was made under, or one that does nothing."""
    strategy = getattr(model, "distribute_strategy", None)  # on TensorFlow
    return contextlib.nullcontext() if strategy is None else strategy.scope()


def computed(model, loss: Callable):
    """Returns loss(), with everything that it assigns assigned in the end.

    Where Keras differentiates functions, activity losses are collected only in a scope of their own. And PyTorch
    assigns in place: what the loss has read would be gone when it is differentiated, so it reads copies.
    """
    if keras.backend.backend() == "tensorflow":
        return loss()
    moving = [*model.non_trainable_variables, *model.metrics_variables]
    copied = ops.copy if keras.backend.backend() == "torch" else (lambda value: value)
    state = [(variable, variable.value) for variable in model.trainable_variables]
    state += [(variable, copied(variable.value)) for variable in moving]
    with keras.StatelessScope(state_mapping=state, collect_losses=True) as scope:
        value = loss()
    for variable in moving:
        variable.assign(scope.get_current_value(variable))
    return value
