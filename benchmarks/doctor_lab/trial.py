"""What a trial is, and how it is run."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import tfgan_tricks as tt
from tfgan_tricks.diagnostics import Doctor, Episode, Window, course
from tfgan_tricks.diagnostics.finding import SEVERITIES

BATCH, LOOK = 64, 1_280  # images; a look every 20 steps


def digits(resolution: int = 8) -> np.ndarray:
    """Returns scikit-learn's 1,797 digits, float32 [n, resolution, resolution, 1] in [-1, 1]."""
    images, _ = tt.data.arrays("digits", resolution=resolution, channels=1)
    return tt.data.to_float(images)


def dataset_of(images: np.ndarray, seed: int, batch_size: int = BATCH) -> tf.data.Dataset:
    """Returns endless batches of images in an order of their own."""
    data = tf.data.Dataset.from_tensor_slices({"image": images}).shuffle(len(images), seed=seed)
    return data.repeat().batch(batch_size, drop_remainder=True)


def small_gan(
    seed: int,
    architecture: str = "dcgan",
    resolution: int = 8,
    task=None,
    averaging=True,
    *,
    channels: int = 1,
    packed: int = 1,
    networks: Mapping[str, Any] | None = None,
    prior=None,
    rule: type = tt.training.GAN,
    rule_settings: Mapping[str, Any] | None = None,
    **compiled,
):
    """Returns a small compiled GAN for digits that learns within some hundred steps.

    Args:
        seed: of initial weights and latents.
        architecture: name of a factory in `tfgan_tricks.architectures`.
        resolution: of its images.
        task: in place of an unconditional one of that architecture.
        averaging: whether to average the generator.
        channels: of its images.
        packed: images that the critic sees as one, channel by channel.
        networks: arguments of the factory that are not the usual ones.
        prior: of 16 latents, in place of normal ones.
        rule: `GAN`, or another update rule.
        rule_settings: its further arguments.
        **compiled: arguments of `compile` that are not the usual ones.
    """
    keras.utils.set_random_seed(seed)
    if task is None:
        width = {"width": 16} if architecture != "mlp" else {}
        settings = {"resolution": resolution, "channels": channels, "latent_dim": 16, **width, **(networks or {})}
        make = getattr(tt.architectures, architecture)
        generator, critic = make(**settings)
        critic = make(**{**settings, "channels": channels * packed})[1] if packed > 1 else critic
        task = tt.tasks.Unconditional(generator, critic, prior=prior or tt.latents.Normal(16))
    average = tt.training.ExponentialAveraging(2_000) if averaging else None
    gan = rule(task, averaging=average, seed=seed, **(rule_settings or {}))
    optimizers = {
        "generator_optimizer": keras.optimizers.Adam(2e-4, 0.5, 0.99),
        "discriminator_optimizer": keras.optimizers.Adam(4e-4, 0.5, 0.99),
    }
    usual = {"loss": tt.losses.adversarial.NonSaturating(), **(optimizers if "optimizer" not in compiled else {})}
    gan.compile(**{**usual, **compiled})
    return gan


@dataclasses.dataclass(frozen=True)
class Trial:
    """A small training.

    Attributes:
        name: of the trial.
        expects: name of the finding that must come, "" for a healthy training.
        build: from a seed to a compiled GAN.
        images: real images in [-1, 1], [n, h, w, c]; from a seed.
        steps: how many to train.
        batch_size: images per step.
        doctor: arguments of `Doctor` that are not the usual ones.
        callbacks: that provoke what the GAN alone would not do.
        severity: the least that the finding must have; "serious" unless the detector gives no more than a warning.
        labels: classes of the images, [n], from a seed; those of a healthy training must all be drawn.
    """

    name: str
    expects: str
    build: Callable[[int], keras.Model]
    images: Callable[[int], np.ndarray] = lambda seed: digits()
    steps: int = 200
    batch_size: int = BATCH
    doctor: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    callbacks: Callable[[], Sequence[keras.callbacks.Callback]] = lambda: []
    severity: str = "serious"
    labels: Callable[[int], np.ndarray] | None = None


def run(trial: Trial, seed: int = 0, *callbacks: keras.callbacks.Callback) -> tuple[Window, list[Episode]]:
    """Trains, and returns what the doctor recorded and what it found over the whole training.

    Args:
        trial: what to train.
        seed: of weights, latents and the order of the images.
        *callbacks: that watch besides the doctor.
    """
    images = trial.images(seed)
    real = {"image": images[:256]} | ({} if trial.labels is None else {"label": trial.labels(seed)[:256]})
    doctor = Doctor(**{"real": real, "every_images": LOOK, "budget": None, **trial.doctor})
    data = dataset_of(images, seed, trial.batch_size)
    gan = trial.build(seed)
    watching = [*trial.callbacks(), doctor, *callbacks]
    gan.fit(data, steps_per_epoch=trial.steps, epochs=1, verbose=0, callbacks=watching)
    return doctor.window, course(doctor.window, doctor.detectors)


def severities(episodes: Sequence[Episode]) -> dict[str, str]:
    """Returns the worst severity of each finding by name."""
    worst: dict[str, str] = {}
    for found in (episode.finding for episode in episodes):
        if SEVERITIES.index(found.severity) >= SEVERITIES.index(worst.get(found.name, SEVERITIES[0])):
            worst[found.name] = found.severity
    return worst
