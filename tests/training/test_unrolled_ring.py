"""A generator that looks ahead finds all modes of a ring, where the alternating one hops between few or none.

Metz et al., 2017, arXiv:1611.02163, section 3.1 and appendix A: 8 Gaussians at radius 2 with standard deviation 0.02,
256 latents, a generator of 2 x 128 and a discriminator of 128 units, orthogonal weights with gain 0.8, points scaled
by 1/4 before the discriminator, Adam with beta_1 = 0.5 in all steps, virtual ones too. Unlike there, so that it takes
minutes: rates of 1e-3 instead of 1e-4, batches of 128, 4,000 steps; and the non-saturating loss.

Seen with seeds 0 to 4 after 2,000, 4,000 and 6,000 steps, each mode counted that one of 2,048 points comes within 3
standard deviations of: 8 modes with k = 5 every time, 0 or 1 with k = 0. No other seed was tried.
"""

import keras
import numpy as np
import pytest

import tfgan_tricks as tt

RING = tt.data.ring(modes=8, radius=2.0, stddev=0.02)
LATENTS = 256


def network(name, sizes, scale=1.0):
    x = inputs = keras.Input(sizes[:1])
    x = keras.layers.Rescaling(scale)(x)
    for size in sizes[1:-1]:
        x = keras.layers.Dense(size, "relu", kernel_initializer=keras.initializers.Orthogonal(0.8))(x)
    outputs = keras.layers.Dense(sizes[-1], kernel_initializer=keras.initializers.Orthogonal(0.8))(x)
    return keras.Model(inputs, outputs, name=name)


def modes_covered(seed: int, unroll: int) -> int:
    """Returns how many modes the generator reaches after training."""
    keras.utils.set_random_seed(seed)
    networks = network("generator", (LATENTS, 128, 128, 2)), network("discriminator", (2, 128, 1), scale=0.25)
    task = tt.tasks.Unconditional(*networks, tt.latents.Normal(LATENTS))
    gan = tt.training.UnrolledGAN(task, seed=seed, unroll=unroll, virtual_optimizer="adam")
    optimizers = [keras.optimizers.Adam(1e-3, beta_1=0.5, epsilon=1e-8) for _ in range(2)]
    loss = tt.losses.adversarial.NonSaturating()
    gan.compile(*optimizers, loss=loss, jit_compile=False, steps_per_execution=100)
    gan.fit(RING.batches(128, seed=seed), steps_per_epoch=4_000, verbose=0)
    points = np.array(gan(task.prior.sample(2_048, seed=12_345)))
    return int((RING.hits(points, within=3.0) > 0).sum())


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_five_virtual_steps_cover_the_ring_where_none_do_not(seed):
    alternating, unrolled = modes_covered(seed, unroll=0), modes_covered(seed, unroll=5)
    assert unrolled >= 7, (alternating, unrolled)
    assert alternating <= 2, (alternating, unrolled)
