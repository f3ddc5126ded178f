"""What docs/tensorflow_addons.md recommends gives the numbers of tensorflow-addons 0.23, or differs as it says."""

import keras
import numpy as np
import pytest
from keras import ops

from tests.migrate.addons_networks import golden
from tfgan_tricks.layers import WeightNormalization
from tfgan_tricks.training import ExponentialAveraging

FUNCTIONS, PATHS = golden("functions"), golden("optimizers")
OPTIMIZERS = keras.optimizers


def path_of(optimizer: keras.optimizers.Optimizer) -> tuple[np.ndarray, np.ndarray]:
    """Returns the values of the golden variable after each golden gradient, and Keras' averages of it."""
    variable, path, average = keras.Variable(PATHS["start"]), [], []
    for gradient in PATHS["gradients"]:
        optimizer.apply([ops.convert_to_tensor(gradient)], [variable])
        path.append(np.array(variable))
        average += [np.array(mean) for mean in getattr(optimizer, "_model_variables_moving_average", [])]
    return np.array(path), np.array(average)


@pytest.mark.parametrize(
    ("name", "optimizer"),
    [
        ("adamw", lambda: OPTIMIZERS.AdamW(0.05, weight_decay=0.004 / 0.05)),
        ("sgdw", lambda: OPTIMIZERS.SGD(0.05, momentum=0.9, weight_decay=0.004 / 0.05)),
        ("lamb", lambda: OPTIMIZERS.Lamb(0.05, epsilon=1e-6)),
        ("lazy_adam", lambda: OPTIMIZERS.Adam(0.05)),
    ],
)
def test_an_optimizer_of_keras_takes_the_same_path(name, optimizer):
    np.testing.assert_allclose(path_of(optimizer())[0], PATHS[name], rtol=1e-5, atol=5e-6)


def test_weight_decay_as_it_was_written_would_decay_by_the_rate_too_little():
    path, _ = path_of(OPTIMIZERS.AdamW(0.05, weight_decay=0.004))
    assert np.abs(path[-1] - PATHS["adamw"][-1]).max() > 1e-2


def test_exponential_averaging_gives_the_numbers_of_moving_average():
    live, averaged = (keras.Sequential([keras.Input((5,)), keras.layers.Dense(1, use_bias=False)]) for _ in range(2))
    start = PATHS["start"].reshape(5, 1)
    averaged.layers[0].kernel.assign(start)
    images = 64  # of one update
    averaging = ExponentialAveraging(half_life_images=images * np.log(0.5) / np.log(0.8))
    for i, value in enumerate(PATHS["moving_average"]):
        live.layers[0].kernel.assign(value.reshape(5, 1))
        averaging.update(averaged, live, images_seen=(i + 1) * images, n=images)
        np.testing.assert_allclose(averaged.layers[0].kernel[:, 0], PATHS["moving_average_average"][i], rtol=1e-5)


def test_use_ema_of_keras_starts_from_the_first_update_not_from_the_initial_weights():
    path, average = path_of(OPTIMIZERS.SGD(0.1, use_ema=True, ema_momentum=0.8))
    steps = np.arange(1, len(path) + 1)[:, None]
    difference = 0.8**steps * (path[0] - PATHS["start"])
    np.testing.assert_allclose(average - PATHS["moving_average_average"], difference, rtol=1e-3, atol=1e-5)


def test_swa_is_the_mean_of_snapshots():
    np.testing.assert_allclose(PATHS["swa_average"][-1], PATHS["swa"][[2, 5]].mean(0), rtol=1e-6)


def test_lookahead_is_no_optimizer_of_keras_with_other_settings():
    """It steps back halfway to where it was three updates before: no counterpart."""
    path, slow = path_of(OPTIMIZERS.SGD(0.1))[0], PATHS["start"]
    np.testing.assert_allclose(PATHS["lookahead"][:2], path[:2], rtol=1e-5)
    np.testing.assert_allclose(PATHS["lookahead"][2], (slow + path[2]) / 2, rtol=1e-5)


IMAGES, X = FUNCTIONS["images"], FUNCTIONS["x"]
ANGLE, HEIGHT, WIDTH = 0.3, 6, 9
COS, SIN = np.cos(ANGLE), np.sin(ANGLE)
SHIFT = (
    ((WIDTH - 1) - (COS * (WIDTH - 1) - SIN * (HEIGHT - 1))) / 2,
    ((HEIGHT - 1) - (SIN * (WIDTH - 1) + COS * (HEIGHT - 1))) / 2,
)


def affine(*transform: float):
    return ops.image.affine_transform(IMAGES, np.array(transform, "float32"), interpolation="bilinear")


def warped():
    positions = np.stack(np.meshgrid(np.arange(HEIGHT), np.arange(WIDTH), indexing="ij"), -1) - FUNCTIONS["flow"]
    sample = lambda image, at: ops.image.map_coordinates(image, at, order=1, fill_mode="nearest")  # noqa: E731
    channels = [
        [sample(image[..., c], [at[..., 0], at[..., 1]]) for c in range(3)]
        for image, at in zip(IMAGES, positions, strict=True)
    ]
    return np.stack([np.stack(image, -1) for image in channels])


REPLACEMENTS = {
    "adaptive_average_2d": lambda: keras.layers.AveragePooling2D((2, 3))(IMAGES),
    "adaptive_max_2d": lambda: keras.layers.MaxPooling2D((2, 3))(IMAGES),
    "maxout": lambda: ops.max(ops.reshape(FUNCTIONS["maxout_inputs"], (2, 4, 2, 3)), axis=-2),
    "filter_response": lambda: IMAGES * ops.rsqrt(ops.mean(ops.square(IMAGES), (1, 2), keepdims=True) + 1e-6),
    "gelu": lambda: keras.activations.gelu(X, approximate=True),
    "hardshrink": lambda: keras.activations.hard_shrink(X),
    "lisht": lambda: X * ops.tanh(X),
    "mish": lambda: keras.activations.mish(X),
    "snake": lambda: X + ops.square(ops.sin(X)),
    "softshrink": lambda: keras.activations.soft_shrink(X),
    "tanhshrink": lambda: keras.activations.tanh_shrink(X),
    "gaussian_filter2d": lambda: ops.image.gaussian_blur(IMAGES, (3, 3), (0.8, 0.8)),
    "translate": lambda: affine(1, 0, -2, 0, 1, 1, 0, 0),
    "transform": lambda: affine(0.9, 0.1, 0.5, -0.2, 1.1, 1.0, 0.0, 0.0),
    "rotate": lambda: affine(COS, -SIN, SHIFT[0], SIN, COS, SHIFT[1], 0, 0),
    "dense_image_warp": warped,
}


@pytest.mark.parametrize("name", REPLACEMENTS)
def test_a_function_gives_the_same_numbers(name):
    np.testing.assert_allclose(REPLACEMENTS[name](), FUNCTIONS[name], rtol=1e-5, atol=1e-5)


@pytest.mark.skipif(not hasattr(keras.layers, "AdaptiveAveragePooling2D"), reason="this Keras has no adaptive pooling")
@pytest.mark.parametrize("kind", ["Average", "Max"])
def test_adaptive_pooling_of_newer_keras_gives_the_same_numbers(kind):
    layer = getattr(keras.layers, f"Adaptive{kind}Pooling2D")((3, 3))
    np.testing.assert_allclose(layer(IMAGES), FUNCTIONS[f"adaptive_{kind.lower()}_2d"], rtol=1e-5, atol=1e-6)


def test_gelu_of_keras_is_exact_unless_told_otherwise():
    difference = np.abs(np.asarray(keras.activations.gelu(X)) - FUNCTIONS["gelu"]).max()
    assert 1e-4 < difference < 1e-3


def test_sparsemax_of_keras_is_wrong_where_more_than_one_entry_is_positive():
    """A failure here means that Keras was mended, and that the page may recommend it."""
    rows, expected = X.reshape(8, 5), FUNCTIONS["sparsemax"]
    np.testing.assert_allclose(expected.sum(-1), 1.0, rtol=1e-6)
    found = np.asarray(keras.activations.sparsemax(rows))
    several = (expected > 0).sum(-1) > 1
    np.testing.assert_allclose(found[~several], expected[~several], atol=1e-6)
    assert np.abs(found - expected)[several].max() > 0.1


def test_adapt_reaches_the_variance_that_data_init_missed():
    rows, outputs = FUNCTIONS["wn_inputs"], FUNCTIONS["wn_outputs"]
    lengths = np.linalg.norm(FUNCTIONS["wn_v"], axis=0)
    np.testing.assert_allclose(outputs.std(0), 1 / lengths, rtol=1e-4)
    layer = WeightNormalization(keras.layers.Dense(4))
    layer.build(rows.shape)
    layer.kernel.assign(FUNCTIONS["wn_v"])
    layer.adapt(rows)
    np.testing.assert_allclose(np.asarray(layer(rows)).std(0), 1.0, rtol=1e-4)
    np.testing.assert_allclose(layer.g, FUNCTIONS["wn_g"] * lengths, rtol=1e-4)
