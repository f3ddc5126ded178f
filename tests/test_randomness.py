"""Streams of seeds: pure functions of their root, different per update and per replica."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.randomness import SeedStream, replica_id, update_stream


def seeds_of(stream, n) -> np.ndarray:
    return np.stack([np.asarray(stream.next()) for _ in range(n)])


@pytest.mark.parametrize("seed", [0, 3, 12345, 2**31 - 1])
def test_first_draw_is_that_of_the_integer_seed(seed):
    for draw in (keras.random.normal, keras.random.uniform):
        np.testing.assert_array_equal(draw((5,), seed=SeedStream.from_integer(seed)), draw((5,), seed=seed))


def test_a_stream_is_a_pure_function_of_its_root():
    root = tf.constant([7, 11], tf.int32)
    np.testing.assert_array_equal(seeds_of(SeedStream(root), 20), seeds_of(SeedStream(root), 20))
    np.testing.assert_array_equal(root, [7, 11])


def test_all_seeds_of_a_stream_differ_also_past_the_largest_integer():
    for root in ([7, 11], [2**31 - 1, 2**31 - 1], [0, -5]):
        assert len(np.unique(seeds_of(SeedStream(tf.constant(root, tf.int32)), 1_000), axis=0)) == 1_000


def test_draws_from_one_stream_are_independent():
    stream = SeedStream.from_integer(3)
    draws = np.stack([keras.random.normal((2_000,), seed=stream) for _ in range(20)])
    assert np.abs(np.corrcoef(draws) - np.eye(20)).max() < 5 / np.sqrt(2_000)


def test_a_graph_takes_the_same_seeds():
    def take(seed):
        stream = SeedStream.from_integer(seed)
        return [stream.next() for _ in range(3)]

    eager = seeds_of(SeedStream.from_integer(9), 3)
    for function in (tf.function(take), tf.function(take, jit_compile=True)):
        np.testing.assert_array_equal(function(tf.constant(9)), eager)


def test_a_stream_has_no_variable_and_serves_wherever_keras_takes_a_generator():
    stream = SeedStream.from_integer(1)
    assert isinstance(stream, keras.random.SeedGenerator)
    assert not hasattr(stream, "state")
    assert 0.2 < np.mean(keras.random.dropout(np.ones(1_000, "float32"), 0.5, seed=stream) == 0) < 0.8
    assert len(np.unique(keras.random.shuffle(np.arange(100), seed=stream))) == 100


def test_each_update_has_a_stream_of_its_own():
    generator = keras.random.SeedGenerator(5)
    seeds = np.concatenate([seeds_of(update_stream(generator), 50) for _ in range(50)])
    assert len(np.unique(seeds, axis=0)) == 2_500


def test_an_update_moves_the_generator_so_that_its_state_says_where_the_run_is():
    generator = keras.random.SeedGenerator(5)
    update_stream(generator)
    state = np.asarray(generator.state)
    expected = seeds_of(update_stream(generator), 5)
    assert not np.array_equal(state, generator.state)
    resumed = keras.random.SeedGenerator(99)
    resumed.state.assign(state)
    np.testing.assert_array_equal(seeds_of(update_stream(resumed), 5), expected)


def test_streams_of_a_graph_differ_from_call_to_call():
    generator = keras.random.SeedGenerator(5)
    take = tf.function(lambda: update_stream(generator).next())
    assert len(np.unique([take() for _ in range(10)], axis=0)) == 10


def test_without_a_strategy_there_is_one_replica():
    assert int(replica_id()) == 0


def test_replicas_draw_different_numbers_in_every_update(two_replicas):
    with two_replicas.scope():
        generator = keras.random.SeedGenerator(5)

    def replica():
        stream = update_stream(generator)
        return replica_id(), tf.stack([stream.next() for _ in range(5)])

    step = tf.function(lambda: two_replicas.run(replica))
    seeds = []
    for _ in range(4):
        replicas, taken = (two_replicas.experimental_local_results(value) for value in step())
        assert [int(replica) for replica in replicas] == [0, 1]
        seeds += [value.numpy() for value in taken]
    assert len(np.unique(np.concatenate(seeds), axis=0)) == 4 * 2 * 5, "a stream runs into another"


def test_the_first_replica_draws_what_a_single_device_draws(two_replicas):
    with two_replicas.scope():
        shared = keras.random.SeedGenerator(5)
    single = keras.random.SeedGenerator(5)

    @tf.function
    def step():
        return two_replicas.run(lambda: update_stream(shared).next())

    for _ in range(3):
        first = two_replicas.experimental_local_results(step())[0]
        np.testing.assert_array_equal(first, update_stream(single).next())
