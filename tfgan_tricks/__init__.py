"""The practice of training GANs, one small composable part per trick, in TensorFlow and Keras 3."""

from tfgan_tricks import (
    architectures,
    callbacks,
    configuration,
    constraints,
    data,
    diagnostics,
    export,
    initializers,
    inputs,
    latents,
    layers,
    losses,
    metrics,
    penalties,
    schedules,
    tasks,
    training,
)
from tfgan_tricks.version import __version__

__all__ = [
    "__version__",
    "architectures",
    "callbacks",
    "configuration",
    "constraints",
    "data",
    "diagnostics",
    "export",
    "initializers",
    "inputs",
    "latents",
    "layers",
    "losses",
    "metrics",
    "penalties",
    "schedules",
    "tasks",
    "training",
]
