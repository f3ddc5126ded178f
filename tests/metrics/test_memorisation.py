"""Memorisation: distances by loops, copies that were put in, and generators that memorise nothing."""

import json
import math

import keras
import numpy as np
import pytest

from tfgan_tricks.metrics import Identity, NearestNeighbourMemorisation, Samples, memorisation, real_floor

RANDOM = np.random.default_rng(0)
TRAIN, UNSEEN, FAKE = (RANDOM.normal(size=(count, 3)) for count in (70, 40, 50))


def measure(fake, held_out=None, quantile=0.1, train=TRAIN):
    samples = None if held_out is None else Samples(features=held_out)
    return NearestNeighbourMemorisation(quantile)(Samples(features=train), Samples(features=fake), samples)


def nearest(points, others, skip_itself: bool = False) -> list[float]:
    return [
        min(math.dist(p, q) for j, q in enumerate(others) if not (skip_itself and i == j)) for i, p in enumerate(points)
    ]


@pytest.mark.parametrize("held_out", [UNSEEN, None], ids=["held out", "left out"])
def test_every_number_is_that_of_a_loop_over_points(held_out):
    result = measure(FAKE, held_out)
    made = nearest(FAKE, TRAIN)
    unseen = nearest(TRAIN, TRAIN, skip_itself=True) if held_out is None else nearest(held_out, TRAIN)
    threshold = np.quantile(unseen, 0.1)
    details = result.details
    assert result.value == np.mean([d <= threshold for d in made])
    assert details["threshold"] == pytest.approx(threshold)
    pairs = [(d < u) + 0.5 * (d == u) for d in made for u in unseen]
    assert details["closer"] == pytest.approx(np.mean(pairs))
    assert details["median"] == pytest.approx(np.median(made))
    assert details["real_median"] == pytest.approx(np.median(unseen))
    assert [distance for *_, distance in details["closest"]] == pytest.approx(sorted(made)[:5])
    for i, j, distance in details["closest"]:
        assert math.dist(FAKE[i], TRAIN[j]) == pytest.approx(distance)
    assert (details["expected"], details["exact_copies"]) == (0.1, 0)


def test_blocks_and_the_order_of_rows_change_nothing(monkeypatch):
    expected = [measure(FAKE, held_out) for held_out in (UNSEEN, None)]
    iterate = memorisation.squared_distances
    monkeypatch.setattr(memorisation, "squared_distances", lambda a, b: iterate(a, b, 9))
    order = np.random.default_rng(1).permutation
    found = [measure(order(FAKE), order(UNSEEN), train=order(TRAIN)), measure(order(FAKE), train=order(TRAIN))]
    for one, other in zip(found, expected, strict=True):
        assert one.value == other.value
        for name in ("threshold", "closer", "median", "real_median"):
            assert one.details[name] == pytest.approx(other.details[name])


def test_a_generator_of_the_same_distribution_memorises_nothing():
    random = np.random.default_rng(2)
    train, unseen, fake = (random.normal(size=(1_500, 2)) for _ in range(3))
    for held_out in (unseen, None):
        result = measure(fake, held_out, quantile=0.1, train=train)
        assert abs(result.value - 0.1) < 0.04
        assert abs(result.details["closer"] - 0.5) < 0.04
    floor = real_floor(NearestNeighbourMemorisation(0.1), Samples(features=train))
    assert abs(floor.value - 0.1) < 0.04


def test_near_copies_are_seen_and_bad_images_are_not_taken_for_them():
    mixed = np.concatenate([TRAIN[:20] + 1e-4, FAKE[:30] + 40.0])
    result = measure(mixed, UNSEEN)
    assert result.value == 0.4
    assert result.details["exact_copies"] == 0
    assert sorted(j for _, j, _ in result.details["closest"]) == sorted(i for i, _, _ in result.details["closest"])
    assert measure(FAKE + 40.0, UNSEEN).value == 0.0


def test_exact_copies_of_features_are_counted():
    with_copies = np.concatenate([FAKE, TRAIN[[3, 3, 60]]])
    result = measure(with_copies, UNSEEN)
    assert result.details["exact_copies"] == 3
    assert [distance for *_, distance in result.details["closest"][:3]] == [0.0, 0.0, 0.0]
    assert {(i, j) for i, j, _ in result.details["closest"][:3]} == {(50, 3), (51, 3), (52, 60)}


def test_copies_of_images_are_counted_byte_by_byte_whatever_the_features_say():
    images = np.random.default_rng(3).integers(0, 256, (40, 3, 3, 1)).astype("uint8")
    made = images[:30].copy()
    made[5:, 0, 0] ^= 1  # five are exact
    floats = made / np.float32(127.5) - np.float32(1.0)
    for fake in (made, floats):
        sides = [Samples(side, extractor=Identity()) for side in (images, fake)]
        result = NearestNeighbourMemorisation()(*sides)
        assert result.details["exact_copies"] == 5
        assert result.value == 1.0
        blind = [
            Samples(side, features=np.random.default_rng(i).normal(size=(len(side), 2)))
            for i, side in enumerate((images, fake))
        ]
        assert NearestNeighbourMemorisation()(*blind).details["exact_copies"] == 5


def test_features_far_from_zero_lose_no_neighbours():
    near, far = measure(FAKE, UNSEEN), measure(FAKE + 1e8, UNSEEN + 1e8, train=TRAIN + 1e8)
    assert far.value == near.value
    assert far.details["threshold"] == pytest.approx(near.details["threshold"], rel=1e-5)


def test_settings_survive_their_configuration_and_the_protocol_counts_what_was_held_out():
    metric = NearestNeighbourMemorisation(quantile=0.2)
    again = keras.saving.deserialize_keras_object(json.loads(json.dumps(keras.saving.serialize_keras_object(metric))))
    assert again == metric
    result = measure(FAKE, UNSEEN)
    assert result.name == "memorisation(quantile=0.1)[given,70/50]"
    assert json.loads(result.to_json())["protocol"]["n_held_out"] == 40
    assert measure(FAKE).protocol["n_held_out"] is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: measure(FAKE, UNSEEN[:9]), "too few held-out samples"),
        (lambda: measure(FAKE[:9]), "at least 10: a share of 0.1 of fewer is less than one image"),
        (lambda: measure(FAKE[:, :2]), "width 3; generated: width 2"),
        (lambda: measure(FAKE, UNSEEN[:, :2]), "width 3; generated: width 2"),
        (lambda: NearestNeighbourMemorisation()(None, Samples(features=FAKE)), "real=None"),
        (lambda: measure(np.full((20, 3), np.inf)), "not finite"),
        (lambda: NearestNeighbourMemorisation(0.0), "quantile"),
        (lambda: NearestNeighbourMemorisation(1.0), "quantile"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_reason(call, words):
    with pytest.raises(ValueError, match=words):
        call()
