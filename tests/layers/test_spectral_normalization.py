"""What is particular to the wrapper; the rest is in test_spectral_norm*.py and test_substituted_kernel.py."""

import keras
import numpy as np
import pytest

from tfgan_tricks.layers import SpectralNormalization, SpectralNormConv2D


def test_the_vector_rests_while_only_the_wrapped_layer_is_frozen():
    inputs = np.ones((2, 5), "float32")
    for layer in (
        SpectralNormalization(keras.layers.Dense(3, trainable=False)),
        SpectralNormalization(keras.layers.Dense(3)),
    ):
        layer.build((None, 5))
        layer.u.assign([1.0, 0.0, 0.0])
        layer.layer.trainable = False
        layer(inputs, training=True)
        np.testing.assert_array_equal(layer.u, [1.0, 0.0, 0.0])
        layer.layer.trainable = True
        layer(inputs, training=True)
        assert not np.array_equal(layer.u, [1.0, 0.0, 0.0])


def test_it_gives_the_numbers_of_the_layer_made_for_it():
    options = {"strides": 2, "groups": 2, "kernel_initializer": keras.initializers.GlorotUniform(seed=1)}
    wrapper = SpectralNormalization(keras.layers.Conv2D(6, 3, **options), power_iterations=2)
    layer = SpectralNormConv2D(6, 3, power_iterations=2, **options)
    images = np.random.default_rng(0).normal(size=(2, 8, 7, 4)).astype("float32")
    for one in (wrapper, layer):
        one.build(images.shape)
        one.u.assign(np.eye(6)[0])
    for _ in range(2):
        np.testing.assert_allclose(wrapper(images, training=True), layer(images, training=True), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(wrapper.u, layer.u, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "shape", "transpose"),
    [
        ("Conv1d(4, 6, 3, groups=2)", (None, 9, 4), (2, 1, 0)),
        ("ConvTranspose1d(4, 6, 3)", (None, 9, 4), (2, 1, 0)),
        ("Conv3d(4, 6, 3)", (None, 9, 9, 9, 4), (4, 3, 0, 1, 2)),
        ("Conv2d(4, 8, 3, groups=4)", (None, 9, 9, 4), None),
    ],
    ids=["grouped", "transposed", "3d", "depthwise"],
)
def test_the_kernel_is_divided_as_torch_divides_it(make, shape, transpose):
    torch = pytest.importorskip("torch")
    other = eval(f"torch.nn.{make}")
    plain = {
        "Conv1d(4, 6, 3, groups=2)": lambda: keras.layers.Conv1D(6, 3, groups=2),
        "ConvTranspose1d(4, 6, 3)": lambda: keras.layers.Conv1DTranspose(6, 3),
        "Conv3d(4, 6, 3)": lambda: keras.layers.Conv3D(6, 3),
        "Conv2d(4, 8, 3, groups=4)": lambda: keras.layers.DepthwiseConv2D(3, depth_multiplier=2),
    }[make]()
    layer = SpectralNormalization(plain)
    layer.build(shape)

    def to_torch(kernel):
        if transpose is not None:
            return np.transpose(np.asarray(kernel), transpose)
        return np.transpose(np.asarray(kernel), (2, 3, 0, 1)).reshape(8, 1, 3, 3)  # channel by channel

    assert other.weight.shape == to_torch(layer.kernel).shape
    other.weight.data = torch.tensor(np.ascontiguousarray(to_torch(layer.kernel)))
    other = torch.nn.utils.parametrizations.spectral_norm(other, n_power_iterations=200)
    np.testing.assert_allclose(to_torch(layer.normalized_kernel()), other.weight.detach().numpy(), rtol=1e-4, atol=1e-5)


def test_quantizing_the_layer_afterwards_is_an_error_that_says_so():
    layer = SpectralNormalization(keras.layers.Dense(3))
    layer.build((None, 5))
    layer.layer.quantize("int8")
    with pytest.raises(ValueError, match="floating-point weight"):
        layer(np.ones((2, 5), "float32"))


def test_both_kernels_of_a_separable_convolution_can_be_divided_by_two_layers_of_their_own():
    images = np.random.default_rng(0).normal(size=(2, 6, 6, 3)).astype("float32")
    depthwise = SpectralNormalization(keras.layers.SeparableConv2D(4, 3), weight_name="depthwise_kernel")
    pointwise = SpectralNormalization(keras.layers.SeparableConv2D(4, 3), weight_name="pointwise_kernel")
    for layer, axes in ((depthwise, (2, 3)), (pointwise, (3,))):
        layer(images, training=True)
        assert layer.output_axes == axes
        matrix = np.moveaxis(layer.normalized_kernel(), axes, range(len(axes)))
        matrix = matrix.reshape(np.prod(matrix.shape[: len(axes)]), -1)
        assert np.linalg.norm(matrix, 2) == pytest.approx(1.0, abs=1e-4)
