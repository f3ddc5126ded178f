"""The projection on a class."""

from tests.conformance.case import Case

CASES = [
    Case("layers.ProjectionHead", {"classes": 3, "power_iterations": 2}, ((4, 5), (4,)), (4, 1), labels={1: 3}),
    Case("layers.ProjectionHead", {"classes": 3}, ((4, 3, 2, 5), (4, 1)), (4, 1), labels={1: 3}, variant="pooled"),
    Case("layers.ProjectionHead", {"classes": 3}, ((4, 5), (4, 3)), (4, 1), variant="mixture"),
]
