"""Attention maps of a network whose attention is known: query j gives key i the share (1 + i)^j."""

import keras
import numpy as np
import pytest

from tests.diagnostics.attention_model import attention_model, batch
from tfgan_tricks.diagnostics import attention_maps
from tfgan_tricks.layers import SelfAttention2D


def shares(query: int, strengths: np.ndarray) -> np.ndarray:
    powers = strengths.astype("float64") ** query
    return powers / powers.sum()


def test_maps_are_those_in_closed_form():
    pixels = [(0, 0), (0, 3), (1, 2)]  # positions 0, 3 and 6 of 2 x 4
    maps = attention_maps(attention_model(), batch(3, 2, 4), "attention", pixels)
    assert maps.shape == (3, 3, 2, 4)
    assert maps.dtype == np.float32
    for example in range(3):
        strengths = 1 + example + np.arange(8).reshape(2, 4)
        for query, position in enumerate((0, 3, 6)):
            np.testing.assert_allclose(maps[example, query], shares(position, strengths), rtol=1e-4)


def test_pixels_of_a_larger_image_fall_into_their_cells():
    model, inputs = attention_model(), batch(1, 2, 4)
    pixels = [(0, 0), (7, 15), (8, 16), (15, 31), (3, 25)]  # of 16 x 32: cells of 8 x 8
    cells = [(0, 0), (0, 1), (1, 2), (1, 3), (0, 3)]
    received = attention_maps(model, inputs, "attention", pixels, image_size=(16, 32))
    np.testing.assert_array_equal(received, attention_maps(model, inputs, "attention", cells))
    for one, (row, column) in zip(received[0], cells, strict=True):
        np.testing.assert_allclose(one, shares(4 * row + column, 1 + np.arange(8).reshape(2, 4)), rtol=1e-4)


def test_pooled_keys_give_smaller_maps():
    maps = attention_maps(attention_model(pool=True), batch(1, 4, 4), "attention", [(2, 1)])
    # Of each block of 2 x 2 the largest strength counts: the last of its positions. The query is position 9.
    np.testing.assert_allclose(maps[0, 0], shares(9, np.array([[6, 8], [14, 16]])), rtol=1e-4)


def test_what_comes_before_the_layer_is_run_in_inference_mode():
    model, inputs = attention_model(upsample=2), batch(1, 2, 2)
    before = [variable.numpy() for variable in model.variables]
    maps = attention_maps(model, inputs, "attention", [(3, 3)])
    upsampled = (1 + np.arange(4)).reshape(2, 2).repeat(2, 0).repeat(2, 1)
    np.testing.assert_allclose(maps[0, 0], shares(3, upsampled), rtol=1e-4)  # batch statistics would change it
    for variable, old in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(variable, old)


def test_a_layer_that_returns_its_attention_gives_the_same_maps():
    inputs = keras.Input((3, 2, 8))
    layer = SelfAttention2D(return_attention=True, name="attention")
    model = keras.Model(inputs, layer(inputs))
    images = batch(2, 3, 2)
    _, attention = model(images)
    maps = attention_maps(model, images, "attention", [(0, 1), (2, 0)])
    np.testing.assert_allclose(maps[:, 0], np.asarray(attention)[:, 0, 1], rtol=1e-6)
    np.testing.assert_allclose(maps[:, 1], np.asarray(attention)[:, 2, 0], rtol=1e-6)


def test_a_sequential_model_and_a_saved_one_serve_too(tmp_path):
    model = keras.Sequential([keras.Input((4, 4, 8)), SelfAttention2D(name="attention"), keras.layers.Flatten()])
    images = batch(1, 4, 4)
    maps = attention_maps(model, images, "attention", [(1, 1)])
    assert maps.sum() == pytest.approx(1.0, rel=1e-5)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(attention_maps(again, images, "attention", [(1, 1)]), maps)


def test_inputs_have_the_structure_of_the_model(recwarn):
    image, shift = keras.Input((2, 4, 8)), keras.Input((1, 1, 8))
    shifted = keras.layers.Add()([image, shift])
    model = keras.Model({"image": image, "shift": shift}, SelfAttention2D(name="attention")(shifted))
    images, shifts = batch(3, 2, 4), batch(3, 1, 1)
    received = attention_maps(model, {"image": images, "shift": shifts}, "attention", [(1, 1)])
    expected = model.get_layer("attention").attention(images + shifts)[:, 1, 1]
    np.testing.assert_allclose(received[:, 0], expected, rtol=1e-5)
    alone = keras.Model(image, SelfAttention2D(name="attention")(image))
    assert attention_maps(alone, images, "attention", [(1, 1)]).shape == (3, 1, 2, 4)
    assert not [str(warning.message) for warning in recwarn if "structure" in str(warning.message)]


@pytest.mark.parametrize("pixel", [(2, 0), (0, 4), (-1, 0), (0, 1.5), (0, 1, 2), 3])
def test_a_pixel_outside_is_refused(pixel):
    with pytest.raises(ValueError, match="outside of the image, or is no pixel") as error:
        attention_maps(attention_model(), batch(1, 2, 4), "attention", [pixel])
    assert repr(pixel) in str(error.value)
    assert "(1, 3)" in str(error.value)


def test_a_layer_that_is_not_there_is_refused_with_those_that_are():
    model, images = attention_model(), batch(1, 2, 4)
    with pytest.raises(ValueError, match="one of 'attention', 'second'\n  Fix: did you mean 'attention'"):
        attention_maps(model, images, "atention", [(0, 0)])
    with pytest.raises(ValueError, match="'attention', 'second'"):
        attention_maps(model, images, model.layers[1].name, [(0, 0)])  # there, but another layer


def test_a_layer_inside_an_inner_model_is_reached_through_that_model():
    inner = attention_model()
    outer = keras.Sequential([keras.Input((2, 4, 8)), inner])
    with pytest.raises(ValueError, match="pass that inner model"):
        attention_maps(outer, batch(1, 2, 4), "attention", [(0, 0)])
    assert attention_maps(inner, batch(1, 2, 4), "attention", [(0, 0)]).shape == (1, 1, 2, 4)


def test_a_layer_that_two_models_share_is_reached_through_the_first_or_through_a_copy():
    layer = SelfAttention2D(name="attention")
    first, second = (keras.Model(x := keras.Input((2, 4, 8)), layer(keras.layers.ReLU()(x))) for _ in range(2))
    images = batch(1, 2, 4)
    maps = attention_maps(first, images, "attention", [(0, 0)])
    with pytest.raises(ValueError, match=r"is shared(?s:.)*clone_model"):
        attention_maps(second, images, "attention", [(0, 0)])
    copy = keras.models.clone_model(second)
    copy.set_weights(second.get_weights())
    np.testing.assert_array_equal(attention_maps(copy, images, "attention", [(0, 0)]), maps)


@pytest.mark.parametrize("model", [keras.Sequential([SelfAttention2D(name="attention")]), SelfAttention2D()])
def test_what_has_no_graph_is_refused(model):
    with pytest.raises(TypeError, match=r"gan\.task\.generator"):
        attention_maps(model, batch(1, 2, 4), "attention", [(0, 0)])
