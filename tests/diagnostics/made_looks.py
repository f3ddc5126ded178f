"""Looks made by hand: images in place of networks."""

from types import SimpleNamespace

import numpy as np

from tfgan_tricks.diagnostics import Snapshot, Window


def look_at(images, real=None, labels=None, reference=None):
    """Returns what a detector sees of a look, whose generator drew these images, and its data are those."""
    real = None if real is None else np.asarray(real, "float32")
    return SimpleNamespace(
        inference=SimpleNamespace(images=np.asarray(images, "float32")),
        real=real,
        reference=real if reference is None else np.asarray(reference, "float32"),
        labels=labels,
        subject=SimpleNamespace(memory={}),
    )


def window_of(courses, facts=None, first=0, every=1_000):
    """Returns a window from lists of values by name; a look lacks a signal where its list has `None`."""
    count = max(len(course) for course in courses.values()) if courses else 0
    looks = []
    for i in range(count):
        values = {n: float(c[i]) for n, c in courses.items() if c[i] is not None}
        looks.append(Snapshot(first + every * i, values))
    return Window(tuple(looks), facts or {})
