"""`MutualInformation` against cross-entropies and Gaussians, factor by factor."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tests.support.differences import check_slopes
from tfgan_tricks.latents import AppendedNoise, Categorical, Code, Concatenated, Normal
from tfgan_tricks.losses.auxiliary import MutualInformation
from tfgan_tricks.losses.auxiliary.mutual_information import factors_of
from tfgan_tricks.types import Match


class TaskOf:
    """Stands in for a task, of which the term reads the prior alone."""

    def __init__(self, prior):
        self.prior = prior


PRIOR = Concatenated(Normal(3), Code(categorical=(3, 2), continuous=2), Normal(1))
LATENTS = np.asarray(PRIOR.sample(5, seed=1), "float64")
GUESS = np.random.default_rng(2).normal(scale=2.0, size=(5, 7))


def term_of(prior=PRIOR, **arguments) -> MutualInformation:
    term = MutualInformation(**arguments)
    term.prepare(TaskOf(prior))
    return term


def match_of(guess, latents=LATENTS, **fields) -> Match:
    return Match(real=None, fake=None, aux={"latents": latents}, fake_out={"code": guess}, **fields)


def by_factors(guess, categorical: float, continuous: float) -> float:
    """-log Q(c | x), factor by factor, the Gaussians without ½ log 2π."""
    total = 0.0
    for latents, guesses in zip(LATENTS, guess, strict=True):
        for first, classes in ((0, 3), (3, 2)):
            logits = guesses[first : first + classes]
            chosen = int(np.argmax(latents[3 + first : 3 + first + classes]))
            total += categorical * (np.log(np.exp(logits).sum()) - logits[chosen])
        for place in (5, 6):
            density = np.exp(-0.5 * (latents[3 + place] - guesses[place]) ** 2) / np.sqrt(2 * np.pi)
            total -= continuous * (np.log(density) + 0.5 * np.log(2 * np.pi))
    return total / len(guess)


@pytest.mark.parametrize(("categorical", "continuous"), [(1.0, 0.1), (0.3, 2.0), (0.0, 1.0), (1.0, 0.0)])
def test_value_and_gradient_are_those_of_the_factors(categorical, continuous):
    term = term_of(categorical=categorical, continuous=continuous)
    check_slopes(lambda guess: term(match_of(guess)), lambda guess: by_factors(guess, categorical, continuous), GUESS)


def test_the_defaults_are_the_papers():
    assert float(term_of()(match_of(GUESS))) == pytest.approx(by_factors(GUESS, 1.0, 0.1), rel=1e-5)


def test_a_sure_and_right_guess_costs_nothing():
    code = LATENTS[:, 3:10]
    sure = np.concatenate([100.0 * code[:, :5], code[:, 5:]], axis=1)
    assert float(term_of()(match_of(sure))) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("prior", "expected"),
    [
        (PRIOR, [(3, 6, True), (6, 8, True), (8, 10, False)]),
        (Code(categorical=(4,), continuous=0), [(0, 4, True)]),
        (Code(categorical=(), continuous=3), [(0, 3, False)]),
        (AppendedNoise(Categorical(5), dim=7), [(0, 5, True)]),
        (Concatenated(Normal(2), Concatenated(Normal(1), AppendedNoise(Categorical(2), 3))), [(3, 5, True)]),
        (Normal(8), []),
    ],
    ids=["mixed", "classes", "factors", "appended", "nested", "none"],
)
def test_the_code_is_found_wherever_it_is_in_the_prior(prior, expected):
    assert [(place.start, place.stop, kind) for place, kind in factors_of(prior)] == expected


def test_the_code_is_found_where_samples_have_it():
    """The factors' places, checked on draws: one-hot rows there, and the noise elsewhere."""
    drawn = np.asarray(PRIOR.sample(50, seed=3))
    for place, is_categorical in factors_of(PRIOR):
        part = drawn[:, place]
        assert bool(np.all(part.sum(axis=1) == 1.0)) is is_categorical
        assert np.abs(part).max() <= 1.0


def test_a_prior_without_a_code_is_refused_at_compile():
    with pytest.raises(ValueError, match=r"finds no code in the latents[\s\S]*Unconditional with the prior Normal"):
        tiny.gan_of(terms=[MutualInformation()])


def test_an_unprepared_term_says_so():
    with pytest.raises(ValueError, match=r"does not know yet where the code is[\s\S]*prepare"):
        MutualInformation()(match_of(GUESS))


@pytest.mark.parametrize("guess", [GUESS[:, :6], GUESS[:, None]], ids=["short", "rank"])
def test_a_head_of_another_size_is_an_error(guess):
    with pytest.raises(ValueError, match=r"guess does not fit the code[\s\S]*\[n, 7\][\s\S]*Dense\(7\)"):
        term_of()(match_of(guess))


def test_a_critic_without_a_head_and_a_task_without_latents_are_errors():
    with pytest.raises(ValueError, match=r"no 'code' among what 'discriminator' says of fake images"):
        term_of()(Match(real=None, fake=None, aux={"latents": LATENTS}, fake_out={"logits": 0}))
    with pytest.raises(ValueError, match=r"finds no 'latents'[\s\S]*tasks\.Unconditional"):
        term_of()(Match(real=None, fake=None, fake_out={"code": GUESS}))


@keras.saving.register_keras_serializable("tests")
class Recalls(tt.inputs.InputTransform):
    """Shows past images."""

    def call(self, images, training=False, images_seen=0, seed=None):
        return images

    def recall(self, fake, seed, critic="discriminator"):
        return fake


@pytest.mark.parametrize(
    ("transform", "words"), [(tt.inputs.Packing(2), "Packing[\\s\\S]*pack"), (Recalls(), "Recalls[\\s\\S]*past")]
)
def test_images_of_other_codes_are_refused(transform, words):
    partners = tt.parts.Partners(task=TaskOf(PRIOR), loss=None, inputs=[tt.inputs.InstanceNoise(0.1), transform])
    with pytest.raises(ValueError, match=f"MutualInformation cannot work with {words}"):
        MutualInformation().check_partners(partners)


def test_it_runs_in_half_precision_and_in_a_graph():
    term = term_of()
    guess = tf.cast(GUESS, tf.float16)
    received = tf.function(lambda value: term(match_of(value, LATENTS.astype("float32"))))(guess)
    assert received.dtype == tf.float32
    assert float(received) == pytest.approx(by_factors(guess.numpy().astype("float64"), 1.0, 0.1), rel=1e-4)


@pytest.mark.parametrize("arguments", [{"categorical": -1.0}, {"continuous": "much"}])
def test_weights_of_factors_are_numbers_of_at_least_0(arguments):
    with pytest.raises(ValueError, match="is out of range"):
        MutualInformation(**arguments)
