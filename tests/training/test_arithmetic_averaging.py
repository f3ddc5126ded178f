"""The arithmetic mean of the generator's weights against NumPy's mean over recorded ones, and both averages resumed."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.callbacks.checkpoints import restore, save
from tfgan_tricks.configuration import build
from tfgan_tricks.training import ArithmeticAveraging, Averaging, ExponentialAveraging


def gan_of(averaging, **arguments) -> tt.training.GAN:
    gan = tt.training.GAN(tt.tasks.Unconditional(*tiny.networks(), tt.latents.Normal(tiny.LATENTS)), averaging)
    gan.compile(
        keras.optimizers.Adam(1e-2), keras.optimizers.Adam(1e-2), loss=tt.losses.adversarial.Hinge(), **arguments
    )
    return gan


@pytest.mark.parametrize("start", [0, 8, 20, 24])
def test_the_average_is_the_mean_of_all_weights_after_the_start(start):
    gan = gan_of(ArithmeticAveraging(start_images=start), run_eagerly=True)
    live, average = gan.task.generator, gan.averaged["generator"]
    past = []
    for step in range(6):
        gan.train_on_batch({"image": tiny.images(8, seed=step)})
        now = tiny.values(live.variables)
        past = [*past, now] if 8 * (step + 1) > start else []
        expected = [np.mean(history, axis=0) for history in zip(*(past or [now]), strict=True)]
        for mean, wanted, weight, variable in zip(
            tiny.values(average.variables), expected, now, live.variables, strict=True
        ):
            if not past or not variable.trainable:  # a copy; so are batch norm's statistics at any time
                np.testing.assert_array_equal(mean, weight, err_msg=variable.path)
            else:
                np.testing.assert_allclose(mean, wanted, rtol=1e-4, atol=1e-6, err_msg=variable.path)
    assert len(past) == 6 - start // 8
    statistics = [v for v in live.variables if not v.trainable]
    assert len(statistics) == 2
    assert any(np.abs(v.numpy()).max() > 0 for v in statistics)


def test_a_thousand_updates_count_alike():
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(1_000, 3)).astype("float32")
    averaging, mean = ArithmeticAveraging(start_images=100), np.zeros(3, "float32")
    decay = tf.function(averaging.decay)
    for i, weight in enumerate(weights):
        kept = float(decay(tf.constant(100 + 32 * (i + 1), tf.int64), tf.constant(32)))
        mean = (kept * mean + (1 - kept) * weight).astype("float32")
    np.testing.assert_allclose(mean, weights.mean(axis=0), atol=1e-5)


def test_a_late_start_in_a_long_run_is_exact():
    """In float32 the images of such a run are only known to 16 or so."""
    start = 200_000_001
    decays = [float(ArithmeticAveraging(start).decay(start + 3 * t, 3)) for t in range(6)]
    np.testing.assert_allclose(decays, [0, 0, 1 / 2, 2 / 3, 3 / 4, 4 / 5], rtol=1e-6)


def test_images_count_alike_where_the_batch_size_changes():
    """10 updates of 8 images, then updates of 16: as if there had been 5 before."""
    decay = ArithmeticAveraging().decay
    assert float(decay(80, 8)) == pytest.approx(9 / 10)
    assert float(decay(96, 16)) == pytest.approx(5 / 6)


@pytest.mark.parametrize(
    "averaging",
    [ArithmeticAveraging(16), ExponentialAveraging(half_life_images=30, start_images=16, ramp_up=0.5)],
    ids=lambda averaging: type(averaging).__name__,
)
@pytest.mark.parametrize("way", ["load", "restore"])
def test_a_resumed_average_goes_on_bit_for_bit(averaging, way, tmp_path):
    gan = gan_of(averaging, run_eagerly=True)
    gan.fit(tiny.dataset(), steps_per_epoch=4, verbose=0)
    path = tmp_path / "gan.keras"
    save(gan, path)
    if way == "load":
        again = keras.models.load_model(path)
        assert again.averaging == averaging
    else:
        again = gan_of(averaging, run_eagerly=True)
        restore(again, path)
    for model in (gan, again):
        model.fit(tiny.dataset(), steps_per_epoch=3, verbose=0)
    for mine, other in zip(tiny.values(gan.variables), tiny.values(again.variables), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_without_averaging_the_live_generator_is_sampled():
    gan = gan_of(None, run_eagerly=True)
    gan.fit(tiny.dataset(), steps_per_epoch=2, verbose=0)
    latents = gan.task.prior.sample(4, seed=1)
    assert gan.averaged == {}
    np.testing.assert_array_equal(gan(latents), gan.task.generator(latents, training=False))


def test_a_config_names_any_of_them():
    assert build("ArithmeticAveraging(start_images=500_000)", "training") == ArithmeticAveraging(500_000)
    text = "ExponentialAveraging(half_life_images=10, start_images=5)"
    assert build(text, "training") == ExponentialAveraging(10, start_images=5)


def test_replicas_average_alike(two_replicas):
    with two_replicas.scope():
        gan = gan_of(ArithmeticAveraging(16))
    past = []
    for step in range(3):
        gan.fit(tiny.dataset(16, seed=step), steps_per_epoch=1, verbose=0)
        past.append(tiny.values(gan.task.generator.trainable_variables))
    averages = [v for v in gan.averaged["generator"].variables if "kernel" in v.path]
    means = [np.mean(h, axis=0) for h in zip(*past[1:], strict=True)]
    means = [m for m, v in zip(means, gan.task.generator.trainable_variables, strict=True) if "kernel" in v.path]
    assert len(averages) == len(means) == 2
    for average, mean in zip(averages, means, strict=True):
        for local in two_replicas.experimental_local_results(average.value):
            np.testing.assert_allclose(local, mean, rtol=1e-4, atol=1e-6)


def test_the_start_must_be_a_count_and_a_rule_must_be_given():
    with pytest.raises(ValueError, match="`start_images` must be an integer of at least 0"):
        ArithmeticAveraging(-1)
    with pytest.raises(NotImplementedError, match="decay"):
        Averaging().decay(1, 1)
