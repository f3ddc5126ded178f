"""Priors: the input is the batch whose first axis says how many latents are drawn."""

from tests.conformance.case import Case

CASES = [
    Case("latents.Normal", {"dim": 5, "mean": 2.0, "stddev": 0.5}, ((4,),), random=True),
    Case("latents.Uniform", {"dim": 5, "low": 0.5, "high": 2.5}, ((4,),), random=True),
]
