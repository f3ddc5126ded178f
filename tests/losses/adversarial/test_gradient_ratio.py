"""`GradientRatio`: the share of the game's gradient, exactly, whatever its size, and what it does to training."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import rich_task, tiny
from tfgan_tricks.losses.adversarial import BEGAN, GradientRatio, Hinge, NonSaturating, Relativistic
from tfgan_tricks.losses.adversarial.gradient_ratio import combined
from tfgan_tricks.losses.adversarial.wrapped_loss import WrappedLoss
from tfgan_tricks.losses.auxiliary import (
    Classification,
    CycleConsistency,
    FeatureMatching,
    MutualInformation,
    Reconstruction,
)
from tfgan_tricks.types import Match

A, B = (np.random.default_rng(seed).normal(size=(3, 4, 4, 2)) for seed in (0, 1))


def by_formula(adversarial, other, share: float) -> np.ndarray:
    return other + adversarial * share * np.linalg.norm(other) / np.linalg.norm(adversarial)


@pytest.mark.parametrize("share", [0.1, 2.0])
@pytest.mark.parametrize(("size", "other_size"), [(1, 1), (1e3, 1), (1e-30, 1), (1e30, 1), (1, 1e25), (1e-25, 1e-30)])
def test_the_share_is_exact_whatever_the_sizes(size, other_size, share):
    adversarial, other = (size * A).astype("float32"), (other_size * B).astype("float32")
    received = combined(tf.constant(adversarial), tf.constant(other), share).numpy().astype("float64")
    expected = by_formula(adversarial.astype("float64"), other.astype("float64"), share)
    np.testing.assert_allclose(received, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())
    added = received - other
    assert np.linalg.norm(added) == pytest.approx(share * np.linalg.norm(other.astype("float64")), rel=1e-4)


def test_a_gradient_of_zero_is_added_as_zero():
    zero = tf.zeros(A.shape)
    np.testing.assert_array_equal(combined(zero, tf.constant(B, tf.float32), 0.1), B.astype("float32"))
    np.testing.assert_array_equal(combined(tf.constant(A, tf.float32), zero, 0.1), zero)
    np.testing.assert_array_equal(combined(zero, zero, 0.1), zero)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("side", [0, 1])
def test_a_gradient_that_is_not_finite_stays_so(bad, side):
    """Loss scaling skips such an update, and StopOnNonFinite sees it."""
    gradients = [A.astype("float32"), B.astype("float32")]
    gradients[side][1, 2, 0, 1] = bad
    assert not np.isfinite(combined(*map(tf.constant, gradients), 0.1)).all()


def slope_of(total, fake):
    """Returns the gradient in the images of what is computed of the two that `split` gives."""
    with tf.GradientTape() as tape:
        tape.watch(fake)
        value = total(*GradientRatio(Hinge(), share=0.25).split(fake))
    return tape.gradient(value, fake)


def both(scale: float = 1.0, game: float = 1000.0):
    def total(shown, direct):
        return scale * (game * tf.reduce_sum(A * tf.sin(shown)) + tf.reduce_sum(B * direct**2))

    return total


FAKE = np.random.default_rng(2).uniform(-1, 1, A.shape)
MODES = {"eager": lambda f: f, "graph": tf.function, "xla": lambda f: tf.function(f, jit_compile=True)}


@pytest.mark.parametrize("mode", MODES)
def test_a_game_a_thousand_times_stronger_gets_its_share(mode):
    fake = tf.constant(FAKE)
    received = MODES[mode](lambda images: slope_of(both(), images))(fake).numpy()
    expected = by_formula(1000 * A * np.cos(FAKE), 2 * B * FAKE, 0.25)
    np.testing.assert_allclose(received, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_the_values_are_those_of_the_images(mode):
    shown, direct = MODES[mode](GradientRatio(Hinge()).split)(tf.constant(FAKE))
    np.testing.assert_array_equal(shown, FAKE)
    np.testing.assert_array_equal(direct, FAKE)


@pytest.mark.parametrize("mode", MODES)
def test_a_side_that_nobody_reads_has_no_gradient(mode):
    only_terms = MODES[mode](lambda images: slope_of(lambda shown, direct: tf.reduce_sum(B * direct), images))
    np.testing.assert_allclose(only_terms(tf.constant(FAKE)), B, rtol=1e-6)
    only_game = MODES[mode](lambda images: slope_of(lambda shown, direct: tf.reduce_sum(A * shown), images))
    np.testing.assert_array_equal(only_game(tf.constant(FAKE)), np.zeros_like(A))


def test_loss_scaling_scales_the_sum():
    fake = tf.constant(FAKE, tf.float32)

    def total(scale):
        def of(shown, direct):
            return scale * (1e3 * tf.reduce_sum(A.astype("float32") * shown) + tf.reduce_sum(tf.square(direct)))

        return of

    plain, scaled = (slope_of(total(scale), fake) for scale in (1.0, 2.0**15))
    np.testing.assert_allclose(scaled, 2.0**15 * plain, rtol=1e-6)


def test_half_precision_images_get_half_precision_gradients():
    fake = tf.constant(FAKE, tf.bfloat16)
    received = slope_of(lambda shown, direct: 1e4 * tf.reduce_sum(shown) + tf.reduce_sum(direct), fake)
    assert received.dtype == tf.bfloat16
    np.testing.assert_allclose(tf.cast(received, tf.float32), 1.25, rtol=1e-2)


def generator_slopes(loss, terms, matches_of=None):
    """Returns the gradient that one generator update hands to the generated images, and the GAN."""
    gan = rich_task.gan_of(loss, terms, run_eagerly=True)
    if matches_of is not None:
        gan.task.matches = matches_of(gan.task.matches)
    batch = next(iter(rich_task.batches()))
    seen = []
    original = gan.task.call

    def call(x, training=False, nets=None):
        out = original(x, training=training, nets=nets)
        seen.append(out)
        return out

    gan.task.call = call
    with tf.GradientTape(persistent=True) as tape:
        matches = gan.play("generator", batch, tt.randomness.SeedStream.from_integer(1))
        value = gan.player_loss("generator", matches)
    return tape.gradient(value, seen[0]).numpy(), gan


def test_in_a_gan_the_game_gets_its_share_of_the_reconstructions_gradient():
    game, _ = generator_slopes(NonSaturating(), [])
    terms, _ = generator_slopes(NonSaturating(), [Reconstruction(weight=3.0)])
    balanced, _ = generator_slopes(GradientRatio(NonSaturating(), 0.3), [Reconstruction(weight=3.0)])
    np.testing.assert_allclose(balanced, by_formula(game, terms - game, 0.3), rtol=1e-3, atol=1e-6)


def test_what_comes_through_the_critic_counts_as_the_game():
    through = [FeatureMatching("paired"), MutualInformation(), Classification()]
    game, _ = generator_slopes(NonSaturating(), through)
    terms, _ = generator_slopes(NonSaturating(), [*through, Reconstruction()])
    balanced, _ = generator_slopes(GradientRatio(NonSaturating()), [*through, Reconstruction()])
    np.testing.assert_allclose(balanced, by_formula(game, terms - game, 0.1), rtol=1e-3, atol=1e-5)


def test_each_of_several_matches_is_balanced_by_itself():
    """Two matches, of the images and of the images doubled, whose gradients differ in size."""

    def twice(matches):
        def of(batch, x, out):
            (one,) = matches(batch, x, out)
            return [one, Match(real=one.real, fake=2.0 * out, aux=one.aux)]

        return of

    def second(matches):
        return lambda batch, x, out: twice(matches)(batch, x, out)[1:]

    loss = GradientRatio(NonSaturating())
    together, first, other = (
        generator_slopes(loss, [Reconstruction()], matches)[0] for matches in (twice, None, second)
    )
    np.testing.assert_allclose(together, first + other, rtol=1e-4, atol=1e-6)


def distance_after_training(loss) -> float:
    """Trains a generator that a critic of slope 1000 drives away; returns its mean distance from the target."""
    latents, images = keras.Input((2,)), keras.Input((2, 2, 1))
    generator = keras.Model(latents, keras.layers.Reshape((2, 2, 1))(keras.layers.Dense(4)(latents)))
    slope = keras.initializers.Constant(1000.0)
    critic = keras.Model(images, keras.layers.Dense(1, kernel_initializer=slope)(keras.layers.Flatten()(images)))
    gan = tt.training.GAN(tt.tasks.Unconditional(generator, critic, tt.latents.Normal(2)))

    class TowardsHalf(Reconstruction):
        def call(self, match):
            return self.compare(match.fake, 0.5 * keras.ops.ones_like(match.fake))

    term = TowardsHalf(loss="l2", weight=1.0, name="reconstruction")
    gan.compile(keras.optimizers.SGD(0.3), keras.optimizers.SGD(0.0), loss=loss, terms=[term])
    gan.fit({"image": np.zeros((640, 2, 2, 1), "float32")}, batch_size=8, epochs=2, verbose=0)
    made = gan.predict(gan.task.prior.sample(64, seed=3), verbose=0)
    return float(np.abs(made - 0.5).mean())


def test_training_follows_the_reconstruction_where_the_game_would_run_away():
    wasserstein = tt.losses.adversarial.Wasserstein()
    assert distance_after_training(wasserstein) > 100.0
    assert distance_after_training(GradientRatio(wasserstein, share=0.1)) < 0.1


def test_the_norms_are_those_of_the_whole_batch_on_every_replica(two_replicas):
    game, other, fake = (np.concatenate([v, 30.0 * v[::-1]]).astype("float32") for v in (A, B, FAKE))
    other[3:] /= 500.0  # the first replica has most of one gradient, the second most of the other
    parts = two_replicas.experimental_distribute_values_from_function(
        lambda context: tuple(tf.constant(v[3 * context.replica_id_in_sync_group :][:3]) for v in (game, other, fake))
    )

    def slope(part):
        weights, own, images = part
        return slope_of(lambda shown, direct: tf.reduce_sum(weights * shown) + tf.reduce_sum(own * direct), images)

    slopes = tf.function(lambda: two_replicas.run(slope, args=(parts,)))()
    received = np.concatenate([s.numpy() for s in two_replicas.experimental_local_results(slopes)])
    np.testing.assert_allclose(received, by_formula(game, other, 0.25), rtol=1e-4, atol=1e-6)


def test_one_and_two_replicas_train_alike(two_replicas):
    results = []
    for scope in (contextlib.nullcontext(), two_replicas.scope()):
        with scope:
            optimizers = keras.optimizers.SGD(0.3), keras.optimizers.SGD(0.01)
            terms = [Reconstruction(loss="l2", weight=10.0)]
            gan = rich_task.gan_of(GradientRatio(Relativistic(Hinge()), 1.0), terms, optimizers)
        gan.fit(rich_task.batches(), steps_per_epoch=3, verbose=0)
        results.append(tiny.values(gan.trainable_variables))
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, atol=5e-6)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_trains_to_finite_values(policy):
    keras.config.set_dtype_policy(policy)
    gan = rich_task.gan_of(GradientRatio(NonSaturating()), [Reconstruction()])
    history = gan.fit(rich_task.batches(), steps_per_epoch=5, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values()), history


def test_it_is_saved_with_its_base(tmp_path):
    loss = GradientRatio(BEGAN(gamma=0.7), share=0.3)
    gan = rich_task.gan_of(loss, [Reconstruction()])
    gan.fit(rich_task.batches(), steps_per_epoch=2, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    assert again.adversarial_loss == loss
    assert float(again.adversarial_loss.base.k) == float(loss.base.k) != 0.0


def test_it_plays_as_its_base_does():
    real, fake = (np.random.default_rng(seed).normal(size=(4, 1)) for seed in (0, 1))
    base = Relativistic(Hinge())
    loss = GradientRatio(base)
    assert loss.pairwise
    assert not GradientRatio(Hinge()).pairwise
    for player in ("discriminator", "generator"):
        mine, its = (getattr(one, player)(real=real, fake=fake) for one in (loss, base))
        assert set(mine) == set(its) == {"pair"}
        np.testing.assert_array_equal(mine["pair"], its["pair"])


@pytest.mark.parametrize(
    ("terms", "received"),
    [
        ([], "no term among the terms of the generator"),
        ([tt.penalties.R1()], "no term"),
        ([CycleConsistency(), FeatureMatching()], "CycleConsistency, FeatureMatching among"),
        ([tt.penalties.OrthogonalRegularization(), tt.penalties.HistoricalAveraging()], "OrthogonalRegularization, Hi"),
    ],
    ids=["none", "discriminators", "elsewhere", "weights"],
)
def test_a_generator_without_another_gradient_is_refused(terms, received):
    with pytest.raises(ValueError, match=rf"GradientRatio has nothing to compare[\s\S]*Hinge[\s\S]*{received}"):
        rich_task.gan_of(GradientRatio(Hinge()), terms)


class Renamed(WrappedLoss):
    """Stands for any loss around another one."""


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: GradientRatio(GradientRatio(Hinge())), "balanced already"),
        (lambda: GradientRatio(Renamed(GradientRatio(Hinge()))), "balanced already"),
        (lambda: GradientRatio(Hinge(), share=0.0), "`share` is out of range"),
        (lambda: GradientRatio("Hinge"), "`base` has the wrong type"),
    ],
)
def test_arguments_are_checked(make, words):
    with pytest.raises((ValueError, TypeError), match=words):
        make()


def test_a_config_names_it_by_text():
    text = "GradientRatio(Relativistic(NonSaturating(), mode='average'), share=0.2)"
    built = tt.configuration.build(text, "losses.adversarial")
    assert built == GradientRatio(Relativistic(NonSaturating(), mode="average"), share=0.2)
