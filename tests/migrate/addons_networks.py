"""The networks of tests/golden/make_tensorflow_addons.py with the layers here, and H5 files as Keras 2 writes them."""

from pathlib import Path

import h5py
import keras
import numpy as np

from tfgan_tricks import layers as ours

GOLDEN = Path(__file__).parents[1] / "golden" / "tensorflow_addons"
keras_layers = keras.layers


def golden(name: str) -> dict[str, np.ndarray]:
    with np.load(GOLDEN / f"{name}.npz", allow_pickle=False) as archive:
        return dict(archive)


def critic() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((8, 8, 2)),
            ours.SpectralNormConv2D(4, 3, strides=2, padding="same"),
            keras_layers.LeakyReLU(0.1),
            ours.SpectralNormConv2D(6, 3, padding="same", power_iterations=2),
            keras_layers.GroupNormalization(groups=3),
            keras_layers.Flatten(),
            ours.SpectralNormDense(2),
        ]
    )


def wrapped_critic() -> keras.Model:
    """The same with the wrapper of any layer, and with group norm's default number of groups."""
    wrap = ours.SpectralNormalization
    return keras.Sequential(
        [
            keras.Input((8, 8, 2)),
            wrap(keras_layers.Conv2D(4, 3, strides=2, padding="same")),
            keras_layers.LeakyReLU(0.1),
            wrap(keras_layers.Conv2D(6, 3, padding="same"), power_iterations=2),
            keras_layers.GroupNormalization(groups=3),
            keras_layers.Flatten(),
            wrap(keras_layers.Dense(2)),
        ]
    )


def plain_critic() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((8, 8, 2)),
            keras_layers.Conv2D(4, 3, strides=2, padding="same"),
            keras_layers.LeakyReLU(0.1),
            keras_layers.Conv2D(6, 3, padding="same"),
            keras_layers.GroupNormalization(groups=3),
            keras_layers.Flatten(),
            keras_layers.Dense(2),
        ]
    )


def generator(
    transposed=lambda: ours.SpectralNormConv2DTranspose(4, 4, strides=2, padding="same", convention="adjoint"),
    norm=lambda: ours.InstanceNorm(epsilon=1e-3),
    weight_norm=ours.WeightNormalization,
) -> keras.Model:
    latents = keras.Input((5,))
    x = keras_layers.Reshape((4, 4, 4))(keras_layers.Dense(64)(latents))
    x = keras_layers.ReLU()(keras_layers.BatchNormalization()(x))
    x = keras_layers.ReLU()(norm()(transposed()(x)))
    x = keras_layers.ReLU()(weight_norm(keras_layers.Conv2D(4, 3, padding="same"))(x))
    x = weight_norm(keras_layers.Conv2D(3, 1, activation="tanh", use_bias=False))(x)
    return keras.Model(latents, x)


def conditional() -> keras.Model:
    features = keras.Sequential(
        [
            ours.SpectralNormConv2D(6, 3, strides=2),
            keras_layers.BatchNormalization(),
            keras_layers.ReLU(),
            keras_layers.Flatten(),
        ],
        name="features",
    )
    image, label = keras.Input((5, 5, 2)), keras.Input((), dtype="int32")
    hidden = ours.SpectralNormDense(6)(features(image))
    embedding = ours.SpectralNormEmbedding(7, 6)(label)
    outputs = keras_layers.Add()([keras_layers.Dense(1)(hidden), keras_layers.Dot(axes=1)([hidden, embedding])])
    return keras.Model([image, label], outputs)


class Block(keras.layers.Layer):
    """As in the script: made in another order than used."""

    def __init__(self):
        super().__init__()
        self.shortcut = ours.WeightNormalization(keras_layers.Conv2D(4, 1))
        self.norm = ours.InstanceNorm(epsilon=1e-3)
        self.conv = ours.SpectralNormConv2D(4, 3, padding="same")

    def call(self, inputs):
        return self.shortcut(inputs) + self.norm(self.conv(inputs))


class Translator(keras.Model):
    """As in the script."""

    def __init__(self):
        super().__init__()
        self.stem = keras_layers.Conv2D(3, 3, padding="same")
        self.blocks = [Block(), Block()]
        self.head = ours.SpectralNormConv2DTranspose(2, 3, convention="adjoint")

    def call(self, inputs):
        x = self.stem(inputs)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def translator() -> keras.Model:
    model = Translator()
    model(np.zeros((1, 6, 6, 3), "float32"))
    return model


def write_h5(path: Path, layers: dict[str, dict[str, np.ndarray]], chunks: bool = False) -> Path:
    """Writes weights by name of layer and weight in the layout of Keras 2."""
    with h5py.File(path, "w") as file:
        names = list(layers)
        if chunks:  # as Keras does with names that are too long for one attribute
            file.attrs["layer_names0"], file.attrs["layer_names1"] = names[:1], names[1:]
        else:
            file.attrs["layer_names"] = [name.encode() for name in names]
        for name, weights in layers.items():
            folder = file.create_group(name)
            folder.attrs["weight_names"] = [f"{name}/{weight}:0" for weight in weights]
            for weight, value in weights.items():
                folder[f"{name}/{weight}:0"] = value
    return path
