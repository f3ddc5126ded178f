"""The inner gradient on critics whose gradient is known: linear, quadratic, patches, scales, packs."""

import numpy as np
import pytest
import tensorflow as tf

from tests.support.matches import images_of, linear_critic, quadratic_critic, symmetric_matrix
from tfgan_tricks.gradients import per_example_score, squared_gradient_norm
from tfgan_tricks.inputs import Packing

IMAGES = (5, 4, 3, 2)


def judged(critic):
    return lambda images: {"logits": critic(images)}


def test_score_is_the_mean_over_patches_and_the_sum_over_scales():
    patches, scalars = images_of((3, 4, 5, 1)), images_of((3, 1), seed=1)
    score = per_example_score([patches, [scalars]])
    np.testing.assert_allclose(score, patches.mean(axis=(1, 2, 3)) + scalars[:, 0], rtol=1e-5)
    assert score.dtype == tf.float32


def test_low_precision_logits_give_a_float32_score():
    assert per_example_score(tf.ones((3, 2, 2, 1), tf.bfloat16)).dtype == tf.float32


@pytest.mark.parametrize("shape", [IMAGES, (5, 7)], ids=["images", "vectors"])
def test_linear_critic_has_the_norm_of_its_weights_everywhere(shape):
    weights = images_of(shape[1:], seed=1)
    squared = squared_gradient_norm(judged(linear_critic(weights)), images_of(shape))
    np.testing.assert_allclose(squared, np.full(5, np.sum(weights**2)), rtol=1e-5)


@pytest.mark.parametrize("shape", [IMAGES, (5, 7)], ids=["images", "vectors"])
def test_quadratic_critic_has_the_norm_of_ax_at_x(shape):
    images = images_of(shape)
    matrix = symmetric_matrix(images[0].size)
    squared = squared_gradient_norm(judged(quadratic_critic(matrix)), images)
    expected = np.sum((images.reshape(5, -1) @ matrix) ** 2, axis=1)
    np.testing.assert_allclose(squared, expected, rtol=1e-4)


def test_patches_count_by_their_mean():
    filters = images_of((24, 2, 3), seed=1)  # one linear critic for each of 2 x 3 patches

    def judge(images):
        return {"logits": tf.einsum("nd,dhw->nhw", tf.reshape(images, (5, -1)), filters)[..., None]}  # [n, 2, 3, 1]

    expected = np.sum(filters.mean(axis=(1, 2)) ** 2)
    np.testing.assert_allclose(squared_gradient_norm(judge, images_of(IMAGES)), np.full(5, expected), rtol=1e-4)


def test_scales_count_by_their_sum():
    one, two = images_of(IMAGES[1:], seed=1), images_of(IMAGES[1:], seed=2)

    def judge(images):
        return {"logits": [linear_critic(one)(images), linear_critic(two)(images)], "features": images}

    expected = np.sum((one + two) ** 2)
    np.testing.assert_allclose(squared_gradient_norm(judge, images_of(IMAGES)), np.full(5, expected), rtol=1e-4)


def test_the_norm_of_a_packing_critic_runs_over_the_pack():
    images, weights = images_of((6, 4, 3, 2)), images_of((4, 3, 6), seed=1)
    packing, critic = Packing(3), quadratic_critic(symmetric_matrix(weights.size))
    squared = squared_gradient_norm(judged(lambda x: linear_critic(weights)(packing(x))), images)
    np.testing.assert_allclose(squared, np.full(2, np.sum(weights**2)), rtol=1e-4)
    squared = squared_gradient_norm(judged(lambda x: critic(packing(x))), images)
    packs = packing(images).numpy().reshape(2, -1)
    expected = np.sum((packs @ symmetric_matrix(weights.size)) ** 2, axis=1)
    np.testing.assert_allclose(squared, expected, rtol=1e-4)


def test_a_critic_that_ignores_its_input_has_gradient_zero():
    squared = squared_gradient_norm(lambda images: {"logits": tf.ones((5, 1))}, images_of(IMAGES))
    np.testing.assert_array_equal(squared, np.zeros(5))


def test_low_precision_images_are_differentiated_in_float32():
    weights = np.full((4,), 0.5, "float32")
    images = tf.cast(images_of((5, 4)), tf.bfloat16)
    squared = squared_gradient_norm(judged(linear_critic(weights)), images)
    assert squared.dtype == tf.float32
    np.testing.assert_allclose(squared, np.ones(5), rtol=1e-6)
