"""A one-stage GAN's slow twin: one forward pass, a tape for each player, and automatic differentiation of the rest."""

import keras
import numpy as np
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import rich_task, tiny
from tfgan_tricks.randomness import update_stream
from tfgan_tricks.training.stateless import with_weights
from tfgan_tricks.types import Match

PLAYERS = ("discriminator", "generator")


def gan_of(loss, terms=(), networks=None, kind=tt.training.OneStageGAN, optimizers=None, **arguments):
    """Returns a compiled one-stage GAN on `RichTask`; the critic has a logit, features, classes and a code."""
    keras.utils.set_random_seed(0)
    task = rich_task.RichTask(*(networks or rich_task.networks()), rich_task.PRIOR)
    gan = kind(task, averaging=tt.training.ExponentialAveraging(50))
    optimizers = optimizers or (keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1))
    gan.compile(*optimizers, loss=loss, terms=terms, **{"jit_compile": False, **arguments})
    return gan


def critic_of(body, channels: int = 1) -> tuple[keras.Model, keras.Model]:
    """Returns `RichTask`'s generator, and a critic of images whose body is given."""
    generator, _ = rich_task.networks()
    images = keras.Input((tiny.RESOLUTION, tiny.RESOLUTION, channels))
    return generator, keras.Model(images, body(images), name="discriminator")


def convolved(images):
    """Returns features of images, [n, 3, 3, 4]."""
    return keras.layers.Conv2D(4, 3, strides=2, activation="tanh")(images)


def scored(features, outputs: int = 1):
    """Returns a linear function of features."""
    return keras.layers.Dense(outputs)(keras.layers.Flatten()(features))


def batch_of(n: int = 8) -> dict:
    """Returns the first batch of `rich_task.batches`."""
    return next(iter(rich_task.batches(n)))


def gradients_of(gan, batch) -> dict[str, list]:
    """Returns the gradients that the GAN hands to its optimizers in one step; no weight moves."""
    found = {}

    def keep(player, gradients):
        found[player] = [None if g is None else tf.convert_to_tensor(g).numpy() for g in gradients]

    gan.move = keep
    gan.update_both(batch)
    del gan.move
    assert set(found) == set(PLAYERS)
    return found


def two_tapes(gan, batch) -> dict[str, list]:
    """Returns the gradients of the simultaneous update by the definition; the state moves as in one step."""
    task, loss, seed = gan.task, gan.adversarial_loss, update_stream(gan.seed_generator)
    variables = {player: [v.value for v in gan.variables_of(player)] for player in PLAYERS}
    tapes = {player: tf.GradientTape(watch_accessed_variables=False) for player in PLAYERS}
    arguments = {"training": True, "images_seen": gan.images_seen.value, "seed": seed}

    def asked(network, frozen):
        def judge(images):
            for transform in gan.input_transforms:
                given = arguments if isinstance(transform, tt.inputs.InputTransform) else {"training": True}
                images = (with_weights(transform) if frozen else transform)(images, **given)
            out = network(images, training=True)
            return loss.read(out if isinstance(out, dict) else {"logits": out})

        return judge

    with tapes["discriminator"] as one, tapes["generator"] as other:
        one.watch(variables["discriminator"])
        other.watch(variables["generator"])
        (match,) = task.matches(batch, x := task.inputs(batch, seed), task.generator(x, training=True))
        shown, seen = loss.split(match.fake)
        real_out, fake_out = (asked(task.discriminator, False)(images) for images in (match.real, shown))
        total = {}
        for player in PLAYERS:
            real, fake = (keras.tree.flatten(out["logits"]) for out in (real_out, fake_out))
            total[player] = 0.0
            for one_real, one_fake in zip(real, fake, strict=True):
                parts = getattr(loss, player)(real=one_real, fake=one_fake, seed=seed)
                total[player] += sum(tf.reduce_mean(part) for part in parts.values())
            turn = Match(
                real=match.real,
                fake=seen,
                aux=match.aux,
                real_out=real_out,
                fake_out=fake_out,
                judge=asked(with_weights(task.discriminator), True),
                seed=seed,
                group=tt.inputs.input_transform.group_of(gan.input_transforms),
                step=getattr(gan, f"{player}_optimizer").iterations,
                player=player,
            )
            total[player] += sum(term(turn) for term in gan.terms if player in term.players)
            total[player] += sum(sum(network.losses) for network in task.networks_of(player))
    return {player: [_array(g) for g in tapes[player].gradient(total[player], variables[player])] for player in PLAYERS}


def both(gan, batch) -> tuple[dict, dict]:
    """Returns the GAN's gradients and the definition's, from the same state; and holds the state after them alike."""
    parts = [variable for part in (gan.adversarial_loss, *gan.terms) for variable in part.variables]
    logged = {id(variable) for metric in gan.metrics for variable in metric.variables}
    state = [variable for variable in (*gan.variables, *parts) if id(variable) not in logged]
    before = tiny.values(state)
    mine, after = gradients_of(gan, batch), tiny.values(gan.task.variables)
    for variable, value in zip(state, before, strict=True):
        variable.assign(value)
    wanted = two_tapes(gan, batch)
    for one, other in zip(after, tiny.values(gan.task.variables), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)
    return mine, wanted


def assert_alike(mine: dict, wanted: dict, tolerance: float = 1e-5) -> None:
    """Holds gradients to others, relative to the largest entry of each variable's, up to rounding of all of them."""
    for player in PLAYERS:
        rounding = 1e-7 * max(np.abs(other).max() for other in wanted[player] if other is not None)
        for one, other in zip(mine[player], wanted[player], strict=True):
            assert (one is None) == (other is None), player
            if one is not None:
                gap, size = np.abs(one - other).max(), np.abs(other).max()
                assert gap <= tolerance * size + rounding, f"{player}: {gap} of {size}"


def _array(gradient):
    return None if gradient is None else tf.convert_to_tensor(gradient).numpy()
