"""Schedules: the input is a count of images."""

from tests.conformance.case import Case

CASES = [
    Case("schedules.Linear", {"start": 0.5, "end": 0.1, "images": 1_000}, ((),)),
]
