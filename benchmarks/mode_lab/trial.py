"""One training of one cell of a table, and what came of it."""

import time

import keras
import numpy as np

from mode_lab.game import Game, Protocol, Variant

# The second sums the time of all threads: what it says does not depend on what else the machine does.
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}


class StepClock(keras.callbacks.Callback):
    """Times the steps of `fit`, without the first call, which compiles."""

    def __init__(self):
        super().__init__()
        self.marks: list[tuple[int, list[float]]] = []

    def on_train_batch_end(self, batch, logs=None):
        now = [clock() for clock in CLOCKS.values()]
        self.marks = [*self.marks[:1], (batch, now)]  # the first and the last

    @property
    def seconds_per_step(self) -> dict[str, float] | None:
        """Returns the mean by each clock, or `None` if there was a single call."""
        if len(self.marks) < 2:
            return None
        (first, starts), (last, ends) = self.marks
        return {name: (end - start) / (last - first) for name, start, end in zip(CLOCKS, starts, ends, strict=True)}


def run_trial(game: Game, variant: Variant, protocol: Protocol, seed: int) -> dict:
    """Trains anew and returns what is measured; all randomness descends from the seed."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    gan, clock = game.gan(variant, seed, **game.execution(protocol.steps)), StepClock()
    data = game.batches(variant, protocol, seed)
    history = gan.fit(data, epochs=1, steps_per_epoch=protocol.steps, callbacks=[clock], verbose=0).history
    losses = {key: value[-1] for key, value in history.items() if key in ("generator_loss", "discriminator_loss")}
    return {
        "seed": seed,
        "images_seen": int(gan.images_seen.numpy()),
        "seconds_per_step": clock.seconds_per_step,
        "mean_losses": losses,
        **game.judge(generated(gan, protocol.evaluated, seed)),
    }


def generated(gan, count: int, seed: int) -> np.ndarray:
    """Returns samples of the generator in inference, as the authors draw them: batch norm by its moving averages."""
    latents = keras.ops.convert_to_numpy(gan.task.prior.sample(count, seed=seed + 1_000_000))
    return gan.predict(latents, batch_size=2_500, verbose=0)
