"""Two replicas with half a batch each compute what one device computes with the whole batch."""

import keras
import numpy as np
import tensorflow as tf

from tests.conformance.running import is_architecture, is_batched, is_random, negate, over, run, variables_of
from tfgan_tricks.randomness import update_stream


def on_replicas(strategy, built, parts, seed=lambda: None) -> list[dict]:
    """Returns the results of each replica, the i-th of which gets `parts[i]`."""
    inputs = strategy.experimental_distribute_values_from_function(
        lambda context: [tf.constant(value) for value in parts[context.replica_id_in_sync_group]]
    )

    @tf.function
    def step(inputs):
        return strategy.run(lambda inputs: run(built, inputs, seed()), args=(inputs,))

    results = {name: strategy.experimental_local_results(value) for name, value in step(inputs).items()}
    return [{name: values[replica].numpy() for name, values in results.items()} for replica in (0, 1)]


def build(case):
    keras.utils.set_random_seed(1)
    return case.build()


@over(is_batched, negate(is_random), negate(is_architecture), holding="replicas")
def test_halves_make_up_the_whole(case, two_replicas):
    inputs = case.inputs()
    single = build(case)
    expected = run(single, inputs)
    with two_replicas.scope():
        shared = build(case)
    half = len(inputs[0]) // 2
    first, second = on_replicas(two_replicas, shared, [[v[:half] for v in inputs], [v[half:] for v in inputs]])
    for name, value in expected.items():
        whole = np.concatenate([first[name], second[name]]) if value.shape.rank else (first[name] + second[name]) / 2
        np.testing.assert_allclose(whole, value, rtol=1e-5, atol=1e-6, err_msg=name)
    for one, other in zip(variables_of(single), variables_of(shared), strict=True):
        for copy in two_replicas.experimental_local_results(other.value):
            np.testing.assert_allclose(copy, one, rtol=1e-5, atol=1e-6, err_msg=one.path)


@over(is_architecture, holding="replicas")
def test_networks_give_the_same_images_and_logits_on_each_replica(case, two_replicas):
    (latents,) = case.inputs()
    generator, discriminator = build(case)
    expected = discriminator(generator(latents))
    with two_replicas.scope():
        shared_generator, shared_discriminator = build(case)

    @tf.function
    def logits():
        return two_replicas.run(lambda: shared_discriminator(shared_generator(latents)))

    for received in two_replicas.experimental_local_results(logits()):
        np.testing.assert_allclose(received, expected, rtol=1e-5, atol=1e-6)


@over(is_batched, is_random, holding="replicas")
def test_replicas_draw_different_numbers(case, two_replicas):
    inputs = case.inputs()
    with two_replicas.scope():
        built = build(case)
        generator = keras.random.SeedGenerator(5)
    first, second = on_replicas(two_replicas, built, [inputs, inputs], seed=lambda: update_stream(generator))
    assert any(not np.array_equal(first[name], second[name]) for name in first)
