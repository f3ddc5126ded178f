"""Keras' own norms hold what ours hold, so the package has none of its own: this fails when that changes."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from norm_oracle import close, gradients, images, moments, normalize

NORMS = {
    "batch": (keras.layers.BatchNormalization, {}, "batch"),
    "layer": (keras.layers.LayerNormalization, {"axis": (1, 2, 3)}, "layer"),
    "group": (keras.layers.GroupNormalization, {"groups": 1}, "layer"),
    "instance": (keras.layers.GroupNormalization, {"groups": -1}, "instance"),
}
each_norm = pytest.mark.parametrize(("factory", "arguments", "kind"), NORMS.values(), ids=NORMS.keys())


@each_norm
def test_values_are_those_of_the_definition_in_float32_and_float16(factory, arguments, kind):
    x = (300.0 * np.sign(images()) + images(seed=3)).astype("float16").astype("float32")  # 300² overflows float16
    expected = normalize(x, *moments(x, kind), epsilon=1e-3)
    for policy, tolerance in (("float32", 1e-4), ("mixed_float16", 1e-3)):  # Keras subtracts the mean last
        outputs = factory(**arguments, epsilon=1e-3, dtype=policy)(x, training=True)
        assert outputs.dtype == policy.removeprefix("mixed_")
        close(outputs, expected, rtol=tolerance)


@each_norm
def test_the_gradient_is_finite_on_a_constant_input(factory, arguments, kind):
    x = np.full((2, 3, 3, 2), 5.0, "float32")
    layer = factory(**arguments)
    layer.build(x.shape)
    assert all(np.isfinite(slopes).all() for slopes in gradients(layer, x, training=True))


@pytest.mark.parametrize("factory", [keras.layers.BatchNormalization, keras.layers.GroupNormalization])
def test_one_graph_serves_images_of_any_size(factory):
    layer = factory() if factory is keras.layers.BatchNormalization else factory(groups=-1)
    kind = "batch" if factory is keras.layers.BatchNormalization else "instance"
    compute = tf.function(lambda x: layer(x, training=True), input_signature=[tf.TensorSpec((None, None, None, 3))])
    for shape in ((3, 2, 4, 3), (2, 5, 3, 3)):
        x = images(shape)
        close(compute(x), normalize(x, *moments(x, kind), epsilon=1e-3), rtol=1e-5)
