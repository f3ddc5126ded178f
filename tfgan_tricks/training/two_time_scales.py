"""Two learning rates in one optimizer: each player's variables get an optimizer of their own."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras

from tfgan_tricks.checks import check_type, explain
from tfgan_tricks.training.compilation import default_optimizer, optimizer_of
from tfgan_tricks.types import PLAYERS, Player


def two_time_scales(generator=None, discriminator=None) -> keras.optimizers.Optimizer:
    """Returns one optimizer for `SingleLossGAN` in which each player has its own.

    It is Keras' `MultiOptimizer`. Which variables are whose is settled by `SingleLossGAN.compile`, by the variables
    themselves and not by patterns over their paths: within a functional model a path starts at the layer, so the
    kernels of a generator and of a discriminator may both be called "dense/kernel", and a name that a user gave to
    layers of both networks would hand one player's weights to the other's optimizer without a word.

    Each of the two clips by itself: `global_clipnorm` is then a bound per player, where in a single optimizer a large
    gradient of one player would shorten the step of the other.

    **Source**: Heusel et al., 2017, arXiv:1706.08500, the two time-scale update rule.

    **Differs from the paper**: no; the default rates, with Adam(beta_1=0.0, beta_2=0.9), are those in wide use.

    Args:
        generator: a Keras optimizer, or its name. Adam(1e-4, 0.0, 0.9) unless given.
        discriminator: another one. Adam(4e-4, 0.0, 0.9) unless given.

    Call arguments: none of its own; Keras calls the optimizer.

    Output shape: none.

    **Cost**: none.

    **Combines badly with**: Keras' callbacks for one learning rate: `LearningRateScheduler` and `ReduceLROnPlateau` set
    both rates, and a scheduler that returns a number of its own makes them one. Use `schedules.LearningRate` in each
    optimizer, or set the rates of `gan.generator_optimizer` and `gan.discriminator_optimizer`. Keras before 3.15, which
    has no `MultiOptimizer`: refused.

    Example:

    >>> optimizer = tt.training.two_time_scales("sgd", keras.optimizers.Adam(4e-4))
    >>> [type(inner).__name__ for inner in optimizer.optimizers]
    ['SGD', 'Adam']
    """
    multi_optimizer = getattr(keras.optimizers, "MultiOptimizer", None)
    if multi_optimizer is None:
        raise ImportError(
            explain(
                "This Keras has no optimizer of several optimizers.",
                received=f"Keras {keras.__version__}",
                expected="Keras 3.15 or later, which has MultiOptimizer",
                fix="upgrade Keras, use one optimizer for both players, or GAN, which takes two.",
            )
        )
    given: dict[Player, Any] = {"generator": generator, "discriminator": discriminator}
    optimizers = {n: default_optimizer(n) if one is None else optimizer_of(n, one) for n, one in given.items()}
    return multi_optimizer(OptimizerOfPlayer(**optimizers))


@keras.saving.register_keras_serializable("tfgan_tricks")
class OptimizerOfPlayer:
    """Says which optimizer a variable belongs to, once it knows the players' variables."""

    def __init__(self, generator: keras.optimizers.Optimizer, discriminator: keras.optimizers.Optimizer):
        fix = 'pass an optimizer such as keras.optimizers.Adam(1e-4), or its name, "adam".'
        for player, optimizer in (("generator", generator), ("discriminator", discriminator)):
            check_type(player, optimizer, keras.optimizers.Optimizer, fix)
        if generator is discriminator:
            raise ValueError(
                explain(
                    "The two players share one optimizer.",
                    received="the same object as `generator` and `discriminator`",
                    expected="two optimizers, each with moments of its own",
                    fix="create a second one with the same settings.",
                )
            )
        self.generator = generator
        self.discriminator = discriminator
        self._owners: dict[int, Player] = {}

    def values(self) -> list[keras.optimizers.Optimizer]:
        """Returns both, in the order in which `MultiOptimizer` keeps and saves them."""
        return [self.generator, self.discriminator]

    def bind(self, variables: Mapping[Player, Iterable[keras.Variable]]) -> None:
        """Tells whose variables are whose; those of one model, for good."""
        owners: dict[int, Player] = {id(variable): player for player in PLAYERS for variable in variables[player]}
        if self._owners and not self._owners.keys() & owners.keys():
            raise ValueError(
                explain(
                    "This optimizer belongs to another model.",
                    received="one two_time_scales(...) compiled into two models",
                    expected="an optimizer of its own for each model",
                    fix="make a second one with the same settings.",
                )
            )
        self._owners = owners

    def __call__(self, variable: keras.Variable) -> keras.optimizers.Optimizer:
        if id(variable) not in self._owners:
            raise ValueError(
                explain(
                    f"No player owns the variable '{variable.path}'.",
                    received="an optimizer of two_time_scales, outside of SingleLossGAN",
                    expected="a variable of a network of the task that SingleLossGAN was compiled with",
                    fix="pass the optimizer to SingleLossGAN.compile; the other rules take two:"
                    " generator_optimizer=..., discriminator_optimizer=....",
                )
            )
        return getattr(self, self._owners[id(variable)])

    def get_config(self) -> dict:
        return {player: keras.saving.serialize_keras_object(getattr(self, player)) for player in PLAYERS}

    @classmethod
    def from_config(cls, config: dict) -> "OptimizerOfPlayer":
        return cls(**{player: keras.saving.deserialize_keras_object(config[player]) for player in PLAYERS})


def of_player(optimizer: keras.optimizers.Optimizer, player: Player) -> keras.optimizers.Optimizer:
    """Returns the optimizer that moves a player: its own, or the one that moves both."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)  # of loss scaling
    owners = getattr(inner, "_optimizer_map", None)
    return getattr(owners, player) if isinstance(owners, OptimizerOfPlayer) else optimizer


def bind_players(optimizer: keras.optimizers.Optimizer, variables: Mapping[Player, Iterable[keras.Variable]]) -> None:
    """Tells an optimizer of `two_time_scales`, loss scaling or not, whose variables are whose; others need not know."""
    owners = getattr(getattr(optimizer, "inner_optimizer", optimizer), "_optimizer_map", None)
    if isinstance(owners, OptimizerOfPlayer):
        owners.bind(variables)
