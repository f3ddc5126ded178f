"""How each kind of part is called: from inputs and a seed to a flat dict of tensors."""

import functools
from typing import Any

import keras
import pytest
import tensorflow as tf
from keras import ops

from tests.conformance.case import PROPERTIES, Case
from tests.conformance.cases import CASES
from tests.support.matches import match_of, quadratic_critic, symmetric_matrix
from tfgan_tricks.inputs import InputTransform
from tfgan_tricks.latents import Prior
from tfgan_tricks.losses import Term
from tfgan_tricks.losses.adversarial import AdversarialLoss
from tfgan_tricks.parts import Part
from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.schedules import LearningRate, Schedule
from tfgan_tricks.training import Averaging, Stage
from tfgan_tricks.training.virtual_steps import VirtualOptimizer

IMAGES_SEEN = 250
SEED = 3


def over(*conditions, holding: str | None = None) -> pytest.MarkDecorator:
    """Returns the decorator that runs a test on each case that meets all the conditions.

    With `holding`, a name of `case.PROPERTIES`, cases that explain why they are not held to it are left out.
    """
    cases = [case for case in CASES if all(condition(case) for condition in conditions)]
    if holding is not None:
        assert holding in PROPERTIES
        cases = [case for case in cases if holding not in case.explained]
    return pytest.mark.parametrize("case", cases, ids=[case.id for case in cases])


def is_layer(case: Case) -> bool:
    return case.is_layer


def is_architecture(case: Case) -> bool:
    return case.kind == "architectures"


def is_batched(case: Case) -> bool:
    return case.is_batched


def is_random(case: Case) -> bool:
    return case.random


def takes_a_seed(case: Case) -> bool:
    """Whether randomness comes from the seed of the update; layers and initializers have seeds of their own."""
    return case.kind not in ("layers", "initializers")


def negate(condition):
    """Returns the opposite condition."""
    return lambda case: not condition(case)


def run(built: Any, inputs, seed=None) -> dict[str, Any]:
    """Returns what a part computes in training, by name."""
    return call(
        built,
        [tf.convert_to_tensor(value) for value in inputs],
        SeedStream.from_integer(SEED) if seed is None else seed,
    )


def symbolic(case: Case):
    """Returns Keras inputs of unknown batch size for a layer, one or a list."""
    inputs = [keras.Input(shape[1:], dtype=dtype) for shape, dtype in zip(case.shapes, case.dtypes, strict=True)]
    return inputs[0] if len(inputs) == 1 else inputs


@functools.singledispatch
def call(built: Any, inputs, seed) -> dict[str, Any]:
    raise TypeError(f"No way to call a {type(built).__name__} is registered in tests/conformance/running.py.")


@call.register
def _(layer: keras.layers.Layer, inputs, seed):
    outputs = layer(inputs[0] if len(inputs) == 1 else list(inputs), training=True)
    return {f"outputs_{index}": value for index, value in enumerate(keras.tree.flatten(outputs))}


@call.register
def _(transform: InputTransform, inputs, seed):
    return {"outputs_0": transform(*inputs, training=True, images_seen=IMAGES_SEEN, seed=seed)}


@call.register
def _(loss: AdversarialLoss, inputs, seed):
    logits = dict(zip(("real", "fake"), inputs, strict=True))
    return {
        f"{player}_{part}": value
        for player in ("discriminator", "generator")
        for part, value in getattr(loss, player)(**logits, seed=seed).items()
    }


@call.register
def _(term: Term, inputs, seed):
    real, fake = inputs
    critic = quadratic_critic(critic_matrix(real.shape[1:].num_elements()))
    match = match_of(with_heads(critic), real, fake, images_seen=IMAGES_SEEN, seed=seed, aux=aux_of(term, real, fake))
    term.observe(match)  # so that a memory holds something
    return {"value": term(match)}


def with_heads(critic):
    """Returns a critic that also hands out two layers of features, a code and classes, which depend on the images."""

    def judge(images):
        flat = flattened(images)
        return {
            "logits": critic(images),
            "features": [tf.tanh(images), images[..., :1] * images],
            "code": flat[:, :4],  # of `case.CODE`
            "class_logits": flat[:, 1:4],
        }

    return judge


def aux_of(term: Term, real, fake) -> dict[str, Any]:
    """Returns what a task may add to a match, made from the images so that it fits them."""
    flat = flattened(real)
    label = tf.argmax(flat[:, :3], axis=1, output_type=tf.int32)
    several = getattr(term, "multi_label", False)
    return {
        "target": real,
        "coarse": tf.tanh(fake),
        "mask": tf.cast(real[..., :1] > -0.5, tf.float32),
        "latents": tf.concat([flat[:, :2], tf.one_hot(label, 3), tf.tanh(flat[:, 3:4])], axis=1),
        "real_label": tf.one_hot(label, 3) if several else label,
        "fake_label": tf.one_hot(label, 3) if several else 2 - label,
        "cycle": [(real, fake), (fake, tf.tanh(real))],
        "identity": [(real, fake)],
    }


def flattened(images):
    """Returns one row per image."""
    return tf.reshape(images, (tf.shape(images)[0], images.shape[1:].num_elements()))


@functools.cache
def critic_matrix(size: int) -> tf.Variable:
    """Returns the weights of the critic before which terms are tried, made once, outside of any graph."""
    with tf.init_scope():
        return tf.Variable(symmetric_matrix(size))


@call.register
def _(constraint: keras.constraints.Constraint, inputs, seed):
    return {"weights": constraint(*inputs)}


@call.register
def _(initializer: keras.initializers.Initializer, inputs, seed):
    return {"weights": initializer((3, 2, 5, 8), "float32")}


@call.register
def _(prior: Prior, inputs, seed):
    return {"latents": prior.sample(ops.shape(inputs[0])[0], seed)}


@call.register
def _(schedule: Schedule, inputs, seed):
    return {"value": schedule(ops.cast(inputs[0], "int64"))}


@call.register
def _(rate: LearningRate, inputs, seed):
    return {"value": rate(ops.cast(inputs[0], "int64"))}


@call.register
def _(averaging: Averaging, inputs, seed):
    return {"decay": averaging.decay(*(ops.cast(count, "int64") for count in inputs))}


@call.register
def _(optimizer: VirtualOptimizer, inputs, seed):
    value, gradient = inputs
    values, state = [value], optimizer.start(None, [value])
    for _ in range(2):
        values, state = optimizer.step(values, [gradient], state)
    return {"value": values[0]}


@call.register
def _(stage: Stage, inputs, seed):
    return {"images_left": ops.maximum(stage.images - ops.cast(inputs[0], "float32"), 0.0)}


@call.register
def _(networks: tuple, inputs, seed):
    generator, discriminator = networks
    images = generator(*inputs, training=True)
    return {"images": images, "logits": discriminator(images, training=True)}


def variables_of(built: Any) -> list[keras.Variable]:
    """Returns all variables of a layer, of networks, or of a part with a memory; settings have none."""
    parts = built if isinstance(built, tuple) else (built,)
    return [variable for part in parts if isinstance(part, keras.layers.Layer | Part) for variable in part.variables]


def value_and_gradient(built: Any, inputs, seed=None, gradients: bool = True) -> dict[str, Any]:
    """Returns the outputs, their gradients in inputs and weights (of a weighted sum), and the variables afterwards."""
    inputs = [tf.convert_to_tensor(value) for value in inputs]
    with tf.GradientTape() as tape:
        tape.watch([value for value in inputs if value.dtype.is_floating])
        outputs = run(built, inputs, seed)
        sums = [tf.reduce_sum(weights_like(value) * tf.cast(value, "float32")) for value in outputs.values()]
        total = sum(sums, tf.zeros(()))
    results = dict(outputs)
    if gradients:
        # TensorFlow lists watched variables in no certain order.
        known = [*variables_of(built), *(built.task.variables if isinstance(built, Part) and built.task else [])]
        places = {variable.value.ref(): place for place, variable in enumerate(known)}
        watched = sorted(
            tape.watched_variables(),
            key=lambda v: (places.get(v.ref(), len(places)), v.name, tuple(v.shape)),  # an extractor's are not known
        )
        sources = [value for value in (*inputs, *watched) if value.dtype.is_floating]
        slopes = tape.gradient(total, sources, unconnected_gradients="zero")
        results |= {f"gradient_{index}": slope for index, slope in enumerate(slopes)}
    results |= {f"variable_{index}": variable.value + 0 for index, variable in enumerate(variables_of(built))}
    return results


def weights_like(value):
    """Returns weights that are different at each place, so that errors do not cancel in a sum."""
    return tf.cos(tf.reshape(tf.range(tf.size(value), dtype=tf.float32), tf.shape(value)))
