"""Advice on what bounds the critic's slope: constraints, penalties, normalisation."""

from collections.abc import Iterator
from typing import Any

import keras

from tfgan_tricks import layers
from tfgan_tricks.configuration.advice import Advice, games_of, layers_of
from tfgan_tricks.constraints import ClipWeights
from tfgan_tricks.layers.spectral_norm import SpectrallyNormalized
from tfgan_tricks.losses.adversarial import Wasserstein
from tfgan_tricks.penalties import GradientPenalty, SpectralNormRegularization, WassersteinDivergence

# Layers whose output for one example depends on the others.
MIXING: tuple[Any, ...] = (
    keras.layers.BatchNormalization,
    layers.MinibatchDiscrimination,
    layers.MinibatchStd,
    layers.SwitchableNorm,
)
SPECTRALLY_NORMALISED: tuple[Any, ...] = (SpectrallyNormalized, keras.layers.SpectralNormalization)


def clipping_with_momentum(gan) -> Iterator[Advice]:
    """A critic whose weights are clipped wants no momentum."""
    optimizer = getattr(gan.discriminator_optimizer, "inner_optimizer", gan.discriminator_optimizer)
    for name in ("beta_1", "momentum"):
        if isinstance(gan.weight_constraint, ClipWeights) and getattr(optimizer, name, None):
            yield Advice(
                (repr(gan.weight_constraint), f"{type(optimizer).__name__}({name}={getattr(optimizer, name):g})"),
                "a critic whose weights are clipped becomes unstable under momentum.",
                "Use RMSprop, or SGD without momentum, for the discriminator.",
                "Arjovsky et al., 2017, arXiv:1701.07875, section 4",
            )


def wasserstein_without_bound(gan) -> Iterator[Advice]:
    """The Wasserstein loss needs a Lipschitz critic."""
    bounded = gan.weight_constraint is not None or any(isinstance(term, GradientPenalty) for term in gan.terms)
    bounded = bounded or any(isinstance(layer, SPECTRALLY_NORMALISED) for layer in layers_of(gan, "discriminator"))
    if any(isinstance(game, Wasserstein) for game in games_of(gan)) and not bounded:
        yield Advice(
            (repr(gan.adversarial_loss), "a critic without any bound on its slope"),
            "the loss is a distance only over Lipschitz critics, and grows without limit over others.",
            "Add WGANGP(), ClipWeights(), or spectral normalisation in the critic.",
            "Arjovsky et al., 2017, arXiv:1701.07875, section 3; Gulrajani et al., 2017, arXiv:1704.00028",
        )


def penalty_with_mixed_examples(gan) -> Iterator[Advice]:
    """A gradient penalty is on one example at a time."""
    penalties = [term for term in gan.terms if isinstance(term, GradientPenalty)]
    mixing = [layer for layer in layers_of(gan, "discriminator") if isinstance(layer, MIXING)]
    if penalties and mixing:
        yield Advice(
            (repr(penalties[0]), f"{type(mixing[0]).__name__} in the critic"),
            "the penalty is on each example's own gradient, but the layer lets examples depend on each other.",
            "Use layer or instance normalisation in the critic, or none.",
            "Gulrajani et al., 2017, arXiv:1704.00028, section 4",
        )


def two_targets_of_the_gradient(gan) -> Iterator[Advice]:
    """Penalties with different wanted norms work against each other."""
    penalties = [term for term in gan.terms if isinstance(term, GradientPenalty)]
    zero, other = ([term for term in penalties if (term.target == 0.0) is wanted] for wanted in (True, False))
    if zero and other:
        yield Advice(
            (repr(zero[0]), repr(other[0])),
            "one pulls the norm of the same gradient to 0, the other away from it.",
            "Keep one of them.",
            "Mescheder et al., 2018, arXiv:1801.04406, section 4.1",
        )


def divergence_with_other_penalties(gan) -> Iterator[Advice]:
    """WGAN-div replaces the other bounds."""
    penalties = [term for term in gan.terms if isinstance(term, GradientPenalty)]
    divergences, others = (
        [t for t in penalties if isinstance(t, WassersteinDivergence) is own] for own in (True, False)
    )
    if divergences and others:
        yield Advice(
            (repr(divergences[0]), repr(others[0])),
            "this penalty is there so that the critic needs no other bound; a second one distorts the divergence.",
            "Keep one of them.",
            "Wu et al., 2018, arXiv:1712.01026",
        )


def scale_free_kernels(gan) -> Iterator[Advice]:
    """The scale of a spectral-normalised kernel does not matter."""
    penalties = [term for term in gan.terms if isinstance(term, SpectralNormRegularization)]
    parties = [*penalties, *([gan.weight_constraint] if isinstance(gan.weight_constraint, ClipWeights) else [])]
    normalised = [layer for layer in layers_of(gan, "discriminator") if isinstance(layer, SPECTRALLY_NORMALISED)]
    if parties and normalised:
        yield Advice(
            (repr(parties[0]), f"{type(normalised[0]).__name__} in the critic"),
            "a spectral-normalised layer computes the same whatever the scale of its kernel, which this bounds.",
            "Keep the spectral normalisation alone.",
            "Miyato et al., 2018, arXiv:1802.05957, section 2.1",
        )
