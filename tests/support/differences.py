"""Gradients by finite differences of a formula in NumPy."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf


def central(formula: Callable, at: np.ndarray, places, step: float = 1e-6) -> list[float]:
    """Returns the derivative of a formula in single entries of its argument, in float64."""
    slopes = []
    for place in places:
        moved = np.zeros_like(at, dtype="float64")
        moved[place] = step
        slopes.append((float(formula(at + moved)) - float(formula(at - moved))) / (2 * step))
    return slopes


def check_slopes(computed: Callable, formula: Callable, at: np.ndarray, places=None, tolerance: float = 1e-3) -> None:
    """Holds the value and the gradient of what TensorFlow computes to a formula in NumPy.

    Args:
        computed: function from a float32 tensor to a scalar.
        formula: the same in NumPy, from a float64 array.
        at: where to compare, float64; no kinks nearby.
        places: indices of the entries to compare the gradient in; about 20 of them unless given.
        tolerance: of the gradient, relative to its largest entry.
    """
    tensor = tf.constant(at, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        value = computed(tensor)
    np.testing.assert_allclose(value, formula(at), rtol=1e-4, atol=1e-6)
    slope = tape.gradient(value, tensor).numpy()
    assert np.abs(slope).max() > 0.0
    if places is None:
        everywhere = list(np.ndindex(at.shape))
        places = everywhere[:: max(1, len(everywhere) // 20)]
    expected = central(formula, at, places)
    received = [slope[place] for place in places]
    np.testing.assert_allclose(received, expected, rtol=tolerance, atol=tolerance * np.abs(slope).max())
