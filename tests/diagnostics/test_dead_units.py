"""Dead units: counted by hand, judged by share, and provoked in trainings."""

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from benchmarks.doctor_lab import provoked_networks
from benchmarks.doctor_lab.trial import Trial, run, severities
from tests.callbacks.tiny import state
from tfgan_tricks.diagnostics import AveragingLag, BatchNormDrift, DeadUnits, Snapshot, SpectralExplosion, Window
from tfgan_tricks.diagnostics.look import Look, Subject

FACTS = {"networks": {"generator": ["generator"], "discriminator": ["discriminator"]}}
DEAD = [Trial(t.name, t.expects, t.build, steps=60) for t in provoked_networks.PROVOKED if t.expects == "dead_units"]


def gan_of(real_critic_bias: float = 0.0) -> tt.training.GAN:
    """Returns a GAN whose generator has dead units of all kinds."""
    latents = keras.Input((4,))
    x = keras.layers.Dense(6, activation="relu", name="hidden")(latents)
    x = keras.layers.LeakyReLU(0.2, name="leaky")(keras.layers.Dense(5)(x))
    x = keras.layers.Activation("tanh", name="images")(keras.layers.Reshape((4, 4, 1))(keras.layers.Dense(16)(x)))
    generator = keras.Model(latents, x, name="generator")
    images = keras.Input((4, 4, 1))
    maps = keras.layers.Conv2D(8, 3, activation="relu", name="maps")(images)
    critic = keras.Model(images, keras.layers.Dense(1)(keras.layers.Flatten()(maps)), name="discriminator")
    gan = tt.training.GAN(tt.tasks.Unconditional(generator, critic, tt.latents.Normal(4)))
    gan.compile("sgd", "sgd", loss=tt.losses.adversarial.Hinge())
    return gan


def test_shares_are_those_counted_unit_by_unit():
    gan = gan_of()
    generator, critic = gan.task.generator, gan.task.discriminator
    generator.get_layer("hidden").bias.assign([-100.0, 0.0, -100.0, 0.0, 0.1, -100.0])
    second = generator.layers[2]
    kernel = np.array(second.kernel)
    kernel[:, 1] = 0.0  # this leaky unit sees nothing that changes, though it is not 0
    second.kernel.assign(kernel)
    second.bias.assign([0.0, 3.0, 0.0, 0.0, 0.0])
    critic.get_layer("maps").bias.assign([-100.0, 0.0, 0.0, 0.0, -100.0, 0.0, 0.0, 0.0])
    real = np.random.default_rng(0).uniform(-1, 1, (16, 4, 4, 1)).astype("float32")
    look = Look(Subject(gan, {"image": real}, count=16))
    before = state(gan)
    values = DeadUnits().measure(look)
    for expected, value in zip(before, state(gan), strict=True):
        np.testing.assert_array_equal(value, expected)
    x = np.asarray(look.subject.inputs)
    hidden = np.maximum(x @ np.array(generator.layers[1].kernel) + np.array(generator.layers[1].bias), 0.0)
    dead = [all(hidden[i, unit] == hidden[0, unit] for i in range(16)) for unit in range(6)]
    assert 3 <= sum(dead) < 6
    answers = np.asarray(
        keras.Model(critic.inputs, critic.get_layer("maps").output)(np.concatenate([look.inference.images, real]))
    )
    silent = [bool((answers[..., unit] == 0).all()) for unit in range(8)]
    assert 2 <= sum(silent) < 8
    expected = {
        "dead_units/generator/hidden": sum(dead) / 6,
        "dead_units/generator/leaky": 1 / 5,
        "dead_outputs/generator": 0.0,
        "dead_units/discriminator/maps": sum(silent) / 8,
        "dead_outputs/discriminator": 0.0,
    }
    assert values == pytest.approx(expected)


def test_a_critic_is_not_examined_without_real_images():
    assert not any("discriminator" in name for name in DeadUnits().measure(Look(Subject(gan_of(), count=8))))


def window_of(*shares: float, outputs: float = 0.0) -> Window:
    layer, output = "dead_units/generator/relu", "dead_outputs/generator"
    looks = [Snapshot(100 * i, {layer: share, output: outputs}) for i, share in enumerate(shares, 1)]
    return Window(tuple(looks), FACTS)


@pytest.mark.parametrize(
    ("window", "severity"),
    [
        (window_of(0.995, 0.995), ["serious"]),
        (window_of(0.985, 0.985), ["warning"]),
        (window_of(0.51, 0.6), ["warning"]),
        (window_of(0.51, 0.49), []),
        (window_of(0.0, 1.0, outputs=1.0), []),
        (window_of(1.0, outputs=1.0), []),
        (window_of(0.0, 1.0, 1.0, outputs=1.0), ["serious"]),
        (window_of(1.0, 1.0, outputs=0.5), ["warning"]),  # there is a way around
        (Window((*window_of(1.0, 1.0).snapshots, Snapshot(300)), FACTS), []),
        (Window(), []),
    ],
)
def test_the_share_decides(window, severity):
    found = DeadUnits()(window)
    assert [finding.severity for finding in found] == severity
    assert all(finding.player == "generator" and "relu" in finding.evidence[0] for finding in found)


@pytest.mark.parametrize("trial", DEAD, ids=lambda trial: trial.name)
def test_a_training_with_dead_layers_is_serious(trial):
    window, episodes = run(trial)
    assert severities(episodes)["dead_units"] == "serious"
    assert window.last("dead_units/generator/re_lu") != 0.5


def test_the_same_trainings_without_dead_biases_are_not_found(monkeypatch):
    monkeypatch.setattr(provoked_networks, "_kill", lambda network: None)
    for trial in DEAD:
        assert "dead_units" not in severities(run(trial)[1])


def sequential_critic(bias: float) -> keras.Model:
    critic = keras.Sequential([keras.layers.Dense(8, activation="relu", name="hidden"), keras.layers.Dense(1)])
    inner = keras.Sequential([keras.Input((16,)), keras.layers.Dense(5), keras.layers.ReLU(name="relu")], name="inner")
    whole = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), inner], name="discriminator")
    for layer in critic.layers:  # one after another, as `add` does, which makes new graphs of the same layers
        whole.add(layer)
    whole.get_layer("hidden").bias.assign([bias] * 8)
    return whole


def gan_with(critic: keras.Model) -> tt.training.GAN:
    layers = [keras.Input((4,)), keras.layers.Dense(16), keras.layers.BatchNormalization(), keras.layers.ReLU(name="r")]
    generator = keras.Sequential([*layers, keras.layers.Reshape((4, 4, 1))], name="generator")
    task = tt.tasks.Unconditional(generator, critic, tt.latents.Normal(4))
    gan = tt.training.GAN(task, averaging=tt.training.ExponentialAveraging(100))
    gan.compile("sgd", "sgd", loss=tt.losses.adversarial.Hinge())
    return gan


REAL = {"image": np.random.default_rng(0).uniform(-1, 1, (16, 4, 4, 1)).astype("float32")}


def test_sequential_models_and_models_within_are_examined_like_functional_ones():
    names = {"dead_units/generator/r", "dead_outputs/generator", "dead_outputs/discriminator"}
    names |= {"dead_units/discriminator/hidden", "dead_units/discriminator/inner/relu"}
    for bias, severity in ((-1000.0, ["serious"]), (0.0, [])):
        subject = Subject(gan_with(sequential_critic(bias)), REAL, count=16)
        values = DeadUnits().measure(Look(subject))
        assert set(values) == names
        assert (values["dead_units/discriminator/hidden"] == 1.0) == bool(severity)
        window = Window(tuple(Snapshot(images, values) for images in (100, 200)), FACTS)
        found = [f.severity for f in DeadUnits(warning=0.9)(window) if f.player == "discriminator"]
        assert found == severity


def test_other_detectors_examine_sequential_models():
    subject = Subject(gan_with(sequential_critic(0.0)), REAL, count=16)
    look = Look(subject)
    assert "batch_norm_drift/live/images" in BatchNormDrift().measure(look)
    assert "averaging_lag/since" in AveragingLag().measure(look)
    kernels = [name.split("/", 2)[2] for name in SpectralExplosion().measure(look)]
    assert [name.split("/")[0] for name in kernels] == ["generator"] + ["discriminator"] * 3
    assert "discriminator/hidden" in kernels


@keras.saving.register_keras_serializable("tests")
class Subclassed(keras.Model):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.hidden, self.out = keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)

    def call(self, x):
        return self.out(self.hidden(keras.ops.reshape(x, (-1, 16))))


@pytest.mark.parametrize("functional", [False, True])
def test_what_cannot_be_looked_into_is_said(functional):
    images, closed = keras.Input((4, 4, 1)), Subclassed()
    critic = keras.Model(images, closed(images)) if functional else keras.Sequential([keras.Input((4, 4, 1)), closed])
    values = DeadUnits().measure(Look(Subject(gan_with(critic), REAL, count=16)))
    (finding,) = DeadUnits()(Window((Snapshot(0, values),), FACTS))
    assert finding.severity == "note"
    assert finding.evidence == ("Not examined, or only in part: discriminator.",)
