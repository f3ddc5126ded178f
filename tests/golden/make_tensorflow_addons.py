"""Makes the golden files in tests/golden/tensorflow_addons/: what tensorflow-addons 0.23 saves and computes.

It cannot be imported beside Keras 3, so this runs in an environment of its own, and is not a test:

    python3.11 -m venv /tmp/tfa
    /tmp/tfa/bin/pip install "tensorflow-cpu==2.15.1" "tensorflow-addons==0.23.0" "numpy<2"
    /tmp/tfa/bin/python tests/golden/make_tensorflow_addons.py

Versions of the committed files: Python 3.11.7, TensorFlow 2.15.1, Keras 2.15.0, tensorflow-addons 0.23.0, NumPy 1.26.
Each network is trained for a few steps, so that no weight and no statistic is where it started.
"""

import inspect
import json
import os
import shutil
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
import tensorflow_addons as tfa

FOLDER = Path(__file__).parent / "tensorflow_addons"
layers = tf.keras.layers
SN, WN = tfa.layers.SpectralNormalization, tfa.layers.WeightNormalization


def random(*shape: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def train(model, inputs, target, steps: int, optimizer=None) -> None:
    """Makes a few large steps towards random targets."""
    optimizer = optimizer or tf.keras.optimizers.legacy.Adam(0.02)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(inputs, training=True) - target))
        gradients = tape.gradient(loss, model.trainable_weights)
        optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))


def save_arrays(name: str, **arrays) -> None:
    np.savez_compressed(FOLDER / f"{name}.npz", **{key: np.asarray(value) for key, value in arrays.items()})


def critic(generator, generator_optimizer) -> None:
    """A critic straight after an optimizer step: its kernels are not what the last division by σ left.

    It is also saved in one checkpoint with a generator and its optimizer, as training loops do.
    """
    model = tf.keras.Sequential(
        [
            tf.keras.Input((8, 8, 2)),
            SN(layers.Conv2D(4, 3, strides=2, padding="same")),
            layers.LeakyReLU(0.1),
            SN(layers.Conv2D(6, 3, padding="same"), power_iterations=2),
            tfa.layers.GroupNormalization(groups=3),
            layers.Flatten(),
            SN(layers.Dense(2)),
        ]
    )
    images = random(3, 8, 8, 2, seed=1)
    train(model, images, random(3, 2, seed=2), steps=3)
    model.save_weights(FOLDER / "critic_weights.h5")
    model.save(FOLDER / "critic_model.h5", include_optimizer=False)
    checkpoint = tf.train.Checkpoint(generator=generator, critic=model, generator_optimizer=generator_optimizer)
    checkpoint.write(FOLDER / "gan_checkpoint")
    inference = model(images, training=False).numpy()
    arrays = {"images": images, "inference": inference, "cotangent": inference / 10.0}
    wrappers = [layer for layer in model.layers if isinstance(layer, SN)]
    arrays |= {f"kernel_{i}": wrapper.w.numpy() for i, wrapper in enumerate(wrappers)}
    arrays |= {f"u_{i}": wrapper.u.numpy() for i, wrapper in enumerate(wrappers)}
    with tf.GradientTape() as tape:
        outputs = model(images, training=True)
        value = tf.reduce_sum(outputs * arrays["cotangent"])
    arrays["training"] = outputs
    for i, gradient in enumerate(tape.gradient(value, [wrapper.w for wrapper in wrappers])):
        arrays[f"gradient_{i}"] = gradient
        arrays[f"kernel_after_{i}"] = wrappers[i].w.numpy()
        arrays[f"u_after_{i}"] = wrappers[i].u.numpy()
    save_arrays("critic", **arrays)


def generator():
    """A generator at rest: its spectral norms have converged, so that each kernel on disk has σ = 1."""
    latents = tf.keras.Input((5,))
    x = layers.Reshape((4, 4, 4))(layers.Dense(64)(latents))
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = SN(layers.Conv2DTranspose(4, 4, strides=2, padding="same"))(x)  # as many filters as inputs
    x = layers.ReLU()(tfa.layers.InstanceNormalization()(x))
    x = layers.ReLU()(WN(layers.Conv2D(4, 3, padding="same"), data_init=True)(x))
    x = WN(layers.Conv2D(3, 1, activation="tanh", use_bias=False), data_init=False)(x)
    model = tf.keras.Model(latents, x)
    inputs = random(4, 5, seed=4)
    optimizer = tfa.optimizers.MovingAverage(tf.keras.optimizers.legacy.SGD(0.1, momentum=0.5), average_decay=0.9)
    train(model, inputs, 0.5 * random(4, 8, 8, 3, seed=5), steps=5, optimizer=optimizer)
    for _ in range(200):
        model(inputs, training=True)
    model.save(FOLDER / "generator_model.h5", include_optimizer=False)
    save_arrays("generator", latents=inputs, inference=model(inputs, training=False))
    return model, optimizer


def conditional() -> None:
    """Two inputs, an embedding, and a model inside a model."""
    features = tf.keras.Sequential(
        [SN(layers.Conv2D(6, 3, strides=2)), layers.BatchNormalization(), layers.ReLU(), layers.Flatten()],
        name="features",
    )
    image, label = tf.keras.Input((5, 5, 2)), tf.keras.Input((), dtype="int32")
    hidden = SN(layers.Dense(6))(features(image))
    embedding = SN(layers.Embedding(7, 6))(label)
    model = tf.keras.Model([image, label], layers.Dense(1)(hidden) + layers.Dot(axes=1)([hidden, embedding]))
    images, labels = random(4, 5, 5, 2, seed=6), np.array([0, 6, 3, 3], "int32")
    train(model, [images, labels], random(4, 1, seed=7), steps=3)
    for _ in range(200):
        model([images, labels], training=True)
    model.save_weights(FOLDER / "conditional_weights.h5")
    model.save_weights(FOLDER / "conditional_checkpoint")
    model.save(FOLDER / "conditional_model.h5", include_optimizer=False)
    save_arrays("conditional", images=images, labels=labels, inference=model([images, labels], training=False))


class Block(layers.Layer):
    """A layer of layers, made out of the order in which it uses them."""

    def __init__(self):
        super().__init__()
        self.shortcut = WN(layers.Conv2D(4, 1), data_init=False)
        self.norm = tfa.layers.InstanceNormalization()
        self.conv = SN(layers.Conv2D(4, 3, padding="same"))

    def call(self, inputs, training=None):
        return self.shortcut(inputs) + self.norm(self.conv(inputs, training=training))


class Translator(tf.keras.Model):
    """A model by subclassing: its checkpoint names weights after attributes."""

    def __init__(self):
        super().__init__()
        self.stem = layers.Conv2D(3, 3, padding="same", name="stem")
        self.blocks = [Block(), Block()]
        self.head = SN(layers.Conv2DTranspose(2, 3), name="head")

    def call(self, inputs, training=None):
        x = self.stem(inputs)
        for block in self.blocks:
            x = block(x, training=training)
        return self.head(x, training=training)


def translator() -> None:
    model = Translator()
    images = random(2, 6, 6, 3, seed=8)
    train(model, images, random(2, 8, 8, 2, seed=9), steps=3)
    for _ in range(200):
        model(images, training=True)
    model.save_weights(FOLDER / "translator_weights.h5")
    model.save_weights(FOLDER / "translator_checkpoint")
    save_arrays("translator", images=images, inference=model(images, training=False))


def optimizers() -> None:
    """The path of one variable under given gradients, and its average where the optimizer keeps one."""
    legacy = tf.keras.optimizers.legacy
    cases = {
        "moving_average": tfa.optimizers.MovingAverage(legacy.SGD(0.1), average_decay=0.8),
        "swa": tfa.optimizers.SWA(legacy.SGD(0.1), start_averaging=2, average_period=3),
        "lookahead": tfa.optimizers.Lookahead(legacy.SGD(0.1), sync_period=3, slow_step_size=0.5),
        "adamw": tfa.optimizers.AdamW(weight_decay=0.004, learning_rate=0.05, epsilon=1e-7),
        "sgdw": tfa.optimizers.SGDW(weight_decay=0.004, learning_rate=0.05, momentum=0.9),
        "lamb": tfa.optimizers.LAMB(0.05),
        "lazy_adam": tfa.optimizers.LazyAdam(0.05),
    }
    start, gradients = random(5, seed=10), random(8, 5, seed=11)
    arrays = {"start": start, "gradients": gradients}
    for name, optimizer in cases.items():
        variable, path, average = tf.Variable(start), [], []
        for gradient in gradients:
            optimizer.apply_gradients([(tf.constant(gradient), variable)])
            path.append(variable.numpy())
            if "average" in optimizer.get_slot_names():
                average.append(optimizer.get_slot(variable, "average").numpy())
        arrays[name] = path
        if average:
            arrays[f"{name}_average"] = average
    save_arrays("optimizers", **arrays)


def functions() -> None:
    """Layers without weights, activations, image operations."""
    images, x = random(2, 6, 9, 3, seed=12), random(40, seed=13) * 3.0
    arrays = {"images": images, "x": x}
    for kind in ("Average", "Max"):
        arrays[f"adaptive_{kind.lower()}_2d"] = getattr(tfa.layers, f"Adaptive{kind}Pooling2D")((3, 3))(images)
    arrays["maxout"] = tfa.layers.Maxout(3)(random(2, 4, 6, seed=14))
    arrays["maxout_inputs"] = random(2, 4, 6, seed=14)
    arrays["filter_response"] = tfa.layers.FilterResponseNormalization()(images)
    for name in ("gelu", "hardshrink", "lisht", "mish", "snake", "softshrink", "tanhshrink"):
        arrays[name] = getattr(tfa.activations, name)(x)
    arrays["sparsemax"] = tfa.activations.sparsemax(tf.reshape(x, (8, 5)))
    arrays["gaussian_filter2d"] = tfa.image.gaussian_filter2d(images, (3, 3), 0.8, padding="CONSTANT")
    arrays["translate"] = tfa.image.translate(images, [2.0, -1.0], interpolation="bilinear")
    arrays["transform"] = tfa.image.transform(images, [0.9, 0.1, 0.5, -0.2, 1.1, 1.0, 0.0, 0.0], "bilinear")
    arrays["rotate"] = tfa.image.rotate(images, 0.3, interpolation="bilinear")
    flow = random(2, 6, 9, 2, seed=15)
    arrays["flow"], arrays["dense_image_warp"] = flow, tfa.image.dense_image_warp(images, flow)
    wrapper = WN(layers.Dense(4), data_init=True)
    rows = arrays["wn_inputs"] = random(32, 5, seed=16)
    wrapper(rows)  # sets g and the bias
    arrays |= {"wn_outputs": wrapper(rows), "wn_v": wrapper.v, "wn_g": wrapper.g}
    save_arrays("functions", **arrays)


def names() -> None:
    """The public names of each kind."""
    kinds = ("layers", "optimizers", "losses", "metrics", "activations", "callbacks", "image")
    found = {}
    for kind in kinds:
        module = getattr(tfa, kind)
        found[kind] = sorted(n for n, o in vars(module).items() if n[0] != "_" and not inspect.ismodule(o))
    (FOLDER / "names.json").write_text(json.dumps(found, indent=1) + "\n")


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    tf.keras.utils.set_random_seed(0)
    critic(*generator())
    conditional()
    translator()
    optimizers()
    functions()
    names()
    for index in FOLDER.glob("checkpoint"):
        index.unlink()  # names the last of several checkpoints, by a path of this machine


if __name__ == "__main__":
    main()
