"""A frozen graph with the names, the operations and the age of the Inception graph of 2015, but tiny.

It has the batch normalisation that TensorFlow dropped from new graphs, shapes for one image only, and its own resizer.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

SIDE, FILTERS, CLASSES = 7, 4, 5
OLD = 8  # version of graphs before which that batch normalisation was allowed
RANDOM = np.random.default_rng(11)
KERNEL = RANDOM.normal(size=(3, 3, 3, FILTERS)).astype("float32")
MEAN, VARIANCE, BETA, GAMMA = RANDOM.uniform(0.5, 1.0, (4, FILTERS)).astype("float32")
WEIGHTS = RANDOM.normal(size=(FILTERS, CLASSES)).astype("float32")
BIAS = 10.0 * RANDOM.normal(size=CLASSES).astype("float32")
EPSILON = 1e-3


def write(path: Path) -> Path:
    """Writes the graph."""
    graph = tf.Graph()
    with graph.as_default():
        image = tf.cast(tf.compat.v1.placeholder(tf.uint8, [None, None, 3], name="DecodeJpeg"), tf.float32)
        x = tf.raw_ops.ResizeBilinear(images=tf.expand_dims(image, 0, name="ExpandDims"), size=[SIDE, SIDE])
        x = (x - 128.0) * (1.0 / 128.0)
        x = tf.nn.conv2d(x, KERNEL, 2, "VALID", name="conv/Conv2D")  # [1, 3, 3, filters]
        x = tf.nn.relu(x, name="conv")
        pooled = tf.nn.avg_pool2d(x, 3, 1, "VALID", name="pool_3")
        logits = tf.linalg.matmul(tf.reshape(pooled, [1, FILTERS]), WEIGHTS, name="softmax/logits/MatMul")
        tf.nn.softmax(tf.nn.bias_add(logits, BIAS, name="softmax/logits"), name="softmax")
    definition = graph.as_graph_def()
    names = []
    for name, array in {"mean": MEAN, "variance": VARIANCE, "beta": BETA, "gamma": GAMMA}.items():
        node = definition.node.add(op="Const", name=f"conv/batchnorm/{name}")
        node.attr["dtype"].type = tf.float32.as_datatype_enum
        node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(array))
        names.append(node.name)
    node = definition.node.add(op="BatchNormWithGlobalNormalization", name="conv/batchnorm")
    node.input.extend(["conv/Conv2D", *names])
    node.attr["T"].type = tf.float32.as_datatype_enum
    node.attr["variance_epsilon"].f = EPSILON
    node.attr["scale_after_normalization"].b = True
    next(node for node in definition.node if node.name == "conv").input[0] = "conv/batchnorm"
    definition.versions.producer = OLD
    path.write_bytes(definition.SerializeToString())
    return path


def features(images: np.ndarray) -> np.ndarray:
    """What the graph does with images from 0 to 255, by hand."""
    return np.stack([_features(image.astype("float64")) for image in images])


def _features(image: np.ndarray) -> np.ndarray:
    x = (_resized(image) - 128.0) / 128.0
    out = np.zeros((3, 3, FILTERS))
    for i in range(3):
        for j in range(3):
            patch = x[2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
            out[i, j] = [np.sum(patch * KERNEL[..., f]) for f in range(FILTERS)]
    out = (out - MEAN) / np.sqrt(VARIANCE + EPSILON) * GAMMA + BETA
    return np.maximum(out, 0.0).mean(axis=(0, 1))


def _resized(image: np.ndarray) -> np.ndarray:
    """Bilinear from the upper left corner, as TensorFlow resized in 2015: pixel i is read at i · old / new."""
    height, width = image.shape[:2]
    out = np.zeros((SIDE, SIDE, 3))
    for i in range(SIDE):
        for j in range(SIDE):
            y, x = i * height / SIDE, j * width / SIDE
            top, left = int(y), int(x)
            bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
            upper = image[top, left] * (1 - x + left) + image[top, right] * (x - left)
            lower = image[bottom, left] * (1 - x + left) + image[bottom, right] * (x - left)
            out[i, j] = upper * (1 - y + top) + lower * (y - top)
    return out
