"""The rule of `Configurable`: constructor arguments, kept under their own names, are the object."""

import json

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tfgan_tricks.schedules import Linear
from tfgan_tricks.serialization import Configurable


@keras.saving.register_keras_serializable("tfgan_tricks_tests")
class Setting(Configurable):
    def __init__(self, size, schedule=0.5, parts=(), **unused):
        self.size = size
        self.schedule = schedule
        self.parts = tuple(parts) if isinstance(parts, list) else parts  # JSON knows lists only
        self.computed = size * 2  # not an argument, so not in the config


class Narrow(Setting):
    """A subclass with other arguments than its base."""

    def __init__(self, size):
        super().__init__(size, schedule=1.0)


def through_json(part):
    return keras.saving.deserialize_keras_object(json.loads(json.dumps(keras.saving.serialize_keras_object(part))))


def test_config_holds_the_arguments_and_nothing_else():
    assert Setting(3, schedule=2.0).get_config() == {"size": 3, "schedule": 2.0, "parts": ()}


def test_config_of_a_subclass_holds_its_own_arguments():
    assert Narrow(3).get_config() == {"size": 3}
    assert Narrow.from_config({"size": 3}) == Narrow(3)


def test_nested_parts_are_saved_with_their_own_arguments():
    again = through_json(Setting(3, schedule=Linear(1.0, 0.0, images=10)))
    assert isinstance(again.schedule, Linear)
    assert again.schedule.images == 10
    assert again == Setting(3, schedule=Linear(1.0, 0.0, images=10))


def test_lists_of_parts_are_saved():
    parts = (Linear(1.0, 0.0, images=10), Setting(2))
    assert through_json(Setting(3, parts=parts)).parts == parts


def test_dicts_are_saved():
    parts = {"one": Linear(1.0, 0.0, images=10), "two": [1, 2]}
    assert through_json(Setting(3, parts=parts)).parts == parts


def test_config_is_only_json():
    text = json.dumps(Setting(3, schedule=Linear(1.0, 0.0, images=10)).get_config())
    assert "Linear" in text


def test_equality_is_that_of_type_and_arguments():
    assert Setting(3) == Setting(3)
    assert Setting(3) != Setting(4)
    assert Setting(3, schedule=Linear(1.0, 0.0, images=10)) != Setting(3, schedule=Linear(1.0, 0.0, images=11))
    assert Setting(3) != 3
    assert Narrow(3) != Setting(3, schedule=1.0)


def test_repr_is_the_call_that_makes_the_object():
    part = Setting(3, schedule=Linear(1.0, 0.0, images=10))
    assert repr(part) == "Setting(size=3, schedule=Linear(start=1.0, end=0.0, images=10), parts=())"
    assert eval(repr(part), {"Setting": Setting, "Linear": Linear}) == part


def test_objects_can_be_keys():
    assert len({Setting(3): 1, Setting(4): 2}) == 2


def test_an_unknown_argument_in_a_config_is_an_error():
    with pytest.raises(TypeError, match="width"):
        Narrow.from_config({"size": 3, "width": 4})


def test_an_argument_that_was_not_kept_is_an_error():
    class Forgetful(Configurable):
        def __init__(self, size):
            self.width = size

    with pytest.raises(AttributeError, match="size"):
        Forgetful(3).get_config()


def test_equal_objects_hash_alike_and_numpy_numbers_are_numbers():
    one, other = tt.penalties.R1(gamma=np.float32(0.5), every=np.int64(2)), tt.penalties.R1(gamma=0.5, every=2)
    assert keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(one)) == other
    assert len({tt.penalties.R1(gamma=0.5), tt.penalties.R1(gamma=0.5)}) == 1
