"""The batches of all replicas, joined: rows, gradients of both orders, and what is refused."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.replicas import gather_batch

each_split = pytest.mark.parametrize("first", [3, 4], ids=["even", "uneven"])
X = np.random.default_rng(0).normal(size=(6, 2)).astype("float32")


def parts_of(strategy, whole, first):
    parts = [whole[:first], whole[first:]]
    return strategy.experimental_distribute_values_from_function(
        lambda context: tf.constant(parts[context.replica_id_in_sync_group])
    )


def on_replicas(strategy, function, whole, first, graph=True):
    """Returns what a function of a part gives on each replica, as a list of tuples of arrays."""

    def step(values):
        return strategy.run(function, args=(values,))

    results = (tf.function(step) if graph else step)(parts_of(strategy, whole, first))
    return list(zip(*(map(np.asarray, strategy.experimental_local_results(result)) for result in results), strict=True))


@each_split
@pytest.mark.parametrize("graph", [True, False], ids=["graph", "eager"])
def test_each_replica_gets_all_rows_in_the_order_of_the_global_batch(two_replicas, first, graph):
    (one, start_one), (two, start_two) = on_replicas(two_replicas, gather_batch, X, first, graph)
    np.testing.assert_array_equal(one, X)
    np.testing.assert_array_equal(two, X)
    assert (int(start_one), int(start_two)) == (0, first)


@each_split
def test_the_gradient_is_that_of_the_sum_of_all_replicas_losses(two_replicas, first):
    # Replica r has the loss Σ_i w_ri Σ_j x_j³ over its own rows i: each row's gradient is 3x² Σ of all weights.
    weights = np.arange(1.0, 7.0, dtype="float32")

    def slope(values):
        with tf.GradientTape() as tape:
            tape.watch(values)
            everyone, start = gather_batch(values)
            own = tf.constant(weights)[start : start + tf.shape(values)[0]]
            loss = tf.reduce_sum(own) * tf.reduce_sum(everyone**3)
        return (tape.gradient(loss, values),)

    (one,), (two,) = on_replicas(two_replicas, slope, X, first)
    np.testing.assert_allclose(np.concatenate([one, two]), 3 * X**2 * weights.sum(), rtol=1e-5)


def test_it_may_be_differentiated_twice(two_replicas):
    # Score of row i: x_i·Σ_j x_j. The slope of all scores in row k is 2Σ_j x_j, a penalty Σ_k ‖2Σ_j x_j‖² = 4n‖Σ‖².
    def slope(values):
        with tf.GradientTape() as outer:
            outer.watch(values)
            with tf.GradientTape() as inner:
                inner.watch(values)
                everyone, _ = gather_batch(values)
                scores = tf.reduce_sum(values * tf.reduce_sum(everyone, axis=0), axis=1)
            penalty = tf.reduce_sum(inner.gradient(scores, values) ** 2)
        return penalty, outer.gradient(penalty, values)

    (penalty_one, one), (penalty_two, two) = on_replicas(two_replicas, slope, X, 3)
    total = X.astype("float64").sum(axis=0)
    assert penalty_one + penalty_two == pytest.approx(4 * 6 * (total**2).sum(), rel=1e-5)
    np.testing.assert_allclose(np.concatenate([one, two]), np.tile(8 * 6 * total, (6, 1)), rtol=1e-5)


def test_without_a_strategy_and_while_a_network_is_built_nothing_is_gathered(two_replicas):
    values = tf.constant(X)
    assert gather_batch(values) == (values, 0)
    with two_replicas.scope():
        assert gather_batch(values) == (values, 0)


def test_inside_a_condition_it_is_refused_with_the_way_out(two_replicas):
    def conditional(values):
        return (tf.cond(tf.reduce_all(values < 100), lambda: gather_batch(values)[0], lambda: values),)

    with pytest.raises(RuntimeError, match=r"(?s)inside a condition.*Received.*across_replicas=True.*Fix.*every=1"):
        on_replicas(two_replicas, conditional, X, 3)
