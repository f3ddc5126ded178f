"""What a GAN saves of the epoch it is in."""

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.support import tiny


def test_the_means_of_an_epoch_go_on_after_a_reload(tmp_path):
    data = tt.data.load("digits", resolution=8, batch_size=8)
    whole = tiny.gan_of()
    keras.utils.set_random_seed(0)
    gan = tiny.gan_of()
    history = whole.fit(data, steps_per_epoch=5, verbose=0).history
    gan.fit(data, steps_per_epoch=2, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    rest = tt.data.load("digits", resolution=8, batch_size=8, start=16)
    continued = again.fit(rest, steps_per_epoch=3, begun_steps=2, verbose=0).history
    assert continued == history
    anew = again.fit(rest, steps_per_epoch=1, verbose=0).history  # the next epoch begins from nothing
    assert int(next(metric for metric in again.metrics if metric.name == "generator_loss").count.numpy()) == 1
    assert anew["generator_loss"] != history["generator_loss"]


def test_means_over_replicas_are_saved_as_one_device_would(tmp_path, two_replicas):
    with two_replicas.scope():
        gan = tiny.gan_of()
    history = gan.fit(tt.data.load("digits", resolution=8, batch_size=8), steps_per_epoch=3, verbose=0).history
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    for name, value in again.get_metrics_result().items():
        assert float(value) == pytest.approx(history[name][0], rel=1e-6), name


def test_a_checkpoint_without_means_is_read():
    gan, store = tiny.gan_of(), {}
    gan.fit(tt.data.load("digits", resolution=8, batch_size=8), steps_per_epoch=2, verbose=0)
    gan.save_own_variables(store)
    old = {name: value for name, value in store.items() if not name.startswith("mean_")}
    assert len(old) < len(store)
    again = tiny.gan_of()
    again.load_own_variables(old)
    assert int(again.images_seen.numpy()) == 16
    np.testing.assert_array_equal([float(metric.count.numpy()) for metric in again.metrics], 0.0)


def test_negative_steps_are_refused():
    with pytest.raises(ValueError, match="begun_steps"):
        tiny.gan_of().fit(tt.data.load("digits", resolution=8, batch_size=8), steps_per_epoch=1, begun_steps=-1)
