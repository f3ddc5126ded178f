"""Parameters that `AdaptiveAugment` has drawn, read off from what it does."""

import numpy as np

from tests.support.matches import images_of
from tfgan_tricks.inputs import AdaptiveAugment
from tfgan_tricks.inputs.operations import Draws, geometry
from tfgan_tricks.randomness import SeedStream

N = 4_000
GREY = np.ones(3) / np.sqrt(3)


def draws_of(p: float, n: int = N, seed: int = 1) -> Draws:
    return Draws(n, p, SeedStream.from_integer(seed))


def geometry_draws(p: float, height: int = 8, width: int = 8) -> dict[str, np.ndarray]:
    """Returns the parameters of n geometric operations, logarithms to the base 2, angles in radians."""
    maps = (np.linalg.inv(m.numpy().astype("float64")) for m in geometry(draws_of(p), height, width))
    zoom, first, stretch, second, shift = maps
    np.testing.assert_allclose(zoom[:, 0, 0], zoom[:, 1, 1])
    np.testing.assert_allclose(stretch[:, 0, 0] * stretch[:, 1, 1], 1.0, rtol=1e-6)
    for rotation in (first, second):
        np.testing.assert_allclose(rotation @ rotation.transpose(0, 2, 1), np.tile(np.eye(3), (N, 1, 1)), atol=1e-6)
        np.testing.assert_allclose(np.linalg.det(rotation), 1.0, rtol=1e-6)
    return {
        "zoom": np.log2(zoom[:, 0, 0]),
        "first turn": np.arctan2(first[:, 1, 0], first[:, 0, 0]),
        "stretch": np.log2(stretch[:, 0, 0]),
        "second turn": np.arctan2(second[:, 1, 0], second[:, 0, 0]),
        "x": shift[:, 0, 2],
        "y": shift[:, 1, 2],
    }


def color_draws(p: float) -> dict[str, np.ndarray]:
    """Returns the parameters of n changes of colour, from one image's pixels before and after.

    The change of the pixels is affine. Its matrix and offset are found by least squares, taken apart, and must be
    those of the paper's five matrices, one after the other.
    """
    image = images_of((4, 4, 3)).astype("float64")
    augment = AdaptiveAugment(policy="color", initial_probability=p)
    results = augment(
        np.repeat(image[None], N, axis=0).astype("float32"), training=True, seed=SeedStream.from_integer(1)
    )
    pixels = np.concatenate([image.reshape(16, 3), np.ones((16, 1))], axis=1)
    solution = np.linalg.pinv(pixels) @ results.numpy().astype("float64").reshape(N, 16, 3)  # [n, 4, 3]
    matrices, offsets = solution[:, :3].transpose(0, 2, 1), solution[:, 3]  # y = M x + offset
    along = np.einsum("i,nij,j->n", GREY, matrices, GREY)
    contrast, flipped = np.abs(along), along < 0
    one, other = np.array([1, -1, 0]) / np.sqrt(2), np.array([1, 1, -2]) / np.sqrt(6)  # with GREY, a right-handed basis
    cosine, sine = (np.einsum("i,nij,j->n", axis, matrices, one) for axis in (one, other))
    drawn = {
        "brightness": (offsets @ GREY) / np.sqrt(3) / along,
        "contrast": np.log2(contrast),
        "luma flip": flipped,
        "hue": np.arctan2(sine, cosine),
        "saturation": np.log2(np.hypot(cosine, sine) / contrast),
    }
    for i in range(0, N, 200):
        expected = paper_color_matrix(*(values[i] for values in drawn.values()))
        received = np.concatenate([matrices[i], offsets[i][:, None]], axis=1)
        np.testing.assert_allclose(received, expected[:3], atol=1e-4)
    return drawn


def paper_color_matrix(brightness, contrast, flipped, hue, saturation) -> np.ndarray:
    """Returns the 4 x 4 matrix of appendix B: brightness first, saturation last."""
    along = np.outer(GREY, GREY)
    x, y, z = GREY
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    rotation = along + np.cos(hue) * (np.eye(3) - along) + np.sin(hue) * cross  # Rodrigues
    steps = [
        (np.eye(3), brightness * np.ones(3)),
        (2.0**contrast * np.eye(3), np.zeros(3)),
        (np.eye(3) - 2.0 * along * flipped, np.zeros(3)),
        (rotation, np.zeros(3)),
        (along + 2.0**saturation * (np.eye(3) - along), np.zeros(3)),
    ]
    total = np.eye(4)
    for linear, offset in steps:
        step = np.eye(4)
        step[:3, :3], step[:3, 3] = linear, offset
        total = step @ total
    return total
