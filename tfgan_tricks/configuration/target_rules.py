"""Advice on what the critic's outputs are compared with, and on single layers of the networks."""

from collections.abc import Iterator

import keras

from tfgan_tricks.configuration.advice import Advice, games_of, layers_of
from tfgan_tricks.inputs import AdaptiveAugment, HistoryBuffer, Packing
from tfgan_tricks.layers import VirtualBatchNorm
from tfgan_tricks.losses.adversarial import Minimax, NonSaturating, Relativistic
from tfgan_tricks.types import PLAYERS


def smoothed_pairs(gan) -> Iterator[Advice]:
    """A difference of logits has no label to smooth."""
    game = games_of(gan)[-1]
    smoothing = getattr(game.base, "label_smoothing", 0.0) if isinstance(game, Relativistic) else 0.0
    if smoothing:
        yield Advice(
            (repr(game), f"label_smoothing={smoothing!r}"),
            "a relativistic critic says how much more real one image is than another, for which there is no label; a"
            " smoothed target only limits the difference.",
            "Leave the smoothing out.",
            "Jolicoeur-Martineau, 2018, arXiv:1807.00734, section 4",
        )


def two_sided_smoothing(gan) -> Iterator[Advice]:
    """Smoothed fake targets hold the generator back."""
    if any(getattr(game, "fake_smoothing", 0.0) for game in games_of(gan)):
        yield Advice(
            (repr(gan.adversarial_loss), "the optimal discriminator"),
            "smoothed fake targets hold the generator where it already is, if the data has little mass there.",
            "Smooth the real targets only (fake_smoothing=0).",
            "Salimans et al., 2016, arXiv:1606.03498, section 3.4",
        )


def saturating(gan) -> Iterator[Advice]:
    """The minimax generator loss saturates."""
    if isinstance(games_of(gan)[-1], Minimax) and not isinstance(games_of(gan)[-1], NonSaturating):
        yield Advice(
            (repr(gan.adversarial_loss), "an early generator"),
            "the generator's gradient vanishes while the discriminator still rejects its images with confidence.",
            "Use NonSaturating().",
            "Goodfellow et al., 2014, arXiv:1406.2661, section 3",
        )


def sigmoid_outputs(gan) -> Iterator[Advice]:
    """Critics give logits, and images reach down to -1."""
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


def augmentation_without_a_boundary(gan) -> Iterator[Advice]:
    """Adaptive augmentation reads overfitting off the sign of logits, which some games leave free."""
    augmentations = [layer for layer in gan.input_transforms if isinstance(layer, AdaptiveAugment)]
    if augmentations and gan.adversarial_loss.boundary != 0.0:
        yield Advice(
            (type(augmentations[0]).__name__, repr(gan.adversarial_loss)),
            "it follows the share of real images with a logit above 0, and this loss fixes no boundary there.",
            "Use NonSaturating() or Hinge(), or DiffAugment(), whose strength is fixed.",
            "Karras et al., 2020, arXiv:2006.06676, section 3.1",
        )


def old_images_in_packs(gan) -> Iterator[Advice]:
    """Packing shows whether images are alike, unless they come from different times."""
    kinds = [type(layer) for layer in gan.input_transforms]
    if HistoryBuffer in kinds and Packing in kinds:
        yield Advice(
            ("HistoryBuffer", "Packing"),
            "packs of images from different times hide that the present ones are alike.",
            "Keep one of them.",
            "Lin et al., 2018, arXiv:1712.04086, section 3",
        )


def norms_without_a_reference(gan) -> Iterator[Advice]:
    """A virtual batch norm that was never adapted normalises nothing."""
    for player in PLAYERS:
        fresh = [layer for layer in layers_of(gan, player) if isinstance(layer, VirtualBatchNorm) and not layer.adapted]
        if fresh:
            yield Advice(
                (f"the {player}'s layer '{fresh[0].name}'", "no reference batch"),
                "a VirtualBatchNorm normalises nothing until it has seen one.",
                "Call tfgan_tricks.layers.adapt_virtual_batch_norms(network, reference) before training.",
                "Salimans et al., 2016, arXiv:1606.03498, section 3.5",
            )
