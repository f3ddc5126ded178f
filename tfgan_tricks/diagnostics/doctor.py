"""A doctor that watches a training."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from absl import logging

from tfgan_tricks.callbacks.periodic import Periodic, images_seen
from tfgan_tricks.callbacks.stop_on_non_finite import non_finite
from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics import signals
from tfgan_tricks.diagnostics.data_facts import data_facts
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.detectors import all_detectors
from tfgan_tricks.diagnostics.diagnosis import diagnose
from tfgan_tricks.diagnostics.facts import facts_of, signals_of_rates
from tfgan_tricks.diagnostics.finding import Finding, news
from tfgan_tricks.diagnostics.first_bad_tensor import first_bad_tensor
from tfgan_tricks.diagnostics.look import Look, Subject
from tfgan_tricks.diagnostics.real_images import check_real
from tfgan_tricks.diagnostics.steps import Steps
from tfgan_tricks.diagnostics.treatment import Treatment
from tfgan_tricks.diagnostics.window import Snapshot, Window, remembered
from tfgan_tricks.distribution.sharing import from_chief
from tfgan_tricks.training.own_state import means

GRACE = 5.0  # seconds that looks may take in all, also of a training so short that this is more than its budget


class Doctor(Periodic):
    """Looks at a training from time to time, says what goes wrong, and which tricks answer it.

    At each look it records the logs, means since the look before, and what its detectors measure on fixed latents and
    on real images: diversity, saturation, dead units, singular values, and more. Then it asks every detector. A new
    finding, or one that has become worse, is logged with its evidence, meaning and remedies; `findings` holds those of
    the last look. The first look is before the first step, one more follows at once when a log is not finite.

    With a `directory` all signals are written there, and `tfgan-tricks doctor` and `tfgan-tricks report` read them,
    also while the run goes on. Looking moves nothing: a training with a doctor is the same as one without, unless it
    may `act`. Put it before the callbacks that end a training, such as `StopOnNonFinite`.

    Args:
        real: images of the data, a dict with "image", [n, h, w, c] in [-1, 1], such as next(iter(dataset)). Without it
            nothing is compared with the data. The more there are, the more copies of them are found.
        directory: folder for the signals; nothing is written unless given.
        every_images: images between two looks; one after each epoch unless given.
        count: images generated at a look, at least 2.
        seed: integer that their latents are drawn from, the same at all looks.
        detectors: which ones to ask; all there are unless given.
        act: whether to treat what is serious, see `Treatment`: lower a rate, restore the last good state, or stop.
        budget: share of the training's time that looking may take, or 5 seconds if that is more; a look that would take
            more is left out, but for the last. `None` for looks that depend on the images seen alone; they do so too if
            the doctor may act.
        data_images: how many images the data set has, if known.

    **Source**: Chintala et al., 2016, "How to Train a GAN?", a list of practitioners' advice, for the habit; each
    finding names its own.

    **Differs from the paper**: the eye is replaced by thresholds.

    **Cost**: per look about four passes of `count` images through each network, at most `budget` of the training's
    time; in between, the logs of each step are read. The first look also traces its graphs, and is then repeated
    once to see what looks cost, unless `budget` is `None`.

    **Combines badly with**: `steps_per_execution` above 1: what happens within one execution is seen as its mean.

    Example:

    >>> doctor = tt.diagnostics.Doctor(real={"image": np.zeros((64, 32, 32, 1), "float32")}, every_images=5_000)
    >>> # gan.fit(dataset, epochs=10, callbacks=[doctor]); print(*doctor.findings, sep="\\n")
    """

    def __init__(
        self,
        real: Mapping[str, Any] | None = None,
        directory: str | Path | None = None,
        every_images: int | None = None,
        count: int = 128,
        seed: int = 0,
        detectors: Sequence[Detector] | None = None,
        act: bool = False,
        budget: float | None = 0.02,
        data_images: int | None = None,
    ):
        super().__init__(every_images)
        check_integer("count", count, at_least=2)
        if budget is not None:
            check_range("budget", budget, low=0.0, high=1.0, low_open=True)
        if data_images is not None:
            check_integer("data_images", data_images, at_least=1)
        self.real = check_real(real)
        self.directory = None if directory is None else Path(directory)
        self.count = count
        self.seed = seed
        self.detectors = list(all_detectors() if detectors is None else detectors)
        self.act_on_findings = act
        self.budget = None if act else budget
        self.data_images = data_images
        self.findings: list[Finding] = []

    @property
    def chief_only(self) -> bool:  # type: ignore[override]
        """Whether one of several workers is enough; what treats a training must be on all of them."""
        return not self.act_on_findings

    def start(self, images):
        self.folder = self.directory if self.model.is_chief else None
        self.subject = Subject(self.model, self.real, self.count, self.seed)
        self.steps = Steps({metric.name for metric in self.model.metrics})
        self.treatment = Treatment(self.model) if self.act_on_findings else None
        facts = facts_of(self.model) | data_facts(self.real, self.data_images)
        self.window = signals.begin(self.folder, images, facts) if self.folder else Window((), facts)
        self.broken, self.epoch, self.step, self.offset = False, 0, 0, 0
        self._look(images, {})  # traces the graphs: not counted
        self.look_seconds = 0.0 if self.budget is None else self._repeated()
        self.spent, self.begun = 0.0, time.perf_counter()

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch, self.step, self.offset = epoch, self.model.begun_steps, 0
        self.steps.begin_epoch()
        self.steps.add(self.step, means(self.model) if self.step else {})  # those of an epoch begun before go on
        self.steps.begin_span()

    def on_train_batch_end(self, batch, logs=None):
        self.step = self.model.begun_steps + batch + 1
        self.steps.add(self.step - self.offset, logs or {})
        bad = [] if self.broken else non_finite(self.model, logs or {})
        if bad:
            self._broken(bad, logs)
        super().on_train_batch_end(batch, logs)

    def act(self, images, logs):
        seconds = time.perf_counter() - self.begun
        if self.budget is None or self.spent + self.look_seconds <= max(GRACE, self.budget * seconds):
            self._look_now(images, logs)  # otherwise the next one covers this span too

    def on_train_end(self, logs=None):
        images = images_seen(self.model)
        if images != self.window.images and not self.model.ends_early:  # the last look, whatever it costs
            self._look_now(images, logs or {})

    def _look_now(self, images: int, logs: dict) -> None:
        begun = time.perf_counter()
        if not self.broken:
            self._look(images, self.steps.span({n: v for n, v in logs.items() if not n.startswith("val_")}))
        self.steps.begin_span()
        self.look_seconds = time.perf_counter() - begun
        self.spent += self.look_seconds

    def _look(self, images: int, values: dict[str, float], notes: dict[str, str] | None = None) -> None:
        values |= self._course()
        values |= self._measured(values) if notes is None else {}
        snapshot = Snapshot(images, {n: float(v) for n, v in values.items() if np.isfinite(v)}, notes or {})
        self.window = Window(remembered((*self.window.snapshots, snapshot)), self.window.facts)
        if self.folder:
            signals.record(self.folder, snapshot)
        before, self.findings = self.findings, diagnose(self.window, self.detectors)
        for finding in news(before, self.findings):
            say = logging.info if finding.severity == "note" else logging.warning
            say("At %s images the doctor finds:\n%s", f"{images:,}", finding)
        if self.treatment:
            self.treatment.answer(self.findings, images)

    def _measured(self, logs: dict[str, float]) -> dict[str, float]:
        look = Look(self.subject, logs)
        found = {name: float(value) for detector in self.detectors for name, value in detector.measure(look).items()}
        strategy = getattr(self.model, "distribute_strategy", None)
        return from_chief(strategy, found) if self.act_on_findings else found  # all workers are to act alike

    def _repeated(self) -> float:
        """Returns the seconds that a look takes once its graphs are traced."""
        begun = time.perf_counter()
        self._measured({})
        return time.perf_counter() - begun

    def _course(self) -> dict[str, float]:
        """Returns the present learning rates, and the share of the steps of `fit` that are done, if these are known."""
        known = signals_of_rates(self.model)
        epochs, steps = (self.params or {}).get("epochs"), (self.params or {}).get("steps")
        if epochs and steps and not self.model.begun_steps:  # of the rest of an epoch, `fit` knows no more
            known["progress"] = min(1.0, (self.epoch + self.step / steps) / epochs)
        return known

    def _broken(self, bad: list[str], logs) -> None:
        """Looks at once at a training that has broken down: with what was not finite, and where it is now."""
        self.broken = True
        images = images_seen(self.model)
        notes = {"non_finite": ", ".join(bad), "first_bad_tensor": first_bad_tensor(self.subject)}
        self._look(images, self.steps.span({n: v for n, v in logs.items() if n not in bad}), notes)
        self.last = images
        if self.treatment and self.treatment.restored:
            self.broken, self.offset = False, self.step
            for metric in self.model.metrics:  # their means hold what was not finite; the epoch goes on
                metric.reset_state()
            self.steps.begin_epoch()
            for name in bad:
                del logs[name]  # Keras hands one dict to all callbacks of a list, in their order
