"""Convolutions as loops over pixels in NumPy, and gradients as differences of them."""

import numpy as np
import tensorflow as tf


def around(size: int, window: int, stride: int, padding: str) -> tuple[int, int, int]:
    """Returns how many windows there are along an axis, and the pixels to add before and after it."""
    if padding == "valid":
        return (size - window) // stride + 1, 0, 0
    count = -(-size // stride)
    missing = max((count - 1) * stride + window - size, 0)
    return count, missing // 2, missing - missing // 2


def windows(x, kernel_size, strides=(1, 1), padding="valid", dilation=(1, 1)):
    """Yields row, column and the window [n, kh, kw, c] under each place of the output, zeros around the image."""
    spans = [1 + d * (k - 1) for d, k in zip(dilation, kernel_size, strict=True)]
    rows, top, bottom = around(x.shape[1], spans[0], strides[0], padding)
    columns, left, right = around(x.shape[2], spans[1], strides[1], padding)
    x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    for i in range(rows):
        for j in range(columns):
            y, z = i * strides[0], j * strides[1]
            yield i, j, x[:, y : y + spans[0] : dilation[0], z : z + spans[1] : dilation[1]]


def assemble(pieces):
    """Returns [n, rows, columns, ...] from triples of row, column and what belongs there."""
    pieces = {(i, j): piece for i, j, piece in pieces}
    rows, columns = (1 + max(place[axis] for place in pieces) for axis in (0, 1))
    return np.stack([np.stack([pieces[i, j] for j in range(columns)], axis=1) for i in range(rows)], axis=1)


def convolve(x, kernel, **options):
    return assemble((i, j, np.tensordot(w, kernel, 3)) for i, j, w in windows(x, kernel.shape[:2], **options))


def convolve_transposed(x, kernel, stride, padding):
    """Each pixel adds its multiple of the kernel [kh, kw, filters, c], `stride` apart."""
    n, h, w, _ = x.shape
    kh, kw, filters, _ = kernel.shape
    full = np.zeros((n, (h - 1) * stride + kh, (w - 1) * stride + kw, filters))
    for i in range(h):
        for j in range(w):
            added = np.einsum("nc,klfc->nklf", x[:, i, j], kernel)
            full[:, i * stride : i * stride + kh, j * stride : j * stride + kw] += added
    if padding == "valid":
        return full
    top, left = ((k - stride) // 2 for k in (kh, kw))  # for kernels of at least the stride
    return full[:, top : top + stride * h, left : left + stride * w]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def elu(x):
    return np.where(x > 0, x, np.expm1(x))


def random_weights(layer, seed=0):
    """Gives the layer's weights other values, different at each place; returns them as arrays."""
    rng = np.random.default_rng(seed)
    for weight in layer.trainable_weights:
        weight.assign(rng.normal(size=weight.shape))
    return [weight.numpy() for weight in layer.trainable_weights]


def assert_value_and_slopes(layer, oracle, *inputs, constants=()):
    """`layer`, of float64, gives what `oracle(*inputs, *weights)` gives, and its gradient the oracle's differences.

    `oracle` and the layer may return several arrays, the first of which is differentiated. Inputs in `constants`
    are not moved.
    """
    layer.build(inputs[0].shape if len(inputs) == 1 else [value.shape for value in inputs])
    arrays = [*inputs, *random_weights(layer)]
    moved = [index for index in range(len(arrays)) if index not in constants]
    sources = [tf.constant(value) for value in inputs]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        received = layer(sources[0] if len(sources) == 1 else sources)
        first = received[0] if isinstance(received, tuple) else received
        weights = np.random.default_rng(1).normal(size=first.shape)
        total = tf.reduce_sum(weights * first)
    gradients = tape.gradient(total, [*sources, *[weight.value for weight in layer.trainable_weights]])

    expected = oracle(*arrays)
    for one, other in zip(
        received if isinstance(received, tuple) else [received],
        expected if isinstance(expected, tuple) else [expected],
        strict=True,
    ):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)

    def objective(step, directions):
        changed = list(arrays)
        for index in moved:
            changed[index] = arrays[index] + step * directions[index]
        value = oracle(*changed)
        return np.sum(weights * (value[0] if isinstance(value, tuple) else value))

    for seed in range(3):
        rng = np.random.default_rng(seed)
        directions = [rng.normal(size=value.shape) for value in arrays]
        slope = (objective(1e-5, directions) - objective(-1e-5, directions)) / 2e-5
        product = sum(np.sum(np.asarray(gradients[index]) * directions[index]) for index in moved)
        np.testing.assert_allclose(product, slope, rtol=1e-6, atol=1e-6)
