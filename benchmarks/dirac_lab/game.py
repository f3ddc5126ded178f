"""Two networks of one weight each, and how a GAN over them is placed, moved and followed."""

import keras
import numpy as np
import tensorflow as tf

import tfgan_tricks as tt

START = (1.0, 1.0)  # θ and ψ
STEP_SIZE = 0.2


def task() -> tt.tasks.Unconditional:
    """Returns the game at its start: generated "images" are (θ), whatever the latents; the critic's logit is ψ·x."""

    def weight(value: float) -> keras.layers.Dense:
        return keras.layers.Dense(1, use_bias=False, kernel_initializer=keras.initializers.Constant(value))

    latents = keras.Input((1,))
    one = keras.layers.Rescaling(scale=0.0, offset=1.0)(latents)
    generator = keras.Model(latents, weight(START[0])(one), name="generator")
    images = keras.Input((1,))
    critic = keras.Model(images, weight(START[1])(images), name="critic")
    return tt.tasks.Unconditional(generator, critic, prior=tt.latents.Normal(1))


def weights(gan) -> tuple[keras.Variable, keras.Variable]:
    """Returns the variables θ and ψ."""
    (theta,), (psi,) = gan.variables_of("generator"), gan.variables_of("discriminator")
    return theta, psi


def point(gan) -> np.ndarray:
    """Returns (θ, ψ)."""
    return np.array([float(weight.numpy().item()) for weight in weights(gan)])


def place(gan, where) -> None:
    """Puts both players somewhere."""
    for weight, value in zip(weights(gan), where, strict=True):
        weight.assign(np.full(weight.shape, value, "float32"))


def batch(gan, examples: int) -> dict:
    """Returns real data for one step of a GAN: zeros, so many for each of its critic steps."""
    return {"image": tf.zeros((examples * gan.critic_steps, 1))}


class Recorder(keras.callbacks.Callback):
    """Keeps (θ, ψ) after each step of `fit`."""

    def __init__(self):
        super().__init__()
        self.points: list[np.ndarray] = []

    def on_train_begin(self, logs=None):
        self.points.append(point(self.model))

    def on_train_batch_end(self, batch, logs=None):
        self.points.append(point(self.model))


def trajectory(gan, examples: int, steps: int) -> np.ndarray:
    """Trains with `fit` and returns (θ, ψ) before the first and after each step, [steps + 1, 2]."""
    recorder = Recorder()
    data = tf.data.Dataset.from_tensors(batch(gan, examples)).repeat()
    gan.fit(data, epochs=1, steps_per_epoch=steps, callbacks=[recorder], verbose=0)
    return np.array(recorder.points)
