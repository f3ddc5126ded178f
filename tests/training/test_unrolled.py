"""The generator's gradient goes through the virtual steps: closed forms, finite differences, an Adam in NumPy."""

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.support import tiny
from tests.support.adversarial import sigmoid, softplus
from tests.support.differences import central
from tests.training import scalar_game
from tests.training.scalar_game import MEAN, PSI, THETA
from tfgan_tricks.types import Match

RATE = 0.1


def generator_slope(unroll, task=None, virtual=None, rate=RATE, **arguments):
    """Returns dL_G / dθ of the scalar game as the generator's update takes it."""
    gan = tt.training.UnrolledGAN(
        task or scalar_game.task(), unroll=unroll, virtual_optimizer=virtual or tt.training.VirtualSGD(rate)
    )
    loss = tt.losses.adversarial.Wasserstein()
    gan.compile(keras.optimizers.SGD(1.0), keras.optimizers.SGD(0.3), loss=loss, run_eagerly=True, **arguments)
    gan.update("generator", scalar_game.batch())
    return THETA - scalar_game.weight(gan.task.generator)


@pytest.mark.parametrize("unroll", [0, 1, 2, 5])
def test_the_scalar_game_follows_its_closed_form(unroll):
    """ψ_k = ψ - kη(θ - x̄), L_G = -ψ_k·θ: so dL_G/dθ = -ψ_k + kηθ, and the last part is of second order."""
    psi = PSI - unroll * RATE * (THETA - MEAN)
    slope = generator_slope(unroll)
    np.testing.assert_allclose(slope, -psi + unroll * RATE * THETA, rtol=1e-6)
    if unroll:
        assert abs(slope - -psi) > 0.04, "the part of second order is missing"


@keras.saving.register_keras_serializable("tests")
class SquaredWeight(tt.losses.Term):
    """Reads the critic's weights themselves, not its outputs."""

    def prepare(self, task):
        self.network = task.discriminator

    def call(self, match):
        return keras.ops.square(keras.ops.convert_to_tensor(self.network.trainable_variables[0]))


PENALTIES = {  # what each adds to the derivative of the critic's loss in ψ > 0: slope · (ψ - centre)
    "r1": ({"terms": [tt.penalties.R1(gamma=0.8)]}, 0.8, 0.0),
    "wgangp": ({"terms": [tt.penalties.WGANGP(weight=3.0)]}, 6.0, 1.0),
    "term_on_weights": ({"terms": [SquaredWeight(weight=2.0)]}, 4.0, 0.0),
    "regulariser": ({"task": lambda: scalar_game.task(kernel_regularizer=keras.regularizers.L2(1.5))}, 3.0, 0.0),
}


@pytest.mark.parametrize(("arguments", "slope", "centre"), PENALTIES.values(), ids=PENALTIES.keys())
def test_virtual_steps_descend_the_penalties_too(arguments, slope, centre):
    psi, derivative = PSI, 0.0  # of ψ_j in θ
    for _ in range(3):
        psi, derivative = (
            psi - RATE * (THETA - MEAN + slope * (psi - centre)),
            derivative - RATE * (1.0 + slope * derivative),
        )
    made = {name: value() if callable(value) else value for name, value in arguments.items()}
    np.testing.assert_allclose(generator_slope(3, **made), -psi - derivative * THETA, rtol=1e-5)


def test_a_lazy_term_is_due_as_in_the_updates_that_the_steps_foresee():
    """In an interval of 2, the first virtual step after 0 updates is due, twice as strong, and the second is not."""
    psi, derivative = PSI, 0.0
    for gamma in (1.6, 0.0, 1.6):
        psi, derivative = psi - RATE * (THETA - MEAN + gamma * psi), derivative - RATE * (1.0 + gamma * derivative)
    slope = generator_slope(3, terms=[tt.penalties.R1(gamma=0.8, every=2)])
    np.testing.assert_allclose(slope, -psi - derivative * THETA, rtol=1e-5)


def test_virtual_weights_are_constrained_as_real_ones():
    """ψ goes 1.5, 1.7, then stays at the limit, whatever θ."""
    slope = generator_slope(3, weight_constraint=tt.constraints.ClipWeights(1.75))
    np.testing.assert_allclose(slope, -1.75, rtol=1e-6)


def test_virtual_critics_see_what_the_input_transforms_show():
    """Everything is shown twice as large: D(2x)."""
    psi = PSI - 2 * RATE * 2.0 * (THETA - MEAN)
    slope = generator_slope(2, inputs=[keras.layers.Rescaling(2.0)])
    np.testing.assert_allclose(slope, -2.0 * psi + 2.0 * THETA * 2 * RATE * 2.0, rtol=1e-6)


@keras.saving.register_keras_serializable("tests")
class TwoCritics(tiny.LatentsFromBatch):
    """A second critic with a weight of its own, which sees everything turned round."""

    critics = ("discriminator", "second")

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.second = scalar_game.number("second", 0.7)

    def matches(self, batch, x, out):
        pairs = (("discriminator", 1.0), ("second", -1.0))
        return [Match(real=sign * batch["image"], fake=sign * out, critic=name) for name, sign in pairs]


def test_each_of_several_critics_steps_by_itself():
    """The second critic's φ is as ψ with x and θ negated: φ_k = φ + kη(θ - x̄), and its part of the loss is φ_k·θ."""
    networks = scalar_game.number("generator", THETA), scalar_game.number("discriminator", PSI)
    slope = generator_slope(2, TwoCritics(*networks, tt.latents.Normal(1)))
    psi, phi = PSI - 2 * RATE * (THETA - MEAN), 0.7 + 2 * RATE * (THETA - MEAN)
    np.testing.assert_allclose(slope, -psi + 2 * RATE * THETA + phi + 2 * RATE * THETA, rtol=1e-6)


def test_a_step_starts_the_virtual_ones_from_the_critic_that_has_moved():
    gan = tt.training.UnrolledGAN(scalar_game.task(), unroll=2)  # rate: the discriminator's own, 0.3
    gan.compile(keras.optimizers.SGD(1.0), keras.optimizers.SGD(0.3), loss=tt.losses.adversarial.Wasserstein())
    gan.train_on_batch(scalar_game.batch())
    psi = PSI - 0.3 * (THETA - MEAN)
    np.testing.assert_allclose(scalar_game.weight(gan.task.discriminator), psi, rtol=1e-6)
    slope = -(psi - 0.6 * (THETA - MEAN)) + 0.6 * THETA
    np.testing.assert_allclose(scalar_game.weight(gan.task.generator), THETA - slope, rtol=1e-6)


# The same on small networks, against finite differences of the whole objective in NumPy.

GENERATOR = np.random.default_rng(1).normal(size=(3, 2))  # G(z) = tanh(z·A)
CRITIC = np.random.default_rng(2).normal(size=(2, 4)), np.random.default_rng(3).normal(size=(4, 1))
POINTS = np.random.default_rng(4).normal(1.0, 1.0, size=(6, 2))
LATENTS = np.random.default_rng(5).normal(size=(6, 3))
SLOTS = [np.random.default_rng(6 + i).uniform(0.05, 0.5, size=w.shape) for i, w in enumerate((*CRITIC, *CRITIC))]


def critic_gradients(weights, fake):
    """Gradient of mean softplus(-D(x)) + mean softplus(D(G(z))) in both layers of D(x) = tanh(x·W)·c."""
    inner, outer = weights
    gradients = [np.zeros_like(inner), np.zeros_like(outer)]
    for points, sign in ((POINTS, -1.0), (fake, 1.0)):
        hidden = np.tanh(points @ inner)
        slope = sign * sigmoid(sign * (hidden @ outer)) / len(points)  # [n, 1]
        gradients[0] += points.T @ (slope * outer.T * (1.0 - hidden**2))
        gradients[1] += hidden.T @ slope
    return gradients


def objective(steps):
    """Returns the generator's loss as a function of its weights; `steps` takes the critic's weights to virtual ones."""

    def loss(generator):
        fake = np.tanh(LATENTS @ generator)
        inner, outer = steps(list(CRITIC), fake)
        return softplus(-(np.tanh(fake @ inner) @ outer)).mean()

    return loss


def descent(weights, fake):
    for _ in range(2):
        weights = [w - 0.8 * g for w, g in zip(weights, critic_gradients(weights, fake), strict=True)]
    return weights


def adam(mean, square, count, beta_1, beta_2, epsilon):
    """Kingma & Ba's algorithm 1, with epsilon as Keras counts it: beside the root before its correction."""

    def steps(weights, fake):
        first, second = [m.copy() for m in mean], [s.copy() for s in square]
        for t in range(count + 1, count + 3):
            gradients = critic_gradients(weights, fake)
            first = [beta_1 * m + (1 - beta_1) * g for m, g in zip(first, gradients, strict=True)]
            second = [beta_2 * s + (1 - beta_2) * g**2 for s, g in zip(second, gradients, strict=True)]
            shift = epsilon / np.sqrt(1 - beta_2**t)
            weights = [
                w - 0.2 * (m / (1 - beta_1**t)) / (np.sqrt(s / (1 - beta_2**t)) + shift)
                for w, m, s in zip(weights, first, second, strict=True)
            ]
        return weights

    return steps


def small_gan(virtual, discriminator_optimizer):
    latents, points = keras.Input((3,)), keras.Input((2,))
    made = keras.layers.Dense(2, "tanh", use_bias=False)(latents)
    logits = keras.layers.Dense(1, use_bias=False)(keras.layers.Dense(4, "tanh", use_bias=False)(points))
    networks = keras.Model(latents, made), keras.Model(points, logits)
    networks[0].set_weights([GENERATOR])
    networks[1].set_weights(CRITIC)
    task = tiny.LatentsFromBatch(*networks, tt.latents.Normal(3))
    gan = tt.training.UnrolledGAN(task, unroll=2, virtual_optimizer=virtual)
    loss = tt.losses.adversarial.NonSaturating()
    gan.compile(keras.optimizers.SGD(1.0), discriminator_optimizer, loss=loss, run_eagerly=True)
    return gan


def check_against(steps, gan):
    gan.update("generator", {"image": POINTS.astype("float32"), "latents": LATENTS.astype("float32")})
    received = GENERATOR - tiny.values(gan.task.generator.trainable_variables)[0]
    places = list(np.ndindex(GENERATOR.shape))
    expected = np.reshape(central(objective(steps), GENERATOR, places), GENERATOR.shape)
    np.testing.assert_allclose(received, expected, rtol=1e-4, atol=2e-6)
    fixed = steps(list(CRITIC), np.tanh(LATENTS @ GENERATOR))
    first_order = np.reshape(central(objective(lambda *_: fixed), GENERATOR, places), GENERATOR.shape)
    assert np.abs(first_order - expected).max() > 5e-3, "the part of second order would not be missed"


def test_two_steps_of_descent_are_differentiated_exactly():
    check_against(descent, small_gan("sgd", keras.optimizers.SGD(0.8)))


def test_two_steps_of_adam_from_zero_are_differentiated_exactly():
    virtual = tt.training.VirtualAdam(0.2, beta_1=0.6, beta_2=0.95, epsilon=1e-3, moments="zero")
    zeros = [np.zeros_like(w) for w in CRITIC]
    check_against(adam(zeros, zeros, 0, 0.6, 0.95, 1e-3), small_gan(virtual, keras.optimizers.RMSprop(0.5)))


@pytest.mark.parametrize("scaled", [False, True])
def test_two_steps_of_adam_go_on_from_the_moments_of_the_live_one(scaled):
    own = keras.optimizers.Adam(0.2, beta_1=0.7, beta_2=0.9, epsilon=1e-2)
    gan = small_gan("adam", keras.optimizers.LossScaleOptimizer(own, initial_scale=8.0) if scaled else own)
    mean, square = SLOTS[:2], SLOTS[2:]
    for slots, values in ((own._momentums, mean), (own._velocities, square)):
        for slot, value in zip(slots, values, strict=True):
            slot.assign(value)
    own.iterations.assign(7)
    check_against(adam(mean, square, 7, 0.7, 0.9, 1e-2), gan)
