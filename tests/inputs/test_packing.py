"""`Packing` against loops over indices."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.support.matches import images_of
from tfgan_tricks.inputs import InputTransform, Packing


@pytest.mark.parametrize("m", [1, 2, 3, 6])
def test_pack_i_holds_the_images_from_m_times_i_on(m):
    images = images_of((6, 4, 3, 2))
    packed = Packing(m)(images).numpy()
    assert packed.shape == (6 // m, 4, 3, 2 * m)
    for pack in range(6 // m):
        for member in range(m):
            for channel in range(2):
                expected = images[m * pack + member, :, :, channel]
                np.testing.assert_array_equal(packed[pack, :, :, 2 * member + channel], expected)


def test_vectors_are_joined():
    vectors = images_of((4, 3))
    np.testing.assert_array_equal(Packing(2)(vectors), vectors.reshape(2, 6))


def test_gradient_goes_back_to_the_image_it_came_from():
    images, weights = tf.constant(images_of((6, 4, 3, 2))), images_of((2, 4, 3, 6), seed=1)
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.reduce_sum(weights * Packing(3)(images))
    gradient = tape.gradient(total, images).numpy()
    for image in range(6):
        pack, member = divmod(image, 3)
        np.testing.assert_array_equal(gradient[image], weights[pack, :, :, 2 * member : 2 * member + 2])


def test_group_says_how_many_images_a_critic_sees_at_once():
    assert Packing(3).group == 3
    assert InputTransform().group == 1


@pytest.mark.parametrize("n", [5, 7])
def test_a_batch_that_cannot_be_packed_is_refused(n):
    message = rf"cannot be packed by 3[\s\S]*Received: a batch of {n} images[\s\S]*a multiple of 3"
    with pytest.raises(ValueError, match=message):
        Packing(3)(images_of((n, 4, 3, 2)))
    with pytest.raises(ValueError, match=message):
        Packing(3).compute_output_shape((n, 4, 3, 2))


def test_a_batch_of_unknown_size_that_cannot_be_packed_fails_when_it_comes():
    pack = tf.function(Packing(3).call, input_signature=[tf.TensorSpec((None, 4, 3, 2))])
    assert pack(images_of((6, 4, 3, 2))).shape == (2, 4, 3, 6)
    with pytest.raises(tf.errors.InvalidArgumentError):
        pack(images_of((5, 4, 3, 2)))


def test_critic_of_packs_is_built_for_the_packed_shape():
    outputs = Packing(2)(keras.Input((8, 8, 3)))
    assert outputs.shape == (None, 8, 8, 6)


@pytest.mark.parametrize("m", [0, -1, 1.5, True, "2"])
def test_degree_must_be_a_positive_integer(m):
    with pytest.raises(ValueError, match="`m` must be an integer of at least 1"):
        Packing(m)


def test_images_of_unknown_size_are_packed_when_they_come():
    pack = tf.function(Packing(2).call, input_signature=[tf.TensorSpec((None, None, None, 3))])
    images = images_of((4, 5, 6, 3))
    np.testing.assert_array_equal(pack(images), Packing(2)(images))
    assert Packing(2)(keras.Input((None, None, 3))).shape == (None, None, None, 6)
