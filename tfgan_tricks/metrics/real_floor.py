"""What a metric says of real images against real images: below it, differences mean nothing."""

import numpy as np

from tfgan_tricks.checks import check_integer
from tfgan_tricks.metrics.input_checks import check_kind
from tfgan_tricks.metrics.metric import Metric
from tfgan_tricks.metrics.result import MetricResult
from tfgan_tricks.metrics.samples import Samples

REAL = "real"  # in place of which weights made the samples


def real_floor(metric: Metric, real: Samples, seed: int = 0) -> MetricResult:
    """Returns a metric between two random halves of the real samples.

    No generator can be told from the data by less than this, at this count. Report it beside the value.

    **Source**: the habit of Bińkowski et al., 2018, arXiv:1801.01401, who compare real images with real ones.

    **Differs from the paper**: halves of one split in place of training and test images.

    Args:
        metric: any metric.
        real: real samples, twice as many as the metric needs at least.
        seed: of the division into halves.

    Returns:
        The result; its protocol says weights "real".

    **Cost**: that of the metric on half as many images; features are computed once.

    **Combines badly with**: a value measured on other counts: most metrics depend on them.

    Example:

    >>> features = np.random.default_rng(0).normal(size=(400, 4))
    >>> real = tfgan_tricks.metrics.Samples(features=features, split="train")
    >>> floor = tfgan_tricks.metrics.real_floor(tfgan_tricks.metrics.FID(), real)
    >>> print(floor.name, floor.value < 0.2)
    fid[given,200/200,train,real] True
    """
    check_kind("metric", metric, (Metric,), "pass such as tfgan_tricks.metrics.FID().")
    check_kind("real", real, (Samples,), "wrap it: Samples(images), or Samples(features=array).")
    check_integer("seed", seed, at_least=0)
    if metric.needs in ("features", "probabilities"):
        getattr(real, metric.needs)  # computed here, once for both halves
    order = np.random.default_rng(seed).permutation(real.count)
    one, other = (real.take(half) for half in (order[: real.count // 2], order[real.count // 2 :]))
    other.weights, other.seed = REAL, seed
    return metric(one, other)
