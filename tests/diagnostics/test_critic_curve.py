"""The curve of a Wasserstein critic: a bound by brute force, hand-made windows, and trainings without a constraint."""

import dataclasses

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from benchmarks.doctor_lab.provoked_game import PROVOKED
from benchmarks.doctor_lab.trial import Trial, digits, run, severities, small_gan
from tests.diagnostics.made_looks import window_of
from tfgan_tricks.diagnostics import CriticCurve, Window
from tfgan_tricks.diagnostics.look import Look, Subject
from tfgan_tricks.losses.adversarial import Hinge, Wasserstein
from tfgan_tricks.penalties import WGANGP

FACTS = {"loss_text": "Wasserstein()"}
SLOPE = "critic_curve/slope"


def found(courses, facts=FACTS):
    return [finding.severity for finding in CriticCurve()(window_of(courses, facts))]


def linear_gan(weights, loss):
    """Returns a GAN whose critic is <weights, image>."""
    generator, _ = tt.architectures.mlp(resolution=8, channels=1, latent_dim=4)
    images = keras.Input((8, 8, 1))
    dense = keras.layers.Dense(1, use_bias=False)
    critic = keras.Model(images, dense(keras.layers.Flatten()(images)))
    dense.set_weights([weights.reshape(64, 1)])
    gan = tt.training.GAN(tt.tasks.Unconditional(generator, critic, prior=tt.latents.Normal(4)))
    gan.compile(loss=loss)
    return gan


def test_the_slope_is_what_the_logits_of_pairs_and_their_distances_say():
    weights = np.random.default_rng(3).normal(size=64).astype("float32")
    real = digits()[:32]
    look = Look(Subject(linear_gan(weights, Wasserstein()), {"image": real}, 32))
    fake = look.inference.images
    logits = [[float(weights @ image.ravel()) for image in images] for images in (real, fake)]
    distances = [np.linalg.norm(x.ravel() - y.ravel()) for x, y in zip(real, fake, strict=True)]
    slope = CriticCurve().measure(look)[SLOPE]
    assert slope == pytest.approx((np.mean(logits[0]) - np.mean(logits[1])) / np.mean(distances), rel=1e-4)
    assert abs(slope) < np.linalg.norm(weights)  # the Lipschitz constant of a linear critic


def test_the_slope_of_a_critic_along_the_difference_is_its_lipschitz_constant():
    real = np.ones((16, 8, 8, 1), "float32")
    gan = linear_gan(np.full(64, 0.5, "float32"), Wasserstein())
    gan.task.generator.layers[-1].activation = keras.activations.linear
    look = Look(Subject(gan, {"image": real}, 16))
    look.__dict__["inference"] = look.inference._replace(images=-real, fake_logits=np.full(16, -32.0, "float32"))
    assert CriticCurve().measure(look)[SLOPE] == pytest.approx(0.5 * 8.0)  # the norm of 64 weights of 1/2


def test_other_losses_are_neither_measured_nor_judged():
    look = Look(Subject(linear_gan(np.ones(64, "float32"), Hinge()), {"image": digits()[:8]}, 8))
    assert CriticCurve().measure(look) == {}
    assert found({SLOPE: STEEP}, {"loss_text": "Hinge()"}) == []
    assert found({SLOPE: STEEP}, {}) == []


STEEP = [0.5, 1.0, 2.0, 0.8, 1.0, 2.0, 4.0, 6.0, 8.0, 9.0, 10.0, 11.0]


@pytest.mark.parametrize(
    ("slopes", "expected"),
    [
        (STEEP, ["serious"]),
        (STEEP[:11], ["warning"]),
        (STEEP[:9], []),  # too early to tell
        ([-slope for slope in STEEP], ["serious"]),
        ([*STEEP, 1.0, 1.0, 1.0, 1.0, 1.0], []),  # it came down again
        ([0.1 * slope for slope in STEEP], []),  # grows, but below what penalties ask for
        ([2.0] * 5 + [9.0] * 7, []),  # steep, but not growing: another constant
        ([2.0] * 5 + [11.0] * 7, ["serious"]),
        ([*STEEP, None], []),
    ],
)
def test_a_critic_without_a_bound_is_found_by_the_growth_of_its_slope(slopes, expected):
    assert found({SLOPE: slopes}) == expected
    wrapped = {"loss_text": "GradientRatio(base=Wasserstein(), share=1.0)"}
    assert found({SLOPE: slopes}, wrapped) == expected


@pytest.mark.parametrize(
    ("real", "separation", "expected"),
    [
        ([-1.0] * 3, 0.05, ["serious"]),
        ([1.0, -1.0, -1.0], 0.05, ["warning"]),
        ([-1.0] * 3, 0.2, []),
        ([-1.0, -1.0, 0.1], 0.05, []),
    ],
)
def test_a_distance_cannot_be_negative(real, separation, expected):
    courses = {"real_logits": real, "fake_logits": [0.0] * 3, "separation": [separation] * 3}
    assert found(courses) == expected


def test_a_curve_that_rises_is_worth_a_note():
    rising = {"real_logits": np.linspace(1.0, 3.0, 12), "fake_logits": [0.0] * 12}
    assert found(rising) == ["note"]
    assert found({**rising, "real_logits": np.linspace(3.0, 1.0, 12)}) == []
    assert found({**rising, "real_logits": np.linspace(1.0, 1.4, 12)}) == []
    assert CriticCurve()(Window((), FACTS)) == []


@pytest.mark.parametrize("settings", [{"slope": 0.0}, {"growth": 0.5}, {"separation": 0.6}, {"looks": 0}])
def test_thresholds_are_checked(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        CriticCurve(**settings)


DOCTOR = {"detectors": [CriticCurve()]}
UNBOUNDED, BEHIND = (trial for trial in PROVOKED if trial.expects == "critic_curve")


@pytest.mark.parametrize(("trial", "why"), [(UNBOUNDED, "Nothing holds"), (BEHIND, "cannot be negative")])
def test_a_critic_that_is_not_held_or_cannot_follow_is_found(trial, why):
    _, episodes = run(dataclasses.replace(trial, doctor=DOCTOR))
    assert severities(episodes) == {"critic_curve": "serious"}
    assert why in episodes[0].finding.meaning


def test_a_critic_with_a_gradient_penalty_is_fine():
    def build(seed):
        return small_gan(seed, "mlp", loss=Wasserstein(), terms=[WGANGP()], critic_steps=2)

    window, episodes = run(Trial("usual", "", build, steps=220, batch_size=128, doctor=DOCTOR))
    assert severities(episodes) == {}
    assert len(window.snapshots) == 12
    assert max(window.values(SLOPE)) < 1.0
