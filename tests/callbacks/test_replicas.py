"""All callbacks beside two replicas, whose variables are mirrored."""

import json

import numpy as np

from tests.callbacks.tiny import state, tiny_dataset, tiny_gan
from tfgan_tricks.callbacks import Checkpointing, ImageGrid, MetricsLog, Progress, ScalarSummaries, StopOnNonFinite
from tfgan_tricks.callbacks.checkpoints import latest, restore
from tfgan_tricks.diagnostics import Doctor, read_window


def test_under_two_replicas_all_of_them_work_and_a_run_continues_to_the_last_bit(tmp_path, two_replicas, capsys):
    samples, logs, metrics = tmp_path / "samples", tmp_path / "logs", tmp_path / "metrics.jsonl"
    doctor = Doctor(next(iter(tiny_dataset())), tmp_path / "doctor", every_images=16, count=8, budget=None)
    callbacks = [
        ImageGrid(samples, every_images=16, count=4, log_dir=logs),
        Checkpointing(tmp_path / "checkpoints", every_images=16),
        MetricsLog(metrics, every_images=16),
        ScalarSummaries(logs, every_images=16),
        Progress(total_images=24, every_seconds=0.0),
        doctor,
        StopOnNonFinite(),
    ]
    with two_replicas.scope():
        gan = tiny_gan(eager=False)
        gan.fit(tiny_dataset(), steps_per_epoch=3, verbose=0, callbacks=callbacks)
        other = tiny_gan(seed=99, eager=False)
        assert restore(other, latest(tmp_path / "checkpoints")) == 24
        for expected, value in zip(state(gan), state(other), strict=True):
            np.testing.assert_array_equal(value, expected)
        for model in (gan, other):
            model.fit(tiny_dataset(), steps_per_epoch=1, verbose=0)
    for expected, value in zip(state(gan), state(other), strict=True):
        np.testing.assert_array_equal(value, expected)
    assert sorted(path.name for path in samples.iterdir()) == [
        *("film.gif", "images-000000000.png", "images-000000016.png", "images-000000024.png")
    ]
    assert [json.loads(line)["images_seen"] for line in metrics.read_text().splitlines()] == [16, 24]
    assert len(list(logs.iterdir())) == 1
    assert [look.images for look in read_window(tmp_path / "doctor").snapshots] == [0, 16, 24]
    assert "24 of 24 images (100%)" in capsys.readouterr().out
