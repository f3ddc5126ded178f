"""What the base class of terms adds to a value: mean, weight, lazy interval, name."""

import numpy as np
import pytest
import tensorflow as tf

from tests.support.matches import linear_critic, match_of
from tfgan_tricks.losses import Term
from tfgan_tricks.losses.term import snake_case
from tfgan_tricks.schedules import Linear


class PixelSum(Term):
    """A term of known value: the sum over the pixels of each real image."""

    calls = 0

    def call(self, match):
        type(self).calls += 1
        return tf.reduce_sum(match.real, axis=1)


REAL = np.array([[1.0, 2.0], [3.0, 5.0], [-1.0, 0.5]], "float32")
MEAN = REAL.sum(axis=1).mean()


def match(**fields):
    return match_of(linear_critic(np.ones(2)), REAL, **fields)


def test_value_is_the_weighted_mean_over_examples():
    value = PixelSum(weight=3.0)(match())
    assert value.dtype == tf.float32
    assert value.shape == ()
    assert float(value) == pytest.approx(3.0 * MEAN)


def test_low_precision_values_are_averaged_in_float32():
    class Half(Term):
        def call(self, match):
            return tf.fill((4096,), tf.constant(100.0, tf.float16))  # the sum is beyond float16

    assert float(Half()(match())) == 100.0


@pytest.mark.parametrize(("images_seen", "weight"), [(0, 4.0), (50, 3.0), (100, 2.0), (999, 2.0)])
def test_a_weight_may_follow_a_schedule(images_seen, weight):
    value = PixelSum(weight=Linear(4.0, 2.0, images=100))(match(images_seen=images_seen))
    assert float(value) == pytest.approx(weight * MEAN)


def lazy_values(mode) -> list[float]:
    term = PixelSum(weight=2.0, every=3)
    compute = mode(lambda step: term(match(step=step)))
    return [float(compute(tf.constant(step, tf.int64))) for step in range(7)]


@pytest.mark.parametrize("mode", [lambda function: function, tf.function], ids=["eager", "graph"])
def test_a_lazy_term_is_k_times_its_value_in_each_kth_update_and_0_else(mode):
    expected = [3 * 2.0 * MEAN if step in (0, 3, 6) else 0.0 for step in range(7)]
    assert lazy_values(mode) == pytest.approx(expected)


def test_a_lazy_term_is_not_computed_when_it_is_not_due():
    PixelSum.calls = 0
    lazy_values(lambda function: function)
    assert PixelSum.calls == 3


def test_outside_of_training_a_lazy_term_has_its_plain_value():
    assert float(PixelSum(weight=2.0, every=3)(match(step=None))) == pytest.approx(2.0 * MEAN)


def test_a_lazy_schedule_is_read_at_the_images_seen_not_at_the_step():
    term = PixelSum(weight=Linear(0.0, 1.0, images=100), every=4)
    assert float(term(match(step=8, images_seen=25))) == pytest.approx(4 * 0.25 * MEAN)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("FeatureMatching", "feature_matching"), ("R1", "r1"), ("WGANGP", "wgangp"), ("Cycle", "cycle")],
)
def test_class_names_become_log_names(name, expected):
    assert snake_case(name) == expected


def test_name_is_given_or_that_of_the_class():
    assert PixelSum().name == "pixel_sum"
    assert PixelSum(name="other").name == "other"


@pytest.mark.parametrize("every", [0, -1, 1.5, True, "2"])
def test_lazy_interval_must_be_a_positive_integer(every):
    with pytest.raises(ValueError, match=r"`every` must be an integer"):
        PixelSum(every=every)


def test_a_function_as_weight_is_refused_because_it_could_not_be_saved():
    with pytest.raises(TypeError, match=r"`weight` has the wrong type[\s\S]*Linear"):
        PixelSum(weight=lambda images: 1.0)


def test_a_term_for_an_unknown_player_is_refused():
    class Spectator(Term):
        players = ("spectator",)

    with pytest.raises(ValueError, match=r"Unknown value for `players`[\s\S]*'spectator'"):
        Spectator()


def test_the_protocol_says_what_a_subclass_must_implement():
    with pytest.raises(NotImplementedError, match=r"must implement call\(match\)"):
        Term()(match())
