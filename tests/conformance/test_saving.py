"""Saved and loaded, `.keras` or SavedModel, a network gives the same numbers and has the same state."""

import keras
import numpy as np
import tensorflow as tf

from tests.conformance.running import is_architecture, is_layer, over, run


def models_of(case) -> list[keras.Model]:
    """Returns the networks of a case, with a state that training has moved."""
    built = case.build()
    if not case.is_layer:
        for _ in range(2):
            run(built, case.inputs())
        return list(built)
    inputs = keras.Input(case.shapes[0][1:])
    model = keras.Model(inputs, built(inputs))
    for _ in range(2):
        run(built, case.inputs())
    return [model]


def inputs_for(model, n: int) -> np.ndarray:
    return np.random.default_rng(5).normal(size=(n, *model.input_shape[1:])).astype("float32")


def check_keras_file(case, folder) -> None:
    for model in models_of(case):
        path = folder / f"{model.name}.keras"
        model.save(path)
        again = keras.models.load_model(path)
        images = inputs_for(model, case.shapes[0][0])
        np.testing.assert_array_equal(again(images), model(images))
        for one, other in zip(model.variables, again.variables, strict=True):
            assert one.path.split("/")[-1] == other.path.split("/")[-1]
            np.testing.assert_array_equal(one, other, err_msg=one.path)
        assert again.to_json() == model.to_json()


def check_saved_model(case, folder) -> None:
    for model in models_of(case):
        model.export(folder / model.name, format="tf_saved_model", verbose=False)
        again = tf.saved_model.load(folder / model.name)
        images = inputs_for(model, case.shapes[0][0])
        np.testing.assert_allclose(again.serve(images), model(images), rtol=1e-5, atol=1e-6)


@over(is_layer)
def test_layer_in_a_keras_file(case, tmp_path):
    check_keras_file(case, tmp_path)


@over(is_architecture)
def test_architecture_in_a_keras_file(case, tmp_path):
    check_keras_file(case, tmp_path)


@over(is_layer)
def test_layer_in_a_saved_model(case, tmp_path):
    check_saved_model(case, tmp_path)


@over(is_architecture)
def test_architecture_in_a_saved_model(case, tmp_path):
    check_saved_model(case, tmp_path)
