"""Saved and loaded, `.keras` or SavedModel, a network gives the same numbers and has the same state."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.running import is_architecture, is_layer, over, run, symbolic


def models_of(case) -> list[keras.Model]:
    """Returns the networks of a case, with a state that training has moved."""
    built = case.build()
    if not case.is_layer:
        for _ in range(2):
            run(built, case.inputs())
        return list(built)
    inputs = symbolic(case)
    model = keras.Model(inputs, built(inputs))
    for _ in range(2):
        run(built, case.inputs())
    return [model]


def inputs_for(case, model):
    """Returns inputs of a layer's model, one or a list; images, for a network."""
    if case.is_layer:
        inputs = list(case.inputs(seed=5))
        return inputs[0] if len(inputs) == 1 else inputs
    return np.random.default_rng(5).normal(size=(case.shapes[0][0], *model.input_shape[1:])).astype("float32")


def outputs_of(function, inputs) -> list[np.ndarray]:
    return [np.asarray(output) for output in keras.tree.flatten(function(inputs))]


def restart(model) -> None:
    """Sets the seeds of all layers, whose states Keras does not save."""
    for layer in model._flatten_layers():
        for generator in layer._seed_generators if hasattr(layer, "_seed_generators") else []:
            generator.state.assign([3, 0])


def check_keras_file(case, folder) -> None:
    for model in models_of(case):
        path = folder / f"{model.name}.keras"
        model.save(path)
        again = keras.models.load_model(path)
        inputs = inputs_for(case, model)
        received, expected = ((restart(one), outputs_of(one, inputs))[1] for one in (again, model))
        for one, other in zip(received, expected, strict=True):
            np.testing.assert_array_equal(one, other)
        for one, other in zip(model.variables, again.variables, strict=True):
            assert one.path.split("/")[-1] == other.path.split("/")[-1]
            np.testing.assert_array_equal(one, other, err_msg=one.path)
        assert again.to_json() == model.to_json()


def check_saved_model(case, folder) -> None:
    for model in models_of(case):
        model.export(folder / model.name, format="tf_saved_model", verbose=False)
        again = tf.saved_model.load(folder / model.name)
        inputs = inputs_for(case, model)
        for received, expected in zip(outputs_of(again.serve, inputs), outputs_of(model, inputs), strict=True):
            np.testing.assert_allclose(received, expected, rtol=1e-5, atol=1e-6)


@over(is_layer, holding="keras_file")
def test_layer_in_a_keras_file(case, tmp_path):
    check_keras_file(case, tmp_path)


@over(is_architecture)
def test_architecture_in_a_keras_file(case, tmp_path):
    check_keras_file(case, tmp_path)


@pytest.mark.slow
@over(is_layer, holding="saved_model")
def test_layer_in_a_saved_model(case, tmp_path):
    check_saved_model(case, tmp_path)


@pytest.mark.slow
@over(is_architecture)
def test_architecture_in_a_saved_model(case, tmp_path):
    check_saved_model(case, tmp_path)
