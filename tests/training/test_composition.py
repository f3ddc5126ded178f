"""Any loss with any penalty, any constraint and any input transform: two finite steps, or a refusal that names both."""

import functools
import itertools
import math

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.conformance.cases import CASES, PROTOCOLS
from tfgan_tricks.inputs.input_transform import group_of
from tfgan_tricks.types import PLAYERS

SHAPE, LATENTS, CLASSES, BATCH = (8, 8, 1), 3, 3, 6


def rows(kind: str, variants: bool = False) -> dict:
    """Returns the rows of the table of cases for one kind, each as a function that makes the part anew."""
    found = [case for case in CASES if case.name.startswith(kind) and case.name not in PROTOCOLS]
    chosen = {case.id if variants else case.name: case.fresh for case in reversed(found)}
    return {name.removeprefix(kind): chosen[name] for name in reversed(chosen)}


RULES = {
    "GAN": tt.training.GAN,
    "OneStageGAN": tt.training.OneStageGAN,
    "UnrolledGAN": functools.partial(tt.training.UnrolledGAN, unroll=1),
    "SingleLossGAN": tt.training.SingleLossGAN,
}
LOSSES = rows("losses.adversarial.", variants=True)
PENALTIES = {"none": lambda: None, **rows("penalties."), **rows("constraints.")}
INPUTS = {"none": lambda: None, **rows("inputs.")}


@functools.cache
def networks(channels: int) -> tuple[keras.Model, keras.Model]:
    """Returns tiny networks; the critic gives a logit per class, features, and its logits' weights from `channels`."""
    latents, images = keras.Input((LATENTS,)), keras.Input((*SHAPE[:2], channels))
    x = keras.layers.Dense(math.prod(SHAPE), activation="tanh")(latents)
    generator = keras.Model(latents, keras.layers.Reshape(SHAPE)(x))
    features = keras.layers.Dense(4, activation="leaky_relu")(keras.layers.Flatten()(images))
    outputs = {"logits": keras.layers.Dense(CLASSES)(features), "features": features}
    return generator, keras.Model(images, outputs)


@functools.cache
def batch() -> dict:
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (BATCH, *SHAPE)).astype("float32")
    return {"image": tf.constant(images), "label": tf.constant(rng.integers(CLASSES, size=BATCH))}


def gan_of(loss, penalty, transform, rule: str = "GAN"):
    """Returns a compiled GAN of these parts, on networks that start from the same weights each time."""
    inputs = [] if transform is None else [transform]
    generator, discriminator = networks(SHAPE[-1] * group_of(inputs))
    for index, weight in enumerate([*generator.weights, *discriminator.weights]):
        weight.assign(0.3 * np.random.default_rng(index).normal(size=weight.shape))
    gan = RULES[rule](tt.tasks.Unconditional(generator, discriminator, tt.latents.Normal(LATENTS)))
    is_term = isinstance(penalty, tt.losses.Term)
    # A balance of gradients needs something to balance the game with, and without a game something must be left.
    needs_term = isinstance(loss, tt.losses.adversarial.GradientRatio | tt.losses.adversarial.NoGame)
    terms = [tt.losses.image.TotalVariation(weight=0.1)] if needs_term else []
    players = ("",) if rule == "SingleLossGAN" else ("generator_", "discriminator_")
    gan.compile(
        **{f"{player}optimizer": keras.optimizers.SGD(1e-2) for player in players},
        loss=loss,
        terms=[*terms, penalty] if is_term else terms,
        inputs=inputs,
        weight_constraint=None if is_term else penalty,
        run_eagerly=True,
    )
    return gan


def check_two_steps(gan) -> None:
    """Trains two steps; both players must move, unless the loss leaves one out, and everything must stay finite."""
    players = gan.adversarial_loss.players
    assert players == PLAYERS or isinstance(gan.adversarial_loss, tt.losses.adversarial.NoGame)
    before = {player: [weight.numpy() for weight in gan.variables_of(player)] for player in players}
    for _ in range(2):
        logs = gan.train_step(batch())
    assert all(np.isfinite(np.asarray(value)).all() for value in logs.values()), logs
    for player, old in before.items():
        now = [weight.numpy() for weight in gan.variables_of(player)]
        assert all(np.isfinite(weight).all() for weight in now), player
        assert any(not np.array_equal(one, other) for one, other in zip(now, old, strict=True)), player


def check_combination(loss: str, penalty: str, transform: str, rule: str = "GAN") -> None:
    parts = [LOSSES[loss](), PENALTIES[penalty](), INPUTS[transform]()]
    try:
        gan = gan_of(*parts, rule=rule)
    except ValueError as refused:
        refusal = str(refused)
        parties = {rule, *(type(part).__name__ for part in parts if part is not None)}
        assert sum(party in refusal for party in parties) >= 2, refusal
        assert "Fix:" in refusal
    else:
        check_two_steps(gan)


def transform_for(loss: str, penalty: str) -> str:
    """Returns a transform for each pair such that every two parts of the three kinds meet somewhere."""
    return list(INPUTS)[(list(LOSSES).index(loss) + list(PENALTIES).index(penalty)) % len(INPUTS)]


each_pair = pytest.mark.parametrize(("loss", "penalty"), list(itertools.product(LOSSES, PENALTIES)))


@each_pair
def test_a_combination_trains_or_is_refused_by_name(loss, penalty):
    check_combination(loss, penalty, transform_for(loss, penalty))


def triples_for(rule: str) -> list[tuple[str, str, str]]:
    """Returns combinations in which each part of each kind occurs, others for each rule."""
    kinds, shift = [list(LOSSES), list(PENALTIES), list(INPUTS)], list(RULES).index(rule)
    return [
        tuple(names[(i + shift * place) % len(names)] for place, names in enumerate(kinds))
        for i in range(max(map(len, kinds)))
    ]


@pytest.mark.parametrize(
    ("rule", "loss", "penalty", "transform"), [(rule, *parts) for rule in [*RULES][1:] for parts in triples_for(rule)]
)
def test_a_combination_trains_under_each_update_rule_or_is_refused_by_name(rule, loss, penalty, transform):
    check_combination(loss, penalty, transform, rule)


@pytest.mark.slow
@pytest.mark.parametrize("rule", [*RULES][1:])
@each_pair
def test_every_pair_trains_under_each_update_rule_or_is_refused_by_name(loss, penalty, rule):
    check_combination(loss, penalty, transform_for(loss, penalty), rule)


@pytest.mark.slow
@pytest.mark.parametrize("transform", INPUTS)
@each_pair
def test_every_combination_trains_or_is_refused_by_name(loss, penalty, transform):
    check_combination(loss, penalty, transform)


def test_the_fast_part_of_the_matrix_has_every_pair():
    triples = [(loss, penalty, transform_for(loss, penalty)) for loss in LOSSES for penalty in PENALTIES]
    assert {(loss, transform) for loss, _, transform in triples} == set(itertools.product(LOSSES, INPUTS))
    assert {(penalty, transform) for _, penalty, transform in triples} == set(itertools.product(PENALTIES, INPUTS))


def test_every_public_loss_penalty_and_transform_is_in_the_matrix():
    for kind, found in (("losses.adversarial", LOSSES), ("penalties", PENALTIES), ("inputs", INPUTS)):
        public = set(tt.configuration.registry(kind))
        assert public <= {name.split("-")[0] for name in found}


def test_the_matrix_would_notice_a_nan():
    class Broken(tt.losses.adversarial.Wasserstein):
        def generator(self, *, real=None, fake, seed=None):
            return {"fake": fake / 0.0 * 0.0}

    gan = gan_of(Broken(), None, None)
    gan.update("generator", batch())
    assert not np.isfinite(gan.task.generator.weights[0]).all()


def test_the_fast_part_of_the_matrix_has_every_part_under_each_rule():
    for rule in RULES:
        for names, seen in zip((LOSSES, PENALTIES, INPUTS), zip(*triples_for(rule), strict=True), strict=True):
            assert set(seen) == set(names), rule
