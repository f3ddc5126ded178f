"""`Reconstruction`, `CycleConsistency` and `Identity` against sums over pixels."""

import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support.differences import check_slopes
from tfgan_tricks.losses.auxiliary import CycleConsistency, Identity, Reconstruction
from tfgan_tricks.types import Match

A, B, C, D = (np.random.default_rng(seed).uniform(-1, 1, (3, 4, 2, 2)) for seed in range(4))


def distance(one, other, loss: str) -> float:
    power = {"l1": 1, "l2": 2}[loss]
    return float(np.mean([abs(one[i] - other[i]) ** power for i in np.ndindex(one.shape)]))


def match_of(fake=None, **aux) -> Match:
    return Match(real=None, fake=fake, aux=aux, player="generator")


@pytest.mark.parametrize("loss", ["l1", "l2"])
def test_reconstruction_is_the_mean_distance_from_the_target(loss):
    term = Reconstruction(loss=loss, weight=7.0)
    check_slopes(lambda fake: term(match_of(fake, target=B)), lambda fake: 7.0 * distance(fake, B, loss), A)


def test_reconstruction_counts_a_hundredfold_as_in_the_paper():
    assert float(Reconstruction()(match_of(A, target=B))) == pytest.approx(100 * distance(A, B, "l1"), rel=1e-5)


@pytest.mark.parametrize("loss", ["l1", "l2"])
def test_a_key_names_the_images_that_are_compared_instead(loss):
    term = Reconstruction(loss=loss, key="coarse", weight=7.0)
    check_slopes(lambda coarse: term(match_of(C, coarse=coarse, target=B)), lambda a: 7.0 * distance(a, B, loss), A)
    assert not term.reads_fake
    assert Reconstruction().reads_fake
    with pytest.raises(ValueError, match=r"finds no 'coarse'[\s\S]*tasks.Inpainting"):
        term(match_of(C, target=B))
    with pytest.raises(TypeError, match="name of an entry of aux"):
        Reconstruction(key=1)


@pytest.mark.parametrize(("kind", "key", "weight"), [(CycleConsistency, "cycle", 10.0), (Identity, "identity", 5.0)])
@pytest.mark.parametrize("loss", ["l1", "l2"])
def test_the_distances_of_all_pairs_are_summed(kind, key, weight, loss):
    smaller, other = C[:, :2], D[:, :2]
    term = kind(loss=loss)
    check_slopes(
        lambda back: term(match_of(**{key: [(A, back), (other, smaller)]})),
        lambda back: weight * (distance(A, back, loss) + distance(other, smaller, loss)),
        B,
    )


def test_identity_weighs_half_of_the_cycle():
    assert Identity().weight == 0.5 * CycleConsistency().weight


def test_the_gradient_reaches_both_images_of_a_pair():
    one, other = (tf.constant(value, tf.float32) for value in (A, B))
    with tf.GradientTape() as tape:
        tape.watch([one, other])
        value = CycleConsistency()(match_of(cycle=[(one, other)]))
    slopes = tape.gradient(value, [one, other])
    np.testing.assert_allclose(slopes[0], 10 * np.sign(A - B) / A.size, rtol=1e-5)
    np.testing.assert_allclose(slopes[1], -slopes[0], rtol=1e-5)


@pytest.mark.parametrize("term", [CycleConsistency(), Identity()])
def test_values_are_one_per_image(term):
    values = term.call(match_of(cycle=[(A, B)], identity=[(A, B)]))
    np.testing.assert_allclose(values, np.abs(A - B).mean(axis=(1, 2, 3)), rtol=1e-5)


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (Reconstruction(), r"Reconstruction finds no 'target'[\s\S]*Fix: train on a task of pairs"),
        (CycleConsistency(), r"CycleConsistency finds no 'cycle'[\s\S]*Fix: train on a task of[\s\S]*CycleGAN"),
        (Identity(), r"Identity finds no 'identity'[\s\S]*Fix: train on a task of[\s\S]*CycleGAN"),
    ],
)
def test_a_task_that_provides_nothing_is_named(term, words):
    with pytest.raises(ValueError, match=words):
        term(match_of(A, latents=B))


@pytest.mark.parametrize("pairs", [A, (A, B), [(A, B, C)], [A]], ids=["images", "one_pair", "three", "single"])
def test_a_pair_outside_of_a_list_is_an_error(pairs):
    with pytest.raises(ValueError, match=r"takes pairs of images[\s\S]*aux=\{'cycle': \[\(one, other\)\]\}"):
        CycleConsistency()(match_of(cycle=pairs))


def test_images_of_a_pair_must_be_alike():
    with pytest.raises(ValueError, match="the images of a pair, which differ in shape"):
        Identity()(match_of(identity=[(A, B[:, :1])]))


@pytest.mark.parametrize("kind", [Reconstruction, CycleConsistency, Identity])
def test_a_distance_is_l1_or_l2(kind):
    with pytest.raises(ValueError, match="Unknown value for `loss`"):
        kind(loss="huber")


def test_configs_name_them_by_text():
    texts = ("Reconstruction(loss='l2', weight=10)", "CycleConsistency()", "Identity(every=2)", "R1(gamma=1.0)")
    terms = [Reconstruction(loss="l2", weight=10), CycleConsistency(), Identity(every=2), tt.penalties.R1(gamma=1.0)]
    assert tt.configuration.build_all(texts, "terms") == terms
