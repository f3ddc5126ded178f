"""A mixture of priors."""

import keras
from keras import ops

from tfgan_tricks.checks import explain
from tfgan_tricks.latents.concatenated import check_vectors, labels_for
from tfgan_tricks.latents.prior import Prior
from tfgan_tricks.randomness import stream_of


@keras.saving.register_keras_serializable("tfgan_tricks")
class Mixture(Prior):
    """Latents from one of several priors, chosen at random for each image.

    For data in separate clusters: a latent space in one piece forces the generator to bridge them with images that
    belong to none.

    **Source**: Gurumurthy et al., 2017, arXiv:1706.02071, section 3.

    **Differs from the paper**: the components are given, not learned.

    Args:
        priors: `Prior`s of vectors of one length.
        weights: how likely each is; equally unless given. They need not sum to 1.

    Output shape: [n, dim], float32.

    **Cost**: each of the priors draws n latents.

    **Combines badly with**: `slerp` between latents of different components.

    Example:

    >>> latents = tfgan_tricks.latents
    >>> latents.Mixture((latents.Normal(2, mean=-3.0), latents.Normal(2, mean=3.0)), weights=(0.25, 0.75)).shape
    (2,)
    """

    def __init__(self, priors, weights=None):
        self.priors = tuple(priors)
        check_vectors("priors", self.priors)
        check_same_length(self.priors)
        self.weights = None if weights is None else tuple(weights)
        if self.weights is not None and (len(self.weights) != len(self.priors) or min(self.weights) <= 0):
            raise ValueError(
                explain(
                    "`weights` must say how likely each prior is.",
                    received=f"weights={self.weights!r} for {len(self.priors)} priors",
                    expected="one number above 0 per prior",
                    fix="leave out priors that are never to be drawn.",
                )
            )

    @property
    def needs_label(self) -> bool:
        return any(prior.needs_label for prior in self.priors)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.priors[0].shape)

    def sample(self, n, seed, **label):
        seed, k = stream_of(seed), len(self.priors)
        logits = ops.log(ops.convert_to_tensor([self.weights or (1.0,) * k], dtype="float32"))  # [1, k]
        chosen = keras.random.categorical(logits, n, dtype="int32", seed=seed)[0]  # [n]
        latents = [prior.sample(n, seed, **labels_for(prior, label)) for prior in self.priors]
        return pick(latents, chosen)


def pick(latents: list, chosen):
    """Returns for each row the latent of the prior that was chosen for it."""
    places = ops.one_hot(chosen, len(latents), dtype="bool")  # [n, k]
    picked = ops.zeros_like(latents[0])
    for index, drawn in enumerate(latents):
        picked = ops.where(places[:, index : index + 1], drawn, picked)
    return picked


def check_same_length(priors: tuple[Prior, ...]) -> None:
    """Raises unless all priors draw latents of one shape."""
    if len({tuple(prior.shape) for prior in priors}) > 1:
        raise ValueError(
            explain(
                "The priors draw latents of different lengths.",
                received=f"shapes {[tuple(prior.shape) for prior in priors]}",
                expected="one shape for all",
                fix="give them the same dim.",
            )
        )
