"""What is minimised: losses with and without the tricks that make the game converge."""

import dataclasses
from collections.abc import Callable

import tfgan_tricks as tt
from tfgan_tricks.losses.adversarial import Minimax, NonSaturating, Wasserstein

# A zero-centred penalty of this γ, and Gaussian noise of variance 2γ, damp the game alike around its equilibrium.
GAMMA = 0.5
# The mean over a batch stands for the expectation over the noise: the larger, the nearer to the equilibrium it ends.
EXAMPLES_WITH_NOISE = 4096


@dataclasses.dataclass(frozen=True)
class Variant:
    """One row of the table.

    Attributes:
        parts: function returning new arguments of `compile`: parts with a memory belong to one GAN.
        damped: whether the paper proves that it converges (instance noise, zero-centred penalties).
        examples: real and generated examples in each update.
    """

    parts: Callable[[], dict]
    damped: bool
    examples: int = 4


VARIANTS = {
    "non-saturating": Variant(lambda: {"loss": NonSaturating()}, damped=False),
    "minimax": Variant(lambda: {"loss": Minimax()}, damped=False),
    "Wasserstein": Variant(lambda: {"loss": Wasserstein()}, damped=False),
    "Wasserstein, weights clipped to 1": Variant(
        lambda: {"loss": Wasserstein(), "weight_constraint": tt.constraints.ClipWeights(1.0)}, damped=False
    ),
    "WGAN-GP, λ = 1": Variant(lambda: {"loss": Wasserstein(), "terms": [tt.penalties.WGANGP(1.0)]}, damped=False),
    "instance noise, σ = 1": Variant(
        lambda: {"loss": NonSaturating(), "inputs": [tt.inputs.InstanceNoise((2.0 * GAMMA) ** 0.5)]},
        damped=True,
        examples=EXAMPLES_WITH_NOISE,
    ),
    "R1, γ = 0.5": Variant(lambda: {"loss": NonSaturating(), "terms": [tt.penalties.R1(GAMMA)]}, damped=True),
    "R2, γ = 0.5": Variant(lambda: {"loss": NonSaturating(), "terms": [tt.penalties.R2(GAMMA)]}, damped=True),
    "zero-centred on lines, λ = 0.25": Variant(  # this one has no ½ in front
        lambda: {"loss": NonSaturating(), "terms": [tt.penalties.ZeroCenteredGP(GAMMA / 2.0)]}, damped=True
    ),
    "Wasserstein with R1, γ = 0.5": Variant(
        lambda: {"loss": Wasserstein(), "terms": [tt.penalties.R1(GAMMA)]}, damped=True
    ),
    "historical averaging, weight 0.5": Variant(
        lambda: {"loss": NonSaturating(), "terms": [tt.penalties.HistoricalAveraging(0.5)]}, damped=False
    ),
}
