"""What every update rule shares: a model that owns a task, its averaged generators, its counters, and its objective."""

import keras
import numpy as np
import tensorflow as tf

from tfgan_tricks.export.saved_model import export_saved_model
from tfgan_tricks.inputs.input_transform import InputTransform
from tfgan_tricks.parts import Observer, Partners
from tfgan_tricks.tasks.task import Task
from tfgan_tricks.training import batches, compilation, own_state
from tfgan_tricks.training.averaging import Averaging, clone
from tfgan_tricks.training.distributed_model import DistributedModel
from tfgan_tricks.training.logs import Logs, Unlogged
from tfgan_tricks.training.loss_first import loss_first
from tfgan_tricks.types import PLAYERS, Match, Player


class AdversarialModel(DistributedModel):
    """A task and what is minimised over it; a subclass says in `compile` and in its step who moves when.

    Args:
        task: owns the networks and says what a batch means.
        averaging: how the generator's weights are averaged for sampling; not at all unless given.
        seed: integer from which all randomness of training descends.

    Attributes:
        logs_gradients: whether the step can say how large the players' gradients are.
        callback_state: arrays by name that callbacks leave with the model, to be saved with it.
    """

    logs_gradients: bool = True

    def __init__(self, task: Task, averaging: Averaging | None = None, seed: int = 0, **kwargs):
        super().__init__(**kwargs)
        compilation.check_task(task)
        self.autocast = False  # the networks cast what they are given; known pixels must stay as they are
        self.task = task
        self.averaging = averaging
        self.seed = seed
        self.averaged = {n: clone(getattr(task, n)) for n in task.generators} if averaging else {}
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.test_seed_generator = keras.random.SeedGenerator(seed + 1)
        self.images_seen = self.add_counter("seen")
        self.callback_state: dict[str, np.ndarray] = {}
        self.built = True  # the networks are; under a strategy Keras would otherwise try to build by calling

    def add_counter(self, name: str) -> keras.Variable:
        """Returns a new variable that counts from 0, the same on all replicas."""
        dtype = "int32" if keras.backend.backend() == "jax" else "int64"  # which JAX has only if asked to
        arguments = {"shape": (), "initializer": "zeros", "trainable": False, "aggregation": "only_first_replica"}
        return self.add_weight(name=name, dtype=dtype, **arguments)

    def hold(self, partners: Partners) -> None:
        """Checks the parts of the objective, builds and prepares them, and keeps them; called first by `compile`.

        Raises:
            ValueError, TypeError: if parts are of the wrong kind or contradict each other.
        """
        compilation.check_arguments(partners)
        compilation.build_inputs(self.task, partners.inputs)
        compilation.prepare_parts(partners)
        players = tuple(player for player in PLAYERS if player in partners.loss.players and self.variables_of(player))
        compilation.check_players(self.task, players)
        logs = Logs(partners.loss, tuple(partners.terms), partners.inputs, players, self.logs_gradients)
        # Nothing is kept before everything is checked: a refused `compile` leaves the model as it was.
        self.adversarial_loss = partners.loss
        self.terms = tuple(partners.terms)
        self.input_transforms = list(partners.inputs)
        self.critic_steps = partners.critic_steps
        self.weight_constraint = partners.weight_constraint
        self.players = players
        self.logs = logs

    def fit(self, x=None, *args, **kwargs):
        """Trains on a dataset of batches, dicts with "image"; see `keras.Model.fit`."""
        batches.check_data(self, x, kwargs.get("batch_size"), self.critic_steps if self.compiled else 1)
        kwargs.setdefault("shuffle", not isinstance(x, tf.data.Dataset))  # the pipeline's order is kept
        return super().fit(x, *args, **kwargs)

    def evaluate(self, x=None, *args, **kwargs):
        """Returns the losses on held-out batches, dicts with "image"; see `keras.Model.evaluate`."""
        batches.check_data(self, x, kwargs.get("batch_size"), critic_steps=1)
        return super().evaluate(x, *args, **kwargs)

    def call(self, x, training=False):
        """Generates: with the averaged generator, if there is one and this is not training."""
        return self.task.call(x, training=training, nets=None if training else self.averaged)

    def player_loss(self, player: Player, matches: list[Match], logs: Logs | Unlogged | None = None):
        """Returns the loss of one player: the adversarial parts and the terms of that player, all of them logged.

        Args:
            player: whose loss.
            matches: judged in that player's turn.
            logs: where each quantity is logged; the model's own logs unless given.
        """
        logs = logs or self.logs
        total = 0.0
        for match in matches:
            real = keras.tree.flatten(match.real_out.get("logits", []))
            for scale, fake in enumerate(keras.tree.flatten(match.fake_out["logits"])):  # one, or several of a list
                pair = {"real": real[scale], "fake": fake} if real else {"fake": fake}
                parts = getattr(self.adversarial_loss, player)(**pair, seed=match.seed)
                total += logs.track_parts(player, parts, pair)
            for term in self.terms:
                if player in term.players:
                    total += logs.track_term(player, term, term(match))
        for network in self.networks_of(player):
            total += sum(network.losses)  # weight regularisers
        logs.track_total(player, total)
        return loss_first(total)

    def needs_real(self, player: Player) -> bool:
        """Returns whether the critic must judge the real images in this player's turn."""
        terms = any(term.needs_real for term in self.terms if player in term.players)
        return player == "discriminator" or self.adversarial_loss.pairwise or terms

    def observe(self, matches: list[Match]) -> None:
        """Lets the parts that follow training move their state, once per update and match."""
        for part in self.observers:
            for match in matches:
                part.observe(match)

    def advance(self, n) -> None:
        """Counts the images of one generator update, n on each replica, and moves the averaged generators."""
        self.average(self.count(n))

    def count(self, n):
        """Counts the images of one generator update, n on each replica; returns how many that are on all."""
        seen = n * self.replicas
        self.images_seen.assign_add(keras.ops.cast(seen, self.images_seen.dtype))
        self.task.follow_training(self.images_seen)
        return seen

    def average(self, n) -> None:
        """Moves the averaged generators after an update of n images."""
        if self.averaging is not None:
            for name, averaged in self.averaged.items():
                self.averaging.update(averaged, getattr(self.task, name), self.images_seen, n)

    # What belongs to whom.

    @property
    def observers(self) -> list[Observer]:
        """Returns the parts that may follow training: the loss, the terms, the input transforms."""
        transforms = [layer for layer in self.input_transforms if isinstance(layer, InputTransform)]
        return [self.adversarial_loss, *self.terms, *transforms]

    @property
    def counters(self) -> dict[str, keras.Variable]:
        """Returns the model's own variables, by the name that they are saved under."""
        return {"images_seen": self.images_seen}

    def networks_of(self, player: Player) -> list[keras.Model]:
        """Returns the networks that a player trains."""
        return self.task.networks_of(player)

    def variables_of(self, player: Player) -> list[keras.Variable]:
        """Returns the variables that a player's optimizer moves."""
        return [variable for network in self.networks_of(player) for variable in network.trainable_variables]

    @property
    def metrics(self):
        return self.logs.metrics if self.compiled else []

    # Saving: everything that a continued run needs to go on exactly.

    def get_config(self):
        parts = {"task": self.task, "averaging": self.averaging}
        return {n: keras.saving.serialize_keras_object(o) for n, o in parts.items()} | {
            "seed": self.seed,
            "name": self.name,
            "dtype": keras.saving.serialize_keras_object(self.dtype_policy),
        }

    @classmethod
    def from_config(cls, config):
        parts = {n: keras.saving.deserialize_keras_object(config[n]) for n in ("task", "averaging", "dtype")}
        return cls(**{**config, **parts})

    def get_compile_config(self):
        return {n: keras.saving.serialize_keras_object(o) for n, o in self._compile_arguments.items()}

    def compile_from_config(self, config):
        self.compile(**{n: keras.saving.deserialize_keras_object(o) for n, o in config.items()})

    def export(self, directory, deterministic: bool = False) -> None:
        """Writes the generator as a SavedModel that runs without this package; see `export_saved_model`."""
        export_saved_model(self, directory, deterministic)

    def save_own_variables(self, store):
        own_state.save(self, store)

    def load_own_variables(self, store):
        own_state.load(self, store)
