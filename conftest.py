"""Two logical CPU devices, exact numerics, and the names that doctests use. Runs before TensorFlow initialises."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
import pytest
import tensorflow as tf
from absl import logging

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
tf.config.experimental.enable_tensor_float_32_execution(False)


@pytest.fixture(autouse=True)
def _fresh_keras_state():
    """Each test starts from the same seed, and leaves no precision policy and no verbosity of logs behind."""
    keras.utils.set_random_seed(0)
    verbosity = logging.get_verbosity()
    yield
    logging.set_verbosity(verbosity)
    keras.config.set_dtype_policy("float32")
    keras.backend.clear_session(free_memory=False)  # a garbage collection per test would take longer than most tests


@pytest.fixture(autouse=True)
def _doctest_names(doctest_namespace):
    """The examples in docstrings are written for a reader who has imported these."""
    import tfgan_tricks

    doctest_namespace.update(keras=keras, np=np, tfgan_tricks=tfgan_tricks, tt=tfgan_tricks)


@pytest.fixture(scope="session")
def two_replicas():
    """A strategy with two replicas on the two logical devices.

    One for all tests of a process: each new strategy numbers its collective operations from the start again, and
    TensorFlow aborts those whose number was taken by another shape before.
    """
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
