"""`ConstantThenLinear`, `Cosine`, `HalfLife` and `Piecewise` against NumPy, in float64."""

import math

import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.configuration import build
from tfgan_tricks.schedules import ConstantThenLinear, Cosine, HalfLife, Piecewise

PLACES = (0, 1, 250, 299, 300, 301, 500, 999, 1_000, 1_299, 1_300, 1_301, 10**9, 10**13)
ENDS = [(0.1, 0.0), (2e-4, 1e-6), (0.0, 5.0), (-1.0, 3.0), (2.0, 2.0)]
POINTS = [(100, 0.5), (300, 2.0), (300, -1.0), (1_000, 3.0), (1_300, 3.0)]


def agrees(schedule, formula):
    for images in PLACES:
        value = schedule(tf.constant(images, tf.int64))
        assert value.dtype == tf.float32
        assert value.shape == ()
        assert float(value) == pytest.approx(formula(images), rel=2e-6, abs=1e-7), images


@pytest.mark.parametrize(("start", "end"), ENDS)
def test_constant_then_a_straight_line(start, end):
    schedule = ConstantThenLinear(start, end, constant_images=300, images=1_000)
    agrees(schedule, lambda images: np.interp(images, [300, 1_300], [start, end]))
    assert float(schedule(300)) == np.float32(start)
    assert float(schedule(1_300)) == np.float32(end)


@pytest.mark.parametrize(("start", "end"), ENDS)
def test_half_a_wave_of_the_cosine(start, end):
    schedule = Cosine(start, end, images=1_000)
    agrees(schedule, lambda n: end + (start - end) * (1 + math.cos(math.pi * min(n, 1_000) / 1_000)) / 2)
    assert float(schedule(0)) == np.float32(start)
    assert float(schedule(1_000)) == np.float32(end)


@pytest.mark.parametrize(("start", "end"), ENDS)
def test_half_of_the_way_in_each_half_life(start, end):
    schedule = HalfLife(start, end, images=300)
    agrees(schedule, lambda n: end + (start - end) * 2.0 ** -(n / 300))
    assert float(schedule(0)) == np.float32(start)


def test_a_half_life_ends_at_0_unless_told_otherwise():
    assert float(HalfLife(8.0, images=100)(300)) == 1.0


def by_hand(images: int) -> float:
    """The lines between the points, told apart one by one; at the jump the later value holds."""
    if images < 300:
        return float(np.interp(images, [100, 300], [0.5, 2.0]))
    return float(np.interp(images, [300, 1_000], [-1.0, 3.0]))


def test_lines_between_points_with_a_jump():
    agrees(Piecewise(POINTS), by_hand)


def test_one_point_is_a_constant_and_the_last_of_several_at_one_image_holds():
    assert [float(Piecewise([(50, 0.25)])(n)) for n in (0, 50, 90)] == [0.25] * 3
    jumps = Piecewise([(10, 1.0), (10, 2.0), (10, 4.0)])
    assert [float(jumps(n)) for n in (9, 10, 11)] == [1.0, 4.0, 4.0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ConstantThenLinear(2e-4, 0.0, constant_images=10, images=20)", ConstantThenLinear(2e-4, 0.0, 10, 20)),
        ("Cosine(2e-4, 0.0, images=100_000)", Cosine(2e-4, 0.0, 100_000)),
        ("HalfLife(1.0, images=50)", HalfLife(1.0, 0.0, images=50)),
        ("Piecewise([(0, 0.0), (10, 1.0)])", Piecewise(((0, 0.0), (10, 1.0)))),
    ],
)
def test_each_can_be_written_in_a_config(text, expected):
    noise = build(f"InstanceNoise({text})", "inputs")
    assert noise.stddev == expected


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: ConstantThenLinear(1.0, 0.0, constant_images=-1, images=5), "`constant_images` must be an integer"),
        (lambda: ConstantThenLinear(1.0, 0.0, constant_images=5, images=0), "`images` must be an integer"),
        (lambda: ConstantThenLinear("1", 0.0, constant_images=5, images=5), "`value` is out of range"),
        (lambda: Cosine(1.0, 0.0, images=1.5), "`images` must be an integer"),
        (lambda: Cosine(1.0, None, images=5), "`end` is out of range"),
        (lambda: HalfLife(1.0, images=0), "`images` must be an integer"),
        (lambda: HalfLife([1.0], images=5), "`start` is out of range"),
        (lambda: Piecewise([]), "no points"),
        (lambda: Piecewise([(5, 1.0), (4, 1.0)]), "ascending order"),
        (lambda: Piecewise([(0, 1.0), 5]), r"points\[1\]` is no pair"),
        (lambda: Piecewise([(-1, 1.0)]), r"`points\[0\]\[0\]` must be an integer"),
        (lambda: Piecewise([(0, "1")]), r"`points\[0\]\[1\]` is out of range"),
    ],
)
def test_wrong_arguments_are_refused(make, word):
    with pytest.raises(ValueError, match=rf"{word}[\s\S]*Received:[\s\S]*Fix:"):
        make()
