"""The vocabulary that all parts share: what a batch is, what a match is, which players there are.

A **batch** is what the data pipeline delivers: a dict with `image` (float32, [n, h, w, c], in [-1, 1]) and, where
the data has them, `label` (int32, [n]) and whatever else the task names in `needs`.

A **match** is one (real, fake) pair as the task sets it up for one critic. The GAN lets the critic judge it and
hands the completed match to the loss and to every term, so that a term needs no knowledge of networks, input
transforms, conditions, or of whose turn it is.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Literal

Tensor = Any  # a tensor of whichever backend Keras runs on
Batch = Mapping[str, Tensor]
Outputs = Mapping[str, Any]  # of a critic: "logits", optionally "features", "class_logits", "code"
Player = Literal["generator", "discriminator"]
PLAYERS: tuple[Player, Player] = ("discriminator", "generator")


def no_judge(images: Tensor) -> Outputs:
    """Stands in for `Match.judge` until the GAN has filled it."""
    raise RuntimeError("This match has no critic yet: `judge` is filled by the GAN, in `GAN.player_loss`.")


@dataclasses.dataclass(frozen=True)
class Match:
    """One pair of real and generated images before one critic.

    Filled by the task:

    Attributes:
        real: real images, [n, h, w, c].
        fake: generated images, [n, h, w, c]; gradient flows into the generator in its own update only.
        critic: name of the critic that judges the pair.
        condition: what the critic is told besides the image, or `None`.
        aux: anything else that a term may need, by name (a latent code, a mask, a target).

    Filled by the GAN:

    Attributes:
        real_out: the critic's outputs on `real`, with at least "logits"; empty when nobody asked for them.
        fake_out: the critic's outputs on `fake`.
        judge: function from images to the critic's outputs, through the same input transforms, condition and
            weights as this update uses; it never moves the critic's state (spectral norm's vector, batch norm's
            statistics), so a penalty may call it anywhere, also inside a condition.
        seed: `SeedStream` of this update; take all random numbers from it.
        group: how many images the critic judges together (more than 1 after packing).
        images_seen: images seen by the generator so far, int64 scalar; what schedules are evaluated at.
        step: how many updates this player has made so far, integer scalar, which lazy terms count; `None` in tests.
        branches: whether a lazy term that is not due may leave its computation out. Not where it is differentiated
            so often that XLA has no gradient of a condition (in virtual steps).
        player: whose update it is.
    """

    real: Tensor
    fake: Tensor
    critic: str = "discriminator"
    condition: Any = None
    aux: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    real_out: Outputs = dataclasses.field(default_factory=dict)
    fake_out: Outputs = dataclasses.field(default_factory=dict)
    judge: Callable[[Tensor], Outputs] = no_judge
    seed: Any = None
    group: int = 1
    images_seen: Tensor = 0
    step: Tensor | None = None
    branches: bool = True
    player: Player = "discriminator"
