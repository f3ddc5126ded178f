"""The training step that every trick plugs into: alternating updates of discriminator and generator."""

from dataclasses import replace

import keras
import tensorflow as tf

from tfgan_tricks.export.saved_model import export_saved_model
from tfgan_tricks.inputs.input_transform import InputTransform, group_of
from tfgan_tricks.parts import Observer, Partners
from tfgan_tricks.randomness import SeedStream, update_stream
from tfgan_tricks.tasks.task import Task
from tfgan_tricks.training import compilation
from tfgan_tricks.training.averaging import ExponentialAveraging, clone
from tfgan_tricks.training.judging import fakes_of, judge_of
from tfgan_tricks.training.logs import Logs
from tfgan_tricks.training.stateless import frozen, with_weights
from tfgan_tricks.types import PLAYERS, Batch, Match, Player


@keras.saving.register_keras_serializable("tfgan_tricks")
class GAN(keras.Model):
    """A task and the alternating game over it, under Keras' own `fit`.

    One step takes `critic_steps` discriminator updates, each on fresh real images and fresh latents, and then one
    generator update on the last part of the batch. The player that does not move is frozen: gradient passes
    through it, its weights and its state (spectral norm's vector, batch norm's statistics) stay.

    **Source**: Goodfellow et al., 2014, arXiv:1406.2661, algorithm 1; two learning rates: Heusel et al., 2017,
    arXiv:1706.08500.

    **Differs from the paper**: the generator's update reuses the real images of the last discriminator update (only
    losses that compare with real images read them).

    Args:
        task: owns the networks and says what a batch means.
        averaging: how the generator's weights are averaged for sampling; not at all unless given.
        seed: integer from which all randomness of training descends.

    Call arguments:
        x: the generator's input, e.g. latents.
        training: if false, the averaged generator answers, if there is one.

    Input shape: the generator's.

    Output shape: the generator's.

    **Cost**: per step and critic step one generator and two discriminator forward passes and two discriminator
    backward passes; per generator update one forward and one backward pass through both networks.

    **Combines badly with**: nothing; parts that contradict each other refuse in `compile`.

    Example:

    >>> generator, discriminator = tt.architectures.mlp(resolution=8, channels=1, latent_dim=4)
    >>> gan = tt.training.GAN(tt.tasks.Unconditional(generator, discriminator, prior=tt.latents.Normal(4)))
    >>> gan.compile("adam", "adam", loss=tt.losses.adversarial.Hinge(), terms=[tt.penalties.R1(gamma=1.0)])
    >>> logs = gan.train_on_batch({"image": np.zeros((4, 8, 8, 1), "float32")}, return_dict=True)
    >>> int(gan.images_seen.numpy())
    4
    """

    def __init__(self, task: Task, averaging: ExponentialAveraging | None = None, seed: int = 0, **kwargs):
        super().__init__(**kwargs)
        compilation.check_task(task)
        self.task = task
        self.averaging = averaging
        self.seed = seed
        self.averaged = {n: clone(getattr(task, n)) for n in task.generators} if averaging else {}
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.test_seed_generator = keras.random.SeedGenerator(seed + 1)
        self.images_seen = self.add_weight(
            shape=(), dtype="int64", initializer="zeros", trainable=False, aggregation="only_first_replica", name="seen"
        )
        self.built = True  # the networks are; under a strategy Keras would otherwise try to build by calling

    def compile(
        self,
        generator_optimizer,
        discriminator_optimizer,
        loss,
        terms=(),
        inputs=(),
        critic_steps: int = 1,
        weight_constraint=None,
        **kwargs,
    ):
        """Says how the model is trained.

        Args:
            generator_optimizer: a Keras optimizer, or its name; the one that Keras' callbacks for learning rates find.
            discriminator_optimizer: another one; two learning rates are two optimizers.
            loss: `AdversarialLoss`.
            terms: `Term`s added to the players' losses, each under a name of its own.
            inputs: `InputTransform`s or other layers between the images and the critic, applied in order.
            critic_steps: discriminator updates per generator update; each batch is split into so many parts.
            weight_constraint: `keras.constraints.Constraint` for the critic's weights after each of its updates.
            **kwargs: `run_eagerly`, `jit_compile`, `steps_per_execution`, as in `keras.Model.compile`.

        Raises:
            ValueError, TypeError: if parts are of the wrong kind or contradict each other.
        """
        compilation.check_arguments(loss, terms, inputs, critic_steps, weight_constraint)
        compilation.build_inputs(self.task, inputs)
        compilation.prepare_parts(Partners(self.task, loss, terms, inputs, critic_steps, weight_constraint))
        optimizers = compilation.build_optimizers(self, generator_optimizer, discriminator_optimizer)
        self.generator_optimizer, self.discriminator_optimizer = optimizers
        # Keras' own callbacks for learning rates look for `optimizer`: it is the generator's.
        super().compile(optimizer=self.generator_optimizer, auto_scale_loss=False, **kwargs)
        self.adversarial_loss = loss
        self.terms = tuple(terms)
        self.input_transforms = list(inputs)
        self.critic_steps = critic_steps
        self.weight_constraint = weight_constraint
        self.logs = Logs(loss, self.terms, self.input_transforms)
        self._compile_arguments = {
            "generator_optimizer": generator_optimizer,
            "discriminator_optimizer": discriminator_optimizer,
            "loss": loss,
            "terms": list(terms),
            "inputs": list(inputs),
            "critic_steps": critic_steps,
            "weight_constraint": weight_constraint,
            **kwargs,
        }

    def fit(self, x=None, *args, **kwargs):
        """Trains on a dataset of batches, dicts with "image"; see `keras.Model.fit`."""
        compilation.check_data(self, x, kwargs.get("batch_size"), self.critic_steps if self.compiled else 1)
        kwargs.setdefault("shuffle", not isinstance(x, tf.data.Dataset))  # the pipeline's order is kept
        return super().fit(x, *args, **kwargs)

    def evaluate(self, x=None, *args, **kwargs):
        """Returns the losses on held-out batches, dicts with "image"; see `keras.Model.evaluate`."""
        compilation.check_data(self, x, kwargs.get("batch_size"), critic_steps=1)
        return super().evaluate(x, *args, **kwargs)

    def call(self, x, training=False):
        """Generates: with the averaged generator, if there is one and this is not training."""
        return self.task.call(x, training=training, nets=None if training else self.averaged)

    # One step, from the batch to the weights.

    def train_step(self, data):
        batch = compilation.unpack(self, data)
        *critic_parts, last = compilation.split(batch, self.critic_steps)
        for part in (*critic_parts, last):
            self.update("discriminator", part)
        self.update("generator", last)
        n = tf.shape(last["image"])[0]
        self.images_seen.assign_add(tf.cast(n * self.replicas, "int64"))
        if self.averaging is not None:
            for name, averaged in self.averaged.items():
                self.averaging.update(averaged, getattr(self.task, name), self.images_seen, n * self.replicas)
        return self.logs.result()

    def update(self, player: Player, batch: Batch) -> None:
        """Moves one player by one step of its optimizer; nothing else moves but that player's state."""
        optimizer, variables = getattr(self, f"{player}_optimizer"), self.variables_of(player)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in variables])
            matches = self.play(player, batch, update_stream(self.seed_generator), step=optimizer.iterations)
            loss = self.player_loss(player, matches)
            # Keras sums gradients over replicas; the loss is a mean over the global batch.
            scaled = optimizer.scale_loss(loss / self.replicas)
        gradients = tape.gradient(scaled, [variable.value for variable in variables])
        self.logs.track_gradients(player, gradients, optimizer, factor=1.0 / self.replicas)
        optimizer.apply(gradients, variables)
        if player == "discriminator" and self.weight_constraint is not None:
            for variable in variables:
                variable.assign(self.weight_constraint(variable))
        for part in self.observers:
            for match in matches:
                part.observe(match)

    def player_loss(self, player: Player, matches: list[Match]):
        """Returns the loss of one player: the adversarial parts and the terms of that player, all of them logged."""
        total = 0.0
        for match in matches:
            real = keras.tree.flatten(match.real_out.get("logits", []))
            for scale, fake in enumerate(keras.tree.flatten(match.fake_out["logits"])):  # one, or several of a list
                pair = {"real": real[scale], "fake": fake} if real else {"fake": fake}
                parts = getattr(self.adversarial_loss, player)(**pair, seed=match.seed)
                total += self.logs.track_parts(player, parts, pair)
            for term in self.terms:
                if player in term.players:
                    total += self.logs.track_term(player, term, term(match))
        for network in self.networks_of(player):
            total += sum(network.losses)  # weight regularisers
        self.logs.track_total(player, total)
        return total

    def play(self, player: Player, batch: Batch, seed: SeedStream, step=None, training: bool = True) -> list[Match]:
        """Returns the matches of this batch, judged, with everything frozen that is not the player's."""
        generators = {name: getattr(self.task, name) for name in self.task.generators}
        critics = {name: getattr(self.task, name) for name in self.task.critics}
        if player == "discriminator":
            generators = {name: frozen(network, seed) for name, network in generators.items()}
            asked = {name: with_weights(network) for name, network in critics.items()}
        else:
            critics = asked = {name: frozen(network) for name, network in critics.items()}
        x = self.task.inputs(batch, seed)
        out = self.task.call(x, training=training, nets=generators)
        needs_real = player == "discriminator" or self.adversarial_loss.pairwise
        needs_real = needs_real or any(term.needs_real for term in self.terms if player in term.players)
        matches = []
        for match in self.task.matches(batch, x, out):
            judge = judge_of(self, match, critics, seed, training, live=player == "discriminator")
            shown, fake = fakes_of(self, player, match, seed, training)
            matches.append(
                replace(
                    match,
                    fake=fake,
                    player=player,
                    real_out=judge(match.real) if needs_real else {},
                    fake_out=judge(shown),
                    judge=judge_of(self, match, asked, seed, training, live=False),
                    seed=seed,
                    group=group_of(self.input_transforms),
                    images_seen=self.images_seen.value,
                    step=step,
                )
            )
        return matches

    def test_step(self, data):
        """Logs the live networks' losses, and the discriminator's accuracy, on held-out images; nothing moves."""
        batch = compilation.unpack(self, data)
        seed = update_stream(self.test_seed_generator)
        for player in PLAYERS:
            self.player_loss(player, self.play(player, batch, seed, training=False))
        return self.logs.result(gradients=False)

    # What belongs to whom.

    @property
    def observers(self) -> list[Observer]:
        """Returns the parts that may follow training: the loss, the terms, the input transforms."""
        transforms = [layer for layer in self.input_transforms if isinstance(layer, InputTransform)]
        return [self.adversarial_loss, *self.terms, *transforms]

    @property
    def replicas(self) -> int:
        """Number of replicas that train in sync."""
        return tf.distribute.get_strategy().num_replicas_in_sync

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
        for name, variable in compilation.own_state(self).items():
            store[name] = variable.numpy()

    def load_own_variables(self, store):
        for name, variable in compilation.own_state(self).items():
            if name in store:
                variable.assign(store[name])
