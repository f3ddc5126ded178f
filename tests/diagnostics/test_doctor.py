"""A doctor looks when it should, moves nothing, tells what is new, and sees a breakdown at once."""

import keras
import numpy as np
import pytest
from absl import logging

from tests.callbacks.tiny import BreaksAfter, state, tiny_dataset, tiny_gan
from tfgan_tricks.callbacks import StopOnNonFinite
from tfgan_tricks.callbacks.stop_on_non_finite import NonFiniteError
from tfgan_tricks.diagnostics import Detector, Doctor, Finding, diagnose, read_window

REAL = next(iter(tiny_dataset()))


class Alarm(Detector):
    """Rings from some images on, and counts its looks."""

    name = "alarm"

    def __init__(self, warns: int, cries: int):
        self.warns, self.cries = warns, cries

    def measure(self, look):
        return {"alarm/diversity": float(look.inference.images.std())}

    def __call__(self, window):
        if window.images < self.warns:
            return []
        severity = "serious" if window.images >= self.cries else "warning"
        return [Finding("alarm", severity, (f"{window.images} images.",), "It rings.", (), "nobody")]


@pytest.fixture
def told(monkeypatch):
    """What is logged."""
    texts = []
    for name in ("info", "warning"):
        monkeypatch.setattr(logging, name, lambda text, *values: texts.append(text % values))
    return texts


def test_a_training_with_a_doctor_is_the_same_as_one_without(tmp_path):
    plain, watched = tiny_gan(), tiny_gan()
    plain.fit(tiny_dataset(), epochs=2, verbose=0)
    doctor = Doctor(REAL, tmp_path / "doctor", every_images=16, count=8, budget=None)
    watched.fit(tiny_dataset(), epochs=2, verbose=0, callbacks=[doctor])
    assert len(doctor.window.snapshots) == 5
    for expected, value in zip(state(plain), state(watched), strict=True):
        np.testing.assert_array_equal(value, expected)


def test_it_looks_before_the_first_step_and_then_every_so_many_images_and_records_all_of_it(tmp_path):
    doctor = Doctor(REAL, tmp_path, every_images=16, count=8, budget=None)
    gan = tiny_gan()
    history = gan.fit(tiny_dataset(), epochs=1, verbose=0, callbacks=[doctor]).history
    window = read_window(tmp_path)
    assert [look.images for look in window.snapshots] == [0, 16, 32]
    assert window == doctor.window
    spans = window.values("discriminator_loss")
    assert spans.mean() == pytest.approx(history["discriminator_loss"][0], rel=1e-4)  # of two halves of the epoch
    assert spans[0] != pytest.approx(spans[1], rel=1e-3)
    assert window.facts["loss"] == "Hinge"
    assert diagnose(window) == doctor.findings


def test_a_look_per_epoch_is_the_default_and_a_validation_does_not_disturb_it():
    doctor = Doctor(REAL, count=8, budget=None)
    gan = tiny_gan()
    history = gan.fit(tiny_dataset(), epochs=2, validation_data=tiny_dataset().take(1), verbose=0, callbacks=[doctor])
    assert [look.images for look in doctor.window.snapshots] == [0, 32, 64]
    means = doctor.window.values("generator_loss")
    np.testing.assert_allclose(means, history.history["generator_loss"], rtol=1e-5)


def test_a_finding_is_told_once_and_again_when_it_becomes_worse(told):
    doctor = Doctor(REAL, every_images=8, count=8, detectors=[Alarm(8, 24)], budget=None)
    tiny_gan().fit(tiny_dataset(), epochs=1, verbose=0, callbacks=[doctor])
    rung = [text.splitlines()[:2] for text in told if "doctor finds" in text]
    assert rung == [
        ["At 8 images the doctor finds:", "WARNING: alarm"],
        ["At 24 images the doctor finds:", "SERIOUS: alarm"],
    ]
    assert [finding.severity for finding in doctor.findings] == ["serious"]


def test_looks_that_would_take_too_much_of_the_time_are_left_out_but_for_the_last(monkeypatch):
    monkeypatch.setattr("tfgan_tricks.diagnostics.doctor.GRACE", 0.0)
    dense, rare = (Doctor(REAL, every_images=8, count=8, budget=budget) for budget in (None, 1e-6))
    for doctor in (dense, rare):
        tiny_gan().fit(tiny_dataset(), epochs=2, verbose=0, callbacks=[doctor])
    assert [look.images for look in dense.window.snapshots] == [0, 8, 16, 24, 32, 40, 48, 56, 64]
    assert [look.images for look in rare.window.snapshots] == [0, 64]


def test_a_breakdown_is_seen_at_once_with_the_first_tensor_that_is_not_finite(tmp_path):
    doctor = Doctor(REAL, tmp_path, every_images=1_000, count=8)
    with pytest.raises(NonFiniteError):
        tiny_gan(terms=[BreaksAfter(images=16)]).fit(
            tiny_dataset(), epochs=2, verbose=0, callbacks=[doctor, StopOnNonFinite()]
        )
    assert [look.images for look in doctor.window.snapshots] == [0, 24]
    (finding,) = [found for found in diagnose(read_window(tmp_path)) if found.name == "non_finite"]
    assert finding.severity == "serious"
    assert finding.evidence[0].startswith("At 24 images breaks was not finite, then discriminator_loss")
    assert "of discriminator" in finding.evidence[1]


def test_a_resumed_run_goes_on_with_its_history(tmp_path):
    gan = tiny_gan()
    for _ in range(2):
        doctor = Doctor(REAL, tmp_path, every_images=16, count=8, budget=None)
        gan.fit(tiny_dataset(), epochs=1, verbose=0, callbacks=[doctor])
    assert [look.images for look in doctor.window.snapshots] == [0, 16, 32, 32, 48, 64]
    assert read_window(tmp_path) == doctor.window


def test_a_short_training_may_take_its_grace_for_looks():
    doctor = Doctor(REAL, every_images=8, count=8, budget=1e-6)
    tiny_gan().fit(tiny_dataset(), epochs=1, verbose=0, callbacks=[doctor])
    assert [look.images for look in doctor.window.snapshots] == [0, 8, 16, 24, 32]


def test_the_present_rates_are_recorded():
    class Lower(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.generator_optimizer.learning_rate = 1e-5

    doctor = Doctor(REAL, count=8)
    tiny_gan().fit(tiny_dataset(), epochs=1, verbose=0, callbacks=[Lower(), doctor])
    assert doctor.window.values("rate/generator").tolist() == pytest.approx([1e-3, 1e-5])
    assert doctor.window.values("rate/discriminator").tolist() == pytest.approx([2e-3, 2e-3])


@pytest.mark.parametrize(
    "real",
    [
        np.zeros((4, 8, 8, 1)),
        {"images": np.zeros((4, 8, 8, 1))},
        {"image": np.zeros((0, 8, 8, 1))},
        {"image": np.zeros((4, 8, 8))},
        {"image": np.zeros((4, 8, 8, 1)), "label": np.zeros(3)},
    ],
    ids=["array", "misspelt", "empty", "flat", "labels"],
)
def test_what_is_no_batch_of_images_is_refused(real):
    with pytest.raises((ValueError, TypeError), match="cannot compare with these real images"):
        Doctor(real)


@pytest.mark.parametrize("wrong", [{"count": 1}, {"budget": 0.0}, {"budget": 2.0}, {"every_images": 0}])
def test_wrong_arguments_are_refused(wrong):
    with pytest.raises((ValueError, TypeError), match=next(iter(wrong))):
        Doctor(**wrong)
