"""The averaged generator is far behind the one that is trained."""

import math

import numpy as np
from keras import ops

from tfgan_tricks.callbacks.periodic import images_seen
from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy

MOST = 4_096  # weights of a variable that are compared, evenly spaced: enough for a ratio of lengths


class AveragingLag(Detector):
    """Finds an averaged generator that still stands where it started, does not move, or shows what is lost already.

    With w the weights of the generator, w̄ their average and w̄₀ what that was at the first look of this `fit`, behind
    = ‖w̄ - w‖ / ‖w - w̄₀‖: 1 for an average that has not moved yet, 0 for one that has caught up. For weights that move
    steadily it is (τ/t)(1 - exp(-t/τ)) after t images, with τ = half-life / ln 2. At the beginning of a training that
    is near 1 always; it is serious when half of the planned images are over.

    Signals: "averaging_lag/behind"; "averaging_lag/since", images since that first look; "averaging_lag/followed", how
    far w̄ moved since the last look, as a share of how far w did; "averaging_lag/live_spread" and
    "averaging_lag/averaged_spread", root mean square deviation of each pixel over the images of both.

    **Source**: Yazıcı et al., 2019, arXiv:1806.04498, sections 3 and 4; Karras et al., 2020, arXiv:2006.06676, appendix
    B, on the ramp-up that forgets the beginning.

    **Differs from the paper**: thresholds on the distance of weights.

    Args:
        behind: share of its way that the average is behind, from which on it shows the beginning; 0.9 is what a
            half-life of 3.2 times the images so far leaves.
        progress: share of the planned images after which that is serious.
        collapsed: ratio of the live images' spread to that of averaged ones, below which the live generator has lost
            what the average still shows.
        looks: how many looks in a row must agree.

    **Cost**: one pass through the averaged generator; a few thousand weights per variable are compared.

    **Combines badly with**: nothing known.

    Example:

    >>> values = {"averaging_lag/behind": 0.99, "averaging_lag/since": 50_000, "averaging_lag/followed": 0.01}
    >>> looks = tuple(tt.diagnostics.Snapshot(50_000, values | {"progress": 0.6}) for _ in range(2))
    >>> [finding.severity for finding in tt.diagnostics.AveragingLag()(tt.diagnostics.Window(looks))]
    ['serious']
    """

    name = "averaging_lag"

    def __init__(self, behind: float = 0.9, progress: float = 0.5, collapsed: float = 0.2, looks: int = 2):
        check_range("behind", behind, low=0.0, high=1.0, low_open=True)
        check_range("progress", progress, low=0.0, high=1.0)
        check_range("collapsed", collapsed, low=0.0, high=1.0)
        check_integer("looks", looks, at_least=1)
        self.behind = behind
        self.progress = progress
        self.collapsed = collapsed
        self.looks = looks

    def measure(self, look):
        if not look.gan.averaged:
            return {}
        pairs = [(getattr(look.gan.task, name), averaged) for name, averaged in look.gan.averaged.items()]
        live, averaged = look.subject.run(self.name, lambda: _weights(pairs))
        memory, images = look.subject.memory.setdefault(self.name, {}), images_seen(look.gan)
        first, begun = memory.setdefault("first", (averaged, images))
        before = memory.get("before")
        memory["before"] = (live, averaged)
        values = {
            "averaging_lag/since": float(images - begun),
            "averaging_lag/live_spread": _spread(look.inference.images),
            "averaging_lag/averaged_spread": _spread(look.averaged),
        }
        if way := _length(live - first):
            values["averaging_lag/behind"] = _length(averaged - live) / way
        if before is not None and (moved := _length(live - before[0])):
            values["averaging_lag/followed"] = _length(averaged - before[1]) / moved
        return values

    def __call__(self, window):
        behind = window.values("averaging_lag/behind", self.looks)
        followed = window.values("averaging_lag/followed", self.looks)
        if window.last("averaging_lag/since") is None:
            return []
        if len(followed) == self.looks and not followed.any() and self._lasts(behind > 0.0):
            return [self._stuck(window)]
        if self._lasts(behind >= self.behind) and window.last("averaging_lag/behind") is not None:
            return self._behind(window, behind[-1])
        live, averaged = (window.values(f"averaging_lag/{n}_spread", self.looks) for n in ("live", "averaged"))
        return [self._lost(window)] if self._lasts(live < self.collapsed * averaged) else []

    def _lasts(self, agrees: np.ndarray) -> bool:
        return len(agrees) == self.looks and bool(agrees.all())

    def _behind(self, window, behind: float) -> list[Finding]:
        since, done = window.last("averaging_lag/since") or 0.0, window.last("progress")
        planned = window.images / done if done else math.inf
        serious = bool(done) and since >= self.progress * planned
        if not serious and (done is None or done < self.progress / 2):
            return []  # so it is at the beginning of every training
        half_life = window.facts.get("half_life_images")
        evidence = [
            f"At {window.images:,} images the averaged generator's weights are {behind:.1%} of the way behind that the"
            f" live ones have come in {since:,.0f} images.",
            f"That is {done:.0%} of the planned training.",
        ]
        if half_life:
            evidence.append(f"The half-life of the average is {half_life:,} images.")
        meaning = (
            "Sampling, evaluation and export use the averaged generator, and that is still almost what it was at the"
            " beginning: whatever the live one has learnt does not show. The half-life is too long for a run like this."
        )
        return [self._finding("serious" if serious else "warning", evidence, meaning, _shorter(planned))]

    def _stuck(self, window) -> Finding:
        evidence = [
            f"Over the {self.looks} last looks, to {window.images:,} images, the generator moved and its average did"
            " not."
        ]
        meaning = (
            "The averaged generator, which sampling, evaluation and export use, is not updated: the half-life is so"
            " long that each update is lost in rounding, or a step of your own does not call `advance`."
        )
        done = window.last("progress")
        return self._finding("serious", evidence, meaning, _shorter(window.images / done if done else math.inf))

    def _lost(self, window) -> Finding:
        live, averaged = window.last("averaging_lag/live_spread"), window.last("averaging_lag/averaged_spread")
        evidence = [
            f"At {window.images:,} images the live generator's images differ from each other by {live or 0.0:.3g}"
            f" (root mean square), those of its average by {averaged or 0.0:.3g}."
        ]
        meaning = (
            "The live generator has collapsed. The average still shows the images of before and will follow within a"
            " few half-lives: samples look good until then."
        )
        remedies = (Remedy("Stop, and keep a checkpoint from before; then answer the collapse itself."),)
        return self._finding("warning", evidence, meaning, remedies)

    def _finding(self, severity: str, evidence, meaning: str, remedies: tuple[Remedy, ...]) -> Finding:
        source = "Yazıcı et al., 2019, arXiv:1806.04498; Karras et al., 2020, arXiv:2006.06676, appendix B"
        return Finding(self.name, severity, tuple(evidence), meaning, remedies, source, player="generator")


def _shorter(planned: float) -> tuple[Remedy, ...]:
    """Returns the advice to average over about a twentieth of the training."""
    half_life = max(1, round(planned / 20)) if math.isfinite(planned) and planned else 10_000
    line = f"--config.averaging='ExponentialAveraging(half_life_images={half_life}, ramp_up=0.05)'"
    return (
        Remedy("Average over a twentieth of the training, and over less at its beginning.", line),
        Remedy("Do without the average in runs this short.", "--config.averaging=''"),
    )


def _weights(pairs) -> tuple:
    """Returns a sample of the trained weights of live generators, and the same of averaged ones, each as one vector."""
    rows = [
        (live, averaged)
        for network, average in pairs
        for live, averaged in zip(network.variables, average.variables, strict=True)
        if live.trainable
    ]
    return tuple(ops.concatenate([_sample(row[side]) for row in rows]) for side in (0, 1))


def _sample(variable):
    flat = ops.reshape(ops.cast(ops.convert_to_tensor(variable), "float32"), (-1,))
    return flat[:: max(1, math.ceil(flat.shape[0] / MOST))]


def _length(vector: np.ndarray) -> float:
    return float(np.sqrt(np.square(vector, dtype="float64").sum()))  # BLAS threads would wait for TensorFlow's


def _spread(images: np.ndarray) -> float:
    return float(np.sqrt(images.var(axis=0, dtype="float64").mean()))
