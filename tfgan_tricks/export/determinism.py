"""Switching off the layers that are random in use."""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras

from tfgan_tricks.checks import check_type
from tfgan_tricks.layers.always_on import AlwaysOn

TRACED = ("train_function", "test_function", "predict_function")  # graphs that Keras keeps of a model


@contextlib.contextmanager
def deterministic(model: keras.Layer) -> Iterator[keras.Layer]:
    """Within this context the always-on layers of a model pass their inputs on unchanged.

    `NoiseInjection` adds nothing and `AlwaysOnDropout` drops nothing, in calls, in `predict`, and in graphs that are
    traced inside, so also in an export:

        with tfgan_tricks.export.deterministic(generator):
            generator.export("served")

    Afterwards they are as they were. Other randomness is not touched: Keras' own `Dropout` is off in inference
    anyway, unless it was called with `training=True` in a functional model. Compile a model before or after, not
    inside. The model is changed meanwhile, so other threads must not use it.

    A traced graph keeps the noise, or the lack of it, that it was traced with. The graphs that Keras keeps for `fit`,
    `evaluate` and `predict` are set aside meanwhile, but only those of `model` and of the models inside it, never those
    of a model around it, which a layer does not know. So pass the outermost model that you call: with
    `deterministic(gan.task.generator)` a `gan.predict` that has run before keeps its noise, and one that first runs
    inside stays without noise afterwards. `deterministic(gan)` is right for both, and for the generator alone. The same
    holds for a `tf.function` of your own: trace one for each.

    Args:
        model: the outermost model that is called inside, or a layer, with everything in it; of a GAN the averaged
            generator too.

    Example:

    >>> noise = tfgan_tricks.layers.NoiseInjection(0.5)
    >>> with tt.export.deterministic(noise):
    ...     print(float(noise(np.ones((1, 1), "float32"))[0, 0]))
    1.0
    """
    check_type("model", model, keras.Layer, "pass a Keras model, e.g. the generator or the GAN.")
    everything = list(model._flatten_layers())
    layers = [layer for layer in everything if isinstance(layer, AlwaysOn)]
    switches: list[tuple[Any, str, Any]] = [(layer, "active", False) for layer in layers]
    if layers:
        switches += [(one, name, None) for one in everything if isinstance(one, keras.Model) for name in TRACED]
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in switches]
    try:
        for owner, name, value in switches:
            setattr(owner, name, value)
        yield model
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)
