"""One prior per class."""

import keras
from keras import ops

from tfgan_tricks.latents.concatenated import check_vectors
from tfgan_tricks.latents.mixture import check_same_length, pick
from tfgan_tricks.latents.prior import Prior
from tfgan_tricks.layers.conditioning.labels import class_numbers
from tfgan_tricks.randomness import stream_of


@keras.saving.register_keras_serializable("tfgan_tricks")
class PerClass(Prior):
    """Latents from the prior of each image's class.

    In training, the generated images have the labels of the real images of the batch; the task then needs "label" in
    each batch. Where no labels are given (sampling, export), they are drawn, every class equally likely.

    **Source**: Ben-Yosef and Weinshall, 2018, arXiv:1808.10356 (the supervised form: one Gaussian per class).

    **Differs from the paper**: any priors, whose parameters are given, not learned.

    Args:
        priors: `Prior`s of vectors of one length, one per class, in the order of the labels.

    Output shape: [n, dim], float32. A label out of range is an error; inside a graph, where it cannot be read, its
        latent is zeros.

    **Cost**: each of the priors draws n latents.

    **Combines badly with**: data whose classes differ much in size: without labels all classes are drawn equally often.

    Example:

    >>> latents = tfgan_tricks.latents
    >>> prior = latents.PerClass((latents.Normal(2, mean=-3.0), latents.Normal(2, mean=3.0)))
    >>> bool(np.all(np.asarray(prior.sample(100, seed=0, label=np.ones(100, "int32"))).mean(axis=0) > 2))
    True
    """

    def __init__(self, priors):
        self.priors = tuple(priors)
        check_vectors("priors", self.priors)
        check_same_length(self.priors)

    @property
    def needs_label(self) -> bool:
        return True

    @property
    def labels(self) -> int:
        return len(self.priors)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.priors[0].shape)

    def sample(self, n, seed, label=None):
        seed, k = stream_of(seed), len(self.priors)
        if label is None:
            label = keras.random.randint((n,), 0, k, dtype="int32", seed=seed)
        chosen = class_numbers(ops.convert_to_tensor(label), k)  # [n], -1 for a label out of range
        return pick(
            [prior.sample(n, seed, **({"label": label} if prior.needs_label else {})) for prior in self.priors], chosen
        )
