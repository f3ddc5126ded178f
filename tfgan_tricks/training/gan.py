"""The training step that every trick plugs into: alternating updates of discriminator and generator."""

import keras
import tensorflow as tf

from tfgan_tricks.parts import Partners
from tfgan_tricks.randomness import SeedStream, update_stream
from tfgan_tricks.training import batches, compilation
from tfgan_tricks.training.adversarial_model import AdversarialModel
from tfgan_tricks.training.judging import Networks, judged
from tfgan_tricks.training.replica_gradients import agreed
from tfgan_tricks.types import Batch, Match, Player


@keras.saving.register_keras_serializable("tfgan_tricks")
class GAN(AdversarialModel):
    """A task and the alternating game over it, under Keras' own `fit`.

    One step takes `critic_steps` discriminator updates, each on fresh real images and fresh latents, and then one
    generator update on the last part of the batch. The player that does not move is frozen: gradient passes
    through it, its weights and its state (spectral norm's vector, batch norm's statistics) stay.

    Each player has an optimizer of its own, any of Keras'. What it clips (`clipnorm`, `global_clipnorm`, `clipvalue`)
    is the gradient of the whole batch, on any number of replicas; the logged norms are those before, the mean over
    replicas. Its rate may follow the images seen: `tfgan_tricks.schedules.LearningRate`.

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

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        loss=None,
        terms=(),
        inputs=(),
        critic_steps: int = 1,
        weight_constraint=None,
        **kwargs,
    ):
        """Says how the model is trained.

        Args:
            generator_optimizer: a Keras optimizer, or its name; the one that Keras' callbacks for learning rates find.
                Adam(1e-4, 0.0, 0.9) unless given.
            discriminator_optimizer: another one; two learning rates are two optimizers. Adam(4e-4, 0.0, 0.9) unless
                given: the two time-scale rule.
            loss: `AdversarialLoss`, always needed.
            terms: `Term`s added to the players' losses, each under a name of its own.
            inputs: `InputTransform`s or other layers between the images and the critic, applied in order.
            critic_steps: discriminator updates per generator update; each batch is split into so many parts.
            weight_constraint: `keras.constraints.Constraint` for the critic's weights after each of its updates.
            **kwargs: `run_eagerly`, `jit_compile`, `steps_per_execution`, as in `keras.Model.compile`.

        A player whose networks are all frozen (`trainable=False`) does not move, and its loss is not logged.

        Raises:
            ValueError, TypeError: if parts are of the wrong kind or contradict each other.
        """
        compilation.check_backend(self)
        optimizers = compilation.build_optimizers(self, generator_optimizer, discriminator_optimizer)
        self.hold(Partners(self.task, loss, terms, inputs, critic_steps, weight_constraint))
        self.generator_optimizer, self.discriminator_optimizer = optimizers
        # Keras' own callbacks for learning rates look for `optimizer`: it is the generator's.
        super().compile(optimizer=self.generator_optimizer, auto_scale_loss=False, **kwargs)
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

    # One step, from the batch to the weights.

    def train_step(self, data):
        batch = batches.unpack(self, data)
        *critic_parts, last = batches.split(batch, self.critic_steps)
        for part in (*critic_parts, last):
            self.update("discriminator", part)
        self.update("generator", last)
        self.advance(tf.shape(last["image"])[0])
        return self.logs.result()

    def update(self, player: Player, batch: Batch) -> None:
        """Moves one player by one step of its optimizer; nothing else moves but that player's state."""
        if player not in self.players:
            return  # frozen
        optimizer, variables = getattr(self, f"{player}_optimizer"), self.variables_of(player)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in variables])
            matches = self.play(player, batch, update_stream(self.seed_generator), step=optimizer.iterations)
            loss = self.player_loss(player, matches)
            # Keras sums gradients over replicas; the loss is a mean over the global batch.
            scaled = optimizer.scale_loss(loss / self.replicas)
        self.move(player, tape.gradient(scaled, [variable.value for variable in variables]))
        self.observe(matches)

    def move(self, player: Player, gradients) -> None:
        """Applies the gradients of a player's scaled loss, in the order of `variables_of(player)`."""
        optimizer, variables = getattr(self, f"{player}_optimizer"), self.variables_of(player)
        self.logs.track_gradients(player, gradients, optimizer, factor=1.0 / self.replicas)
        optimizer.apply(agreed(optimizer, gradients, self.replicas), variables)
        if player == "discriminator" and self.weight_constraint is not None:
            for variable in variables:
                variable.assign(self.weight_constraint(variable))

    def play(self, player: Player, batch: Batch, seed: SeedStream, step=None, training: bool = True) -> list[Match]:
        """Returns the matches of this batch, judged, with everything frozen that is not the player's."""
        networks = Networks.of(self.task, player, seed)
        x = self.task.inputs(batch, seed)
        out = self.task.call(x, training=training, nets=networks.generators)
        matches = self.task.matches(batch, x, out)
        return [judged(self, player, match, networks, seed, step, training) for match in matches]

    def test_step(self, data):
        """Logs the live networks' losses, and the discriminator's accuracy, on held-out images; nothing moves."""
        batch = batches.unpack(self, data)
        seed = update_stream(self.test_seed_generator)
        for player in self.players:
            self.player_loss(player, self.play(player, batch, seed, training=False))
        return self.logs.result(gradients=False)
