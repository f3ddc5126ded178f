"""What spectral normalisation must compute, in NumPy, and the layers that are held to it."""

import dataclasses

import keras
import numpy as np

from tfgan_tricks.layers import (
    SpectralNormalization,
    SpectralNormConv2D,
    SpectralNormConv2DTranspose,
    SpectralNormDense,
    SpectralNormEmbedding,
)

# What some Keras layers call the arguments of the others, `None` where they have no such thing.
OTHER_NAMES = {
    keras.layers.Embedding: {
        "kernel_initializer": "embeddings_initializer",
        "bias_initializer": None,
        "use_bias": None,
        "activation": None,
    },
    keras.layers.DepthwiseConv2D: {"kernel_initializer": "depthwise_initializer"},
    keras.layers.EinsumDense: {"use_bias": None},
}


@dataclasses.dataclass(frozen=True)
class Case:
    """A layer under test, the Keras layer it must equal but for the division, and how its kernel is a matrix."""

    spectral: type
    plain: type
    arguments: dict
    input_shape: tuple[int, ...]
    axis: int | tuple[int, ...]  # of the kernel, that ũ runs along
    own: dict = dataclasses.field(default_factory=dict)  # arguments that the plain layer does not have

    def make(self, **more):
        options = self._options(more)
        if self.spectral is not SpectralNormalization:
            return self.spectral(**options, **self.own)
        outer = {name: options.pop(name) for name in ("power_iterations", "epsilon") if name in options}
        return SpectralNormalization(self.plain(**options), **self.own, **outer)

    def build(self, **more):
        layer = self.make(**more)
        layer.build(self.input_shape)
        return layer

    def build_plain(self, **more):
        layer = self.plain(**self._options(more))
        layer.build(self.input_shape)
        return layer

    def _options(self, more) -> dict:
        names = OTHER_NAMES.get(self.plain, {})
        named = {names.get(name, name): value for name, value in {**self.arguments, **more}.items()}
        return {name: value for name, value in named.items() if name is not None}

    @property
    def input_dtype(self) -> str:
        return "int32" if self.plain is keras.layers.Embedding else "float32"

    def matrix(self, kernel) -> np.ndarray:
        """The kernel as W: one row per entry of ũ."""
        axes = self._axes(np.ndim(kernel))
        rows = np.moveaxis(np.asarray(kernel), axes, range(len(axes)))
        return rows.reshape(np.prod(rows.shape[: len(axes)]), -1)

    def kernel(self, matrix, shape) -> np.ndarray:
        """The inverse of `matrix`."""
        axes = self._axes(len(shape))
        moved = [shape[axis] for axis in axes] + [size for axis, size in enumerate(shape) if axis not in axes]
        return np.moveaxis(np.reshape(matrix, moved), range(len(axes)), axes)

    def _axes(self, rank: int) -> list[int]:
        return [axis % rank for axis in ((self.axis,) if isinstance(self.axis, int) else self.axis)]

    def inputs(self, seed: int = 0, dtype="float32") -> np.ndarray:
        generator = np.random.default_rng(seed)
        if self.plain is keras.layers.Embedding:
            return generator.integers(self.arguments["input_dim"], size=self.input_shape).astype("int32")
        return generator.normal(size=self.input_shape).astype(dtype)


def conv(input_shape=(2, 9, 8, 4), **arguments) -> Case:
    arguments = {"filters": 6, "kernel_size": 3, **arguments}
    return Case(SpectralNormConv2D, keras.layers.Conv2D, arguments, input_shape, axis=-1)


def deconv(convention: str, **arguments) -> Case:
    arguments = {"filters": 3, "kernel_size": (4, 3), **arguments}
    axis = {"torch": -2, "adjoint": -1}[convention]
    own = {"convention": convention}
    return Case(SpectralNormConv2DTranspose, keras.layers.Conv2DTranspose, arguments, (2, 5, 4, 7), axis=axis, own=own)


def dense(input_shape, units) -> Case:
    return Case(SpectralNormDense, keras.layers.Dense, {"units": units}, input_shape, axis=-1)


def embedding(entries, size) -> Case:
    return Case(
        SpectralNormEmbedding, keras.layers.Embedding, {"input_dim": entries, "output_dim": size}, (5, 3), axis=0
    )


def wrapped(plain, input_shape, axis, **arguments) -> Case:
    return Case(SpectralNormalization, plain, arguments, input_shape, axis=axis)


CASES = {
    "dense": dense((5, 7), units=4),
    "dense_wide_output": dense((2, 3, 4), units=9),
    "conv": conv(),
    "conv_strided": conv(kernel_size=(4, 3), strides=(2, 1), padding="same"),
    "conv_dilated": conv(dilation_rate=2),
    "conv_grouped": conv(groups=2, use_bias=False),
    "deconv_torch": deconv("torch", strides=2, padding="same"),
    "deconv_adjoint": deconv("adjoint", strides=(2, 1)),
    "deconv_output_padding": deconv("torch", strides=2, output_padding=1, activation="relu"),
    "deconv_dilated": deconv("torch", dilation_rate=2),
    "embedding": embedding(entries=7, size=4),
    "embedding_few_entries": embedding(entries=3, size=8),
    "wrapped_dense": wrapped(keras.layers.Dense, (5, 7), axis=-1, units=4),
    "wrapped_conv1d": wrapped(keras.layers.Conv1D, (2, 9, 4), -1, filters=6, kernel_size=3, groups=2, strides=2),
    "wrapped_conv3d": wrapped(keras.layers.Conv3D, (2, 4, 5, 4, 2), -1, filters=3, kernel_size=2, activation="relu"),
    "wrapped_deconv": wrapped(keras.layers.Conv1DTranspose, (2, 5, 7), -2, filters=3, kernel_size=4, strides=2),
    "wrapped_depthwise": wrapped(
        keras.layers.DepthwiseConv2D, (2, 6, 5, 3), (-2, -1), kernel_size=(3, 2), depth_multiplier=2
    ),
    "wrapped_einsum": wrapped(
        keras.layers.EinsumDense, (2, 3, 5), (0, 2), equation="abc,dce->abde", output_shape=(3, 2, 4), bias_axes="de"
    ),
    "wrapped_embedding": wrapped(keras.layers.Embedding, (5, 3), axis=0, input_dim=7, output_dim=4),
}
IN_FLOAT64 = {name: case for name, case in CASES.items() if name != "deconv_dilated"}  # not on a CPU
CHANNELS_FIRST = conv(input_shape=(2, 4, 6, 6), data_format="channels_first")  # float32 only, on a CPU
KERAS_LAYERS = {name: CASES[name] for name in ("dense", "conv_strided", "deconv_torch", "deconv_adjoint")}
ONE_OF_EACH = {
    **KERAS_LAYERS,
    **{name: CASES[name] for name in ("embedding", "wrapped_dense", "wrapped_depthwise", "wrapped_embedding")},
}


def raw(layer):
    """The kernel as it is stored, of a layer under test or a plain one."""
    return layer.embeddings if isinstance(layer, keras.layers.Embedding) else layer.kernel


def bias(layer):
    """The bias, or None; of a wrapper, that of its layer."""
    return getattr(getattr(layer, "layer", layer), "bias", None)


def away(layer) -> np.ndarray:
    """A unit vector of ũ's length that is not where `build` puts ũ."""
    return np.eye(layer.u.shape[0], dtype="float32")[0]


def top_pair(matrix: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """σ₁, u₁, v₁ by singular value decomposition."""
    left, values, right = np.linalg.svd(matrix.astype("float64"), full_matrices=False)
    return values[0], left[:, 0], right[0]


def power_iterations(matrix: np.ndarray, u: np.ndarray, times: int) -> tuple[np.ndarray, np.ndarray]:
    """Algorithm 1 of arXiv:1802.05957, step 1."""
    for _ in range(times):
        v = matrix.T @ u / np.linalg.norm(matrix.T @ u)
        u = matrix @ v / np.linalg.norm(matrix @ v)
    return u, v


def gradient(matrix: np.ndarray, delta: np.ndarray, sigma: float, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """∂V/∂W from `delta` = ∂V/∂W̄, equation 12 of arXiv:1802.05957."""
    weight = np.sum(delta * matrix / sigma)
    return (delta - weight * np.outer(u, v)) / sigma
