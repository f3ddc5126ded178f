"""The training steps that `benchmarks/step.py` compares, one module a framework.

Each module has `prepare(settings)`, which returns a function that makes one training step and returns when its
result is there, the number of trained parameters, and the versions of the frameworks in use. All of them train the
networks of SNGAN's table 3 with the hinge loss and Adam: one update of the discriminator on `batch` real and
`batch` generated images, one of the generator on `batch` new ones.
"""

import dataclasses
import os
from collections.abc import Callable

LEARNING_RATE, BETA_1, BETA_2 = 2e-4, 0.5, 0.999
LATENT_DIM = 128
SLOPE = 0.1  # of the leaky ReLU
STDDEV = 0.02  # of the initial kernels


@dataclasses.dataclass(frozen=True)
class Settings:
    """What is the same for all contenders."""

    batch: int
    width: int
    resolution: int
    channels: int
    precision: str
    threads: int
    jit_compile: str


@dataclasses.dataclass(frozen=True)
class Contender:
    """A prepared training step."""

    step: Callable[[], object]
    parameters: int
    versions: dict[str, str]


def set_threads(threads: int) -> None:
    """Makes TensorFlow use so many cores; before its first operation."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def compiled_step(model, settings: Settings) -> Callable[[], object]:
    """Returns one call of what Keras' `fit` calls per batch, over images that are in memory."""
    import numpy as np
    import tensorflow as tf

    shape = (settings.batch, settings.resolution, settings.resolution, settings.channels)
    images = np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")
    iterator = iter(tf.data.Dataset.from_tensors({"image": images}).repeat())
    model.make_train_function()

    def step():
        return {name: float(value) for name, value in model.train_function(iterator).items()}

    return step
