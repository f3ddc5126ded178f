"""ProGAN's networks: the paper's table, its scale at the start, and its parts against NumPy."""

import keras
import numpy as np
import pytest

from tfgan_tricks.architectures import progan
from tfgan_tricks.architectures.progan import resolutions_to
from tfgan_tricks.layers import EqualizedConv2D, EqualizedDense, FadeIn, MinibatchStd
from tfgan_tricks.schedules import Linear


def latents(n, dim):
    return np.random.default_rng(0).normal(size=(n, dim)).astype("float32")


def shapes(network):
    layers = [layer for layer in network.layers if isinstance(layer, EqualizedConv2D | EqualizedDense)]
    return {layer.name: tuple(layer.kernel.shape) for layer in layers}


def test_at_1024_the_networks_are_those_of_table_2():
    generator, discriminator = progan(resolution=1024)
    made, judged = shapes(generator), shapes(discriminator)
    table = {4: 512, 8: 512, 16: 512, 32: 512, 64: 256, 128: 128, 256: 64, 512: 32, 1024: 16}
    assert made["block_4_dense"] == (512, 4 * 4 * 512)  # a 4x4 convolution of a 1x1 map
    assert made["block_4_last"] == (3, 3, 512, 512)
    assert judged["block_4_first"] == (3, 3, 513, 512)  # the deviation of the batch is one more map
    assert judged["block_4_last"] == (4, 4, 512, 512)
    assert judged["logits"] == (512, 1)
    for side, filters in list(table.items())[1:]:
        assert made[f"block_{side}_first"] == (3, 3, table[side // 2], filters)
        assert made[f"block_{side}_last"] == (3, 3, filters, filters)
        assert judged[f"block_{side}_first"] == (3, 3, filters, filters)
        assert judged[f"block_{side}_last"] == (3, 3, filters, table[side // 2])
    assert (made["to_image_1024"], made["to_image_512"]) == ((1, 1, 16, 3), (1, 1, 32, 3))
    assert (judged["from_image_1024"], judged["from_image_512"]) == ((1, 1, 3, 16), (1, 1, 3, 32))
    for network, extra in ((generator, 33 * 3), (discriminator, 4 * 32)):  # the old path is not in the table
        trained = sum(int(np.prod(weight.shape)) for weight in network.trainable_weights) - extra
        assert round(trained / 1e6, 1) == 23.1


def relu(x):
    return np.where(x > 0, x, 0.2 * x)


def pixel_norm(x):
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-8)


def convolved(x, layer):
    """3x3 or 1x1 convolution with zeros around, as loops over the taps."""
    kernel = np.asarray(layer.kernel, "float64") * layer.gain / np.sqrt(np.prod(layer.kernel.shape[:-1]))
    size, (_, height, width, _) = kernel.shape[0], x.shape
    padded = np.pad(x, ((0, 0), (size // 2, size // 2), (size // 2, size // 2), (0, 0)))
    taps = [(i, j) for i in range(size) for j in range(size)]
    return sum(padded[:, i : i + height, j : j + width] @ kernel[i, j] for i, j in taps) + np.asarray(layer.bias)


def enlarged(x):
    return np.repeat(np.repeat(x, 2, axis=1), 2, axis=2)


def shaken(network):
    generator = np.random.default_rng(5)
    for weight in network.trainable_weights:
        weight.assign(weight + generator.normal(scale=0.3, size=weight.shape).astype("float32"))
    return {layer.name: layer for layer in network.layers}


def test_the_generator_computes_what_numpy_does():
    generator, _ = progan(resolution=8, channels=2, latent_dim=5, width=4, base_width=24, alpha=0.3)
    layer = shaken(generator)
    x = pixel_norm(latents(3, 5).astype("float64"))
    dense = layer["block_4_dense"]
    x = x @ np.asarray(dense.kernel, "float64") * np.sqrt(2 / 5) + np.asarray(dense.bias)
    x = pixel_norm(relu(x.reshape(3, 4, 4, 4)))
    below = pixel_norm(relu(convolved(x, layer["block_4_last"])))
    x = pixel_norm(relu(convolved(enlarged(below), layer["block_8_first"])))
    x = pixel_norm(relu(convolved(x, layer["block_8_last"])))
    old, new = enlarged(convolved(below, layer["to_image_4"])), convolved(x, layer["to_image_8"])
    wanted = np.tanh(0.7 * old + 0.3 * new)
    np.testing.assert_allclose(generator(latents(3, 5)), wanted, rtol=1e-4, atol=1e-5)


def test_the_discriminator_computes_what_numpy_does():
    _, discriminator = progan(resolution=8, channels=2, latent_dim=5, width=6, base_width=32, groups=2, alpha=0.3)
    layer = shaken(discriminator)
    images = np.random.default_rng(1).uniform(-1, 1, (4, 8, 8, 2))
    x = relu(convolved(images, layer["from_image_8"]))
    x = relu(convolved(x, layer["block_8_first"]))
    new = relu(convolved(x, layer["block_8_last"])).reshape(4, 4, 2, 4, 2, 6).mean((2, 4))
    old = relu(convolved(images.reshape(4, 4, 2, 4, 2, 2).mean((2, 4)), layer["from_image_4"]))
    x = 0.7 * old + 0.3 * new
    pairs = [x[0::2].std(0).mean(), x[1::2].std(0).mean()]  # groups of 2: examples 0 and 2, 1 and 3
    deviation = np.array(pairs * 2)[:, None, None, None] * np.ones((4, 4, 4, 1))
    x = relu(convolved(np.concatenate([x, deviation], -1), layer["block_4_first"]))
    for name in ("block_4_last", "logits"):
        kernel = np.asarray(layer[name].kernel, "float64").reshape(-1, layer[name].kernel.shape[-1])
        x = x.reshape(4, -1) @ kernel * layer[name].gain / np.sqrt(len(kernel)) + np.asarray(layer[name].bias)
        x = relu(x) if name == "block_4_last" else x
    np.testing.assert_allclose(discriminator(images.astype("float32")), x, rtol=1e-3, atol=1e-4)


def test_there_is_nothing_to_fade_at_4x4():
    for network in progan(resolution=4, width=4):
        assert not [layer for layer in network.layers if isinstance(layer, FadeIn)]


def test_layers_of_one_name_are_the_same_at_each_resolution():
    small, large = (progan(resolution=resolution, width=6, base_width=64) for resolution in (16, 32))
    for former, network in zip(small, large, strict=True):
        before, after = shapes(former), shapes(network)
        assert {name: after[name] for name in before.keys() & after.keys()} == {
            name: before[name] for name in before.keys() & after.keys()
        }
        assert len(before.keys() - after.keys()) == 1  # the path from or to the images of 8x8


def test_arguments_reach_their_layers():
    generator, discriminator = progan(
        resolution=8, width=4, groups=3, across_replicas=True, alpha=Linear(0.0, 1.0, images=10)
    )
    (deviation,) = [layer for layer in discriminator.layers if isinstance(layer, MinibatchStd)]
    assert (deviation.groups, deviation.across_replicas) == (3, True)
    for network in (generator, discriminator):
        assert network.get_layer("fade_in_8").schedule == Linear(0.0, 1.0, images=10)


def test_a_schedule_of_alpha_is_saved(tmp_path):
    generator, _ = progan(resolution=8, width=4, alpha=Linear(0.0, 1.0, images=10))
    generator.save(tmp_path / "generator.keras")
    again = keras.models.load_model(tmp_path / "generator.keras")
    assert again.get_layer("fade_in_8").schedule == Linear(0.0, 1.0, images=10)


@pytest.mark.parametrize("resolution", [0, 2, 3, 12, 48, 4.0])
def test_only_powers_of_two_from_4_on(resolution):
    with pytest.raises(ValueError, match=f"resolution={resolution}"):
        progan(resolution=resolution)


def test_the_nearest_resolutions_are_named():
    with pytest.raises(ValueError, match="resize the images to 32 or 64"):
        progan(resolution=48)
    assert resolutions_to(28, start=7) == [7, 14, 28]


@pytest.mark.parametrize(
    "arguments",
    [{"width": 0}, {"channels": 0}, {"latent_dim": 0}, {"base_width": 8}, {"groups": 1}, {"alpha": 1.5}],
    ids=lambda arguments: next(iter(arguments)),
)
def test_a_mistake_names_the_argument(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        progan(**{"resolution": 16, "width": 4, **arguments})
