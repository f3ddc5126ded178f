"""The protocol of metrics: from two sides of a comparison to a stamped number."""

import inspect
from typing import Any

from tfgan_tricks.checks import explain
from tfgan_tricks.metrics.input_checks import check_kind, check_ranges
from tfgan_tricks.metrics.result import MetricResult
from tfgan_tricks.metrics.samples import GIVEN, Samples
from tfgan_tricks.serialization import Configurable


class Metric(Configurable):
    """Measures how good generated samples are, mostly against real ones.

    An implementation sets the class attributes and defines `measure`; `__call__` checks what it is given and stamps
    the result with the protocol.

    Class attributes:
        name: lower case, without spaces.
        needs: what it reads of each side: "features", "probabilities", "images" or "labels".
        compares: whether it reads real samples at all.
        higher_is_better: which way is good.
    """

    name: str
    needs: str = "features"
    compares: bool = True
    higher_is_better: bool = False

    def __call__(self, real: Samples | None, fake: Samples) -> MetricResult:
        """Returns the measured value with its protocol.

        Args:
            real: real samples; `None` is enough for a metric that does not compare.
            fake: generated samples.
        """
        self.check(real, fake)
        value, deviation, details = self.measure(real, fake)
        return MetricResult(self.label, float(value), deviation, details, self.protocol(real, fake))

    def measure(self, real, fake) -> tuple[float, float | None, dict[str, Any]]:
        """Returns value, deviation over splits or subsets (or `None`), and further numbers by name."""
        raise NotImplementedError(f"{type(self).__name__} must implement measure(real, fake).")

    def check(self, real: Samples | None, fake: Samples) -> None:
        """Refuses samples that cannot be measured; the counts are looked at before features are computed.

        Raises:
            ValueError: if there are too few samples, or those of both sides do not go together.
            TypeError: if they are no samples.
        """
        self._check_kinds(real=real, fake=fake)
        sides = {"real": real if self.compares else None, "generated": fake}
        counted = {side: samples for side, samples in sides.items() if samples is not None}
        for side, samples in counted.items():
            self.check_count(side, samples.count)
        if self.compares:
            self._check_pair(real, fake)
        if self.needs == "features":
            for side, samples in counted.items():
                images, extractor = samples.images, samples.extractor
                about = "" if images is None or extractor is None else extractor.about(images.shape[1:])
                self.check_count(side, samples.count, samples.width, about)

    def check_count(self, side: str, count: int, width: int = 0, about: str = "") -> None:
        """Raises `ValueError` if there are too few samples.

        Args:
            side: "real" or "generated".
            count: of its samples.
            width: of the features; 0 as long as nothing is known of them.
            about: the features, in words.
        """
        fewest, reason = (self.minimum_generated if side == "generated" else self.minimum)(width)
        if count < fewest:
            raise ValueError(
                explain(
                    f"There are too few {side} samples for {self.label}.",
                    received=f"{count:,} {side} samples",
                    expected=f"at least {fewest:,}: {reason}" + (f"; {about}" if about else ""),
                    fix=self.remedy(count),
                )
            )

    def remedy(self, count: int) -> str:
        """Returns what to do about too few samples.

        Args:
            count: how many there are.
        """
        return "measure more images, or choose a metric that needs fewer."

    def minimum(self, width: int) -> tuple[int, str]:
        """Returns the fewest samples of each side, and the reason in a few words.

        Args:
            width: of the features; 0 for a metric that does not need features.
        """
        return 2, "a spread needs two samples"

    def minimum_generated(self, width: int) -> tuple[int, str]:
        """Returns the fewest generated samples, and the reason, where they may be fewer than the real ones.

        Args:
            width: as for `minimum`.
        """
        return self.minimum(width)

    @property
    def label(self) -> str:
        """Returns the name with those arguments that are not the default ones."""
        parameters = inspect.signature(type(self)).parameters.values()
        changed = [f"{p.name}={getattr(self, p.name)}" for p in parameters if getattr(self, p.name) != p.default]
        return f"{self.name}({','.join(changed)})" if changed else self.name

    def protocol(self, real: Samples | None, fake: Samples) -> dict[str, Any]:
        """Returns what somebody needs to measure the same again."""
        reference = real if self.compares else None
        reads_features = self.needs in ("features", "probabilities")
        return {
            "metric": self.name,
            "settings": self._arguments(),
            "features": fake.features_name if reads_features else None,
            "feature_settings": fake.feature_settings if reads_features else {},
            "n_real": None if reference is None else reference.count,
            "n_fake": fake.count,
            "split": None if reference is None else reference.split,
            "weights": fake.weights,
            "seed": fake.seed,
        }

    def _check_kinds(self, **sides) -> None:
        for argument, samples in sides.items():
            kinds = (Samples,) if argument == "fake" else (Samples, type(None))
            check_kind(argument, samples, kinds, "wrap it: Samples(images), or Samples(features=array).")

    def _check_pair(self, real: Samples | None, fake: Samples) -> None:
        if real is None:
            raise ValueError(
                explain(
                    f"{self.name} compares with real samples.",
                    received="real=None",
                    expected="Samples of real images",
                    fix="load some with tfgan_tricks.data.arrays.",
                )
            )
        check_ranges(real.images, fake.images)
        if self.needs == "images":
            self._check_images(real, fake)
        if self.needs not in ("features", "probabilities"):
            return
        names = [(side.features_name, side.feature_settings) for side in (real, fake)]
        if names[0] != names[1]:
            told = ["no extractor" if n == GIVEN else f"{n} {settings or ''}".strip() for n, settings in names]
            fix = "pass extractor= to both Samples; beside given features it says what computed them."
            self._refuse_pair(*told, *([fix] if "no extractor" in told else []))
        if self.needs == "features" and real.width != fake.width:
            self._refuse_pair(f"width {real.width}", f"width {fake.width}")

    def _refuse_pair(self, real: str, fake: str, fix: str = "pass the same extractor to both Samples.") -> None:
        raise ValueError(
            explain(
                "Real and generated samples have different features.",
                received=f"real: {real}; generated: {fake}",
                expected="features of one extractor",
                fix=fix,
            )
        )

    def _check_images(self, *sides: Samples) -> None:
        shapes = [None if side.images is None else side.images.shape[1:] for side in sides]
        if None in shapes or shapes[0] != shapes[1]:
            real, fake = ("no images" if shape is None else f"images of shape {shape}" for shape in shapes)
            raise ValueError(
                explain(
                    f"{self.name} compares real and generated images.",
                    received=f"real: {real}; generated: {fake}",
                    expected="images on both sides, of one height, width and number of channels",
                    fix="pass images= to both Samples, the real ones at the generator's resolution and channels.",
                )
            )
