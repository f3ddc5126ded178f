"""`AdaptiveAugment`: how its probability moves, where it is kept, and whom it refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tests.support.adversarial import linear_gan
from tests.support.matches import images_of
from tfgan_tricks.inputs import AdaptiveAugment, Packing
from tfgan_tricks.losses.adversarial import BEGAN, EBGAN, Hinge
from tfgan_tricks.randomness import SeedStream

SHAPE = (8, 8, 1)


def augment_of(shape=SHAPE, **arguments) -> AdaptiveAugment:
    augment = AdaptiveAugment(**arguments)
    augment.build((None, *shape))
    return augment


def match_of(logits, player="discriminator", group=1) -> tt.types.Match:
    return tt.types.Match(real=None, fake=None, real_out={"logits": logits}, player=player, group=group)


def probability_of(augment) -> float:
    return float(keras.ops.convert_to_numpy(augment.report()["augment_probability"]))


def replay(batches, target, images, adjustment_images, interval, p=0.0) -> list[float]:
    """Returns p after each update, from the mean sign of each."""
    path, signs = [], []
    for logits in batches:
        signs.append(np.mean(np.sign(logits)))
        if len(signs) == interval:
            p += np.sign(np.mean(signs) - target) * interval * images / adjustment_images
            p, signs = min(max(p, 0.0), 1.0), []
        path.append(p)
    return path


@pytest.mark.parametrize(("interval", "shape"), [(1, (5, 1)), (4, (5, 1)), (3, (5, 2, 2, 1))])
def test_p_follows_its_recursion(interval, shape):
    random = np.random.default_rng(0)
    # Sure of the real images for a long time, then not at all.
    batches = [random.normal(mean, 1.0, shape).astype("float32") for mean in [1.5] * 50 + [0.0] * 20 + [1.0] * 20]
    augment = augment_of(target=0.3, adjustment_images=200, interval=interval)
    expected = replay(batches, 0.3, 5, 200, interval)
    assert max(expected) == 1.0
    assert min(expected[50:]) < 0.9
    assert len(set(expected)) > 10
    observe = tf.function(lambda logits: augment.observe(match_of(logits)))
    for logits, p in zip(batches, expected, strict=True):
        observe(tf.constant(logits))
        assert probability_of(augment) == pytest.approx(p, abs=1e-5)


def test_p_goes_from_0_to_1_in_as_many_images_as_said_and_back_and_no_further():
    augment = augment_of(target=0.6, adjustment_images=240, interval=2)
    sure, unsure = np.ones((6, 1), "float32"), np.array([[1.0], [-1.0]] * 3, "float32")
    path = []
    for logits in [sure] * 60 + [unsure] * 60:
        augment.observe(match_of(logits))
        path.append(probability_of(augment))
    np.testing.assert_allclose(path[1:40:2], np.arange(1, 21) / 20, rtol=1e-5)
    np.testing.assert_allclose(path[61:100:2], 1.0 - np.arange(1, 21) / 20, atol=1e-5)
    assert path[40] == path[59] == 1.0
    assert path[100] == path[-1] == 0.0


def test_all_scales_of_a_critic_count_alike():
    above = {"all": [np.ones((4, 1), "float32"), np.ones((4, 2, 2, 1), "float32")]}
    below = {"half": [np.ones((4, 1), "float32"), -np.ones((4, 2, 2, 1), "float32")]}
    for logits, expected in ((above["all"], 0.6), (below["half"], 0.4)):
        augment = augment_of(target=0.1, adjustment_images=40, interval=1, initial_probability=0.5)
        augment.observe(match_of(logits))
        assert probability_of(augment) == pytest.approx(expected)


def test_a_pack_counts_as_its_images():
    augment = augment_of(adjustment_images=120, interval=1)
    augment.observe(match_of(np.ones((4, 1), "float32"), group=3))
    assert probability_of(augment) == pytest.approx(0.1)


def test_the_generators_update_moves_nothing():
    augment = augment_of(adjustment_images=40, interval=1)
    augment.observe(match_of(np.ones((4, 1), "float32"), player="generator"))
    assert probability_of(augment) == 0.0
    np.testing.assert_array_equal(augment.window, 0.0)


def test_replicas_judge_by_the_whole_batch_and_keep_the_same_p(two_replicas):
    random = np.random.default_rng(1)
    batches = random.normal(0.4, 1.0, (40, 8, 1)).astype("float32")
    with two_replicas.scope():
        augment = augment_of(target=0.3, adjustment_images=100, interval=2)

    @tf.function
    def step(logits):
        two_replicas.run(lambda part: augment.observe(match_of(part)), args=(logits,))

    for logits, p in zip(batches, replay(batches, 0.3, 8, 100, 2), strict=True):
        parts = two_replicas.experimental_distribute_values_from_function(
            lambda context, logits=logits: tf.constant(np.split(logits, 2)[context.replica_id_in_sync_group])
        )
        step(parts)
        for copy in two_replicas.experimental_local_results(augment.probability.value):
            assert float(copy) == pytest.approx(p, abs=1e-5)


def lenient() -> AdaptiveAugment:
    """Returns one whose target any critic exceeds, unless it finds all real images to be generated."""
    return AdaptiveAugment(target=-0.99, policy="color", adjustment_images=80, interval=2)


def test_training_moves_p_which_is_logged_saved_and_taken_up_again(tmp_path):
    gan = linear_gan(Hinge(), inputs=[lenient()], critic_steps=2)
    history = gan.fit(tiny.dataset(16), steps_per_epoch=2, epochs=2, verbose=0).history
    augment = gan.input_transforms[0]
    assert probability_of(augment) == pytest.approx(4 * 2 * 8 / 80)
    # What each of the four updates of an epoch was done with.
    np.testing.assert_allclose(history["augment_probability"], [(0 + 0 + 0.2 + 0.2) / 4, (0.4 + 0.4 + 0.6 + 0.6) / 4])
    gan.evaluate(tiny.dataset(16), steps=2, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    assert probability_of(again.input_transforms[0]) == pytest.approx(0.8)
    histories = [one.fit(tiny.dataset(16), steps_per_epoch=2, verbose=0).history for one in (gan, again)]
    for name, values in histories[0].items():
        np.testing.assert_allclose(histories[1][name], values, rtol=1e-4, atol=1e-6)
    assert probability_of(again.input_transforms[0]) == 1.0


def test_replicas_train_with_it(two_replicas):
    with two_replicas.scope():
        gan = linear_gan(Hinge(), inputs=[lenient()])
    history = gan.fit(tiny.dataset(16), steps_per_epoch=3, verbose=0).history
    assert probability_of(gan.input_transforms[0]) == pytest.approx(2 * 16 / 80)
    assert all(np.isfinite(values).all() for values in history.values())


@pytest.mark.parametrize("policy", ["blit", "geometry", "color", "blit,geometry,color"])
def test_at_p_0_and_outside_of_training_images_stay_exactly_as_they_are(policy):
    images, stream = images_of((6, 7, 7, 3)), SeedStream.from_integer(1)
    never, always = (augment_of((7, 7, 3), policy=policy, initial_probability=p) for p in (0.0, 1.0))
    np.testing.assert_array_equal(never(images, training=True, seed=stream), images)
    np.testing.assert_array_equal(always(images, seed=stream), images)
    assert np.mean(always(images, training=True, seed=stream) == images) < 0.5


def test_examples_draw_for_themselves_and_so_do_real_and_generated_images():
    images, stream = np.repeat(images_of((1, 16, 16, 3)), 8, axis=0), SeedStream.from_integer(1)
    augment = augment_of((16, 16, 3), initial_probability=0.9)
    both = np.concatenate([augment(images, training=True, seed=stream).numpy() for _ in range(2)])
    assert len(np.unique(both.reshape(16, -1), axis=0)) == 16


@pytest.mark.parametrize("policy", ["blit", "geometry", "color", "blit,geometry,color"])
def test_gradient_is_that_of_a_map_affine_in_the_image(policy):
    images, change, weights = (tf.constant(images_of((4, 8, 8, 3), seed=seed)) for seed in range(3))
    augment = augment_of((8, 8, 3), policy=policy, initial_probability=0.8)

    def total(x):
        return tf.reduce_sum(weights * augment(x, training=True, seed=SeedStream.from_integer(1)))

    with tf.GradientTape() as tape:
        tape.watch(images)
        value = total(images)
    slope = tf.reduce_sum(tape.gradient(value, images) * change)
    np.testing.assert_allclose(slope, total(images + change) - value, rtol=1e-3, atol=2e-3)
    assert abs(float(slope)) > 1.0


def test_penalties_see_through_it():
    gan = linear_gan(Hinge(), inputs=[AdaptiveAugment(initial_probability=0.9)])
    images = tiny.images(4)
    (match,) = gan.play("discriminator", {"image": images}, SeedStream.from_integer(1))
    again = match.seed.taken
    value = float(tt.penalties.R1(gamma=2.0)(match))

    @tf.function
    def judge(changed):
        match.seed.taken = again
        return match.judge(changed)["logits"][:, 0]

    def scores(pixel, change):
        changed = images.reshape(4, -1).copy()
        changed[:, pixel] += change
        return judge(tf.constant(changed.reshape(images.shape))).numpy().astype("float64")

    # A linear critic after an affine map: differences are slopes.
    slopes = np.stack([(scores(pixel, 1.0) - scores(pixel, -1.0)) / 2 for pixel in range(64)], axis=1)
    assert value == pytest.approx(np.mean(np.sum(slopes**2, axis=1)), rel=1e-4)


@pytest.mark.parametrize("loss", [BEGAN(), EBGAN(margin=1.0)], ids=lambda loss: type(loss).__name__)
def test_critics_that_are_never_positive_are_refused(loss):
    with pytest.raises(ValueError, match=rf"AdaptiveAugment does not work with {type(loss).__name__}[\s\S]*stay at 0"):
        linear_gan(loss, inputs=[AdaptiveAugment()])


def test_two_of_them_and_packs_are_refused():
    with pytest.raises(ValueError, match="another AdaptiveAugment"):
        linear_gan(Hinge(), inputs=[AdaptiveAugment(), AdaptiveAugment()])
    with pytest.raises(ValueError, match="cannot augment what Packing has packed"):
        tiny.gan_of(inputs=[Packing(2), AdaptiveAugment(policy="blit")], packing=2)
    with pytest.raises(ValueError, match=r"grey and RGB images only[\s\S]*2 channels"):
        tiny.gan_of(inputs=[Packing(2), AdaptiveAugment()], packing=2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"target": 1.0}, r"`target` is out of range"),
        ({"policy": "blit,colour"}, "did you mean 'color'"),
        ({"policy": "blit,blit"}, "twice"),
        ({"adjustment_images": 0}, "`adjustment_images` must be an integer"),
        ({"interval": 0}, "`interval` must be an integer"),
        ({"initial_probability": 1.1}, "`initial_probability` is out of range"),
    ],
)
def test_arguments_are_checked(arguments, words):
    with pytest.raises(ValueError, match=words):
        AdaptiveAugment(**arguments)


def test_vectors_are_refused():
    with pytest.raises(ValueError, match="AdaptiveAugment augments images"):
        AdaptiveAugment().build((None, 3))


def test_a_config_builds_it_from_text():
    built = tt.configuration.build("AdaptiveAugment(target=0.5, policy='blit')", "inputs")
    assert (built.target, built.policy) == (0.5, "blit")
