"""Weight constraints."""

from tests.conformance.case import Case

CASES = [
    Case("constraints.ClipWeights", {"limit": 0.5}, ((4, 3),)),
]
