"""Batch norm's statistics: against NumPy, judged by what they do to images, and behind in a training."""

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from benchmarks.doctor_lab.provoked_networks import with_momentum
from benchmarks.doctor_lab.trial import Trial, run, severities, small_gan
from tests.callbacks.tiny import state
from tfgan_tricks.diagnostics import BatchNormDrift, Snapshot, Window
from tfgan_tricks.diagnostics.look import Look, Subject

N = 32
ALONE = {"detectors": [BatchNormDrift()]}


def gan_of(momentum: float, averaging=None) -> tt.training.GAN:
    latents = keras.Input((4,))
    x = keras.layers.Dense(16, name="dense")(latents)
    x = keras.layers.BatchNormalization(momentum=momentum, epsilon=1e-3, name="norm")(x)
    generator = keras.Model(latents, keras.layers.Reshape((4, 4, 1))(x), name="generator")
    images = keras.Input((4, 4, 1))
    critic = keras.Model(images, keras.layers.Dense(1)(keras.layers.Flatten()(images)), name="discriminator")
    gan = tt.training.GAN(tt.tasks.Unconditional(generator, critic, tt.latents.Normal(4)), averaging=averaging)
    gan.compile("sgd", "sgd", loss=tt.losses.adversarial.Hinge())
    return gan


def expected(x: np.ndarray, norm, inference: np.ndarray) -> tuple[float, float]:
    """Returns the drift of the statistics and the distance of the images, for inputs [n, 16] of a batch norm."""
    x = x.astype("float64")
    mean, variance = x.mean(axis=0), x.var(axis=0) + norm.epsilon
    old_mean, old_variance = np.asarray(norm.moving_mean), np.asarray(norm.moving_variance) + norm.epsilon
    drift = np.mean(np.abs(old_mean - mean) / np.sqrt(variance) + np.abs(np.log(old_variance / variance)) / 2)
    trained = (x - mean) / np.sqrt(variance)
    distance = np.sqrt(np.mean((trained - inference.reshape(N, 16)) ** 2))
    return drift, distance / np.sqrt(np.mean((trained - trained.mean(axis=0)) ** 2))


@pytest.mark.parametrize("momentum", [0.9, 0.99, 0.9999])
def test_both_measures_are_those_in_numpy_also_of_the_average(momentum):
    gan = gan_of(momentum, tt.training.ExponentialAveraging(1_000))
    random = np.random.default_rng(0)
    for network in (gan.task.generator, gan.averaged["generator"]):
        network.get_layer("dense").kernel.assign(random.normal(size=(4, 16)))
        network.get_layer("dense").bias.assign(random.normal(size=16))
        network.get_layer("norm").moving_mean.assign(random.normal(size=16))
        network.get_layer("norm").moving_variance.assign(random.uniform(0.5, 6.0, size=16))
    look = Look(Subject(gan, count=N))
    before = state(gan)
    values = BatchNormDrift().measure(look)
    for value, old in zip(state(gan), before, strict=True):
        np.testing.assert_array_equal(value, old)
    networks = {
        "live": (gan.task.generator, look.inference.images),
        "averaged": (gan.averaged["generator"], look.averaged),
    }
    wanted = {}
    for which, (network, inference) in networks.items():
        x = np.asarray(network.get_layer("dense")(look.subject.inputs))
        drift, distance = expected(x, network.get_layer("norm"), inference)
        wanted |= {f"batch_norm_drift/{which}/generator/norm": drift, f"batch_norm_drift/{which}/images": distance}
    assert values == pytest.approx(wanted, rel=2e-2 if momentum > 0.999 else 1e-3)
    assert len(set(np.round(list(values.values()), 3))) == 4


def test_generators_without_batch_norm_are_not_asked():
    assert BatchNormDrift().measure(Look(Subject(small_gan(0, "mlp"), count=8))) == {}


def window_of(*distances: float, statistics=1.0, which="live", begin=1, progress=0.6, falling=1.0) -> Window:
    names = f"batch_norm_drift/{which}/images", f"batch_norm_drift/{which}/generator/norm"
    known = {} if progress is None else {"progress": progress}
    rows = [{**dict(zip(names, (d, statistics * falling**i), strict=True)), **known} for i, d in enumerate(distances)]
    return Window(tuple(Snapshot(100 * (begin + i), row) for i, row in enumerate(rows)))


@pytest.mark.parametrize(
    ("window", "severity"),
    [
        (window_of(0.8, 0.8, 0.8), ["serious"]),
        (window_of(0.8, 0.8, 0.8, which="averaged"), ["serious"]),
        (window_of(0.8, 0.8, 0.8, progress=0.4), ["warning"]),
        (window_of(0.8, 0.8, 0.8, progress=None), ["warning"]),
        (window_of(0.8, 0.8, 0.8, progress=0.2), []),  # the beginning
        (window_of(0.8, 0.8, 0.8, falling=0.98), ["serious"]),
        (window_of(0.8, 0.8, 0.8, falling=0.97), ["warning"]),  # warming up
        (window_of(0.8, 0.69, 0.8), []),
        (window_of(0.8, 0.8), []),
        (window_of(0.8, 0.8, 0.8, begin=0), []),  # the look before the first step
        (window_of(0.8, 0.8, 0.8, statistics=0.49), []),  # dropout, say
        (Window((*window_of(0.8, 0.8, 0.8).snapshots, Snapshot(900))), []),
        (Window(), []),
    ],
)
def test_the_distance_decides(window, severity):
    assert [finding.severity for finding in BatchNormDrift()(window)] == severity


def test_a_momentum_of_0_9999_is_serious_and_0_9_is_not_found():
    assert severities(run(Trial("slow", "", with_momentum, steps=120))[1])["batch_norm_drift"] == "serious"
    assert "batch_norm_drift" not in severities(run(Trial("usual", "", small_gan, steps=120))[1])


def test_the_momentum_of_keras_is_no_more_than_warming_up():
    trial = Trial("0.99", "", lambda seed: with_momentum(seed, 0.99), steps=200, doctor=ALONE)
    assert severities(run(trial, seed=1)[1]) == {"batch_norm_drift": "warning"}
