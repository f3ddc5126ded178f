"""A generator that looks ahead: its loss is taken at the critic that its images are about to make."""

import dataclasses
from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from tfgan_tricks.checks import check_integer, check_type, explain, suggestion
from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.replicas import mean_over_replicas
from tfgan_tricks.training.gan import GAN
from tfgan_tricks.training.judging import Networks, judged
from tfgan_tricks.training.logs import Unlogged
from tfgan_tricks.training.stateless import with_weights
from tfgan_tricks.training.virtual_adam import VirtualAdam
from tfgan_tricks.training.virtual_steps import VirtualOptimizer, VirtualSGD, virtual_loss_scale
from tfgan_tricks.types import Match

VIRTUAL_OPTIMIZERS = {"adam": VirtualAdam, "sgd": VirtualSGD}
State = list[tuple[keras.Variable, object]]  # variables and the tensors that stand in for them


@keras.saving.register_keras_serializable("tfgan_tricks")
class UnrolledGAN(GAN):
    """The alternating game, with a generator that foresees k further steps of the discriminator.

    A generator that crowds where the critic is weak now is answered by a critic that learns of the crowd, and hops on.
    Here the critic of the generator's loss has taken k virtual steps on its own loss, on the same images and from the
    weights after its real step: ψ_j+1 = ψ_j - η·∂L_D(θ, ψ_j)/∂ψ, and the generator descends L_G(θ, ψ_k(θ)) in θ,
    through the virtual steps too: dL_G/dθ = ∂L_G/∂θ + ∂L_G/∂ψ_k · dψ_k/dθ. The last part, of second order, is what
    punishes a crowd. On a ring of 8 Gaussians it decides between all modes and at most one.

    A virtual step is a real one in all else, and then undone: it descends adversarial loss, terms (a lazy one is due
    as in the update number which the step foresees) and weight regularisers, sees what the input transforms show,
    draws dropout and noise of its own, moves spectral norm's vector and batch norm's statistics for the steps after
    it, ends with `weight_constraint`, and is taken along the gradient of the global batch of all replicas. Parts that
    follow training are read and do not observe it. Nothing of the discriminator is moved; its real step, and with
    `unroll=0` everything, is that of `GAN`. Held-out losses are those at the live critic.

    **Source**: Metz et al., 2017, arXiv:1611.02163, equations 7 to 10.

    **Differs from the paper**: the generator takes the loss's own side for it, at the virtual critic; the paper's
    descends what the discriminator ascends, with the term of the real images, which depends on θ through ψ_k too. The
    generator moves after the discriminator, not at once with it. Terms that hold the generated images constant, such
    as a gradient penalty at them, and spectral norm, which holds its singular vectors constant, do so here as well:
    that part of the derivative is left out.

    Args:
        task: owns the networks and says what a batch means.
        averaging: how the generator's weights are averaged for sampling; not at all unless given.
        seed: integer from which all randomness of training descends.
        unroll: k, the number of virtual steps, at least 0; the paper takes 1 to 10.
        virtual_optimizer: "sgd", plain descent with the current rate of the discriminator's own optimizer; "adam",
            which goes on from the moments of the discriminator's own Adam if it has one; or `VirtualSGD(...)`,
            `VirtualAdam(...)` with settings of their own. Clipping, momentum or weight decay of the discriminator's
            own optimizer are not followed.

    Call arguments:
        x: the generator's input, e.g. latents.
        training: if false, the averaged generator answers, if there is one.

    Input shape: the generator's.

    Output shape: the generator's.

    **Cost**: per virtual step that of a discriminator step, differentiated once more: about twice as many operations,
    and memory and graph that grow with k, as all steps are kept until the generator's gradient is known.

    **Combines badly with**: "sgd" beside a discriminator trained by Adam, whose rates are too small for plain descent;
    "adam" beside weights whose gradient is all but 0, such as a bias before batch norm, in which Adam's step, and so
    the generator's gradient, is steep; `GradientRatio`, which does not see the gradient through the virtual steps.

    Example:

    >>> generator, discriminator = tt.architectures.mlp(resolution=8, channels=1, latent_dim=4)
    >>> task = tt.tasks.Unconditional(generator, discriminator, prior=tt.latents.Normal(4))
    >>> gan = tt.training.UnrolledGAN(task, unroll=2, virtual_optimizer="adam")
    >>> gan.compile("adam", "adam", loss=tt.losses.adversarial.NonSaturating())
    >>> logs = gan.train_on_batch({"image": np.zeros((4, 8, 8, 1), "float32")}, return_dict=True)
    >>> gan.virtual_optimizer
    VirtualAdam(learning_rate=None, beta_1=None, beta_2=None, epsilon=None, moments='auto')
    """

    def __init__(self, task, averaging=None, seed: int = 0, unroll: int = 5, virtual_optimizer="sgd", **kwargs):
        check_integer("unroll", unroll, at_least=0)
        optimizer = _virtual_optimizer(virtual_optimizer)
        super().__init__(task, averaging=averaging, seed=seed, **kwargs)
        self.unroll = unroll
        self.virtual_optimizer = optimizer

    def compile(self, *args, **kwargs):
        super().compile(*args, **kwargs)
        if self.looks_ahead:
            self.virtual_optimizer.check(self.discriminator_optimizer)

    compile.__doc__ = GAN.compile.__doc__

    @property
    def looks_ahead(self) -> bool:
        """Whether there are virtual steps: not with `unroll=0`, and not of a discriminator that is frozen."""
        return self.unroll > 0 and "discriminator" in self.players

    def play(self, player, batch, seed, step=None, training=True):
        if player == "discriminator" or not training or not self.looks_ahead:
            return super().play(player, batch, seed, step, training)
        networks = Networks.of(self.task, player, seed)
        x = self.task.inputs(batch, seed)
        matches = self.task.matches(batch, x, self.task.call(x, training=training, nets=networks.generators))
        state = self.look_ahead(matches, seed)
        critics = {name: _in_state(getattr(self.task, name), state) for name in self.task.critics}
        networks = Networks(networks.generators, critics, critics)
        return [judged(self, player, match, networks, seed, step, training) for match in matches]

    def look_ahead(self, matches: Sequence[Match], seed: SeedStream) -> State:
        """Returns the critics' variables as they would be after k more updates on these matches.

        All tensors are functions of the generated images; no variable moves.
        """
        variables = self.variables_of("discriminator")
        layers = [*(getattr(self.task, name) for name in self.task.critics), *self.input_transforms]
        others = [variable for layer in layers for variable in layer.non_trainable_variables]
        values = [tf.convert_to_tensor(variable.value) for variable in variables]
        state: State = []
        memory = self.virtual_optimizer.start(self.discriminator_optimizer, variables)
        for ahead in range(self.unroll):
            gradients, state = self._virtual_gradients(matches, variables, values, state, others, seed, ahead)
            values, memory = self.virtual_optimizer.step(values, gradients, memory)
            if self.weight_constraint is not None:
                values = [self.weight_constraint(value) for value in values]
        return [*zip(variables, values, strict=True), *state]

    def _virtual_gradients(self, matches, variables, values, state: State, others, seed, ahead: int):
        optimizer = self.discriminator_optimizer
        scale = virtual_loss_scale(optimizer)
        networks = Networks.of(self.task, "discriminator", seed)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(values)
            # Within the scope variables have these values, and what is assigned to them is kept by the scope.
            with keras.StatelessScope([*zip(variables, values, strict=True), *state]) as scope:
                step = optimizer.iterations + ahead
                shown = [judged(self, "discriminator", match, networks, seed, step) for match in matches]
                shown = [dataclasses.replace(match, branches=False) for match in shown]
                loss = scale * self.player_loss("discriminator", shown, logs=Unlogged())
                state = [(variable, scope.get_current_value(variable)) for variable in others]
        gradients = tape.gradient(loss, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        # The gradient of a mean over replicas is again one, as it must be for losses that are each replica's share.
        gradients = mean_over_replicas([gradient / scale for gradient in gradients])
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):  # which skips a step that overflows
            finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(gradient)) for gradient in gradients])
            gradients = [tf.where(finite, gradient, 0.0) for gradient in gradients]
        return gradients, [(variable, value) for variable, value in state if value is not None]

    def get_config(self):
        optimizer = keras.saving.serialize_keras_object(self.virtual_optimizer)
        return {**super().get_config(), "unroll": self.unroll, "virtual_optimizer": optimizer}

    @classmethod
    def from_config(cls, config):
        optimizer = keras.saving.deserialize_keras_object(config["virtual_optimizer"])
        return super().from_config({**config, "virtual_optimizer": optimizer})


def _in_state(network: keras.Model, state: State) -> Callable:
    """Returns `network` as a function in which variables have the values of a state; none of them moves."""

    def call(inputs, **arguments):
        with keras.StatelessScope(state):
            return with_weights(network)(inputs, **arguments)

    return call


def _virtual_optimizer(given: object) -> VirtualOptimizer:
    """Returns the virtual optimizer of a name, or the object itself."""
    if isinstance(given, str):
        if given not in VIRTUAL_OPTIMIZERS:
            raise ValueError(
                explain(
                    "There is no such optimizer for virtual steps.",
                    received=f"virtual_optimizer={given!r}",
                    expected="'sgd', 'adam', or an object with settings of its own",
                    fix=suggestion(given, VIRTUAL_OPTIMIZERS, "choose 'sgd' or 'adam'."),
                )
            )
        return VIRTUAL_OPTIMIZERS[given]()
    fix = "pass 'sgd', 'adam', or tfgan_tricks.training.VirtualAdam(...): Keras' optimizers move variables."
    check_type("virtual_optimizer", given, VirtualOptimizer, fix)
    return given  # type: ignore[return-value]
