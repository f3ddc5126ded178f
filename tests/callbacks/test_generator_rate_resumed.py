"""The generator's rate in a training that is stopped within an epoch and continued."""

import keras
import numpy as np
import pytest

from tests.callbacks.test_adaptive_generator_rate import RULE, Rates, gan_of
from tests.support import tiny
from tfgan_tricks.callbacks import AdaptiveGeneratorRate
from tfgan_tricks.callbacks.checkpoints import restore, save
from tfgan_tricks.training.distributed_model import WITHIN_EPOCH


@pytest.mark.parametrize(
    ("step", "window"), [(4, 3), *(pytest.param(*case, marks=pytest.mark.slow) for case in ((8, 3), (10, 6), (5, 100)))]
)
def test_a_run_stopped_within_an_epoch_goes_on_bit_for_bit(step, window, tmp_path):
    """Seven steps an epoch, cut with or without a whole window in it, or with one that the whole epoch is."""

    class StopsOnce(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if int(self.model.images_seen.numpy()) == 8 * step:
                self.model.interrupted, self.model.stop_training = WITHIN_EPOCH, True

    def train(gan, rates, done=0, *, epoch=0, epochs=3, steps=7, stop=(), **how):
        callback = AdaptiveGeneratorRate(window_images=8 * window, **RULE)
        data = tiny.with_latents(8, n=56).skip(done)
        how |= {"initial_epoch": epoch, "epochs": epochs, "steps_per_epoch": steps, "verbose": 0}
        gan.fit(data, callbacks=[callback, rates, *stop], **how)
        return rates.rates

    whole, cut, again = gan_of(), gan_of(), gan_of()
    cut.set_weights(whole.get_weights())
    expected = train(whole, Rates())
    before = train(cut, Rates(), stop=[StopsOnce()])
    assert len(before) == step
    save(cut, tmp_path / "gan.keras")
    restore(again, tmp_path / "gan.keras")
    epoch, begun = divmod(step, 7)
    rest = train(again, Rates(), step, epoch=epoch, epochs=epoch + 1, steps=7 - begun, begun_steps=begun, goes_on=True)
    after = train(again, Rates(), 7 * (epoch + 1), epoch=epoch + 1)
    assert before + rest + after == expected
    assert len(set(expected)) > 1
    for mine, other in zip(tiny.values(whole.variables), tiny.values(again.variables), strict=True):
        np.testing.assert_array_equal(mine, other)
