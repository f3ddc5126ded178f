"""The small network behind `Classifier`, and how it is trained."""

import keras
import numpy as np

BATCH = 128
RATE = 2e-3
MOMENTUM = 0.9  # of running statistics: a short training, too, is long enough for them
FEATURES = 64  # few, so that a covariance of them needs few samples
HELD_OUT = 10  # one image in so many is not trained on


def class_network(shape: tuple[int, int, int], classes: int, seed: int) -> keras.Model:
    """Returns a network from uint8 images to [features, probabilities], float32 whatever the precision policy.

    Args:
        shape: height, width, channels.
        classes: how many there are.
        seed: of the initial weights.
    """
    layers = keras.layers
    seeds = iter(range(1_000 * seed, 1_000 * seed + 1_000))

    def convolution(filters: int, strides: int):
        initializer = keras.initializers.HeNormal(seed=next(seeds))
        settings = {"strides": strides, "padding": "same", "use_bias": False, "kernel_initializer": initializer}
        return layers.Conv2D(filters, 3, dtype="float32", **settings)

    images = keras.Input(shape, dtype="uint8")
    x = layers.Rescaling(1.0 / 127.5, -1.0, dtype="float32")(images)  # [n, h, w, c]
    side, filters = min(shape[:2]), 32
    strides = 1 if side <= 16 else 2
    while True:
        x = layers.BatchNormalization(momentum=MOMENTUM, dtype="float32")(convolution(filters, strides)(x))
        x = layers.ReLU(dtype="float32")(x)
        side = -(-side // strides)
        if side <= 4:
            break
        filters, strides = min(2 * filters, 128), 2
    x = layers.GlobalAveragePooling2D(dtype="float32")(x)  # [n, filters]
    dense = {"dtype": "float32", "activation": "relu", "kernel_initializer": keras.initializers.HeNormal(next(seeds))}
    features = layers.Dense(FEATURES, **dense)(x)  # [n, features]
    dense = {
        "dtype": "float32",
        "activation": "softmax",
        "kernel_initializer": keras.initializers.GlorotUniform(next(seeds)),
    }
    return keras.Model(images, [features, layers.Dense(classes, name="classes", **dense)(features)])


def train(network: keras.Model, images: np.ndarray, labels: np.ndarray, seed: int, images_seen: int) -> float:
    """Trains on nine tenths of the images, chosen by the seed, and returns the accuracy on the others."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(images))
    held, used = np.split(order, [max(len(images) // HELD_OUT, 1)])
    batch = min(BATCH, len(used))
    steps = max(images_seen // batch, 1)
    rate = keras.optimizers.schedules.CosineDecay(RATE, steps)
    trained = keras.Model(network.inputs, network.outputs[1])
    trained.compile(
        keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", jit_compile=False, auto_scale_loss=False
    )
    batches_of_epoch = len(used) // batch
    for step in range(steps):
        position = step % batches_of_epoch
        if position == 0:
            used = random.permutation(used)
        chosen = used[position * batch : (position + 1) * batch]
        trained.train_on_batch(images[chosen], labels[chosen])
    predicted = classify(network, images[held])[1].argmax(axis=1)
    return float(np.mean(predicted == labels[held]))


def classify(network: keras.Model, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns features and probabilities of uint8 images, batch after batch."""
    parts = [network(images[start : start + BATCH], training=False) for start in range(0, len(images), BATCH)]
    features, probabilities = zip(*parts, strict=True)
    joined = [np.concatenate([keras.ops.convert_to_numpy(p) for p in side]) for side in (features, probabilities)]
    return joined[0], joined[1]
