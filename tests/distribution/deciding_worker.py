"""Callbacks that decide, `evaluate`, `predict` and sampling, on one of several workers whose data differ, or alone."""

import json
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import tfgan_tricks as tt

BATCH, STEPS, EPOCHS = 16, 4, 3
RATE = 1e-5  # so small that the share of fooled answers stays


class Fixed(tt.tasks.Unconditional):
    """Takes the latents from the batch."""

    needs = ("image", "latents")

    def inputs(self, batch, seed):
        return batch["latents"]


def data() -> tf.data.Dataset:
    """Returns batches whose first half fools the critic at each latent, and whose second half at one of four."""
    signs = np.where((np.arange(BATCH) < BATCH // 2) | (np.arange(BATCH) % 4 == 0), 1.0, -1.0)
    sizes = np.random.default_rng(0).uniform(0.5, 1.0, (5, BATCH))
    latents = np.repeat((signs * sizes).reshape(-1, 1), 2, axis=1).astype("float32")
    images = np.random.default_rng(1).uniform(-1, 1, (5 * BATCH, 4, 4, 1)).astype("float32")
    return tf.data.Dataset.from_tensor_slices({"image": images, "latents": latents}).batch(BATCH, True)


def gan_of() -> tt.training.GAN:
    """Returns a compiled GAN: a generated pixel has its latent's sign, and so has the logit."""
    keras.utils.set_random_seed(0)
    x = latents = keras.Input((2,))
    x = keras.layers.Dense(16, kernel_initializer="ones", activation="tanh")(x)
    generator = keras.Model(latents, keras.layers.Reshape((4, 4, 1))(x))
    images = keras.Input((4, 4, 1))
    critic = keras.layers.Dense(1, kernel_initializer="ones")(keras.layers.Flatten()(images))
    task = Fixed(generator, keras.Model(images, critic), tt.latents.Normal(2))
    gan = tt.training.GAN(task, averaging=tt.training.ExponentialAveraging(50))
    optimizers = keras.optimizers.SGD(RATE), keras.optimizers.SGD(RATE)
    gan.compile(*optimizers, loss=tt.losses.adversarial.Hinge(), jit_compile=False)
    return gan


def decided(strategy: tf.distribute.Strategy, folder: Path) -> dict:
    """Returns what was decided and measured."""
    with strategy.scope():
        gan = gan_of()
    pixels = (np.random.default_rng(2).uniform(0, 255, (64, 4, 4, 1))).astype("uint8")
    real = tt.metrics.Samples(pixels, extractor=tt.metrics.Identity(), split="train")
    rate = tt.callbacks.AdaptiveGeneratorRate(0.3, 0.6, 2.0, window_images=2 * BATCH, minimum=1e-9)
    latents = np.random.default_rng(3).normal(size=(32, 2)).astype("float32")
    batch = {"image": np.tile(np.tanh(latents[:, :1, None, None]), (1, 4, 4, 1)), "latents": latents}

    def evaluation(name):
        return tt.callbacks.MetricEvaluation(folder / name, tt.metrics.FID(), real, count=32, batch=batch)

    watchers = [
        rate,
        evaluation("metrics"),
        tt.diagnostics.Doctor(batch, folder / "signals", count=8),
        tt.callbacks.SpectralNorms(every_images=3 * BATCH),
        tt.callbacks.MetricsLog(folder / "metrics.jsonl"),
        tt.callbacks.ImageGrid(folder / "samples", count=4, batch=batch),
        tt.callbacks.Checkpointing(folder / "checkpoints"),
        tt.callbacks.StopOnNonFinite(),
    ]
    how = {"steps_per_epoch": STEPS, "verbose": 0}
    history = gan.fit(data().repeat(), epochs=EPOCHS, callbacks=watchers, **how).history
    measured = sorted(name for name in history if name.startswith("fid"))
    # The least change that counts is more than there is: it stops after its patience, if it sees the quantity.
    stopped = {}
    for name in (*measured[:1], "generator_loss", "val_discriminator_loss"):
        patience = keras.callbacks.EarlyStopping(name, min_delta=1e9, patience=1, mode="min")
        again = [evaluation(f"again-{len(stopped)}"), patience]
        before = int(gan.images_seen.numpy())
        gan.fit(data().repeat(), epochs=6, callbacks=again, validation_data=data(), **how)
        stopped[name] = (int(gan.images_seen.numpy()) - before) // BATCH
    return {
        "rate": float(gan.generator_optimizer.learning_rate.numpy()),
        "logs": history,
        "measured": measured,
        "stopped": stopped,
        "evaluated": gan.evaluate(data(), verbose=0, return_dict=True),
        "predicted": gan.predict(latents, batch_size=8, verbose=0).tolist(),
        "sampled": np.asarray(gan(gan.task.prior.sample(3, seed=5))).tolist(),
    }


def main(folder: str) -> None:
    """Writes it."""
    strategy = tt.distribution.make_strategy("multi_worker")
    about = decided(strategy, Path(folder) / "run")
    (Path(folder) / f"{strategy.cluster_resolver.task_id}.json").write_text(json.dumps(about))


if __name__ == "__main__":
    main(sys.argv[1])
