"""Whether a training went well, by metrics that no detector looks at."""

import dataclasses

import keras
import numpy as np

from tfgan_tricks import metrics

COUNT = 900  # images on each side
SEED = 12_345  # the doctor's latents are others


@dataclasses.dataclass(frozen=True)
class Health:
    """How good the images are that a GAN samples, by the averaged generator if there is one, at one moment.

    Attributes:
        images: seen by then.
        distance: Fréchet distance to the data, on pixels, as a share of the variance of the data: a generator that
            always draws the mean image has 1.
        coverage: share of real images that have a generated one in the ball around them that reaches to their fifth
            neighbour.
        smallest_share: of the class that is drawn least, of what it would have if all classes were equally frequent;
            classes are told by a nearest-neighbour classifier.
    """

    images: int
    distance: float
    coverage: float
    smallest_share: float


class HealthCheck(keras.callbacks.Callback):
    """Measures at the start of a training and after each quarter of it.

    Args:
        images: real ones, [n, h, w, c] in [-1, 1].
        labels: their classes, [n].
        steps: of the training.
    """

    def __init__(self, images: np.ndarray, labels: np.ndarray, steps: int):
        super().__init__()
        chosen = np.random.default_rng(SEED).permutation(len(images))
        self.real = metrics.Samples(images[chosen[:COUNT]], extractor=metrics.Identity())
        self.variance = float(self.real.features.var(axis=0).sum())
        self.known, self.labels = images[chosen[: 4 * COUNT]], labels[chosen[: 4 * COUNT]]
        self.quarter = steps // 4
        self.course: list[Health] = []

    def on_train_begin(self, logs=None):
        self.latents = self.model.task.prior.sample(COUNT, SEED)
        self._measure()

    def on_train_batch_end(self, batch, logs=None):
        if (batch + 1) % self.quarter == 0:
            self._measure()

    def _measure(self) -> None:
        generated = self.model(self.latents, training=False)
        images = int(self.model.images_seen.numpy())
        self.course.append(self.of(keras.ops.convert_to_numpy(generated).astype("float32"), images))

    def of(self, generated: np.ndarray, images: int = 0) -> Health:
        """Returns how good these images are."""
        fake = metrics.Samples(generated, extractor=metrics.Identity())
        shares = metrics.class_shares(self.known, self.labels, generated)
        return Health(
            images,
            distance=metrics.FID(allow_singular=True)(self.real, fake).value / self.variance,
            coverage=metrics.DensityCoverage()(self.real, fake).details["coverage"],
            smallest_share=min(shares.values()) * len(shares),
        )


def is_healthy(course: list[Health]) -> bool:
    """Returns whether a training went well.

    At the end the distance is at most 0.3 of the data's variance, a quarter of what it was at the start, and one and
    a half times the best of the quarters or 0.05, whichever is more; every class is drawn at least a tenth as often
    as if all were equally frequent; and at least a twentieth of the real images have a generated one near.
    """
    end, best = course[-1], min(health.distance for health in course)
    near = end.distance <= min(0.3, course[0].distance / 4) and end.distance <= max(1.5 * best, 0.05)
    return near and end.smallest_share >= 0.1 and end.coverage >= 0.05
