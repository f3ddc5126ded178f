"""A part is its constructor arguments: what `get_config` says, through JSON, gives an equal part back."""

import inspect
import json

import keras

from tests.conformance.running import is_architecture, negate, over

INHERITED = {"args", "kwargs", "label_tricks"}


def arguments_of(case) -> list[str]:
    return [name for name in inspect.signature(case.factory).parameters if name not in INHERITED]


def described(value):
    """Returns what tells a value apart: of a layer or an initializer, its configuration."""
    return value if not hasattr(value, "get_config") else keras.saving.serialize_keras_object(value)


@over(negate(is_architecture))
def test_config_holds_every_constructor_argument(case):
    config = case.factory(*case.positional, **case.arguments).get_config()
    missing = set(arguments_of(case)) - set(config)
    assert not missing
    assert not set(case.arguments) - set(config)


@over(negate(is_architecture))
def test_arguments_are_kept_under_their_own_names(case):
    part = case.factory(*case.positional, **case.arguments)
    for name, value in case.arguments.items():
        kept = getattr(part, name)
        kept = kept if isinstance(value, tuple) or not isinstance(kept, tuple) else kept[0]  # Keras makes 4 into (4, 4)
        assert kept == value or described(kept) == described(keras.activations.get(value))


@over(negate(is_architecture))
def test_round_trip_through_json_gives_an_equal_part(case):
    part = case.factory(*case.positional, **case.arguments)
    text = json.dumps(keras.saving.serialize_keras_object(part), sort_keys=True)
    again = keras.saving.deserialize_keras_object(json.loads(text))
    assert type(again) is type(part)
    assert json.dumps(keras.saving.serialize_keras_object(again), sort_keys=True) == text
    assert set(vars(again)) == set(vars(part))
    for name in arguments_of(case):
        assert described(getattr(again, name)) == described(getattr(part, name))
        assert type(getattr(again, name)) is type(getattr(part, name))


@over(negate(is_architecture))
def test_config_alone_gives_an_equal_part(case):
    part = case.factory(*case.positional, **case.arguments)
    config = part.get_config()
    again = type(part).from_config(config)
    assert again.get_config() == config


@over(is_architecture)
def test_architectures_are_functional_models_that_json_describes(case):
    for network in case.build():
        again = keras.models.model_from_json(network.to_json())
        assert again.to_json() == network.to_json()
        assert [v.shape for v in again.variables] == [v.shape for v in network.variables]
