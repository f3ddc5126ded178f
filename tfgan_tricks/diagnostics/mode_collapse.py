"""The generator draws the same images again and again."""

import numpy as np

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.image_statistics import generated, nearest_other, real_like, rows, squares_between
from tfgan_tricks.diagnostics.remedies import lower_rate
from tfgan_tricks.diagnostics.window import Window

DISTINCT, REAL_DISTINCT, CLASS = "diversity/distinct", "diversity/real_distinct", "diversity/class_"
HALF = 0.25  # of the distance between neighbours in the data, at which two images count as half the same
ONE = 0.01  # distinct images beyond the first that rounding, or a network before its first step, may leave
SOURCE = "Arora and Zhang, 2017, arXiv:1706.08224, section 2"
LAYERS = Remedy("Look for the layer of the generator behind which all inputs give the same: its kernel, its ReLU.")
FEWEST = 5  # generated images that a class must be due before none of them means something


class ModeCollapse(Detector):
    """Finds a generator whose images are fewer than they seem, or that leaves out classes of the data.

    n images count as 1 / mean(s_ij) distinct ones, with the similarity s = 2^-(distance / h)² of each two, from 1 if
    all are the same to n if no two are alike. The scale h is a quarter of the median distance from a real image to its
    nearest other one. As an untrained generator draws nearly the same image for all latents, fewness alone is no
    collapse: there must have been at least twice as many before, or many images seen. If it is one image at all looks,
    and does not begin to vary, a quarter of the planned training is enough for a warning, half of it to be serious. For
    a class that is left out many images must have been seen; for a quarter of them or more, half of the training.

    Signals: "diversity/distinct" and "diversity/real_distinct", of as many generated and real images; with labels,
    "diversity/class_<label>", the share of generated images whose nearest real one is of that class.

    **Source**: Arora and Zhang, 2017, arXiv:1706.08224, section 2: the size of a generator's support, from images that
    are alike; Leinster and Cobbold, 2012, "Measuring diversity: the importance of species similarity", for the count.

    **Differs from the paper**: distances of pixels and a smooth count replace the search for duplicates by eye.

    Args:
        collapsed: share of the real images' count, each less one, up to which the collapse is full.
        partial: the same for a partial one, a warning.
        patience: images seen after which few distinct images count even if there never were more, and classes count.
        early: images seen before which no share of the planned training counts: a short one is no long one.
        looks: how many looks in a row must agree.

    **Cost**: distances of the images of a look, and to as many real ones if they have labels.

    **Combines badly with**: tasks whose images follow from other images, which are as diverse as those.

    Example:

    >>> counts = [80.0, 2.0, 1.5, 1.0]
    >>> values = [{"diversity/distinct": count, "diversity/real_distinct": 128.0} for count in counts]
    >>> looks = tuple(tt.diagnostics.Snapshot(1_000 * i, value) for i, value in enumerate(values))
    >>> [finding.severity for finding in tt.diagnostics.ModeCollapse()(tt.diagnostics.Window(looks))]
    ['serious']
    """

    name = "mode_collapse"

    def __init__(
        self,
        collapsed: float = 0.05,
        partial: float = 0.2,
        patience: int = 100_000,
        looks: int = 3,
        early: int = 5_000,
    ):
        check_range("partial", partial, low=0.0, high=0.5)
        check_range("collapsed", collapsed, low=0.0, high=partial)
        check_integer("patience", patience, at_least=0)
        check_integer("looks", looks, at_least=2)
        check_integer("early", early, at_least=0)
        self.collapsed = collapsed
        self.partial = partial
        self.patience = patience
        self.looks = looks
        self.early = early

    def measure(self, look):
        images = generated(look)
        real = None if images is None else real_like(images, look.real)
        if images is None or real is None or len(real) < 2:
            return {}
        made, known = rows(images), rows(real)
        between = squares_between(known, known)
        scale = HALF**2 * np.median(nearest_other(between))
        if scale == 0.0:
            return {}
        counts = {DISTINCT: _distinct(squares_between(made, made), scale), REAL_DISTINCT: _distinct(between, scale)}
        return counts | _classes(made, known, look.labels)

    def __call__(self, window):
        images, shares = self._shares(window)
        count, real = window.last(DISTINCT), window.last(REAL_DISTINCT)
        severity, evidence, never = "", [], False
        if count is not None and real is not None and real > 1.0:
            severity = self._severity(images, shares)
            constant = self._constant(window)
            never = bool(constant) and shares.max() * (real - 1.0) <= ONE
            severity = "serious" if "serious" in (severity, constant) else severity or constant
        if severity:
            told = f"At {window.images:,} images the generated images of a look count as {count:.3g} distinct ones"
            evidence = [f"{told}; as many real ones count as {real:.3g}."]
            peak = 1.0 + shares.max() * (real - 1.0)
            evidence.append(f"The most so far was {peak:.3g}, at {images[shares.argmax()]:,.0f} images.")
        missing, classes = self._missing(window)
        if missing:
            few = ", ".join(missing[:10]) + (", ..." if len(missing) > 10 else "")
            evidence.append(f"No generated image is nearest to one of these of {classes} classes: {few}.")
            severity = severity or ("warning" if 4 * len(missing) >= classes else "note")
        return [self._finding(window, severity, evidence, never)] if severity else []

    def _shares(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Returns the images seen at each look that counted, and what share of the real images' count it was."""
        looks = [s for s in window.snapshots if DISTINCT in s.values and s.values.get(REAL_DISTINCT, 0.0) > 1.0]
        shares = [(s.values[DISTINCT] - 1.0) / (s.values[REAL_DISTINCT] - 1.0) for s in looks]
        return np.asarray([s.images for s in looks], "float64"), np.asarray(shares, "float64")

    def _severity(self, images: np.ndarray, shares: np.ndarray) -> str:
        now, most = shares[-self.looks :], shares.max()
        old = len(images) > self.looks and images[-self.looks] >= self.patience
        full, partial = ((now <= limit) & (old or most >= 2 * limit) for limit in (self.collapsed, self.partial))
        if len(now) < self.looks:
            return ""
        return "serious" if full.all() else "warning" if partial.all() or (full[-1] and partial[-2]) else ""

    def _constant(self, window: Window) -> str:
        """Returns how severe it is that the generator still draws one image, "" if it does not or may yet begin."""
        images, counts = window.series(DISTINCT)
        now = counts[images > 0.0][-self.looks :] - 1.0
        if len(now) < self.looks or window.images < self.early or now.max() > ONE or now[-1] > now[0] + ONE / 100:
            return ""
        done = window.last("progress") or 0.0
        return "serious" if done >= 0.5 else "warning" if done >= 0.25 else ""

    def _missing(self, window: Window) -> tuple[list[str], int]:
        """Returns labels that no image has come near to at the last looks, and of how many classes they are."""
        names = window.names(CLASS)
        looks = window.snapshots[-self.looks :]
        if len(looks) < self.looks:
            return [], len(names)
        gone = [name for name in names if not any(look.values.get(name, 1.0) for look in looks)]
        half = looks[0].images >= self.early and looks[0].values.get("progress", 0.0) >= 0.5
        if looks[0].images < self.patience and not (half and 4 * len(gone) >= len(names)):
            return [], len(names)  # one class of many may yet come
        return [name.removeprefix(CLASS) for name in gone], len(names)

    def _finding(self, window: Window, severity: str, evidence: list[str], never: bool) -> Finding:
        if never:
            meaning = (
                "The generator has drawn one image from the beginning, whatever the latents are: they do not reach what"
                " it puts out. Kernels of zeros, dead units or outputs at their bounds are the usual reasons."
            )
            remedies = (LAYERS, *lower_rate(window, "generator"))
            return Finding(self.name, severity, tuple(evidence), meaning, remedies, SOURCE, player="generator")
        return Finding(
            name=self.name,
            severity=severity,
            evidence=tuple(evidence),
            meaning="The generator has collapsed: it draws one image, or a few, whatever the latents are. It has found"
            " what the discriminator believes at the moment, and drops the rest of the data. It seldom recovers alone."
            if severity == "serious"
            else "The generator draws only a part of what is in the data, and may go on to lose more of it.",
            remedies=(
                *lower_rate(window, "generator"),
                Remedy("Penalise the critic's slope at real images.", "--config.terms='(\"R1(gamma=1.0)\",)'"),
                Remedy("Give the critic more steps, so that it answers in time.", "--config.critic_steps=2"),
                Remedy(
                    "Let the generator look ahead at the critic's answers.",
                    "--config.update_rule='UnrolledGAN(unroll=5)'",
                ),
                Remedy(
                    "Compare each generated image with a real one.", "--config.loss='Relativistic(NonSaturating())'"
                ),
                Remedy("Show the critic several images at once: `inputs.Packing`, or `layers.MinibatchStd` in it."),
            ),
            source=SOURCE,
            player="generator",
        )


def _distinct(squares: np.ndarray, scale: float) -> float:
    """Returns as how many distinct images those count between which these squared distances are."""
    return float(1.0 / np.exp2(-squares / scale).mean())


def _classes(made: np.ndarray, known: np.ndarray, labels: np.ndarray | None) -> dict[str, float]:
    """Returns to what share generated images are nearest to each class that is frequent enough to tell."""
    if labels is None or np.shape(labels) != (len(known),):
        return {}
    nearest = labels[squares_between(made, known).argmin(axis=1)]
    present, counts = np.unique(labels, return_counts=True)
    frequent = present[counts * len(made) >= FEWEST * len(known)]
    return {f"{CLASS}{label}": float(np.mean(nearest == label)) for label in frequent}
