"""A layer's largest singular value explodes."""

from functools import partial

import keras
import numpy as np
from keras import ops

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.kernels import Kernel, kernels_of
from tfgan_tricks.diagnostics.remedies import lower_rate
from tfgan_tricks.layers.spectral_norm import bilinear, power_iteration
from tfgan_tricks.types import PLAYERS

ITERATIONS = 3  # per look; their vectors go on from look to look
FIRST = 5  # as many times at the first look


class SpectralExplosion(Detector):
    """Finds layers whose largest singular value σ has grown out of all proportion, or jumps.

    The product of the σ of all layers bounds how much a network can stretch its input; a critic without constraint
    under a loss without bound lets them grow for ever, and a generator's explode as it collapses. What counts is
    growth: σ over its value at the first look, or over 1 where that was smaller. A layer whose scale is taken out
    again, because it is spectral-normalised or goes into a normalisation, does no harm by growing: its jumps alone are
    a warning.

    Signals: "spectral_explosion/free/NETWORK/LAYER" and "spectral_explosion/scaled/NETWORK/LAYER", σ of each kernel,
    read as a matrix whose columns are its last axis; "scaled" if a normalisation follows or divides by it (then σ of
    the raw kernel).

    **Source**: Brock et al., 2019, arXiv:1809.11096, section 4 and appendix F.

    **Differs from the paper**: thresholds; they follow spectral-normalised layers by eye, and the first three values.

    Args:
        growth: of a free layer's σ, from which on it has exploded.
        jump: growth within `span` looks that is a warning, for any layer; not within the first `span` looks.
        span: looks over which a jump is measured, and over which an exploded σ must not have fallen.
        looks: how many looks in a row must agree.

    **Cost**: 7 products of each kernel with a vector per look; nothing that grows with the batch.

    **Combines badly with**: nothing known.

    Example:

    >>> sigmas = enumerate((1.0, 8.0, 40.0, 90.0, 200.0))
    >>> looks = tuple(
    ...     tt.diagnostics.Snapshot(1_000 * look, {"spectral_explosion/free/discriminator/dense": sigma})
    ...     for look, sigma in sigmas
    ... )
    >>> [finding.severity for finding in tt.diagnostics.SpectralExplosion()(tt.diagnostics.Window(looks))]
    ['serious']
    """

    name = "spectral_explosion"

    def __init__(self, growth: float = 30.0, jump: float = 3.0, span: int = 3, looks: int = 2):
        check_range("growth", growth, low=1.0, low_open=True)
        check_range("jump", jump, low=1.0, low_open=True)
        check_integer("span", span, at_least=1)
        check_integer("looks", looks, at_least=1)
        self.growth = growth
        self.jump = jump
        self.span = span
        self.looks = looks

    def measure(self, look):
        memory = look.subject.memory.setdefault(self.name, {})
        values = {}
        for name, network in look.networks.items():
            first = name not in memory
            kernels, vectors = memory.get(name) or _started(network)
            for _ in range(FIRST if first else 1):
                run = partial(_iterated, kernels)
                sigmas, vectors = look.subject.run((self.name, name), run, [ops.convert_to_tensor(u) for u in vectors])
            memory[name] = kernels, vectors
            for kernel, sigma in zip(kernels, sigmas, strict=True):
                kind = "scaled" if kernel.scaled else "free"
                values[f"{self.name}/{kind}/{name}/{kernel.name}"] = float(sigma)
        return values

    def __call__(self, window):
        found = []
        for player in PLAYERS:
            names = [n for n in window.names(f"{self.name}/") if _player(window, n) == player]
            free = {n: self._grown(window, n) for n in names if n.startswith(f"{self.name}/free/")}
            exploded = {name: growth for name, growth in free.items() if growth >= self.growth}
            jumps = {name: self._jumped(window, name) for name in names}
            jumped = {name: growth for name, growth in jumps.items() if growth >= self.jump}
            if exploded or jumped:
                found.append(self._finding(window, player, exploded or jumped, "serious" if exploded else "warning"))
        return found

    def _grown(self, window, name: str) -> float:
        """Returns the least growth over the last looks, 0 if these are too few or σ is falling again."""
        sigmas = window.values(name)
        if len(sigmas) <= self.looks or sigmas[-1] < 0.9 * sigmas[-1 - self.span :].max():
            return 0.0
        return float(sigmas[-self.looks :].min() / max(sigmas[0], 1.0))

    def _jumped(self, window, name: str) -> float:
        """Returns the growth over the last `span` looks, 0 at the beginning."""
        sigmas = window.values(name)
        return float(sigmas[-1] / max(sigmas[-1 - self.span], 1.0)) if len(sigmas) > 2 * self.span else 0.0

    def _finding(self, window, player: str, grown: dict[str, float], severity: str) -> Finding:
        worst = max(grown, key=grown.__getitem__)
        _, kind, network, layer = worst.split("/", 3)
        images, sigmas = window.series(worst)
        since = 0 if severity == "serious" else -1 - self.span
        evidence = [
            f"At {window.images:,} images the largest singular value of layer {layer} of {network} is"
            f" {sigmas[-1]:.3g}; at {int(images[since]):,} images it was {sigmas[since]:.3g}."
        ]
        if len(grown) > 1:
            evidence.append(f"So it goes in {len(grown) - 1} more of its layers.")
        if kind == "scaled":
            evidence.append("A normalisation takes the scale of that layer out again; the jump alone is a sign.")
        return Finding(
            name=self.name,
            severity=severity,
            evidence=tuple(evidence),
            meaning="The network stretches its input more and more: small changes of an image make huge changes of what"
            " comes out, gradients grow alike, and the game breaks down."
            if severity == "serious"
            else "Something has pushed the weights far within a short time; large GANs collapse after such jumps.",
            remedies=_remedies(window, player),
            source="Brock et al., 2019, arXiv:1809.11096, section 4",
            player=player,
        )


def _remedies(window, player: str) -> tuple[Remedy, ...]:
    if player == "generator":
        own = [Remedy("Stop, and keep the checkpoint from before: large GANs do not recover.")]
    else:
        own = [
            Remedy("Divide all kernels by their σ.", "--config.architecture='sngan_cnn(width=64)'"),
            Remedy("Hold the critic's slope near 1.", "--config.terms='(\"WGANGP()\",)'"),
            Remedy("Penalise its slope at real images.", "--config.terms='(\"R1(gamma=1.0)\",)'"),
        ]
    return (*own, *lower_rate(window, player))


def _player(window, signal: str) -> str:
    network = signal.split("/")[2]
    return window.player_of(network) or network


def _started(network: keras.Layer) -> tuple[list[Kernel], list]:
    """Returns the kernels, and for each a vector to begin with."""
    kernels = kernels_of(network)
    generator = np.random.default_rng(0)
    return kernels, [generator.normal(size=kernel.matrix().shape[-1]).astype("float32") for kernel in kernels]


def _iterated(kernels: list[Kernel], vectors: list) -> tuple[list, list]:
    """Returns the estimates of σ and the vectors that they were made with."""
    sigmas, after = [], []
    for kernel, vector in zip(kernels, vectors, strict=True):
        matrix = kernel.matrix()
        u, v = power_iteration(matrix, vector, ITERATIONS, 1e-30)
        sigmas.append(bilinear(matrix, u, v))
        after.append(u)
    return sigmas, after
