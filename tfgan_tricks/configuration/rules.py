"""All rules on parts that get along badly, each a function from a compiled GAN to pieces of advice."""

from collections.abc import Callable, Iterator
from typing import Any

from tfgan_tricks.configuration import order_rules, slope_rules, target_rules
from tfgan_tricks.configuration.advice import Advice

RULES: tuple[Callable[[Any], Iterator[Advice]], ...] = (
    slope_rules.clipping_with_momentum,
    slope_rules.wasserstein_without_bound,
    slope_rules.penalty_with_mixed_examples,
    slope_rules.two_targets_of_the_gradient,
    slope_rules.divergence_with_other_penalties,
    slope_rules.scale_free_kernels,
    target_rules.smoothed_pairs,
    target_rules.two_sided_smoothing,
    target_rules.saturating,
    target_rules.sigmoid_outputs,
    target_rules.augmentation_without_a_boundary,
    target_rules.norms_without_a_reference,
    target_rules.old_images_in_packs,
    order_rules.simultaneous_without_damping,
    order_rules.virtual_descent_beside_adam,
)


def advise(gan) -> list[Advice]:
    """Returns what the literature says against the combination of parts that a GAN is compiled with.

    Args:
        gan: a compiled `tfgan_tricks.training.GAN`, or one of its relatives.

    Example:

    >>> generator, discriminator = tt.architectures.mlp(resolution=8, channels=1, latent_dim=4)
    >>> gan = tt.training.GAN(tt.tasks.Unconditional(generator, discriminator, prior=tt.latents.Normal(4)))
    >>> gan.compile("adam", "adam", loss=tt.losses.adversarial.Wasserstein())
    >>> [advice.parties for advice in tt.configuration.advise(gan)]
    [('Wasserstein()', 'a critic without any bound on its slope')]
    """
    return [advice for rule in RULES for advice in rule(gan)]
