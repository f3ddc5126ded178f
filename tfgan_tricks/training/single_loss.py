"""Both players from one scalar loss, so that Keras' own training step trains them, on each of its backends."""

import keras
from keras import ops

from tfgan_tricks.parts import Partners
from tfgan_tricks.randomness import update_stream
from tfgan_tricks.schedules.schedule import value_at
from tfgan_tricks.training import compilation, single_step
from tfgan_tricks.training.adversarial_model import AdversarialModel
from tfgan_tricks.training.judging import Networks, judged
from tfgan_tricks.training.replica_gradients import check_clipping
from tfgan_tricks.training.two_time_scales import bind_players, of_player, two_time_scales
from tfgan_tricks.types import PLAYERS, Match


@keras.saving.register_keras_serializable("tfgan_tricks")
class SingleLossGAN(AdversarialModel):
    """A task and the simultaneous game over it as one loss, under Keras' own `train_step`.

    Two players, one scalar: each player's loss must reach that player's weights alone. With sg for `stop_gradient`,

        L = L_D(D(x), D(sg G(z))) + λ·L_G(D(G(z)))

    would give the critic the right gradient in its first part and, in its second, that of its opponent. It is
    undone by -λ·L_G(D(sg G(z))): the same number, the same gradient in D, none in G. For Wasserstein's critic all that
    is left in the second part is λ·(D(sg G(z)) - D(G(z))): always 0, and its gradient, in G alone, is G's whole loss.

    The difference cancels only if both calls of D are one function. They are not where D has dropout or noise, or where
    spectral norm takes a step of power iteration in each call; and batch norm's statistics move once more.
    So this class does not subtract. In the second part D's weights are stopped and its state stays: what the
    difference is meant to be, without a condition on D. The gradients are those of two separate tapes at the same
    weights: a simultaneous update, where `GAN` alternates.

    What still couples the players is an optimizer that looks at all gradients at once: with `global_clipnorm` in a
    single optimizer, the critic's large gradient shortens the generator's step. `two_time_scales` clips each player
    by itself.

    λ multiplies the generator's gradient. Under Adam, RMSprop and their like, whose step does not depend on the scale
    of the gradient, it does (next to) nothing, with a rate for each player or not; there the rate is what sets the
    generator's pace. Under SGD it is a factor of the generator's rate.

    Keras' step says nothing to the model once the weights have moved. What follows the weights comes a little later
    or earlier than in `GAN`: the averaged generators take up an update at the start of the next step (and, after the
    last one, at the end of `fit`, or when `settle` is called), and parts that remember weights, `HistoricalAveraging`
    and `SpectralNormRegularization`, see those from before the update. Norms of gradients are not logged;
    `StopOnNonFinite` sees a gradient that is not finite in the next step's loss.

    **Source**: Su Jianlin, 2019, kexue.fm/archives/6387.

    **Differs from the paper**: D's weights are stopped instead of its gradient being subtracted; see above.

    Args:
        task: owns the networks and says what a batch means.
        averaging: how the generator's weights are averaged for sampling; not at all unless given.
        seed: integer from which all randomness of training descends.

    Call arguments:
        x: the generator's input, e.g. latents. A batch, which Keras' step calls the model on, gives nothing.
        training: if false, the averaged generator answers, if there is one.

    Input shape: the generator's.

    Output shape: the generator's.

    **Cost**: per step one generator and three discriminator forward passes; one generator backward pass and three
    of the discriminator, the last one to its input only. A generator forward pass less than `GAN`.

    **Combines badly with**: clipping on several replicas, which Keras' step gets wrong; `critic_steps`, which a single
    loss cannot have; networks of no player and input transforms with trained weights, which Keras would train. Refused.

    Example:

    >>> generator, discriminator = tt.architectures.mlp(resolution=8, channels=1, latent_dim=4)
    >>> gan = tt.training.SingleLossGAN(tt.tasks.Unconditional(generator, discriminator, prior=tt.latents.Normal(4)))
    >>> gan.compile("adam", loss=tt.losses.adversarial.Hinge(), terms=[tt.penalties.R1(gamma=1.0)])
    >>> history = gan.fit({"image": np.zeros((8, 8, 8, 1), "float32")}, batch_size=4, verbose=0)
    >>> int(gan.images_seen.numpy())
    8
    """

    logs_gradients = False

    def __init__(self, task, averaging=None, seed: int = 0, **kwargs):
        super().__init__(task, averaging, seed, **kwargs)
        self.updates = self.add_counter("updates")  # what lazy terms count
        self.unaveraged = self.add_counter("unaveraged")  # images of an update that the averages have not seen
        self.part_variables: list[keras.Variable] = []

    def compile(
        self, optimizer=None, loss=None, terms=(), inputs=(), generator_weight=1.0, weight_constraint=None, **kwargs
    ):
        """Says how the model is trained.

        Args:
            optimizer: a Keras optimizer, or its name, for both players; `two_time_scales` for one each, which with its
                default rates is what is used unless given.
            loss: `AdversarialLoss`, always needed.
            terms: `Term`s added to the players' losses, each under a name of its own.
            inputs: `InputTransform`s or other layers between the images and the critic, applied in order.
            generator_weight: λ, a number or a schedule in images seen, above 0.
            weight_constraint: `keras.constraints.Constraint` for the critic's weights after each update. It is attached
                to the variables, where Keras' optimizers apply it, after a constraint that a layer has of its own.
            **kwargs: `run_eagerly`, `jit_compile`, `steps_per_execution`, as in `keras.Model.compile`.

        Raises:
            ValueError, TypeError: if parts are of the wrong kind or contradict each other.
        """
        single_step.check_arguments(generator_weight, kwargs)
        self.hold(Partners(self.task, loss, terms, inputs, weight_constraint=weight_constraint))
        self.generator_weight = generator_weight
        single_step.track(self, [variable for part in (loss, *terms) for variable in part.variables])
        single_step.check_trained(self)
        single_step.constrain(self.variables_of("discriminator"), weight_constraint)
        given = two_time_scales() if optimizer is None else optimizer
        bind_players(given, {player: self.variables_of(player) for player in PLAYERS})
        check_clipping(built := compilation.build_optimizer(self, given), self.replicas)
        super().compile(optimizer=built, auto_scale_loss=False, **kwargs)
        self._compile_arguments = {
            "optimizer": optimizer,
            "loss": loss,
            "terms": list(terms),
            "inputs": list(inputs),
            "generator_weight": generator_weight,
            "weight_constraint": weight_constraint,
            **kwargs,
        }

    def fit(self, x=None, *args, **kwargs):
        history = super().fit(x, *args, **kwargs)
        self.settle()
        return history

    def settle(self) -> None:
        """Brings the averaged generators up to date, which otherwise happens at the start of the next step.

        To be called before sampling after `train_on_batch`, or within `fit`; how training goes on does not change.
        """
        with single_step.scope_of(self):
            self._average()

    def call(self, x, training=False):
        # Keras' step calls the model on the batch before it asks for the loss, in which the networks run.
        return {} if single_step.is_batch(self.task, x, training) else super().call(x, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Returns the one loss of a batch; in training, moves what follows training. Called by Keras' step."""
        batch = keras.tree.map_structure(ops.convert_to_tensor, x)
        self.task.check_batch(batch)
        if training:
            self._average()
        return single_step.computed(self, lambda: self._loss(batch, training))

    def _loss(self, batch, training: bool):
        seed = update_stream(self.seed_generator if training else self.test_seed_generator)
        turns = {player: Networks.of(self.task, player, seed) for player in self.players}
        latents = self.task.inputs(batch, seed)
        makers = turns.get("generator") or turns["discriminator"]  # which freezes the generators
        live = self.task.call(latents, training=training, nets=makers.generators)
        made = {"generator": live, "discriminator": keras.tree.map_structure(ops.stop_gradient, live)}
        weights = {"generator": value_at(self.generator_weight, self.images_seen.value), "discriminator": 1.0}
        total, played, step = 0.0, [], self.updates.value if training else None
        for player in self.players:
            matches: list[Match] = [
                judged(self, player, match, turns[player], seed, step, training)
                for match in self.task.matches(batch, latents, made[player])
            ]
            total += weights[player] * self.player_loss(player, matches)
            played.append(matches)
        if training:
            for matches in played:
                self.observe(matches)
            self.unaveraged.assign(ops.cast(self.count(ops.shape(batch["image"])[0]), self.unaveraged.dtype))
            self.updates.assign_add(ops.ones((), self.updates.dtype))
        return total / self.replicas  # Keras sums gradients over replicas

    def _average(self) -> None:
        """Lets the averaged generators follow the last update, if they have not yet."""
        if self.averaging is not None:
            n = ops.convert_to_tensor(self.unaveraged)
            self.average(n)
            self.unaveraged.assign(ops.zeros_like(n))

    @property
    def generator_optimizer(self) -> keras.optimizers.Optimizer:
        """The optimizer that moves the generator, inside of `two_time_scales` or the one of both."""
        return of_player(self.optimizer, "generator")

    @property
    def discriminator_optimizer(self) -> keras.optimizers.Optimizer:
        """The optimizer that moves the discriminator, inside of `two_time_scales` or the one of both."""
        return of_player(self.optimizer, "discriminator")

    @property
    def metrics(self):
        return [self._loss_tracker, *super().metrics] if self.compiled else []

    @property
    def counters(self) -> dict[str, keras.Variable]:
        return {**super().counters, "updates": self.updates, "unaveraged": self.unaveraged}
