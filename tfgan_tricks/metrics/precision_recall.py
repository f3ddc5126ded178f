"""Precision and recall of generated features among real ones, by nearest neighbours."""

from typing import Any

import keras
import numpy as np

from tfgan_tricks.checks import check_integer
from tfgan_tricks.metrics.metric import Metric
from tfgan_tricks.metrics.neighbours import centred, squared_distances, squared_radii
from tfgan_tricks.metrics.samples import Samples


@keras.saving.register_keras_serializable("tfgan_tricks")
class PrecisionRecall(Metric):
    """Precision and recall: how many generated images look real, and how many real ones could be generated.

    A set is taken to fill the balls around its points that reach to the k-th nearest other point. Precision is the
    share of generated points within the real set, recall that of real points within the generated set. So they tell
    bad images from missing ones, which `FID` mixes.

    **Source**: Kynkäänniemi et al., 2019, arXiv:1904.06991, equations 1 and 2.

    **Differs from the paper**: any features in place of VGG-16's.

    Args:
        k: how many neighbours a ball holds.

    Returns:
        Called with real and fake `Samples`, a `MetricResult` whose value is the harmonic mean. Details: "precision"
        and "recall".

    **Cost**: 2·n·m + n² + m² products of rows in float64, a block at a time; memory grows with n + m only.

    **Combines badly with**: outliers among the real points, whose balls hold almost anything; counts that differ,
    since the larger set has the smaller balls. `DensityCoverage` suffers less.

    Example:

    >>> real = tfgan_tricks.metrics.Samples(features=np.arange(5.0).reshape(5, 1))  # 0, 1, 2, 3, 4
    >>> fake = tfgan_tricks.metrics.Samples(features=np.array([[0.5], [1.5], [20.0], [20.5]]))
    >>> tfgan_tricks.metrics.PrecisionRecall(k=1)(real, fake).details
    {'precision': 0.5, 'recall': 0.6}
    """

    name = "precision_recall"
    higher_is_better = True

    def __init__(self, k: int = 3):
        check_integer("k", k, at_least=1)
        self.k = k

    def minimum(self, width: int) -> tuple[int, str]:
        """Returns the fewest samples, and the reason in a few words."""
        return self.k + 1, f"each needs {self.k} neighbours besides itself"

    def measure(self, real: Samples, fake: Samples) -> tuple[float, float | None, dict[str, Any]]:
        """Returns the harmonic mean, and both shares."""
        points, generated = centred(real.features, fake.features)
        radii, generated_radii = squared_radii(points, self.k), squared_radii(generated, self.k)
        inside = np.zeros(len(generated), bool)  # the real set
        reached = np.zeros(len(points), bool)  # by the generated set
        for rows, columns, distances in squared_distances(points, generated):
            inside[columns] |= (distances <= radii[rows, np.newaxis]).any(axis=0)
            reached[rows] |= (distances <= generated_radii[columns]).any(axis=1)
        precision, recall = float(inside.mean()), float(reached.mean())
        value = 2.0 * precision * recall / (precision + recall) if precision + recall else 0.0
        return value, None, {"precision": precision, "recall": recall}
