"""Virtual steps as functions of tensors, and what an unrolled GAN refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tests.training import scalar_game

VirtualAdam, VirtualSGD = tt.training.VirtualAdam, tt.training.VirtualSGD


def gradients(step, variables):
    generator = np.random.default_rng(step)
    return [tf.constant(generator.normal(size=v.shape), "float32") for v in variables]


@pytest.mark.parametrize(
    ("virtual", "optimizer"),
    [
        (VirtualAdam(), lambda: keras.optimizers.Adam(0.1, beta_1=0.5, beta_2=0.8, epsilon=1e-3)),
        (VirtualAdam(), lambda: keras.optimizers.AdamW(0.1, weight_decay=0.0)),
        (VirtualSGD(), lambda: keras.optimizers.SGD(0.1)),
    ],
    ids=["adam", "adamw", "sgd"],
)
def test_virtual_steps_are_those_that_keras_optimizer_would_take_next(virtual, optimizer):
    optimizer = optimizer()
    variables = [keras.Variable([[1.0, -2.0]]), keras.Variable([0.5, 0.25, 3.0])]
    optimizer.build(variables)
    for step in range(3):
        optimizer.apply(gradients(step, variables), variables)
    before = tiny.values([*variables, *optimizer.variables])
    values, state = [tf.constant(v.numpy()) for v in variables], virtual.start(optimizer, variables)
    for step in range(3, 6):
        values, state = virtual.step(values, gradients(step, variables), state)
    assert not any(tiny.moved(before, [*variables, *optimizer.variables]))
    for step in range(3, 6):
        optimizer.apply(gradients(step, variables), variables)
    for value, variable in zip(values, variables, strict=True):
        np.testing.assert_allclose(value, variable, rtol=1e-6)


def test_a_rate_that_is_scheduled_is_taken_as_it_stands():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([10], [1.0, 0.25])
    optimizer = keras.optimizers.SGD(schedule)
    assert float(VirtualSGD().start(optimizer, [])["rate"]) == 1.0
    optimizer.iterations.assign(11)
    assert float(VirtualSGD().start(optimizer, [])["rate"]) == 0.25


def test_a_gradient_of_zero_leaves_adam_with_a_finite_derivative():
    adam = VirtualAdam(learning_rate=0.1, moments="zero")
    with tf.GradientTape() as tape:
        gradient = tf.constant([0.0, 2.0])
        tape.watch(gradient)
        values, _ = adam.step([tf.zeros(2)], [gradient], adam.start(None, [tf.zeros(2)]))
        total = tf.reduce_sum(values[0])
    np.testing.assert_allclose(values[0], [0.0, -0.1], atol=1e-6)
    assert np.isfinite(tape.gradient(total, gradient)).all()


def unrolled(**arguments):
    return tt.training.UnrolledGAN(scalar_game.task(), **arguments)


@pytest.mark.parametrize("unroll", [-1, 2.5, True, "5"])
def test_a_number_of_steps_that_is_none_is_refused(unroll):
    with pytest.raises(ValueError, match=r"(?s)`unroll` must be an integer of at least 0.*Fix"):
        unrolled(unroll=unroll)


def test_a_misspelt_virtual_optimizer_is_refused_with_a_suggestion():
    with pytest.raises(ValueError, match=r"(?s)virtual_optimizer='adams'.*did you mean 'adam'"):
        unrolled(virtual_optimizer="adams")


def test_an_optimizer_that_moves_variables_is_refused():
    with pytest.raises(TypeError, match=r"(?s)`virtual_optimizer`.*VirtualAdam"):
        unrolled(virtual_optimizer=keras.optimizers.Adam())


@pytest.mark.parametrize(
    "arguments",
    [
        {"learning_rate": -0.1},
        {"beta_1": 1.0},
        {"beta_2": -0.1},
        {"epsilon": 0.0},
        {"moments": "lively"},
    ],
    ids=lambda arguments: next(iter(arguments)),
)
def test_settings_of_adam_that_make_no_sense_are_refused(arguments):
    with pytest.raises(ValueError, match=f"`{next(iter(arguments))}`"):
        VirtualAdam(**arguments)


def test_moments_of_an_adam_that_is_not_there_are_refused():
    gan = unrolled(virtual_optimizer=VirtualAdam(moments="live"))
    with pytest.raises(ValueError, match=r"(?s)no moments of Adam.*RMSprop.*moments='zero'"):
        gan.compile("adam", "rmsprop", loss=tt.losses.adversarial.Hinge())


@pytest.mark.skipif(not hasattr(keras.optimizers, "MultiOptimizer"), reason="this Keras has no MultiOptimizer")
def test_several_learning_rates_at_once_are_refused_unless_one_is_given():
    loss = tt.losses.adversarial.Hinge()
    several = keras.optimizers.MultiOptimizer
    for virtual in (VirtualSGD(), VirtualSGD(0.1)):
        gan = unrolled(virtual_optimizer=virtual)
        optimizer = several(keras.optimizers.OptimizerMap(keras.optimizers.SGD(0.1)))
        if virtual.learning_rate is None:
            with pytest.raises(ValueError, match=r"(?s)no single learning rate.*MultiOptimizer"):
                gan.compile("sgd", optimizer, loss=loss)
        else:
            gan.compile("sgd", optimizer, loss=loss)
            gan.train_on_batch(scalar_game.batch())
            assert scalar_game.weight(gan.task.generator) != scalar_game.THETA


def test_a_config_builds_it_from_text():
    text = "UnrolledGAN(unroll=3, virtual_optimizer='adam')"
    gan = tt.configuration.build(text, "training", task=scalar_game.task(), seed=4)
    assert (gan.unroll, gan.virtual_optimizer, gan.seed) == (3, VirtualAdam(), 4)
