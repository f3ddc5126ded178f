"""`HistoryBuffer` against a simulation that takes one image at a time, in numbers, and in training."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tests.support.adversarial import linear_gan
from tests.support.matches import images_of
from tfgan_tricks.inputs import HistoryBuffer, InstanceNoise, Packing
from tfgan_tricks.randomness import SeedStream, update_stream

SHAPE = (2, 3, 1)


def buffer_of(capacity, shape=SHAPE) -> HistoryBuffer:
    buffer = HistoryBuffer(capacity)
    buffer.build((None, *shape))
    return buffer


def draws_of(n, capacity, seed):
    """Returns the coins and places that a stream gives."""
    stream = SeedStream.from_integer(seed)
    coins, places = (keras.random.randint((n,), 0, most, dtype="int32", seed=stream).numpy() for most in (2, capacity))
    return coins, places


def simulate(stored: list, capacity, images, coins, places) -> list:
    """Returns what the buffer hands out for these images, and moves `stored`."""
    handed = []
    for image, coin, place in zip(images, coins, places, strict=True):
        if len(stored) < capacity:
            stored.append(image)
            handed.append(image)
        elif coin:
            handed.append(stored[place])
            stored[place] = image
        else:
            handed.append(image)
    return handed


@pytest.mark.parametrize(("capacity", "n"), [(5, 7), (16, 3), (1, 4), (4, 4)])
def test_it_is_the_buffer_that_takes_one_image_at_a_time(capacity, n):
    buffer, stored = buffer_of(capacity), []
    recall = tf.function(lambda images, seed: buffer.recall(images, SeedStream.from_integer(seed)))
    for batch in range(25):
        images = images_of((n, *SHAPE), seed=batch)
        expected = simulate(stored, capacity, images, *draws_of(n, capacity, batch))
        np.testing.assert_array_equal(recall(tf.constant(images), tf.constant(batch)), expected)
        np.testing.assert_array_equal(buffer.stored[0][: len(stored)], stored)
        assert float(buffer.counts[0]) == len(stored)


def test_every_image_is_handed_out_once_or_still_there():
    buffer, handed = buffer_of(6, (1,)), []
    for batch in range(40):
        images = np.arange(5 * batch, 5 * batch + 5, dtype="float32")[:, None]
        handed.extend(buffer.recall(images, SeedStream.from_integer(batch)).numpy().ravel())
    seen = np.concatenate([handed, buffer.stored[0].numpy().ravel()])
    # Those of the first six were handed out when they came in, and once more if they were exchanged.
    later = np.sort(seen[seen >= 6])
    np.testing.assert_array_equal(later, np.arange(6, 200))
    assert np.all(np.bincount(seen[seen < 6].astype(int), minlength=6) == 2)


def test_half_of_the_images_are_past_ones_of_the_age_that_chance_gives():
    capacity, n, batches = 10, 50, 200
    buffer, ages = buffer_of(capacity, (1,)), []
    recall = tf.function(lambda images, seed: buffer.recall(images, SeedStream.from_integer(seed)))
    for batch in range(batches):
        images = np.arange(n * batch, n * batch + n, dtype="float32")[:, None]
        ages.extend((images - recall(tf.constant(images), tf.constant(batch)).numpy()).ravel())
    ages = np.array(ages[20 * capacity :])
    past = ages[ages > 0]
    assert len(past) / len(ages) == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(len(ages)))
    # An image stays until one of the next is exchanged for it, each with chance 1 / (2·capacity): a geometric age.
    assert past.mean() == pytest.approx(2 * capacity, rel=5 / np.sqrt(len(past)))
    assert np.mean(past > 2 * capacity) == pytest.approx((1 - 1 / (2 * capacity)) ** (2 * capacity), abs=0.04)


def test_past_images_are_constants_and_call_changes_nothing():
    buffer, images = buffer_of(3), tf.constant(images_of((4, *SHAPE)))
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.reduce_sum(buffer.recall(images, SeedStream.from_integer(0)))
    assert tape.gradient(total, images) is None
    np.testing.assert_array_equal(buffer(images, training=True), images)


def test_two_replicas_share_one_buffer(two_replicas):
    capacity, n = 5, 4
    stored = []
    with two_replicas.scope():
        buffer, generator = buffer_of(capacity), keras.random.SeedGenerator(3)

    @tf.function
    def step(images):
        return two_replicas.run(lambda part: buffer.recall(part, update_stream(generator)), args=(images,))

    @tf.function
    def draws():
        def draw():
            stream = update_stream(again)
            return [keras.random.randint((n,), 0, most, dtype="int32", seed=stream) for most in (2, capacity)]

        return two_replicas.run(draw)

    with two_replicas.scope():
        again = keras.random.SeedGenerator(3)
    for batch in range(8):
        whole = images_of((2 * n, *SHAPE), seed=batch)
        parts = two_replicas.experimental_distribute_values_from_function(
            lambda context, whole=whole: tf.constant(np.split(whole, 2)[context.replica_id_in_sync_group])
        )
        handed = np.concatenate(two_replicas.experimental_local_results(step(parts)))
        coins, places = (np.concatenate(two_replicas.experimental_local_results(one)) for one in draws())
        np.testing.assert_array_equal(handed, simulate(stored, capacity, whole, coins, places))
        for copy in two_replicas.experimental_local_results(buffer.stored[0].value):
            np.testing.assert_array_equal(copy[: len(stored)], stored)


def test_training_fills_it_in_the_discriminators_updates_alone(tmp_path):
    gan = linear_gan(tt.losses.adversarial.Hinge(), inputs=[HistoryBuffer(50), InstanceNoise(0.1)], critic_steps=2)
    (buffer, _) = gan.input_transforms
    gan.update("generator", {"image": tf.constant(tiny.images(8))})
    gan.evaluate(tiny.dataset(8), steps=1, verbose=0)
    assert float(buffer.counts[0]) == 0
    gan.fit(tiny.dataset(16), steps_per_epoch=2, verbose=0)
    assert float(buffer.counts[0]) == 32  # 2 steps of 2 updates with 8 images
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    for mine, other in zip(buffer.variables, again.input_transforms[0].variables, strict=True):
        np.testing.assert_array_equal(mine, other)
    histories = [one.fit(tiny.dataset(16), steps_per_epoch=3, verbose=0).history for one in (gan, again)]
    for name, values in histories[0].items():
        np.testing.assert_allclose(histories[1][name], values, rtol=1e-4, atol=1e-6)
    assert float(again.input_transforms[0].counts[0]) == 50
    np.testing.assert_allclose(buffer.stored[0], again.input_transforms[0].stored[0], atol=1e-5)


def test_the_discriminator_judges_the_recalled_images_and_terms_see_them():
    gan = tiny.gan_of(inputs=[HistoryBuffer(8)])
    batch = {"image": tiny.images(8)}
    (first,), (second,) = (gan.play("discriminator", batch, SeedStream.from_integer(seed)) for seed in (1, 2))
    past = {image.tobytes() for image in first.fake.numpy()}
    recalled = np.array([image.tobytes() in past for image in second.fake.numpy()])
    assert 0 < recalled.sum() < 8
    np.testing.assert_allclose(second.judge(second.fake)["logits"], second.fake_out["logits"], rtol=1e-4, atol=1e-5)


def test_replicas_train_with_it_and_keep_equal_copies(two_replicas):
    with two_replicas.scope():
        gan = linear_gan(tt.losses.adversarial.Hinge(), inputs=[HistoryBuffer(10)])
    gan.fit(tiny.dataset(16), steps_per_epoch=2, verbose=0)
    one, other = two_replicas.experimental_local_results(gan.input_transforms[0].stored[0].value)
    np.testing.assert_array_equal(one, other)
    assert np.abs(one).min(axis=(1, 2, 3)).max() > 0.0


@keras.saving.register_keras_serializable("tests")
class TwoCritics(tt.tasks.Unconditional):
    """Has its images judged by two critics; one sees them upside down."""

    critics = ("discriminator", "other")

    def __init__(self, *arguments, **kwargs):
        super().__init__(*arguments, **kwargs)
        self.other = tiny.networks()[1]

    def matches(self, batch, x, out):
        (match,) = super().matches(batch, x, out)
        return [match, tt.types.Match(real=match.real[:, ::-1], fake=match.fake[:, ::-1], critic="other")]


def test_each_critic_has_a_buffer_of_its_own():
    gan = tiny.gan_of(task=TwoCritics, inputs=[HistoryBuffer(20)], averaging=False, jit_compile=False)
    gan.fit(tiny.dataset(8), steps_per_epoch=2, verbose=0)
    upright, turned = (stored.numpy()[:8] for stored in gan.input_transforms[0].stored)
    np.testing.assert_array_equal(turned, upright[:, ::-1])
    assert np.any(upright != turned)


def test_it_comes_before_what_changes_the_shape():
    gan = tiny.gan_of(inputs=[HistoryBuffer(4), Packing(2)], packing=2)
    gan.fit(tiny.dataset(8), steps_per_epoch=1, verbose=0)
    assert gan.input_transforms[0].stored[0].shape == (4, 8, 8, 1)
    message = r"as they were generated[\s\S]*\['Packing', 'HistoryBuffer'\][\s\S]*put HistoryBuffer first"
    with pytest.raises(ValueError, match=message):
        tiny.gan_of(inputs=[Packing(2), HistoryBuffer(4)], packing=2)


def conditional_critic():
    images, label = keras.Input((8, 8, 1)), keras.Input((3,))
    x = keras.layers.Concatenate()([keras.layers.Flatten()(images), label])
    return keras.Model([images, label], keras.layers.Dense(1)(x), name="discriminator")


@pytest.mark.parametrize("transform", [HistoryBuffer(4), Packing(2)], ids=lambda layer: type(layer).__name__)
def test_conditional_critics_are_refused(transform):
    critic = conditional_critic()
    task = tt.tasks.Unconditional(tiny.networks()[0], critic, tt.latents.Normal(tiny.LATENTS))
    with pytest.raises(ValueError, match=rf"{type(transform).__name__} does not work with the conditional critic"):
        transform.check_partners(tt.parts.Partners(task, tt.losses.adversarial.Hinge(), inputs=[transform]))


@pytest.mark.parametrize("transform", [HistoryBuffer(4), Packing(2)], ids=lambda layer: type(layer).__name__)
def test_terms_that_read_labels_and_codes_are_refused_but_a_prior_of_classes_is_not(transform):
    prior = tt.latents.PerClass([tt.latents.Normal(tiny.LATENTS), tt.latents.Uniform(tiny.LATENTS)])
    task = tt.tasks.Unconditional(*tiny.networks(packing=transform.group), prior)
    gan = tt.training.GAN(task)
    for term in (tt.losses.auxiliary.Classification(), tt.losses.auxiliary.MutualInformation()):
        with pytest.raises(ValueError, match=rf"{type(term).__name__} cannot work with {type(transform).__name__}"):
            gan.compile("sgd", "sgd", loss=tt.losses.adversarial.Hinge(), terms=[term], inputs=[transform])
    gan.compile("sgd", "sgd", loss=tt.losses.adversarial.Hinge(), inputs=[transform], run_eagerly=True)
    labels = np.arange(8, dtype="int32") % 2
    logs = gan.train_on_batch({"image": tiny.images(8), "label": labels}, return_dict=True)
    assert all(np.isfinite(value) for value in logs.values())


@pytest.mark.parametrize("capacity", [0, 2.5, True])
def test_capacity_must_be_a_positive_integer(capacity):
    with pytest.raises(ValueError, match="`capacity` must be an integer of at least 1"):
        HistoryBuffer(capacity)


def test_images_of_unknown_size_are_refused():
    with pytest.raises(ValueError, match=r"unknown size[\s\S]*\(None, None, 8, 3\)"):
        HistoryBuffer(4).build((None, None, 8, 3))
