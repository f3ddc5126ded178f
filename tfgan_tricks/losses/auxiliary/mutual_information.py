"""InfoGAN's term: the critic reads the code off the image."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range, explain
from tfgan_tricks.latents.appended_noise import AppendedNoise
from tfgan_tricks.latents.categorical import Categorical
from tfgan_tricks.latents.code import Code
from tfgan_tricks.latents.concatenated import Concatenated
from tfgan_tricks.losses.reading import aux_of, check_shown_one_by_one, output_of
from tfgan_tricks.losses.term import Term
from tfgan_tricks.types import Match


@keras.saving.register_keras_serializable("tfgan_tricks")
class MutualInformation(Term):
    """Keeps the code in the image: the critic guesses it, and both players are paid for a good guess.

    A bound from below on the mutual information of code and image. So each part of the code comes to mean something
    that can be seen: a class, a slant, a width. The critic's output "code" is laid out like the code in the latents:
    for each categorical factor its logits, and for each continuous one a number.

    * categorical: cross-entropy, -log softmax(logits)[c];
    * continuous: -log of a Gaussian of variance 1 around the guess, without its constant: ½ (c - guess)².

    **Source**: Chen et al., 2016, arXiv:1606.03657, equations 5 and 6, and its appendix for the networks.

    **Differs from the paper**: the Gaussian's variance is fixed at 1, where the paper lets the critic guess it.

    Args:
        categorical: λ of the categorical factors, at least 0.
        continuous: λ of the continuous factors, at least 0.
        weight: factor of both, a number or a schedule in images seen.
        every: lazy interval.
        name: name in the logs; the generator's is logged as `generator_<name>`.

    Call arguments:
        match: the completed `Match`, with aux["latents"], and "code" in `fake_out`, [n, length of the code]. Where the
            code is in the latents is found in the task's prior: `Code` or `Categorical`, alone or in `Concatenated` or
            `AppendedNoise`.

    Output shape: `call` returns one value per image, [n], summed over the factors.

    **Cost**: none worth naming; the critic's second head.

    **Combines badly with**: packing and past images, which it refuses: the codes are those of other images;
    `GradientRatio`, which counts it as part of the game.

    Example:

    >>> networks = tt.architectures.mlp(resolution=8, channels=1, latent_dim=3)
    >>> prior = tt.latents.Concatenated(tt.latents.Normal(2), tt.latents.Code(categorical=(), continuous=1))
    >>> term = tt.losses.auxiliary.MutualInformation(continuous=0.5)
    >>> term.prepare(tt.tasks.Unconditional(*networks, prior))
    >>> latents = np.array([[0.1, 0.2, 1.0]], "float32")
    >>> match = tt.types.Match(real=None, fake=None, aux={"latents": latents}, fake_out={"code": np.array([[3.0]])})
    >>> float(term(match))  # 0.5 · ½ · (1 - 3)²
    1.0
    """

    players = ("discriminator", "generator")
    reads_fake = False

    def __init__(
        self, categorical: float = 1.0, continuous: float = 0.1, weight=1.0, every: int = 1, name: str | None = None
    ):
        check_range("categorical", categorical, low=0.0)
        check_range("continuous", continuous, low=0.0)
        super().__init__(weight=weight, every=every, name=name)
        self.categorical = categorical
        self.continuous = continuous
        self._factors: tuple | None = None

    def check_partners(self, partners) -> None:
        check_shown_one_by_one(self, partners.inputs, "a code")
        self._found(partners.task)

    def prepare(self, task) -> None:
        self._factors = self._found(task)

    def call(self, match: Match):
        if self._factors is None:
            raise ValueError(
                explain(
                    "MutualInformation does not know yet where the code is.",
                    received="a term that was not prepared",
                    expected="the task's prior",
                    fix="compile a GAN with it, or call prepare(task).",
                )
            )
        latents = ops.cast(aux_of(self, match, "latents"), "float32")  # [n, d]
        guess = ops.cast(output_of(self, match, "fake", "code"), "float32")
        self._check_length(guess)
        total, start = 0.0, 0
        for place, is_categorical in self._factors:
            length = place.stop - place.start
            own, code = guess[:, start : start + length], latents[:, place]
            if is_categorical:
                total -= self.categorical * ops.sum(code * ops.log_softmax(own, axis=-1), axis=-1)
            else:
                total += self.continuous * 0.5 * ops.sum(ops.square(code - own), axis=-1)
            start += length
        return total  # [n]

    def _found(self, task) -> tuple:
        """Returns where the code is in the task's latents: slices, and whether each is categorical."""
        prior = getattr(task, "prior", None)
        factors = tuple(factors_of(prior))
        if not factors:
            raise ValueError(
                explain(
                    "MutualInformation finds no code in the latents.",
                    received=f"{type(task).__name__} with the prior {prior!r}",
                    expected="a prior with a Code or a Categorical in it",
                    fix="e.g. prior=Concatenated(Normal(62), Code(categorical=(10,), continuous=2)).",
                )
            )
        return factors

    def _check_length(self, guess) -> None:
        length = sum(place.stop - place.start for place, _ in self._factors or ())
        if len(guess.shape) != 2 or guess.shape[-1] != length:
            raise ValueError(
                explain(
                    "The critic's guess does not fit the code.",
                    received=f"'code' of shape {tuple(guess.shape)}",
                    expected=f"[n, {length}]: logits of each categorical factor, a number for each continuous one",
                    fix=f"end the critic's head in keras.layers.Dense({length}).",
                )
            )


def factors_of(prior, start: int = 0):
    """Yields where each factor of a code is in a prior's latents, as a slice, and whether it is categorical."""
    if isinstance(prior, Concatenated):
        for part, place in zip(prior.priors, prior.slices, strict=True):
            yield from factors_of(part, start + place.start)
    elif isinstance(prior, AppendedNoise):
        yield from factors_of(prior.base, start)
    elif isinstance(prior, Categorical):
        yield slice(start, start + prior.classes), True
    elif isinstance(prior, Code):
        for place in prior.categorical_slices:
            yield slice(start + place.start, start + place.stop), True
        if prior.continuous:
            yield slice(start + prior.continuous_slice.start, start + prior.continuous_slice.stop), False
