"""What spectral normalisation must compute, in NumPy, and the layers that are held to it."""

import dataclasses

import keras
import numpy as np

from tfgan_tricks.layers import SpectralNormConv2D, SpectralNormConv2DTranspose, SpectralNormDense


@dataclasses.dataclass(frozen=True)
class Case:
    """A layer under test, the Keras layer it must equal but for the division, and how its kernel is a matrix."""

    spectral: type
    plain: type
    arguments: dict
    input_shape: tuple[int, ...]
    axis: int  # of the kernel, that ũ runs along
    own: dict = dataclasses.field(default_factory=dict)  # arguments that the plain layer does not have

    def build(self, **more):
        layer = self.spectral(**{**self.arguments, **self.own, **more})
        layer.build(self.input_shape)
        return layer

    def build_plain(self, **more):
        layer = self.plain(**{**self.arguments, **more})
        layer.build(self.input_shape)
        return layer

    def matrix(self, kernel) -> np.ndarray:
        """The kernel as W: one row per entry of ũ."""
        rows = np.moveaxis(np.asarray(kernel), self.axis, 0)
        return rows.reshape(rows.shape[0], -1)

    def kernel(self, matrix, shape) -> np.ndarray:
        """The inverse of `matrix`."""
        axis = self.axis % len(shape)
        moved = (shape[axis], *shape[:axis], *shape[axis + 1 :])
        return np.moveaxis(np.reshape(matrix, moved), 0, axis)

    def inputs(self, seed: int = 0, dtype="float32") -> np.ndarray:
        return np.random.default_rng(seed).normal(size=self.input_shape).astype(dtype)


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
}
CHANNELS_FIRST = conv(input_shape=(2, 4, 6, 6), data_format="channels_first")  # float32 only, on a CPU
ONE_OF_EACH = {name: CASES[name] for name in ("dense", "conv_strided", "deconv_torch", "deconv_adjoint")}


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
