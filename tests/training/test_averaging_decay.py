"""β of the moving average against its formula: half-life in images, start, ramp-up."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.training import ExponentialAveraging


def formula(seen, n, half_life, start=0, ramp_up=None) -> float:
    if seen <= start:
        return 0.0
    if ramp_up is not None:
        half_life = min(half_life, ramp_up * seen)
    return 0.5 ** (n / half_life)


@pytest.mark.parametrize("half_life", [1, 500, 10_000])
@pytest.mark.parametrize("start", [0, 1_000])
@pytest.mark.parametrize("ramp_up", [None, 0.05, 2.0])
def test_decay_follows_the_formula(half_life, start, ramp_up):
    averaging = ExponentialAveraging(half_life, start, ramp_up)
    for seen in (32, 999, 1_000, 1_001, 64_000, 10**7):
        for n in (1, 32, 64):
            decay = averaging.decay(tf.constant(seen, tf.int64), tf.constant(n))
            assert decay.dtype == tf.float32
            assert float(decay) == pytest.approx(formula(seen, n, half_life, start, ramp_up), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("n", [1, 10, 50])
def test_after_one_half_life_an_old_weight_counts_half_at_any_batch_size(n):
    averaging = ExponentialAveraging(half_life_images=500)
    shares = [float(averaging.decay(images, n)) for images in range(n, 501, n)]
    assert np.prod(shares) == pytest.approx(0.5, rel=1e-4)


def test_until_the_start_the_average_is_a_copy():
    averaging = ExponentialAveraging(half_life_images=500, start_images=100)
    assert [float(averaging.decay(seen, 10)) > 0 for seen in (10, 100, 110)] == [False, False, True]


def test_the_ramp_forgets_the_first_images_sooner():
    ramped, plain = ExponentialAveraging(1_000, ramp_up=0.05), ExponentialAveraging(1_000)
    assert float(ramped.decay(2_000, 10)) == pytest.approx(0.5 ** (10 / 100), rel=1e-5)
    assert float(ramped.decay(20_000, 10)) == pytest.approx(float(plain.decay(20_000, 10)))
    assert float(ramped.decay(0, 10)) == 0.0


@pytest.mark.parametrize(
    "arguments", [{"half_life_images": 0}, {"half_life_images": "1"}, {"start_images": -1}, {"ramp_up": 0.0}]
)
def test_wrong_arguments_are_refused(arguments):
    (name,) = arguments
    with pytest.raises(ValueError, match=rf"`{name}`[\s\S]*Received: {name}="):
        ExponentialAveraging(**arguments)
