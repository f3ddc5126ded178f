"""Saving makes no optimizer that TensorFlow would keep."""

import keras
import pytest
from keras.src.optimizers import optimizer as module

from tests.support import tiny
from tfgan_tricks.callbacks.keras_saving import LOOKED_UP, remember_skipped_attributes


@pytest.fixture
def made(monkeypatch):
    """Fills up with the plain optimizers that are made."""
    found, plain = [], module.Optimizer.__init__

    def counted(self, *args, **kwargs):
        if type(self) is module.Optimizer:
            found.append(self)
        plain(self, *args, **kwargs)

    monkeypatch.setattr(module.Optimizer, "__init__", counted)
    keras.backend.clear_session(free_memory=False)
    return found


def test_keras_makes_optimizers_in_each_save(made, tmp_path):
    """Should this fail some day, `remember_skipped_attributes` is needed no more."""
    gan = tiny.gan_of()
    for _ in range(2):
        gan.save(tmp_path / "gan.keras")
    assert len(made) == 4


def test_what_keras_forgets_is_remembered(made, tmp_path):
    gan = tiny.gan_of()
    for _ in range(3):
        remember_skipped_attributes()
        gan.save(tmp_path / "gan.keras")
    assert len(made) == 1
    skipped = keras.src.backend.common.global_state.get_global_attribute(LOOKED_UP)
    assert "iterations" in skipped
    assert "variables" not in skipped  # which would lose the moments
    again = keras.models.load_model(tmp_path / "gan.keras")
    assert len(again.generator_optimizer.variables) == len(gan.generator_optimizer.variables)
