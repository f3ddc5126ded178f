"""`lerp`, `slerp`, `great_circle_path` and `analogy` against rotations and means."""

import numpy as np
import pytest

from tfgan_tricks.latents import analogy, great_circle_path, lerp, slerp

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(2, 5, 8)).astype("float32")


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


@pytest.mark.parametrize("way", [lerp, slerp])
def test_the_ends_are_exact(way):
    np.testing.assert_array_equal(way(A, B, 0.0), A)
    np.testing.assert_array_equal(way(A, B, 1.0), B)


@pytest.mark.parametrize("t", [0.1, 0.5, 0.8])
def test_slerp_turns_by_its_share_of_the_angle_and_keeps_the_length(t):
    a, b = 3.0 * unit(A.astype("float64")), 3.0 * unit(B.astype("float64"))
    points = np.asarray(slerp(a.astype("float32"), b.astype("float32"), t), "float64")
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 3.0, rtol=1e-5)
    for start, end, point in zip(a, b, points, strict=True):
        angle = np.arccos(start @ end / 9)
        side = unit(end - (end @ start / 9) * start)  # the direction of turning, at right angles to the start
        expected = np.cos(t * angle) * start + 3.0 * np.sin(t * angle) * side
        np.testing.assert_allclose(point, expected, rtol=1e-4, atol=1e-5)


def test_slerp_of_different_lengths_is_the_published_formula():
    a, b, t = A.astype("float64"), 2.0 * B.astype("float64"), 0.3
    angle = np.arccos(np.sum(unit(a) * unit(b), axis=1, keepdims=True))
    expected = (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)
    np.testing.assert_allclose(slerp(A, 2.0 * B, t), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("factor", [1.0, 2.5, -1.0])
def test_parallel_and_opposite_latents_give_the_straight_line(factor):
    for t in (0.0, 0.25, 1.0):
        received = np.asarray(slerp(A, factor * A, t))
        np.testing.assert_allclose(received, (1 - t) * A + t * factor * A, rtol=1e-5, atol=1e-6)


def test_slerp_to_zero_is_finite():
    assert np.isfinite(slerp(A, 0.0 * A, 0.3)).all()


def test_slerp_is_continuous_where_it_becomes_straight():
    almost = A + 1e-3 * B
    np.testing.assert_allclose(slerp(A, almost, 0.4), lerp(A, almost, 0.4), rtol=1e-4, atol=1e-5)


def test_t_may_differ_by_example():
    t = np.linspace(0, 1, 5, dtype="float32")[:, None]
    expected = [np.asarray(slerp(A[i : i + 1], B[i : i + 1], float(t[i, 0])))[0] for i in range(5)]
    np.testing.assert_allclose(slerp(A, B, t), expected, rtol=1e-5, atol=1e-6)


def test_the_path_has_equal_steps_from_end_to_end():
    a, b = unit(A[:1]), unit(B[:1])
    path = np.asarray(great_circle_path(a, b, steps=7), "float64")[:, 0]
    np.testing.assert_array_equal(path[[0, -1]].astype("float32"), np.concatenate([a, b]))
    angles = np.arccos(np.sum(path[1:] * path[:-1], axis=1))
    np.testing.assert_allclose(angles, angles[0], rtol=1e-2)
    assert angles.sum() == pytest.approx(float(np.arccos(np.sum(a * b))), rel=1e-3)


def test_an_analogy_is_the_sum_of_means():
    a, b, c = A[:2], A[2:], B[:3]
    expected = a.mean(axis=0) - b.mean(axis=0) + c.mean(axis=0)
    np.testing.assert_allclose(analogy(a, b, c), expected, rtol=1e-5, atol=1e-6)


def test_ends_of_different_shapes_and_too_few_steps_are_refused():
    with pytest.raises(ValueError, match="differ in shape"):
        slerp(A, B[:3], 0.5)
    with pytest.raises(ValueError, match="`steps`"):
        great_circle_path(A, B, steps=1)
