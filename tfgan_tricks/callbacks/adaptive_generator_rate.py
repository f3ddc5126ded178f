"""A learning rate of the generator that answers to how often it fools the critic."""

import keras
import numpy as np
from absl import logging

from tfgan_tricks.callbacks.periodic import images_seen
from tfgan_tricks.checks import check_choice, check_integer, check_range, explain
from tfgan_tricks.schedules.learning_rate import inner_optimizers
from tfgan_tricks.training.distributed_model import WITHIN_EPOCH

DIRECTIONS = ("raise", "lower")
STATE = "adaptive_generator_rate"  # name in the model's `callback_state`


class AdaptiveGeneratorRate(keras.callbacks.Callback):
    """Scales the generator's learning rate by the share of generated images that the critic calls real.

    Over each window of `window_images` images it takes the share of generated images with a positive logit, as the
    discriminator's updates saw them (the log `fooled_share`). Below `low` the critic wins, above `high` the generator
    does; in between, nothing changes. One window changes the rate by one `factor` at most.

    A window begins with each epoch and after each window; what is left of an epoch after its last whole window does
    not count. An epoch shorter than a window is one window, which is warned of once. So what happens in an epoch
    depends on this epoch alone. The rate, and where in a window training is, are part of a checkpoint: a run resumed
    from one, also within an epoch, changes the rate where the uninterrupted one would.

    The sum is taken in the graph and read once per window. Each change is logged, and `generator_rate` joins the logs
    for the callbacks that come after this one.

    **Source**: a rule of practitioners, found in collections of advice on training GANs; no paper that tests it is
    known to us. They do not agree on the direction. To raise the rate of a generator that fools nobody helps the one
    that lags behind. To lower it gives the critic's gradient time to become useful again; that is nearer to the two
    time-scale rule (Heusel et al., 2017, arXiv:1706.08500), under which the generator is the slow player, at fixed
    rates, without looking at who wins. Compare with fixed rates before you rely on it.

    Args:
        low: share below which the critic counts as too strong.
        high: share above which the generator counts as too strong, not below `low`.
        factor: what the rate is multiplied by, or divided by, above 1.
        window_images: images over which the share is taken, at least 1.
        direction: what happens to the rate below `low`: "raise" or "lower"; above `high` the opposite.
        minimum: lowest rate, above 0; a change ends there.
        maximum: highest rate; a change ends there.

    **Cost**: two numbers read per window, and one count of images per epoch and window.

    **Combines badly with**: an optimizer whose rate follows a schedule, and one made of several, which are refused.
    Losses under which the sign of a logit says nothing (`Wasserstein`, energies): the share is then not one of fooled
    answers.

    Example:

    >>> callback = tt.callbacks.AdaptiveGeneratorRate(low=0.1, high=0.6, window_images=5_000)
    >>> # gan.fit(dataset, epochs=10, callbacks=[callback])
    """

    def __init__(
        self,
        low: float = 0.1,
        high: float = 0.5,
        factor: float = 1.1,
        window_images: int = 10_000,
        direction: str = "raise",
        minimum: float = 1e-6,
        maximum: float = 1e-2,
    ):
        super().__init__()
        check_range("low", low, low=0.0, high=1.0)
        check_range("high", high, low=low, high=1.0)
        check_range("factor", factor, low=1.0, low_open=True)
        check_integer("window_images", window_images, at_least=1)
        check_choice("direction", direction, DIRECTIONS)
        check_range("minimum", minimum, low=0.0, low_open=True)
        check_range("maximum", maximum, low=minimum)
        self.low = low
        self.high = high
        self.factor = factor
        self.window_images = window_images
        self.direction = direction
        self.minimum = minimum
        self.maximum = maximum
        self._training = self._warned = False

    def on_train_begin(self, logs=None):
        self._optimizer = fixed_rate_optimizer(self.model)
        self._metric = share_metric(self.model)
        self._warned = False

    def on_epoch_begin(self, epoch, logs=None):
        self._training = True
        self._rate = float(self._optimizer.learning_rate.numpy())
        self._images = images_seen(self.model)
        saved = self.model.callback_state.get(STATE) if self.model.begun_steps else None
        if saved is None:
            self._begin_window(self._images, self._counts(), whole_windows=0)
        else:  # this epoch was begun by a model that was saved within it
            begun, whole_windows, fooled, updates = (float(number) for number in saved)
            self._begin_window(int(begun), (fooled, updates), int(whole_windows))
        self._next_look = 0

    def on_train_batch_end(self, batch, logs=None):
        if batch >= self._next_look:  # nothing is read from the device in between
            images = images_seen(self.model)
            if images - self._begun >= self.window_images:
                self._end_window(images)
            left, seen = self.window_images - (images - self._begun), images - self._images
            self._next_look = batch + max(1, -(-left * (batch + 1) // max(seen, 1)))  # steps are alike: rounded up
        self._tell(logs)

    def on_test_begin(self, logs=None):
        if self.model.interrupted != WITHIN_EPOCH:
            self._end_epoch()  # before a validation resets the counts

    def on_epoch_end(self, epoch, logs=None):
        if self.model.interrupted != WITHIN_EPOCH:  # otherwise it goes on, and has an end later
            self._end_epoch()
        self._tell(logs)

    def _end_epoch(self) -> None:
        if not self._training:
            return
        self._training = False
        images = images_seen(self.model)
        if not self._whole_windows and images > self._begun:
            if not self._warned:
                text = "AdaptiveGeneratorRate: an epoch of %d images is shorter than a window of %d; the epoch is one."
                logging.warning(text, images - self._begun, self.window_images)
                self._warned = True
            self._end_window(images)

    def _begin_window(self, images: int, counted: tuple[float, float], whole_windows: int) -> None:
        self._begun, self._counted, self._whole_windows = images, counted, whole_windows
        self.model.callback_state[STATE] = np.array([images, whole_windows, *counted])

    def _end_window(self, images: int) -> None:
        fooled, updates = self._counts()
        before_fooled, before_updates = self._counted
        share = (fooled - before_fooled) / (updates - before_updates)
        self._begin_window(images, (fooled, updates), self._whole_windows + 1)
        new = float(np.float32(self.changed(self._rate, share)))  # as the optimizer keeps it
        if new != self._rate:
            self._optimizer.learning_rate = self._rate = new
            text = "At %d images the critic called %.1f %% of the generated images real: the generator's rate is %.3g."
            logging.info(text, images, 100 * share, self._rate)

    def changed(self, rate: float, share: float) -> float:
        """Returns the rate that follows a window with this share."""
        if self.low <= share <= self.high:
            return rate
        up = (share < self.low) == (self.direction == "raise")
        new = rate * self.factor if up else rate / self.factor
        # A rate that was set outside of the limits is not pulled against the direction.
        return max(rate, min(new, self.maximum)) if up else min(rate, max(new, self.minimum))

    def _counts(self) -> tuple[float, float]:
        return float(self._metric.total.numpy()), float(self._metric.count.numpy())

    def _tell(self, logs) -> None:
        if logs is not None:
            logs["generator_rate"] = self._rate  # Keras hands one dict to all callbacks of a list, in their order


def share_metric(gan: keras.Model) -> keras.metrics.Mean:
    """Returns the metric of a compiled GAN that counts fooled answers."""
    for metric in gan.metrics:
        if metric.name == "fooled_share":
            return metric
    raise TypeError(
        explain(
            "Nobody counts how often the critic is fooled.",
            received=f"a {type(gan).__name__} that logs {[metric.name for metric in gan.metrics]}",
            expected="a GAN whose discriminator trains, which logs `fooled_share`",
            fix="leave AdaptiveGeneratorRate out while the discriminator is frozen or alone.",
        )
    )


def fixed_rate_optimizer(gan: keras.Model) -> keras.optimizers.Optimizer:
    """Returns the generator's optimizer, without the loss scaling around it; raises unless its rate can be set."""
    optimizer = getattr(gan, "generator_optimizer", None)
    found = [] if optimizer is None else inner_optimizers(optimizer)
    if len(found) == 1 and isinstance(found[0].learning_rate, keras.Variable):
        return found[0]
    several = f"{len(found)} optimizers" if found else "no optimizer of the generator alone"
    raise ValueError(
        explain(
            "The generator's rate cannot be adapted.",
            received=f"a rate that follows {found[0]._learning_rate!r}" if len(found) == 1 else several,
            expected="one optimizer of the generator with a fixed learning rate",
            fix="compile a GAN with e.g. generator_optimizer=keras.optimizers.Adam(1e-4), or leave the callback out.",
        )
    )
