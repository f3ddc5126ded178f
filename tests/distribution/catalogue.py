"""A short training with every loss, term, input transform, update rule, task and architecture there is."""

import dataclasses
import functools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

import tfgan_tricks as tt
from tests.conformance.cases import CASES, PROTOCOLS
from tests.distribution import networks
from tests.support import rich_task
from tests.training import growing
from tfgan_tricks.inputs.input_transform import group_of
from tfgan_tricks.losses.adversarial import GradientRatio, Hinge, LeastSquares, NoGame, NonSaturating, SemiSupervised

SHAPE, BATCH, STEPS = (8, 8, 1), 12, 3
WITHIN = "pulling away: pairs within each replica's part of the batch"


@dataclasses.dataclass(frozen=True)
class Entry:
    """One training.

    Attributes:
        name: tells which.
        train: returns the trained GAN; called in the scope of a strategy.
        own: why each replica's part of the batch meets something of its own, so that one device ends elsewhere.
    """

    name: str
    train: Callable
    own: str = ""


@keras.saving.register_keras_serializable("tests")
class Task(rich_task.RichTask):
    """A rich task with everything that the rows of the table of cases may read."""

    def matches(self, batch, x, out):
        (match,) = super().matches(batch, x, out)
        several = len(batch["label"].shape) == 2
        aux = {"coarse": keras.ops.tanh(out), "mask": keras.ops.cast(match.real[..., :1] > 0.0, "float32")}
        if several:
            aux["fake_label"] = keras.ops.one_hot(match.aux["fake_label"], rich_task.CLASSES)
        return [dataclasses.replace(match, aux=match.aux | aux)]


def optimizers(**arguments) -> dict:
    """Returns optimizers whose steps do not magnify rounding."""
    return {f"{player}_optimizer": keras.optimizers.SGD(0.05, **arguments) for player in tt.types.PLAYERS}


def data(shape=SHAPE, n: int = BATCH, several: bool = False) -> tf.data.Dataset:
    """Returns an endless dataset in which the second quarter of each batch is the third one too: whether a batch is
    halved among replicas first, or among critic steps, comes to the same."""
    rng = np.random.default_rng(1)
    rows = np.arange(4 * n).reshape(4, 4, n // 4)
    rows[:, 2] = rows[:, 1]
    labels = rng.integers(rich_task.CLASSES, size=4 * n).astype("int32")
    values = {
        "image": rng.uniform(-1, 1, (4 * n, *shape)).astype("float32"),
        "label": np.eye(rich_task.CLASSES, dtype="float32")[labels] if several else labels,
        "latents": np.asarray(rich_task.PRIOR.sample(4 * n, seed=2)),
        "mask": (rng.uniform(size=(4 * n, *shape[:2], 1)) > 0.7).astype("float32"),
    }
    values = {name: value[rows.reshape(-1)] for name, value in values.items()}
    return tf.data.Dataset.from_tensor_slices(values).repeat().batch(n, True)


def fitted(gan, n: int = BATCH, several: bool = False, **arguments):
    """Returns the GAN, compiled and trained for a few steps."""
    named = optimizers() if not isinstance(gan, tt.training.SingleLossGAN) else {}
    gan.compile(**{**named, "loss": NonSaturating(), "jit_compile": False, **arguments})
    gan.fit(data(gan.task.image_shape, n, several), steps_per_epoch=STEPS, verbose=0)
    return gan


def rich(kind=tt.training.GAN, shape=SHAPE, inputs=(), body="plain", averaging=None, several=False, n=BATCH, **how):
    """Returns a trained GAN on `Task`; further arguments go to `compile`."""
    pair = networks.rich(shape, group_of(inputs), body)
    gan = kind(Task(*pair, rich_task.PRIOR), averaging=averaging)
    return fitted(gan, n=n, several=several, inputs=list(inputs), **how)


def with_loss(case):
    loss = case.fresh()
    patches = "patches" if len(case.shapes[0]) == 4 else "plain"
    needs_term = isinstance(loss, GradientRatio | NoGame)
    terms = [tt.losses.image.TotalVariation(weight=0.1)] if needs_term else []
    return rich(loss=loss, terms=terms, body="classes" if isinstance(loss, SemiSupervised) else patches)


def with_term(case):
    several = bool(case.arguments.get("multi_label"))
    return rich(shape=case.shapes[0][1:], several=several, terms=[case.fresh()])


def with_input(case):
    return rich(inputs=[case.fresh()])


def of_networks(make):
    """Returns a trained GAN of two networks without heads; the latents come with the batch."""
    return fitted(tt.training.GAN(networks.Simple(*make(), rich_task.PRIOR)))


def progressive():
    curriculum = growing.growing(functools.partial(growing.build, across_replicas=True))
    return curriculum.fit(growing.fresh(across_replicas=True), growing.data)


def staged():
    gan = fitted(tt.training.GAN(networks.stacked()))
    names = ("first", "first_discriminator"), ("second", "second_discriminator")
    stages = [tt.training.NetworkStage(2 * BATCH, train=train, batch_size=BATCH) for train in names]
    gan.images_seen.assign(0)
    return tt.training.StagedTraining(stages, images_per_epoch=BATCH).fit(gan, lambda stage, seen: data())


def _parts() -> list[Entry]:
    found = []
    for case in CASES:
        if case.name in PROTOCOLS or not case.name.startswith(("losses.", "penalties.", "inputs.")):
            continue
        draws = case.random or case.name == "inputs.HistoryBuffer"  # which draws once its memory is full
        own = "draws of each replica's own" if draws else ""
        if case.name.startswith("losses.adversarial."):
            train = functools.partial(with_loss, case)
        elif len(case.shapes[0]) != 4:
            continue  # vectors
        elif case.kind == "inputs":
            train = functools.partial(with_input, case)
        else:
            train = functools.partial(with_term, case)
            own = WITHIN if case.name.endswith("PullingAway") else own
        found.append(Entry(case.id, train, own))
    return found


def _rules() -> dict[str, Callable]:
    training, averages = tt.training, {"averaging": tt.training.ExponentialAveraging(50)}
    single = functools.partial(rich, training.SingleLossGAN)
    decay = tt.schedules.LearningRate(tt.schedules.Linear(0.05, 0.01, images=100))

    def two_rates():
        return training.two_time_scales(keras.optimizers.SGD(0.05), keras.optimizers.SGD(0.02))

    return {
        "GAN": lambda: rich(terms=[tt.penalties.R1(gamma=1.0, every=2)], **averages),
        "GAN-averaged": lambda: rich(averaging=training.ArithmeticAveraging()),
        "GAN-two_critic_steps": lambda: rich(critic_steps=2, n=16),
        "GAN-clipped_weights": lambda: rich(weight_constraint=tt.constraints.ClipWeights(0.2)),
        "GAN-clipped_gradients": lambda: rich(**optimizers(global_clipnorm=0.1)),
        "GAN-decaying_rate": lambda: rich(generator_optimizer=keras.optimizers.SGD(decay)),
        "OneStageGAN": lambda: rich(training.OneStageGAN, loss=Hinge(), **averages),
        "OneStageGAN-two_passes": lambda: rich(training.OneStageGAN, loss=Hinge(), body="patches"),
        "UnrolledGAN": lambda: rich(functools.partial(training.UnrolledGAN, unroll=2)),
        "UnrolledGAN-adam": lambda: rich(functools.partial(training.UnrolledGAN, unroll=1, virtual_optimizer="adam")),
        "SingleLossGAN": lambda: single(optimizer=keras.optimizers.SGD(0.05), **averages),
        "SingleLossGAN-two_time_scales": lambda: single(optimizer=two_rates()),
        "StagedTraining-NetworkStage": staged,
        "Inpainting": lambda: fitted(training.GAN(networks.inpainting()), loss=LeastSquares()),
        "Stacked": lambda: fitted(training.GAN(networks.stacked(), **averages)),
        "MinibatchStd": lambda: rich(body="deviation"),
        "MinibatchDiscrimination": lambda: rich(body="closeness"),
        **{f"architectures.{name}": functools.partial(of_networks, make) for name, make in networks.PUBLIC.items()},
    }


def _drawn() -> dict[str, Callable]:
    def unconditional():
        task = tt.tasks.Unconditional(*networks.PUBLIC["mlp"](), tt.latents.Normal(networks.LATENTS))
        return fitted(tt.training.GAN(task))

    # The row of the table of cases is one-sided, and 0 for so flat a critic.
    wgan_gp = functools.partial(rich, terms=[tt.penalties.WGANGP()])
    return {"Unconditional": unconditional, "ProgressiveTraining": progressive, "penalties.WGANGP-steep": wgan_gp}


ENTRIES = [
    *_parts(),
    *(Entry(name, train) for name, train in _rules().items()),
    *(Entry(name, train, "draws of each replica's own") for name, train in _drawn().items()),
]


def variables_of(gan) -> list[keras.Variable]:
    """Returns all variables of a GAN, of its optimizers and of its parts."""
    found = {id(value): value for value in vars(gan).values() if isinstance(value, keras.optimizers.Optimizer)}
    slots = [variable for optimizer in found.values() for variable in optimizer.variables]
    return [*gan.variables, *slots, *(variable for part in gan.observers for variable in part.variables)]


def state(gan) -> dict[str, np.ndarray]:
    """Returns their values, by number and path."""
    variables = enumerate(variables_of(gan))
    return {f"{i:03d} {variable.path.replace('/', '|')}": np.array(variable.numpy()) for i, variable in variables}
