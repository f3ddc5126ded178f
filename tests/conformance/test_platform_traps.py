"""What TensorFlow and Keras do that the design works around; a failure here means that a workaround may go.

Each test shows the platform's behaviour, not the package's: that is tested where the workaround lives.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf


def test_keras_spectral_normalization_assigns_into_the_trained_kernel():
    layer = keras.layers.SpectralNormalization(keras.layers.Dense(3))
    layer.build((None, 5))
    layer.layer.kernel.assign(5.0 * layer.layer.kernel)
    before = layer.layer.kernel.numpy()
    layer(np.ones((2, 5), "float32"), training=True)
    assert not np.allclose(layer.layer.kernel, before)


def test_keras_optimizers_sum_gradients_over_replicas(two_replicas):
    with two_replicas.scope():
        variable = keras.Variable(0.0)
        optimizer = keras.optimizers.SGD(1.0)
        optimizer.build([variable])

    @tf.function
    def step():
        two_replicas.run(lambda: optimizer.apply([tf.constant(1.0)], [variable]))

    step()
    assert float(variable.numpy()) == -2.0


def test_a_seed_generator_draws_the_same_numbers_on_each_replica(two_replicas):
    with two_replicas.scope():
        generator = keras.random.SeedGenerator(5)

    @tf.function
    def step():
        return two_replicas.run(lambda: keras.random.normal((4,), seed=generator))

    one, two = two_replicas.experimental_local_results(step())
    np.testing.assert_array_equal(one, two)


def test_an_optimizer_inside_a_condition_fails_under_a_strategy(two_replicas):
    with two_replicas.scope():
        variable = keras.Variable(0.0)
        optimizer = keras.optimizers.SGD(1.0)
        optimizer.build([variable])

    def replica():
        update = lambda: [optimizer.apply([tf.constant(1.0)], [variable]), tf.constant(0)][1]  # noqa: E731
        return tf.cond(tf.constant(True) & (variable.value < 1.0), update, lambda: tf.constant(0))

    with pytest.raises(RuntimeError, match="merge_call"):
        tf.function(lambda: two_replicas.run(replica))()


def test_a_mirrored_variable_is_no_integer(two_replicas):
    with two_replicas.scope():
        variable = tf.Variable(3)
    assert variable.numpy() == 3
    with pytest.raises(TypeError):
        int(variable)


def test_the_gradient_of_a_norm_is_nan_at_zero_unless_epsilon_is_inside_the_root():
    vector = tf.zeros(3)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(vector)
        outside = tf.sqrt(tf.reduce_sum(vector**2)) + 1e-12
        inside = tf.sqrt(tf.reduce_sum(vector**2) + 1e-12)
    assert np.isnan(tape.gradient(outside, vector)).all()
    np.testing.assert_array_equal(tape.gradient(inside, vector), np.zeros(3))


def test_a_keras_file_does_not_hold_the_state_of_seed_generators(tmp_path):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dropout(0.5, seed=3)])
    fresh = model.layers[0].seed_generator.state.numpy()
    for _ in range(3):
        model(np.ones((2, 4)), training=True)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert not np.array_equal(model.layers[0].seed_generator.state, fresh)
    np.testing.assert_array_equal(again.layers[0].seed_generator.state, fresh)


def test_xla_draws_other_numbers_than_the_graph_for_one_seed():
    def draw():
        return keras.random.uniform((100,), seed=3)

    np.testing.assert_array_equal(draw(), tf.function(draw)())
    assert np.mean(draw() == tf.function(draw, jit_compile=True)()) < 0.1
