"""Penalties: real and generated images."""

import tfgan_tricks as tt
from tests.conformance.case import Case

IMAGES = ((4, 3, 2, 2), (4, 3, 2, 2))  # real and fake
DECAY = tt.schedules.Linear(0.5, 0.1, images=1_000)

CASES = [
    Case(
        "penalties.GradientPenalty",
        {"where": "fake", "target": 0.5, "one_sided": True, "weight": DECAY, "every": 4, "name": "smoothness"},
        IMAGES,
    ),
    Case("penalties.R1", {"gamma": 2.0, "every": 16, "name": "smoothness"}, IMAGES),
    Case("penalties.R1", {"gamma": DECAY}, ((4, 5), (4, 5)), variant="vectors"),
    Case(
        "penalties.WGANGP",
        {"weight": 5.0, "target": 0.5, "one_sided": True, "every": 4, "name": "smoothness"},
        IMAGES,
        random=True,
    ),
    Case("penalties.R2", {"gamma": DECAY, "every": 4, "name": "smoothness"}, IMAGES),
    Case("penalties.ZeroCenteredGP", {"weight": 5.0, "every": 4, "name": "smoothness"}, IMAGES, random=True),
    Case("penalties.DRAGAN", {"weight": 5.0, "every": 4, "name": "smoothness"}, IMAGES, random=True),
    Case(
        "penalties.WassersteinDivergence",
        {"k": 3.0, "p": 4.0, "where": "line", "every": 4, "name": "smoothness"},
        IMAGES,
        random=True,
    ),
    Case("penalties.WassersteinDivergence", {"p": 3.0}, ((4, 5), (4, 5)), variant="both"),
    Case(
        "penalties.OrthogonalRegularization",
        {"weight": DECAY, "player": "discriminator", "every": 4, "name": "orthogonal"},
        IMAGES,
    ),
    Case("penalties.SpectralNormRegularization", {"weight": DECAY, "every": 4, "name": "sigma"}, IMAGES),
    Case("penalties.HistoricalAveraging", {"weight": DECAY, "every": 4, "name": "history"}, IMAGES),
    Case("penalties.LeCam", {"weight": DECAY, "decay": 0.5, "every": 4, "name": "scores"}, IMAGES),
    Case(
        "penalties.ConsistencyRegularization",
        {
            "augment": tt.inputs.InstanceNoise(0.3),
            "weight": 5.0,
            "fake_share": 0.5,
            "every": 4,
            "name": "consistency",
        },
        IMAGES,
        random=True,
    ),
    Case("penalties.WGANGP", {"target": 1.5}, ((4, 5), (4, 5)), variant="two_sided", random=True),
]
