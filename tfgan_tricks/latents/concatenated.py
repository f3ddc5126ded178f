"""Several priors, one after the other."""

import keras
from keras import ops

from tfgan_tricks.checks import check_type, explain
from tfgan_tricks.latents.prior import Prior
from tfgan_tricks.randomness import stream_of


@keras.saving.register_keras_serializable("tfgan_tricks")
class Concatenated(Prior):
    """Latents that are made of independent parts, such as noise and a code.

    It remembers where each part lies, so that a term can find the code in a latent.

    **Source**: Chen et al., 2016, arXiv:1606.03657, section 3.

    **Differs from the paper**: no.

    Args:
        *priors: `Prior`s of vectors, at least one.

    Output shape: [n, sum of the parts' lengths], float32.

    **Cost**: none.

    **Combines badly with**: nothing known.

    Example:

    >>> latents = tfgan_tricks.latents
    >>> prior = latents.Concatenated(latents.Normal(62), latents.Code(categorical=(10,), continuous=2))
    >>> prior.shape, prior.slices
    ((74,), (slice(0, 62, None), slice(62, 74, None)))
    """

    def __init__(self, *priors: Prior):
        check_vectors("priors", priors)
        self.priors = priors

    @property
    def needs_label(self) -> bool:
        return any(prior.needs_label for prior in self.priors)

    @property
    def shape(self) -> tuple[int, ...]:
        return (sum(prior.shape[0] for prior in self.priors),)

    @property
    def slices(self) -> tuple[slice, ...]:
        """Where each part is."""
        ends = [sum(prior.shape[0] for prior in self.priors[: i + 1]) for i in range(len(self.priors))]
        return tuple(slice(end - prior.shape[0], end) for end, prior in zip(ends, self.priors, strict=True))

    def sample(self, n, seed, **label):
        seed = stream_of(seed)
        return ops.concatenate([prior.sample(n, seed, **labels_for(prior, label)) for prior in self.priors], axis=1)

    def __repr__(self) -> str:
        return f"Concatenated({', '.join(map(repr, self.priors))})"

    @classmethod
    def from_config(cls, config):
        return cls(*(keras.saving.deserialize_keras_object(prior) for prior in config["priors"]))


def check_vectors(argument: str, priors) -> None:
    """Raises unless all are priors of vectors, and there is one at least."""
    for prior in priors:
        check_type(argument, prior, Prior, "pass priors such as tfgan_tricks.latents.Normal(128).")
    if not priors or any(len(prior.shape) != 1 for prior in priors):
        raise ValueError(
            explain(
                f"`{argument}` must be priors of vectors.",
                received=f"latents of shapes {[tuple(prior.shape) for prior in priors]}",
                expected="one prior or more, each with a shape such as (128,)",
                fix="leave out the others.",
            )
        )


def labels_for(prior: Prior, label: dict) -> dict:
    """Returns the label as a keyword argument for a prior that takes one."""
    return label if prior.needs_label else {}
