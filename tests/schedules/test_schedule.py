"""How a number or a schedule is read."""

import pytest
import tensorflow as tf

from tfgan_tricks.schedules import Linear, Schedule
from tfgan_tricks.schedules.schedule import check_schedule, value_at


def test_a_number_is_the_same_at_any_time():
    for images in (0, 10**6):
        assert float(value_at(2.5, images)) == 2.5
    assert value_at(2, 0).dtype == tf.float32


def test_a_schedule_is_evaluated():
    assert float(value_at(Linear(1.0, 0.0, images=100), 25)) == 0.75


@pytest.mark.parametrize("value", [1, 0.5, Linear(1.0, 0.0, images=100)])
def test_numbers_and_schedules_are_accepted(value):
    check_schedule("weight", value)


@pytest.mark.parametrize("value", [lambda images: 1.0, "1", None, [1.0]])
def test_anything_else_is_refused(value):
    with pytest.raises(TypeError, match=r"`weight` has the wrong type[\s\S]*as weight"):
        check_schedule("weight", value)


def test_a_subclass_must_implement_call():
    with pytest.raises(NotImplementedError, match="__call__"):
        Schedule()(0)
