"""Priors: the input is the batch whose first axis says how many latents are drawn."""

import tfgan_tricks as tt
from tests.conformance.case import Case

latents = tt.latents
N = ((4,),)
TWO = (latents.Normal(3, mean=2.0), latents.Uniform(3))

CASES = [
    Case("latents.Normal", {"dim": 5, "mean": 2.0, "stddev": 0.5}, N, random=True),
    Case("latents.Uniform", {"dim": 5, "low": 0.5, "high": 2.5}, N, random=True),
    Case("latents.TruncatedNormal", {"dim": 5, "threshold": 0.7}, N, random=True),
    Case("latents.Hypersphere", {"dim": 5}, N, random=True),
    Case("latents.Categorical", {"classes": 7}, N, random=True),
    Case("latents.Code", {"categorical": (3, 4), "continuous": 1}, N, random=True),
    Case("latents.AppendedNoise", {"base": latents.Categorical(3), "dim": 2, "stddev": 0.3}, N, random=True),
    Case("latents.Concatenated", {}, N, positional=(latents.Normal(2), latents.Code((3,), 1)), random=True),
    Case("latents.Mixture", {"priors": TWO, "weights": (1.0, 3.0)}, N, random=True),
    Case("latents.PerClass", {"priors": TWO}, N, random=True),
    Case("latents.Empirical", {"mean": (1.0, 2.0), "covariance": ((2.0, 0.5), (0.5, 1.0))}, N, random=True),
    Case(
        "latents.Empirical",
        {
            "mean": ((1.0, 2.0), (0.0, 0.0)),
            "covariance": (((2.0, 0.5), (0.5, 1.0)), ((1.0, 0.0), (0.0, 1.0))),
            "weights": (0.25, 0.75),
        },
        N,
        variant="mixture",
        random=True,
    ),
]
