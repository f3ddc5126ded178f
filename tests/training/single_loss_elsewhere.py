"""Trains a SingleLossGAN, and computes penalties, on whichever backend Keras runs on.

    KERAS_BACKEND=jax python -m tests.training.single_loss_elsewhere OUT.npz

test_single_loss_backends.py does the same on TensorFlow and compares.
"""

import functools
import re
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
from keras import ops

import tfgan_tricks as tt
from tests.conformance.cases import CASES
from tests.support import matches, tiny
from tfgan_tricks.randomness import SeedStream

adversarial, penalties = tt.losses.adversarial, tt.penalties
STEPS, BATCH, LATENTS = 4, 6, tiny.LATENTS
SHAPE = (4, 4, 1)


def networks(dropout: float = 0.0) -> tuple[keras.Model, keras.Model]:
    """Returns a generator with batch norm, and a critic with spectral norm and a weight regulariser."""
    latents, images = keras.Input((LATENTS,)), keras.Input(SHAPE)
    x = keras.layers.BatchNormalization()(keras.layers.Dense(8)(latents))
    x = keras.layers.Dense(16, activation="tanh")(keras.layers.LeakyReLU(0.2)(x))
    generator = keras.Model(latents, keras.layers.Reshape(SHAPE)(x), name="generator")
    y = tt.layers.SpectralNormDense(6, activation="tanh")(keras.layers.Flatten()(images))
    y = keras.layers.Dense(1, kernel_regularizer=keras.regularizers.L2(0.01))(keras.layers.Dropout(dropout)(y))
    discriminator = keras.Model(images, y, name="discriminator")
    vectors = [variable for variable in discriminator.variables if variable.name == "u"]  # of spectral norm
    for index, weight in enumerate([*generator.trainable_variables, *discriminator.trainable_variables, *vectors]):
        weight.assign(0.4 * np.random.default_rng(index).normal(size=weight.shape))
    return generator, discriminator


def deterministic() -> dict[str, dict]:
    """Returns arguments of `compile`, by name, of games without random numbers."""
    return {
        "relativistic": {
            "optimizer": keras.optimizers.SGD(0.05),
            "loss": adversarial.Relativistic(adversarial.Hinge(), mode="average"),
            "terms": [penalties.R1(gamma=tt.schedules.Linear(2.0, 0.5, images=15), every=3), penalties.LeCam()],
            "weight_constraint": tt.constraints.ClipWeights(0.5),
        },
        "began": {
            "optimizer": tt.training.two_time_scales(keras.optimizers.SGD(0.1, momentum=0.5), "rmsprop"),
            "loss": adversarial.BEGAN(lambda_k=0.5),
            "terms": [penalties.R2(gamma=0.5), penalties.HistoricalAveraging(0.1)],
            "generator_weight": tt.schedules.Linear(2.0, 1.0, images=20),
        },
    }


def random() -> dict:
    """Returns arguments of `compile` of a game that draws random numbers everywhere."""
    return {
        "optimizer": tt.training.two_time_scales(),
        "loss": adversarial.NonSaturating(label_smoothing=(0.7, 1.1)),
        "terms": [penalties.WGANGP(weight=1.0, every=2)],
        "inputs": [tt.inputs.HistoryBuffer(8), tt.inputs.InstanceNoise(0.1)],
    }


def data(n: int = BATCH * STEPS) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    images = rng.uniform(-1, 1, (n, *SHAPE)).astype("float32")
    return {"image": images, "latents": rng.normal(size=(n, LATENTS)).astype("float32")}


def gan_of(arguments: dict, dropout: float = 0.0, task=tiny.LatentsFromBatch) -> tt.training.SingleLossGAN:
    keras.utils.set_random_seed(0)
    made = task(*networks(dropout), tt.latents.Normal(LATENTS))
    gan = tt.training.SingleLossGAN(made, averaging=tt.training.ExponentialAveraging(20, start_images=6))
    gan.compile(**arguments)
    return gan


def values(variables) -> list[np.ndarray]:
    return [np.array(ops.convert_to_numpy(variable.value)) for variable in variables]


def trained() -> dict[str, np.ndarray]:
    """Returns what some steps leave in all variables and in the logs, and what evaluation and sampling then say."""
    found = {}
    for name, arguments in deterministic().items():
        gan = gan_of(arguments)
        history = gan.fit(data(), batch_size=BATCH, shuffle=False, verbose=0).history
        kept = [v for v in (*gan.variables, *gan.optimizer.variables) if "seed_generator" not in v.path]
        # Keras numbers its layers over the whole process; where a test runs does not matter here.
        names = [re.sub(r"_\d+(?=_|$)", "", variable.name) for variable in kept]
        found |= {f"{name}/{i}-{names[i]}": value for i, value in enumerate(values(kept))}
        found |= {f"{name}/log/{key}": np.array(value) for key, value in history.items()}
    held_out = gan.evaluate(data(BATCH), batch_size=BATCH, verbose=0, return_dict=True)
    found |= {f"evaluated/{key}": np.array(value) for key, value in held_out.items()}
    return {**found, "sampled": gan.predict(data()["latents"], verbose=0)}


def went_on() -> dict[str, np.ndarray]:
    """Returns whether a random game moves all state, draws anew in each step, and goes on exactly once reloaded."""
    dropout = 0.0 if keras.backend.backend() == "torch" else 0.5  # there Keras' dropout draws from no seed
    gan = gan_of(random(), dropout, task=tt.tasks.Unconditional)
    before = values(gan.variables)
    for _ in range(2):
        gan.fit(data(), batch_size=BATCH, shuffle=False, verbose=0)
    pairs = zip(gan.variables, before, values(gan.variables), strict=True)
    still = [variable for variable, old, new in pairs if np.array_equal(old, new)]
    unmoved = {id(gan.unaveraged): "unaveraged", id(gan.test_seed_generator.state): "test_seed"}
    with tempfile.TemporaryDirectory() as folder:
        gan.save(Path(folder) / "gan.keras")
        again = keras.models.load_model(Path(folder) / "gan.keras")
    histories = [g.fit(data(), batch_size=BATCH, shuffle=False, verbose=0).history for g in (gan, again)]
    both = [values([*g.variables, *g.optimizer.variables]) for g in (gan, again)]
    return {
        "still": np.array([unmoved.get(id(variable), variable.path) for variable in still], "str"),
        "finite": np.array(all(np.isfinite(value).all() for value in both[0])),
        "images_seen": np.array(values([gan.images_seen])[0]),
        "resumed": np.array(all(np.array_equal(*pair) for pair in zip(*both, strict=True))),
        "same_logs": np.array(histories[0] == histories[1]),
    }


def penalty_values() -> dict[str, np.ndarray]:
    """Returns each penalty's value before a linear and a quadratic critic, and its gradient in that critic's weights.

    Before the linear critic, whose gradient is the same everywhere, also of those that draw their points.
    """
    images = [matches.images_of((5, 2, 2, 2), seed) for seed in (0, 1)]
    critics = {
        "linear": (matches.images_of((8, 1), 2), lambda flat, w: ops.matmul(flat, w)),
        "quadratic": (matches.symmetric_matrix(8), lambda flat, a: ops.sum(flat * ops.matmul(flat, a), 1, True) / 2),
    }
    found = {}
    for case in CASES:
        if not case.name.startswith("penalties.") or case.name.endswith("ConsistencyRegularization"):
            continue  # that one draws an augmentation
        for critic, (weights, score) in critics.items():
            if critic == "linear" or not case.random:
                computed = value_and_gradient(functools.partial(term_before, case.build(), score, images), weights)
                found[f"{case.id}/{critic}/value"], found[f"{case.id}/{critic}/gradient"] = computed
    return found


def term_before(term, score, images, weights):
    """Returns a term's value on real and generated images, before a critic of these weights."""

    def judge(x):
        return {"logits": score(ops.reshape(x, (-1, 8)), weights)}

    real, fake = (ops.convert_to_tensor(value) for value in images)
    fields = {"judge": judge, "seed": SeedStream.from_integer(1), "images_seen": 100}
    return term(tt.types.Match(real, fake, real_out=judge(real), fake_out=judge(fake), **fields))


def value_and_gradient(function, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns a function's value at an array, and its gradient; 0 where it does not depend on it."""
    at = ops.convert_to_tensor(at)
    if keras.backend.backend() == "jax":
        import jax

        value, gradient = jax.value_and_grad(function)(at)
    elif keras.backend.backend() == "torch":
        import torch

        at = at.detach().requires_grad_()
        value = function(at)
        gradient = torch.autograd.grad(value + 0.0 * at.sum(), at)[0]
    else:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(at)
            value = function(at)
        gradient = tape.gradient(value, at, unconnected_gradients="zero")
    return np.array(ops.convert_to_numpy(value)), np.array(ops.convert_to_numpy(gradient))


def results() -> dict[str, np.ndarray]:
    parts = {"trained": trained(), "random": went_on(), "penalties": penalty_values()}
    return {f"{part}/{name}": value for part, found in parts.items() for name, value in found.items()}


if __name__ == "__main__":
    np.savez(sys.argv[1], **results())
