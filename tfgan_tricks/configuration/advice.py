"""What is known about parts that get along badly: advice before training, not a refusal.

Each rule is a function from a compiled GAN to pieces of advice; `RULES` lists them.
"""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import keras

from tfgan_tricks.constraints import ClipWeights
from tfgan_tricks.layers.spectral_norm import SpectralNormKernel
from tfgan_tricks.losses.adversarial import Minimax, NonSaturating, Wasserstein
from tfgan_tricks.penalties import GradientPenalty


@dataclasses.dataclass(frozen=True)
class Advice:
    """Something to consider before training.

    Attributes:
        parties: the parts that do not get along, as the user named them.
        reason: what happens.
        fix: what to do instead.
        source: who found it.
    """

    parties: tuple[str, ...]
    reason: str
    fix: str
    source: str

    def __str__(self) -> str:
        return f"{' with '.join(self.parties)}: {self.reason} {self.fix} (Source: {self.source}.)"


def advise(gan) -> list[Advice]:
    """Returns what the literature says against the combination of parts that a GAN is compiled with.

    Args:
        gan: a compiled `tfgan_tricks.training.GAN`.

    Example:

    >>> generator, discriminator = tt.architectures.mlp(resolution=8, channels=1, latent_dim=4)
    >>> gan = tt.training.GAN(tt.tasks.Unconditional(generator, discriminator, prior=tt.latents.Normal(4)))
    >>> gan.compile("adam", "adam", loss=tt.losses.adversarial.Wasserstein())
    >>> [advice.parties for advice in tt.configuration.advise(gan)]
    [('Wasserstein()', 'a critic without any bound on its slope')]
    """
    return [advice for rule in RULES for advice in rule(gan)]


def _clipping_with_momentum(gan) -> Iterator[Advice]:
    optimizer = getattr(gan.discriminator_optimizer, "inner_optimizer", gan.discriminator_optimizer)
    for name in ("beta_1", "momentum"):
        if isinstance(gan.weight_constraint, ClipWeights) and getattr(optimizer, name, None):
            yield Advice(
                (repr(gan.weight_constraint), f"{type(optimizer).__name__}({name}={getattr(optimizer, name):g})"),
                "a critic whose weights are clipped becomes unstable under momentum.",
                "Use RMSprop, or SGD without momentum, for the discriminator.",
                "Arjovsky et al., 2017, arXiv:1701.07875, section 4",
            )


def _wasserstein_without_bound(gan) -> Iterator[Advice]:
    bounded = gan.weight_constraint is not None or any(isinstance(term, GradientPenalty) for term in gan.terms)
    bounded = bounded or any(isinstance(layer, SPECTRALLY_NORMALISED) for layer in _layers(gan, "discriminator"))
    if isinstance(gan.adversarial_loss, Wasserstein) and not bounded:
        yield Advice(
            (repr(gan.adversarial_loss), "a critic without any bound on its slope"),
            "the loss is a distance only over Lipschitz critics, and grows without limit over others.",
            "Add WGANGP(), ClipWeights(), or spectral normalisation in the critic.",
            "Arjovsky et al., 2017, arXiv:1701.07875, section 3; Gulrajani et al., 2017, arXiv:1704.00028",
        )


def _penalty_with_mixed_examples(gan) -> Iterator[Advice]:
    penalties = [term for term in gan.terms if isinstance(term, GradientPenalty)]
    mixing = [layer for layer in _layers(gan, "discriminator") if isinstance(layer, MIXING)]
    if penalties and mixing:
        yield Advice(
            (repr(penalties[0]), f"{type(mixing[0]).__name__} in the critic"),
            "the penalty is on each example's own gradient, but the layer lets examples depend on each other.",
            "Use layer or instance normalisation in the critic, or none.",
            "Gulrajani et al., 2017, arXiv:1704.00028, section 4",
        )


def _two_targets_of_the_gradient(gan) -> Iterator[Advice]:
    penalties = [term for term in gan.terms if isinstance(term, GradientPenalty)]
    zero, other = ([term for term in penalties if (term.target == 0.0) is wanted] for wanted in (True, False))
    if zero and other:
        yield Advice(
            (repr(zero[0]), repr(other[0])),
            "one pulls the norm of the same gradient to 0, the other away from it.",
            "Keep one of them.",
            "Mescheder et al., 2018, arXiv:1801.04406, section 4.1",
        )


def _two_sided_smoothing(gan) -> Iterator[Advice]:
    if getattr(gan.adversarial_loss, "fake_smoothing", 0.0):
        yield Advice(
            (repr(gan.adversarial_loss), "the optimal discriminator"),
            "smoothed fake targets hold the generator where it already is, if the data has little mass there.",
            "Smooth the real targets only (fake_smoothing=0).",
            "Salimans et al., 2016, arXiv:1606.03498, section 3.4",
        )


def _saturating(gan) -> Iterator[Advice]:
    if isinstance(gan.adversarial_loss, Minimax) and not isinstance(gan.adversarial_loss, NonSaturating):
        yield Advice(
            (repr(gan.adversarial_loss), "an early generator"),
            "the generator's gradient vanishes while the discriminator still rejects its images with confidence.",
            "Use NonSaturating().",
            "Goodfellow et al., 2014, arXiv:1406.2661, section 3",
        )


def _sigmoid_outputs(gan) -> Iterator[Advice]:
    for player, reason, fix, source in (
        (
            "discriminator",
            "losses here take logits, so a sigmoid would be applied twice.",
            "Give the last layer no activation.",
            "docs/design.md, networks return logits",
        ),
        (
            "generator",
            "images are in [-1, 1], half of which a sigmoid cannot reach.",
            "Give the last layer a tanh.",
            "Radford et al., 2016, arXiv:1511.06434, section 3",
        ),
    ):
        for network in gan.networks_of(player):
            last = network.layers[-1]
            if getattr(last, "activation", None) is keras.activations.sigmoid:
                yield Advice((f"the {player}'s last layer '{last.name}'", "its sigmoid"), reason, fix, source)


def _layers(gan, player: str) -> list[keras.layers.Layer]:
    """Returns all layers of a player's networks, also those inside others."""
    return [layer for network in gan.networks_of(player) for layer in network._flatten_layers(include_self=False)]


# Layers whose output for one example depends on the others.
MIXING: tuple[Any, ...] = (keras.layers.BatchNormalization,)
SPECTRALLY_NORMALISED: tuple[Any, ...] = (SpectralNormKernel, keras.layers.SpectralNormalization)
RULES: tuple[Callable[[Any], Iterator[Advice]], ...] = (
    _clipping_with_momentum,
    _wasserstein_without_bound,
    _penalty_with_mixed_examples,
    _two_targets_of_the_gradient,
    _two_sided_smoothing,
    _saturating,
    _sigmoid_outputs,
)
