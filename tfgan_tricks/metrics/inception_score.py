"""Inception score: are generated images each of one class, and of all classes together?"""

import itertools
from typing import Any

import keras
import numpy as np

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.metrics.input_checks import check_probabilities
from tfgan_tricks.metrics.metric import Metric
from tfgan_tricks.metrics.samples import Samples

SEED = 2020  # torch-fidelity's, for equal numbers


def inception_score(probabilities) -> float:
    """Returns exp of the mean Kullback-Leibler divergence of each row from the mean row.

    **Source**: Salimans et al., 2016, arXiv:1606.03498, section 4.

    **Differs from the paper**: no.

    Args:
        probabilities: [n, classes], rows sum to 1.

    Returns:
        The score, from 1 (all rows equal) to the number of classes.

    **Cost**: n · classes logarithms.

    **Combines badly with**: data unlike what the classifier was trained on.

    Example:

    >>> round(tfgan_tricks.metrics.inception_score(np.eye(4)), 6)
    4.0
    """
    rows = check_probabilities(probabilities).astype(np.float64)
    if not len(rows):
        raise ValueError(
            explain(
                "There is nothing to score.",
                received=f"probabilities of shape {rows.shape}",
                expected="[n, classes], n at least 1",
                fix="look at why there are no images.",
            )
        )
    total = _entropy(rows.mean(axis=0, keepdims=True))[0]
    return float(np.exp(total - _entropy(rows).mean()))


@keras.saving.register_keras_serializable("tfgan_tricks")
class InceptionScore(Metric):
    """Inception score: confident about each image, undecided about all of them together.

    The oldest of the usual numbers, kept for comparison with papers. It does not look at real images: a generator
    that makes one perfect image of each class has the best score there is.

    **Source**: Salimans et al., 2016, arXiv:1606.03498, section 4.

    **Differs from the paper**: any classifier. With `InceptionFID`, logits leave out the bias, as the authors' code
    does, which published scores follow. That code splits samples in the order they come in; here they are shuffled
    first, as torch-fidelity does and with its default seed, since images of a folder come sorted by class.

    Args:
        splits: random parts of the samples, of which the mean and the deviation are reported.
        seed: of the order that samples are split in; `None` for the order they come in.

    Returns:
        Called with `None` or real samples and fake `Samples`, a `MetricResult` with the deviation over splits.

    **Cost**: that of the classifier.

    **Combines badly with**: other counts: few images score less. `seed=None` and samples sorted by class, whose splits
    lack classes.

    Example:

    >>> fake = tfgan_tricks.metrics.Samples(probabilities=np.tile(np.eye(4), (5, 1)))
    >>> print(tfgan_tricks.metrics.InceptionScore(splits=1)(None, fake))
    inception_score(splits=1)[given,-/20] = 4 ± 0
    """

    name = "inception_score"
    needs = "probabilities"
    compares = False
    higher_is_better = True

    def __init__(self, splits: int = 10, seed: int | None = SEED):
        check_integer("splits", splits, at_least=1)
        if seed is not None:
            check_integer("seed", seed, at_least=0)
        self.splits = splits
        self.seed = seed

    def minimum(self, width: int) -> tuple[int, str]:
        """Returns the fewest samples, and the reason in a few words."""
        return 2 * self.splits, f"two in each of {self.splits} splits, as one image alone always scores 1"

    def measure(self, real: Samples | None, fake: Samples) -> tuple[float, float | None, dict[str, Any]]:
        """Returns the mean and the deviation over splits."""
        bounds = [fake.count * split // self.splits for split in range(self.splits + 1)]
        rows = fake.probabilities
        if self.seed is not None:
            rows = rows[np.random.RandomState(self.seed).permutation(fake.count)]  # the generator of torch-fidelity
        scores = [inception_score(rows[low:high]) for low, high in itertools.pairwise(bounds)]
        return float(np.mean(scores)), float(np.std(scores)), {"classes": rows.shape[1]}


def _entropy(rows: np.ndarray) -> np.ndarray:
    """Returns the entropy of each row in nats; 0 log 0 is 0."""
    rows = rows / rows.sum(axis=1, keepdims=True)
    return -(rows * np.log(np.where(rows > 0.0, rows, 1.0))).sum(axis=1)
