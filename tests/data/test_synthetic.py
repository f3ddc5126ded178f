import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tfgan_tricks.data import grid, ring

LAYOUTS = {
    # centres by the formulas of the papers, in complex numbers and in a loop
    "ring": (ring(modes=8, radius=2.0, stddev=0.02), [2.0 * np.exp(2j * np.pi * k / 8) for k in range(8)]),
    "odd ring": (ring(modes=3, radius=0.5, stddev=0.1), [0.5 * np.exp(2j * np.pi * k / 3) for k in range(3)]),
    "grid": (grid(), [complex(x, y) for y in (-4, -2, 0, 2, 4) for x in (-4, -2, 0, 2, 4)]),
    "even grid": (grid(side=2, spacing=3.0, stddev=0.2), [-1.5 - 1.5j, 1.5 - 1.5j, -1.5 + 1.5j, 1.5 + 1.5j]),
}


def drawn(mixture, count: int, batch_size: int = 1000, **options) -> tuple[np.ndarray, np.ndarray]:
    batches = list(mixture.batches(batch_size, **options).take(-(-count // batch_size)).as_numpy_iterator())
    points, labels = (np.concatenate([batch[key] for batch in batches])[:count] for key in ("image", "label"))
    return points, labels


@pytest.mark.parametrize("name", LAYOUTS)
def test_centres_are_those_of_the_formula(name):
    mixture, centres = LAYOUTS[name]
    expected = np.array([[centre.real, centre.imag] for centre in centres])
    np.testing.assert_allclose(mixture.centres, expected, atol=1e-6)


@pytest.mark.parametrize("name", LAYOUTS)
def test_points_of_a_mode_have_its_centre_and_its_round_spread(name):
    mixture, centres = LAYOUTS[name]
    points, labels = drawn(mixture, 50_000, seed=3)
    for mode, centre in enumerate(centres):
        offsets = (points[labels == mode] - [centre.real, centre.imag]) / mixture.stddev  # [m, 2], standard normal
        error = 1.0 / np.sqrt(len(offsets))  # of a mean; of a variance it is √2 times as large
        assert np.abs(offsets.mean(0)).max() < 4.5 * error
        assert np.abs(np.cov(offsets.T) - np.eye(2)).max() < 4.5 * np.sqrt(2.0) * error


def test_offsets_are_normal_in_their_tails_too():
    points, labels = drawn(ring(modes=1, radius=0.0, stddev=2.0), 100_000, seed=1)
    squared = np.square(points / 2.0).sum(-1)
    for radius in (0.1, 0.5, 1.0, 2.0, 3.0, 4.0):  # of two normal coordinates, P(r > R) = exp(-R²/2)
        share = np.exp(-(radius**2) / 2.0)
        assert abs((squared > radius**2).mean() - share) < 4.5 * np.sqrt(share * (1.0 - share) / 100_000)
    assert set(labels) == {0}


def test_modes_are_equally_likely_and_independent_of_the_one_before():
    _, labels = drawn(ring(modes=5), 50_000, seed=7)
    pairs = np.zeros((5, 5))
    np.add.at(pairs, (labels[:-1], labels[1:]), 1)
    expected = 49_999 / 25
    assert np.square(pairs - expected).sum() / expected < 52.6  # χ² with 24 degrees of freedom, 1 in 1,500


def test_the_stream_is_a_function_of_seed_and_position_whatever_the_batch_size():
    mixture = grid()
    whole, modes = drawn(mixture, 600, batch_size=200, seed=5)
    for start, batch_size in ((0, 7), (100, 50), (341, 13)):
        points, labels = drawn(mixture, 600 - start, batch_size, seed=5, start=start)
        assert np.array_equal(points, whole[start:])
        assert np.array_equal(labels, modes[start:])


def test_seeds_and_positions_give_points_of_their_own():
    mixture = ring(modes=2, stddev=1.0)
    points = np.concatenate([drawn(mixture, 500, seed=seed)[0] for seed in (0, 1, 256, 2**31, 2**62)])
    assert len(np.unique(points, axis=0)) == len(points)


def test_hits_count_near_points_at_their_nearest_mode():
    mixture = ring(modes=4, radius=1.0, stddev=0.1)  # centres at east, north, west, south
    points = [[1.0, 0.0], [1.29, 0.0], [1.31, 0.0], [0.0, 1.2], [-0.9, 0.1], [0.0, 0.0], [np.nan, 0.0]]
    assert mixture.hits(points).tolist() == [2, 1, 1, 0]
    assert mixture.hits(points, within=1.0).tolist() == [1, 0, 0, 0]
    own, _ = drawn(mixture, 20_000)
    share = mixture.hits(own).sum() / 20_000
    assert abs(share - (1.0 - np.exp(-4.5))) < 0.004  # P(r < 3σ)


def test_a_gan_of_perceptrons_trains_on_points_with_penalty_and_noise():
    keras.utils.set_random_seed(1)
    hidden = {"activation": "relu", "kernel_initializer": "he_normal"}
    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(16, **hidden), keras.layers.Dense(2)])
    critic = keras.Sequential([keras.Input((2,)), keras.layers.Dense(16, **hidden), keras.layers.Dense(1)])
    gan = tt.training.GAN(tt.tasks.Unconditional(generator, critic, tt.latents.Normal(2)), seed=1)
    parts = {"terms": [tt.penalties.R1(0.1), tt.penalties.WGANGP(0.1)], "inputs": [tt.inputs.InstanceNoise(0.05)]}
    gan.compile(
        keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.01), loss=tt.losses.adversarial.NonSaturating(), **parts
    )
    mixture = ring(modes=1, radius=2.0, stddev=0.1)  # one Gaussian at (2, 0)
    before = gan.predict(gan.task.prior.sample(500, seed=2), verbose=0).mean(0)
    history = gan.fit(mixture.batches(32, seed=4), epochs=1, steps_per_epoch=150, verbose=0).history
    after = gan.predict(gan.task.prior.sample(500, seed=2), verbose=0).mean(0)
    assert all(np.isfinite(values).all() for values in history.values())
    assert np.linalg.norm(after - [2.0, 0.0]) < 0.5 * np.linalg.norm(before - [2.0, 0.0])
    assert int(gan.images_seen.numpy()) == 150 * 32


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ring(modes=0), "modes"),
        (lambda: ring(radius=-1.0), "radius"),
        (lambda: grid(side=2.5), "side"),
        (lambda: grid(stddev=-0.1), "stddev"),
        (lambda: ring().batches(0), "batch_size"),
        (lambda: ring().batches(start=-1), "start"),
        (lambda: ring().batches(seed=2**63), "seed"),
        (lambda: ring().hits(np.zeros((3, 8, 8, 1))), "(n, 2)"),
        (lambda: ring().hits(np.zeros((3, 2)), within=0.0), "within"),
    ],
)
def test_impossible_arguments_are_refused(call, words):
    with pytest.raises(ValueError) as error:  # noqa: PT011, the words are checked below
        call()
    assert words in str(error.value)
