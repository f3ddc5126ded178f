"""Batch norm's moving statistics do not fit the generator: it draws otherwise in inference than it was trained to."""

import keras
import numpy as np
from keras import ops

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.tasks.task import images_of

WHICH = {"live": "generator", "averaged": "averaged generator"}


class BatchNormDrift(Detector):
    """Finds generators whose images in inference are not those that the critic has judged.

    In training, batch norm takes the statistics of the batch, in inference its moving averages. These are behind, by
    1/(1 - momentum) updates, or belong to other weights: the averaged generator has the statistics of the live one.
    Both are compared on the same latents: the statistics of the batch are read off what one training call would make of
    the moving ones, m·old + (1 - m)·batch. Critics judge in training mode alone and are not examined.

    Signals, with WHICH for "live" and "averaged": "batch_norm_drift/WHICH/images", the distance of the images in
    training and in inference, over the spread of those in training (root mean squares);
    "batch_norm_drift/WHICH/NETWORK/LAYER", how far the moving statistics are from the batch's, mean over the features
    of |Δmean|/σ + |Δlog σ|, with σ of the batch. None for generators without batch norm.

    **Source**: Ioffe and Szegedy, 2015, arXiv:1502.03167, section 3.1 and algorithm 2; Wu and Johnson, 2021,
    arXiv:2105.07576, section 3, on moving averages that are behind.

    **Differs from the paper**: thresholds on images of a GAN.

    Args:
        images: distance of the images, in spreads, from which on they are others; images drawn from other latents have
            about 1.4.
        statistics: drift of the worst layer, from which on the moving statistics are the reason.
        progress: share of the planned training after which that is serious; until half of it the moving averages may
            just be warming up.
        falling: factor below which the drift of the worst layer must have fallen over the looks to be a warning only:
            a moving average that is warming up.
        looks: how many looks in a row must agree. The one before the first step does not count.

    **Cost**: one pass through the generator, and one as its average, in training mode.

    **Combines badly with**: dropout in the generator, which makes the images differ too; the layers' statistics must
    agree before anything is found.

    Example:

    >>> values = {"batch_norm_drift/live/images": 1.1, "batch_norm_drift/live/generator/norm": 3.0, "progress": 0.6}
    >>> looks = tuple(tt.diagnostics.Snapshot(images, values) for images in (1_000, 2_000, 3_000))
    >>> [finding.severity for finding in tt.diagnostics.BatchNormDrift()(tt.diagnostics.Window(looks))]
    ['serious']
    """

    name = "batch_norm_drift"

    def __init__(
        self, images: float = 0.7, statistics: float = 0.5, progress: float = 0.5, falling: float = 0.95, looks: int = 3
    ):
        check_range("images", images, low=0.0, low_open=True)
        check_range("statistics", statistics, low=0.0, low_open=True)
        check_range("progress", progress, low=0.0, high=1.0)
        check_range("falling", falling, low=0.0, high=1.0)
        check_integer("looks", looks, at_least=1)
        self.images = images
        self.statistics = statistics
        self.progress = progress
        self.falling = falling
        self.looks = looks

    def measure(self, look):
        values: dict[str, float] = {}
        if any(_batch_norms(getattr(look.gan.task, name)) for name in look.gan.task.generators):
            values |= _compared(look, "live", look.inference.images)
            if look.averaged is not None:
                values |= _compared(look, "averaged", look.averaged)
        return values

    def __call__(self, window):
        drifts = [drift for which in WHICH if (drift := self._drift(window, which)) is not None]
        return drifts[:1]  # one is enough: what helps the live generator helps its average

    def _drift(self, window, which: str) -> Finding | None:
        prefix = f"batch_norm_drift/{which}/"
        images, distances = window.series(f"{prefix}images")
        distances = distances[images > 0][-self.looks :]
        layers = {n: window.last(n) or 0.0 for n in window.names(prefix) if n != f"{prefix}images"}
        worst = max(layers, key=layers.__getitem__, default="")
        if not worst or window.last(f"{prefix}images") is None:
            return None
        if len(distances) < self.looks or distances.min() < self.images or layers[worst] < self.statistics:
            return None
        done = window.last("progress")
        if done is not None and done < self.progress / 2:
            return None
        drifts = window.values(worst, self.looks)
        serious = done is not None and done >= self.progress and drifts[-1] >= self.falling * drifts[0]
        return Finding(
            name=self.name,
            severity="serious" if serious else "warning",
            evidence=(
                f"At {window.images:,} images the {WHICH[which]}'s images in inference differ from those in training,"
                f" from the same latents, by {distances[-1]:.2f} times the spread of these.",
                f"The moving statistics of {worst.removeprefix(prefix)} are {layers[worst]:.2f} standard deviations"
                " from those of the batch.",
                f"Over the {self.looks} last looks that distance went from {distances[0]:.2f} to {distances[-1]:.2f}.",
            ),
            meaning="The critic judges images made with the statistics of the batch; what is saved and sampled uses"
            " the moving ones, and those do not fit. So the samples look worse than what has been learnt.",
            remedies=_remedies(which),
            source="Ioffe and Szegedy, 2015, arXiv:1502.03167, section 3.1; Wu and Johnson, 2021, arXiv:2105.07576,"
            " section 3",
            player="generator",
        )


def _remedies(which: str) -> tuple[Remedy, ...]:
    average = "--config.averaging='ExponentialAveraging(half_life_images=2000, ramp_up=0.05)'"
    return (
        *((Remedy("Average over fewer images, so that both generators are alike.", average),) * (which == "averaged")),
        Remedy("Let the moving statistics follow sooner: keras.layers.BatchNormalization(momentum=0.9)."),
        Remedy("Train with a larger batch, whose statistics vary less.", "--config.batch_size=128"),
        Remedy("Normalise without the batch: tfgan_tricks.layers.InstanceNorm or PixelNorm in the generator."),
    )


def _batch_norms(network: keras.Layer) -> list[keras.layers.BatchNormalization]:
    return [part for part in network._flatten_layers() if isinstance(part, keras.layers.BatchNormalization)]


def _compared(look, which: str, inference: np.ndarray) -> dict[str, float]:
    images, drifts = look.subject.run(
        ("batch_norm_drift", which), lambda x: _in_training(look.gan, which, x), look.subject.inputs
    )
    distance = np.sqrt(np.mean(np.square(images - inference), dtype="float64"))
    spread = np.sqrt(images.var(axis=0, dtype="float64").mean())
    values = {f"batch_norm_drift/{which}/{name}": float(drift) for name, drift in drifts.items()}
    return values | ({f"batch_norm_drift/{which}/images": float(distance / spread)} if spread else {})


def _in_training(gan, which: str, x) -> tuple:
    """Returns the images of a training call that moves nothing, and the drift of each batch norm."""
    drifts: dict = {}
    recorders = {name: _recorder(gan, which, name, drifts) for name in gan.task.generators}
    images = images_of(gan.task.call(x, training=True, nets=recorders))
    return ops.cast(images, "float32"), drifts


def _recorder(gan, which: str, name: str, drifts: dict):
    """Returns a generator as a function that keeps its state, and notes how far its statistics are from the batch's."""
    network = getattr(gan.task, name)
    weights = gan.averaged[name].variables if which == "averaged" else network.variables
    value_of = {id(live): weight.value for live, weight in zip(network.variables, weights, strict=True)}
    stream = SeedStream.from_integer(0)

    def call(inputs, **arguments):
        trained = [value_of[id(variable)] for variable in network.trainable_variables]
        fixed = network.non_trainable_variables
        seeded = ["seed_generator" in variable.path for variable in fixed]
        state = [
            ops.cast(stream.next(), variable.dtype) if seed else value_of[id(variable)]
            for variable, seed in zip(fixed, seeded, strict=True)
        ]
        outputs, after = network.stateless_call(trained, state, inputs, **arguments)
        new = {id(variable): value for variable, value in zip(fixed, after, strict=True)}
        for layer in _batch_norms(network):
            if layer.trainable:  # a frozen one uses its moving statistics in training too
                mean, variance = ((value_of[id(v)], new[id(v)]) for v in (layer.moving_mean, layer.moving_variance))
                drifts[f"{name}/{layer.name}"] = _drift(mean, variance, layer.momentum, layer.epsilon)
        return outputs

    return call


def _drift(mean: tuple, variance: tuple, momentum: float, epsilon: float):
    """Returns how far old moving statistics are from those of the batch, given what that made of them: (old, new)."""
    (old_mean, batch_mean), (old_variance, batch_variance) = (
        (old, old + (new - old) / (1.0 - momentum)) for old, new in (mean, variance)
    )
    batch_variance = ops.maximum(batch_variance, 0.0) + epsilon
    shift = ops.abs(old_mean - batch_mean) / ops.sqrt(batch_variance)
    scale = ops.abs(ops.log((old_variance + epsilon) / batch_variance)) / 2.0
    return ops.mean(shift + scale)
