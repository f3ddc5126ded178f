"""σ of all kernels: against singular value decompositions, judged by growth, and exploding in trainings."""

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from benchmarks.doctor_lab.provoked_networks import PROVOKED, wasserstein
from benchmarks.doctor_lab.trial import Trial, run, severities, small_gan
from tests.callbacks.tiny import state
from tfgan_tricks.diagnostics import Snapshot, SpectralExplosion, Window
from tfgan_tricks.diagnostics.kernels import kernels_of
from tfgan_tricks.diagnostics.look import Look, Subject

FACTS = {"networks": {"generator": ["generator"], "discriminator": ["discriminator"]}}


def exact(kernel) -> float:
    """Returns the largest singular value of a kernel, its last axis as columns."""
    kernel = np.asarray(kernel, "float64")
    return np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]), compute_uv=False)[0]


def test_sigmas_are_singular_values_and_follow_the_kernels():
    gan, detector = small_gan(0, "sngan_cnn"), SpectralExplosion()
    layers = {(n, x.name): x for n in ("generator", "discriminator") for x in getattr(gan.task, n).layers}
    subject = Subject(gan, count=8)
    random = np.random.default_rng(0)
    for bump in (0.0, 3.0, 0.0, 5.0):
        for layer in layers.values():
            if hasattr(layer, "kernel"):
                rows, columns = (random.normal(size=n) for n in (layer.kernel.shape[:-1], layer.kernel.shape[-1:]))
                rank_one = np.multiply.outer(rows / np.linalg.norm(rows), columns / np.linalg.norm(columns))
                layer.kernel.assign_add(bump * rank_one)
        before = state(gan)
        values = [detector.measure(Look(subject)) for _ in range(4)][-1]  # the new direction has to be found first
        for expected, value in zip(before, state(gan), strict=True):
            np.testing.assert_array_equal(value, expected)
        assert len(values) == sum(hasattr(layer, "kernel") for layer in layers.values())
        for name, sigma in values.items():
            largest = exact(layers[tuple(name.split("/")[2:])].kernel)
            # The spectrum of a random kernel is dense at its edge: an estimate from below, near.
            assert largest * (0.999 if bump else 0.9) <= sigma <= largest * (1 + 1e-5), name


def test_where_the_scale_of_a_kernel_does_not_matter():
    gan = small_gan(0, "sngan_cnn")
    scaled = {k.name: k.scaled for k in kernels_of(gan.task.generator)}
    dense, *transposed, last = scaled
    assert (scaled[dense], scaled[last]) == (False, False)
    assert [scaled[name] for name in transposed] == [True] * 3
    assert all(kernel.scaled for kernel in kernels_of(gan.task.discriminator))
    dcgan = kernels_of(small_gan(0).task.generator)
    assert [kernel.scaled for kernel in dcgan] == [True, False]  # Dense, Reshape, BatchNormalization


def test_a_normalisation_beside_another_path_takes_no_scale_out():
    x = inputs = keras.Input((4,))
    x = keras.layers.Dense(3, name="both")(x)
    x = keras.layers.Add()([x, keras.layers.LayerNormalization()(x)])
    x = tt.layers.WeightNormalization(keras.layers.Dense(2), name="wrapped")(x)
    inner = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(2, name="in"), keras.layers.BatchNormalization()], name="inner"
    )
    found = {kernel.name: kernel for kernel in kernels_of(keras.Model(inputs, inner(x)))}
    assert {name: kernel.scaled for name, kernel in found.items()} == {
        "both": False,
        "wrapped": False,
        "inner/in": True,
    }
    wrapper = found["wrapped"].layer
    wrapper.kernel.assign(7.0 * np.asarray(wrapper.kernel))  # the length of v is of no effect
    np.testing.assert_allclose(found["wrapped"].matrix(), wrapper.normalized_kernel(), rtol=1e-6)


def window_of(*sigmas: float, kind: str = "free") -> Window:
    name = f"spectral_explosion/{kind}/discriminator/dense"
    return Window(tuple(Snapshot(100 * i, {name: sigma}) for i, sigma in enumerate(sigmas)), FACTS)


SLOW = np.geomspace(2.0, 61.0, 20)


@pytest.mark.parametrize(
    ("window", "severity"),
    [
        (window_of(*SLOW, 61.0), ["serious"]),
        (window_of(*SLOW, 59.0), []),
        (window_of(*SLOW), []),  # once is not enough
        (window_of(*SLOW, 61.0, kind="scaled"), []),
        (window_of(0.02, 20.0, 25.0, 29.0), []),  # from almost nothing: growth counts from 1
        (window_of(0.02, 20.0, 31.0, 31.0), ["serious"]),
        (window_of(*SLOW, 99.0, 89.0, 80.0), []),  # falling again
        (window_of(*[2.0] * 7, 6.1), ["warning"]),
        (window_of(*[2.0] * 7, 6.1, kind="scaled"), ["warning"]),
        (window_of(*[2.0] * 7, 5.9), []),
        (window_of(2.0, 2.0, 6.1), []),  # the beginning
        (Window((*window_of(2.0, 90.0, 90.0).snapshots, Snapshot(900)), FACTS), []),
        (Window(), []),
    ],
)
def test_growth_decides(window, severity):
    found = SpectralExplosion()(window)
    assert [finding.severity for finding in found] == severity
    assert all(finding.player == "discriminator" for finding in found)


@pytest.mark.parametrize("trial", [t for t in PROVOKED if t.expects == "spectral_explosion"], ids=lambda t: t.name)
def test_an_explosion_in_a_training_is_serious(trial):
    assert severities(run(Trial(trial.name, "", trial.build, steps=100))[1])["spectral_explosion"] == "serious"


@pytest.mark.parametrize(
    "build",
    [
        lambda seed: wasserstein(seed, 4e-4),
        lambda seed: wasserstein(seed, 4e-4, [tt.penalties.WGANGP()]),
    ],
    ids=["at a usual rate", "with a gradient penalty"],
)
def test_healthy_trainings_are_not_found(build):
    assert "spectral_explosion" not in severities(run(Trial("healthy", "", build, steps=100), seed=1)[1])
