"""`Relativistic` against the published formulas of each base, in both modes, for both players."""

import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tests.support.adversarial import PAIRS, linear_gan, softplus
from tfgan_tricks.losses.adversarial import (
    BEGAN,
    FDivergence,
    Hinge,
    LabelFlip,
    LeastSquares,
    Minimax,
    NonSaturating,
    Relativistic,
    Wasserstein,
)

B = 1.5  # target of the least-squares game
BASES = {
    "non_saturating": NonSaturating(),
    "minimax": Minimax(),
    "least_squares": LeastSquares(a=-B, b=B, c=B),
    "hinge": Hinge(),
}

# What is asked of r - f: the real image is ahead; of f - r: the generated one is behind; (ahead, behind) by base.
PUBLISHED = {
    "non_saturating": (lambda d: softplus(-d), softplus),
    "minimax": (lambda d: softplus(-d), softplus),
    "least_squares": (lambda d: 0.5 * (d - B) ** 2, lambda d: 0.5 * (d + B) ** 2),
    "hinge": (lambda d: np.maximum(0.0, 1.0 - d), lambda d: np.maximum(0.0, 1.0 + d)),
}


def published(name: str, mode: str, player: str, real, fake) -> dict[str, np.ndarray]:
    """The parts of a player's loss in NumPy, from the paper."""
    ahead, behind = PUBLISHED[name]
    if mode == "paired":
        pair = ahead(real - fake) if player == "discriminator" or name == "minimax" else ahead(fake - real)
        return {"pair": -pair if player == "generator" and name == "minimax" else pair}
    real, fake = real - fake.mean(), fake - real.mean()
    if player == "discriminator":
        return {"real": ahead(real), "fake": behind(fake)}
    if name == "minimax":
        return {"real": -ahead(real), "fake": -behind(fake)}
    return {"real": behind(real), "fake": ahead(fake)}


def weights_of(parts: dict) -> dict:
    """Weights different at each logit and part, so that a swap of parts or places shows."""
    return {n: np.cos(np.arange(v.size) + len(n)).reshape(v.shape) for n, v in parts.items()}


def total(parts: dict) -> float:
    weights = weights_of(parts)
    return sum(float(np.sum(weights[name] * value)) for name, value in parts.items())


def differences(function, values: np.ndarray, step: float = 1e-4) -> np.ndarray:
    """Central differences of a function of an array."""
    slope = np.zeros_like(values)
    for place in np.ndindex(values.shape):
        moved = np.zeros_like(values)
        moved[place] = step
        slope[place] = (function(values + moved) - function(values - moved)) / (2 * step)
    return slope


each_game = pytest.mark.parametrize(
    ("name", "mode", "player"),
    [(name, mode, player) for name in BASES for mode in ("paired", "average") for player in tt.types.PLAYERS],
)


@pytest.mark.parametrize(("real", "fake"), PAIRS.values(), ids=PAIRS.keys())
@each_game
def test_values_and_gradients_are_those_of_the_paper(name, mode, player, real, fake):
    loss = Relativistic(BASES[name], mode=mode)
    expected = published(name, mode, player, real, fake)
    for dtype, tolerance in ((tf.float64, {"rtol": 1e-9, "atol": 1e-12}), (tf.float32, {"rtol": 2e-5, "atol": 1e-5})):
        logits = [tf.constant(value, dtype) for value in (real, fake)]
        with tf.GradientTape() as tape:
            tape.watch(logits)
            parts = getattr(loss, player)(real=logits[0], fake=logits[1])
            value = sum(tf.reduce_sum(weights * parts[n]) for n, weights in weights_of(parts_in_numpy(parts)).items())
        assert set(parts) == set(expected)
        for part, value_expected in expected.items():
            np.testing.assert_allclose(parts[part], value_expected, **tolerance)
            assert parts[part].dtype == dtype
        slopes = tape.gradient(value, logits)
    by_real = differences(lambda moved: total(published(name, mode, player, moved, fake)), real)
    by_fake = differences(lambda moved: total(published(name, mode, player, real, moved)), fake)
    np.testing.assert_allclose(slopes[0], by_real, rtol=1e-4, atol=2e-4)  # of the last, float32
    np.testing.assert_allclose(slopes[1], by_fake, rtol=1e-4, atol=2e-4)


def parts_in_numpy(parts: dict) -> dict:
    return {name: value.numpy() for name, value in parts.items()}


def test_a_pair_is_counted_once():
    real, fake = PAIRS["scalars"]
    parts = Relativistic(NonSaturating()).discriminator(real=real, fake=fake)
    assert list(parts) == ["pair"]
    np.testing.assert_allclose(parts["pair"], np.log1p(np.exp(fake - real)), rtol=1e-6)


def test_the_mean_runs_over_the_batch_and_all_patches():
    real, fake = PAIRS["patches"]
    parts = Relativistic(LeastSquares(a=-1, b=1, c=1), "average").discriminator(real=real, fake=fake[:2])
    np.testing.assert_allclose(parts["real"], 0.5 * (real - fake[:2].sum() / fake[:2].size - 1) ** 2, rtol=1e-6)
    assert parts["fake"].shape == fake[:2].shape  # so the sides may differ in number


@pytest.mark.parametrize("mode", ["paired", "average"])
def test_smoothing_moves_the_discriminators_targets_only(mode):
    real, fake = PAIRS["scalars"]
    smooth, plain = (Relativistic(NonSaturating(label_smoothing=s), mode) for s in (0.2, 0.0))
    ahead = real - (fake if mode == "paired" else fake.mean())
    part = smooth.discriminator(real=real, fake=fake)["pair" if mode == "paired" else "real"]
    np.testing.assert_allclose(part, 0.8 * softplus(-ahead) + 0.2 * softplus(ahead), rtol=1e-6)
    for name, value in plain.generator(real=real, fake=fake).items():
        np.testing.assert_array_equal(value, smooth.generator(real=real, fake=fake)[name])


def test_replicas_share_the_means_in_value_and_gradient(two_replicas):
    """A linear critic's loss on two halves of a batch has the gradient that it has on the whole batch."""
    generator = np.random.default_rng(3)
    real, fake = (generator.normal(center, 1.0, size=(6, 4)).astype("float32") for center in (0.5, -0.3))
    start = tf.constant(generator.normal(size=(4, 1)), tf.float32)
    loss = Relativistic(Hinge(), mode="average")

    def gradient(real, fake, share):
        with tf.GradientTape() as tape:
            tape.watch(start)
            parts = loss.discriminator(real=real @ start, fake=fake @ start)
            value = share * sum(tf.reduce_mean(part) for part in parts.values())
        return tape.gradient(value, start)

    halves = two_replicas.experimental_distribute_values_from_function(
        lambda context: tuple(tf.constant(v[3 * context.replica_id_in_sync_group :][:3]) for v in (real, fake))
    )
    step = tf.function(lambda halves: two_replicas.run(lambda pair: gradient(*pair, 0.5), args=(halves,)))
    received = sum(two_replicas.experimental_local_results(step(halves)))
    expected = gradient(tf.constant(real), tf.constant(fake), 1.0)
    np.testing.assert_allclose(received, expected, rtol=1e-5, atol=1e-6)
    within = sum(gradient(*(tf.constant(v[at : at + 3]) for v in (real, fake)), 0.5) for at in (0, 3))
    assert np.abs(within - expected).max() > 1e-3, "means within a replica would give the same: the test shows nothing"


def test_a_gan_hands_real_logits_to_the_generator():
    gan = linear_gan(Relativistic(NonSaturating(), mode="average"))
    logs = gan.train_on_batch({"image": tiny.images(8)}, return_dict=True)
    assert {"generator_real_loss", "generator_fake_loss"} <= set(logs)
    assert all(np.isfinite(value) for value in logs.values())
    assert logs["generator_real_loss"] > 0.0


def test_the_generator_without_real_logits_is_refused():
    with pytest.raises(ValueError, match=r"compares with real images[\s\S]*Fix: pass real="):
        Relativistic(NonSaturating()).generator(fake=np.zeros((2, 1)))


def test_sides_of_different_size_do_not_pair_up():
    with pytest.raises(ValueError, match=r"do not pair up[\s\S]*real \(4, 1\), fake \(1, 1\)"):
        Relativistic(NonSaturating()).discriminator(real=np.zeros((4, 1)), fake=np.zeros((1, 1)))


@pytest.mark.parametrize("mode", ["paired", "average"])
@pytest.mark.parametrize(
    ("base", "error", "reason"),
    [
        (Wasserstein(), ValueError, "relativistic already"),
        (LeastSquares(), ValueError, r"mirror each other[\s\S]*a=0.0, b=1.0, c=1.0[\s\S]*a=-1.0"),
        (LeastSquares(a=-1.0, b=1.0, c=0.0), ValueError, "mirror each other"),
        (FDivergence("kl"), TypeError, "`base` has the wrong type"),
        (BEGAN(), TypeError, "`base` has the wrong type"),
        (LabelFlip(NonSaturating()), TypeError, "`base` has the wrong type"),
        (Relativistic(Hinge()), TypeError, "`base` has the wrong type"),
        ("NonSaturating", TypeError, "`base` has the wrong type"),
    ],
)
def test_a_base_that_makes_no_sense_is_refused(base, error, reason, mode):
    with pytest.raises(error, match=reason):
        Relativistic(base, mode=mode)


def test_a_pair_has_one_target():
    with pytest.raises(ValueError, match=r"one target[\s\S]*fake_smoothing=0.1"):
        Relativistic(NonSaturating(fake_smoothing=0.1))
    assert Relativistic(NonSaturating(fake_smoothing=0.1), mode="average").base.fake_smoothing == 0.1


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="did you mean 'average'"):
        Relativistic(Hinge(), mode="averaged")


def test_a_config_names_it_by_text():
    built = tt.configuration.build("Relativistic(NonSaturating(), mode='average')", "losses.adversarial")
    assert built == Relativistic(NonSaturating(), mode="average")
