"""Instance normalisation against loops over examples and channels, PyTorch, and finite differences."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from norm_oracle import (
    affine,
    close,
    gradients,
    images,
    moments,
    normalize,
    numeric_gradient,
    scattered,
    weights_of_a_sum,
)

from tfgan_tricks.layers import InstanceNorm


@pytest.mark.parametrize("shape", [(3, 2, 4, 3), (2, 7, 3), (2, 2, 3, 2, 4)], ids=["images", "sequences", "volumes"])
@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("scale", [True, False])
def test_each_channel_of_each_example_is_normalised_by_itself(shape, center, scale):
    x = images(shape)
    layer = InstanceNorm(center=center, scale=scale, epsilon=0.01)
    layer.build(shape)
    scattered(layer)
    assert list(affine(layer)) == ["gamma"] * scale + ["beta"] * center
    expected = normalize(x, *moments(x, "instance"), **affine(layer), epsilon=0.01)
    close(layer(x), expected, rtol=1e-5)
    close(layer(x, training=True), expected, rtol=1e-5)


def test_gradients_are_those_of_finite_differences():
    x = images((2, 2, 3, 2))
    layer = InstanceNorm()
    layer.build(x.shape)
    gamma, beta = (np.asarray(weight) for weight in scattered(layer).trainable_weights)

    def value(x, gamma, beta):
        return normalize(x, *moments(x, "instance"), gamma, beta)

    in_x, in_gamma, in_beta = gradients(layer, x)
    close(in_x, numeric_gradient(lambda x: value(x, gamma, beta), x))
    close(in_gamma, numeric_gradient(lambda gamma: value(x, gamma, beta), gamma))
    close(in_beta, numeric_gradient(lambda beta: value(x, gamma, beta), beta))


def test_values_and_gradients_are_those_of_torch():
    torch = pytest.importorskip("torch")
    x = images((3, 4, 5, 2))
    layer = InstanceNorm()
    layer.build(x.shape)
    scattered(layer)
    other = torch.nn.InstanceNorm2d(2, affine=True)
    other.weight.data, other.bias.data = (torch.tensor(np.asarray(weight)) for weight in layer.trainable_weights)
    inputs = torch.tensor(x, requires_grad=True)
    outputs = other(inputs.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    (torch.tensor(weights_of_a_sum(x.shape)) * outputs).sum().backward()
    close(layer(x), outputs.detach().numpy(), rtol=1e-5)
    expected = (inputs.grad, other.weight.grad, other.bias.grad)
    for one, another in zip(gradients(layer, x), expected, strict=True):
        close(one, another.numpy(), rtol=1e-4)


def test_it_is_group_normalisation_of_keras_with_a_group_for_each_channel():
    x = images()
    close(InstanceNorm(epsilon=1e-3)(x), np.asarray(keras.layers.GroupNormalization(groups=-1)(x)), rtol=1e-5)


def test_a_constant_channel_gives_the_offset_and_a_finite_gradient():
    x = images()
    x[1, ..., 2] = 7.0
    layer = InstanceNorm()
    layer.build(x.shape)
    scattered(layer)
    outputs = np.asarray(layer(x))
    np.testing.assert_allclose(outputs[1, ..., 2], layer.beta[2], atol=1e-4)
    in_x = gradients(layer, x)[0]
    assert np.isfinite(in_x).all()
    weights = weights_of_a_sum(x.shape)[1, ..., 2]  # with no spread the layer is linear: (x - mean)/sqrt(epsilon)
    close(in_x[1, ..., 2], float(layer.gamma[2]) / np.sqrt(1e-5) * (weights - weights.mean()), rtol=1e-4)


def test_a_single_position_leaves_the_offset_alone_and_no_gradient():
    x = images((3, 1, 1, 2))
    layer = InstanceNorm()
    layer.build(x.shape)
    scattered(layer)
    np.testing.assert_allclose(layer(x), np.broadcast_to(layer.beta, x.shape), atol=1e-6)
    in_x, in_gamma, _ = gradients(layer, x)
    assert not in_x.any()
    assert not in_gamma.any()


def test_moments_are_float32_where_float16_would_overflow():
    x = 300.0 * np.sign(images()) + images(seed=3)  # 300² is more than float16 holds
    layer = InstanceNorm(dtype="mixed_float16")
    outputs = layer(x)
    assert outputs.dtype == "float16"
    assert layer.gamma.dtype == "float32"
    half = x.astype("float16").astype("float64")
    close(outputs, normalize(half, *moments(half, "instance")), rtol=1e-3)


def test_one_graph_serves_images_of_any_size():
    layer = InstanceNorm()
    compute = tf.function(layer, input_signature=[tf.TensorSpec((None, None, None, 3))])
    for shape in ((3, 2, 4, 3), (2, 5, 3, 3)):
        x = images(shape)
        close(compute(x), normalize(x, *moments(x, "instance")), rtol=1e-5)
    assert layer.compute_output_shape((None, None, None, 3)) == (None, None, None, 3)


@pytest.mark.parametrize("shape", [(4, 3), (2, 5, 5, None)])
def test_a_shape_that_it_cannot_normalise_is_refused(shape):
    with pytest.raises(ValueError, match=r"(?s)InstanceNorm.*Received: shape .*at least 3 axes.*Fix: "):
        InstanceNorm().build(shape)


@pytest.mark.parametrize(("name", "value"), [("epsilon", 0.0), ("epsilon", -1e-3), ("center", 1), ("scale", "yes")])
def test_a_wrong_argument_is_refused(name, value):
    with pytest.raises((ValueError, TypeError), match=rf"(?s){name}.*Received: {name}={value!r}.*Fix: "):
        InstanceNorm(**{name: value})
