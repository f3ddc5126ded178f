"""σ of the networks' layers in the logs."""

import json

import keras
import numpy as np
import pytest

from tests.callbacks.tiny import tiny_dataset, tiny_gan
from tfgan_tricks.callbacks import MetricsLog, SpectralNorms


class Watch(keras.callbacks.Callback):
    """Computes σ by singular value decomposition after each step, and keeps what the logs say."""

    def on_train_begin(self, logs=None):
        self.truth: list[dict] = []
        self.logs: list[dict] = []

    def on_train_batch_end(self, batch, logs=None):
        layers = [layer for layer in self.model.task.discriminator.layers if hasattr(layer, "spectral_norm")]
        matrices = {layer.name: np.reshape(layer.kernel, (-1, layer.kernel.shape[-1])) for layer in layers}
        self.truth.append(
            {f"sigma/{self.model.task.discriminator.name}/{n}": np.linalg.norm(m, 2) for n, m in matrices.items()}
        )
        self.logs.append({name: value for name, value in logs.items() if name.startswith("sigma/")})


def test_logs_hold_sigma_of_every_layer_from_the_last_time_it_was_due(tmp_path):
    gan, watch, path = tiny_gan(), Watch(), tmp_path / "metrics.jsonl"
    callbacks = [SpectralNorms(every_images=16), MetricsLog(path, every_images=16), watch]
    history = gan.fit(tiny_dataset(), epochs=2, verbose=0, callbacks=callbacks).history
    assert len(watch.truth[0]) == 2
    assert watch.logs[0] == {}  # after 8 images; due at 16, 32, 48, 64
    for step in range(1, 8):
        due = watch.truth[step if step % 2 else step - 1]
        assert watch.logs[step] == pytest.approx(due, rel=2e-2)  # one power iteration per step behind the kernel
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["images_seen"] for row in rows] == [16, 32, 48, 64]
    for row, logged in zip(rows, watch.logs[1::2], strict=True):
        assert {name: row[name] for name in logged} == logged
    name = next(iter(watch.logs[1]))
    assert history[name] == [watch.logs[3][name], watch.logs[7][name]]
    assert watch.logs[1][name] != watch.logs[7][name]


def test_without_an_interval_it_is_computed_after_each_epoch():
    gan, watch = tiny_gan(), Watch()
    history = gan.fit(tiny_dataset(), epochs=2, verbose=0, callbacks=[SpectralNorms(), watch]).history
    assert [bool(logged) for logged in watch.logs] == [False] * 4 + [True] * 4
    for name, sigma in watch.truth[-1].items():
        assert history[name][1] == pytest.approx(sigma, rel=2e-2)


def test_refuses_no_images():
    with pytest.raises(ValueError, match="every_images"):
        SpectralNorms(every_images=0)
