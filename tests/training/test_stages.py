"""Stages: when each begins, that a run cut anywhere goes on as if it had not been, and what is refused."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.callbacks.checkpoints import restore
from tfgan_tricks.training import Stage, StagedTraining


@keras.saving.register_keras_serializable("tests")
class Recompiled(Stage):
    """Goes on with other optimizers; its `images` alone say which."""

    def begin(self, gan):
        rate = self.images / 1e5
        gan.compile(
            keras.optimizers.Adam(rate),
            keras.optimizers.SGD(rate),
            loss=tt.losses.adversarial.Hinge(),
            jit_compile=False,
        )
        return gan


class Until(keras.callbacks.Callback):
    """Stops at so many images, in the middle of whatever happens."""

    def __init__(self, images):
        super().__init__()
        self.images = images

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.images_seen.numpy()) >= self.images:
            self.model.stop_training = True
            raise KeyboardInterrupt


class Epochs(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.ends = []

    def on_epoch_end(self, epoch, logs=None):
        self.ends.append((epoch, int(self.model.images_seen.numpy())))


def data(stage, images_seen):
    """Images in an order that depends on nothing but how many were seen."""
    pixels = tiny.images(64)
    rows = tf.data.Dataset.range(images_seen, 10**9).map(lambda i: {"image": tf.gather(pixels, i % 64)})
    return rows.batch(stage.batch_size, drop_remainder=True)


def staged():
    return StagedTraining([Recompiled(60, batch_size=8), Stage(20, 16), Recompiled(50, batch_size=4)], 24)


def fresh():
    keras.utils.set_random_seed(1)
    networks = tt.architectures.mlp(resolution=8, channels=1, latent_dim=4, widths=(8,))
    gan = tt.training.GAN(
        tt.tasks.Unconditional(*networks, tt.latents.Normal(4)), tt.training.ExponentialAveraging(half_life_images=50)
    )
    gan.compile("adam", "adam", loss=tt.losses.adversarial.Hinge(), jit_compile=False)
    return gan


@pytest.fixture(scope="module")
def whole():
    """State at the end of an undisturbed run."""
    return state(staged().fit(fresh(), data))


def state(gan):
    optimizers = (gan.generator_optimizer, gan.discriminator_optimizer)
    return tiny.values([*gan.variables, *(variable for optimizer in optimizers for variable in optimizer.variables)])


def test_stages_are_rounded_up_to_equal_epochs_of_whole_batches():
    spans = staged().spans
    # 60 images: 8 batches of 8, near 24 images an epoch: 3 epochs (64/24 = 2.67), so of 3 batches each
    assert [(span.start, span.end, span.epochs, span.steps) for span in spans] == [
        (0, 72, 3, 3),
        (72, 104, 1, 2),
        (104, 160, 2, 7),
    ]
    assert [span.first_epoch for span in spans] == [0, 3, 4]
    assert staged().images == 160


def test_rounding_adds_less_than_an_epoch():
    (span,) = StagedTraining([Stage(936, batch_size=4)], images_per_epoch=16).spans  # 234 batches, 4.03 an epoch
    assert (span.steps, span.epochs, span.end) == (5, 47, 940)


def test_an_epoch_is_no_shorter_than_a_batch():
    (span,) = StagedTraining([Stage(10, batch_size=8)], images_per_epoch=1).spans
    assert (span.epochs, span.steps, span.end) == (2, 1, 16)


def test_at_the_very_end_of_a_stage_it_is_still_that_stage():
    ages = (0, 1, 71, 72, 73, 104, 105, 160, 1_000)
    assert [staged().stage_at(age) for age in ages] == [0, 0, 0, 0, 1, 1, 2, 2, 2]


def test_one_fit_runs_all_stages_with_one_count_and_epochs_in_order():
    epochs = Epochs()
    gan = staged().fit(fresh(), data, callbacks=[epochs])
    assert epochs.ends == [(0, 24), (1, 48), (2, 72), (3, 104), (4, 132), (5, 160)]
    assert int(gan.images_seen.numpy()) == 160
    assert float(gan.generator_optimizer.learning_rate) == pytest.approx(50 / 1e5)
    assert isinstance(gan.discriminator_optimizer, keras.optimizers.SGD)
    before = state(gan)
    again = staged().fit(gan, data)  # nothing is left to do
    for mine, other in zip(before, state(again), strict=True):
        np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize(("stop", "how"), [(16, "load"), (72, "rebuild"), (104, "load"), (140, "rebuild")])
def test_a_run_cut_anywhere_goes_on_as_if_it_had_not_been(stop, how, whole, tmp_path):
    gan = fresh()
    with pytest.raises(KeyboardInterrupt):
        staged().fit(gan, data, callbacks=[Until(stop)])
    gan.save(tmp_path / "gan.keras")
    if how == "load":
        gan = keras.models.load_model(tmp_path / "gan.keras")
    else:
        gan = staged().gan_at(fresh(), staged().stage_at(stop))
        restore(gan, tmp_path / "gan.keras")
    assert int(gan.images_seen.numpy()) == stop
    for mine, other in zip(state(staged().fit(gan, data)), whole, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_a_fresh_model_is_brought_to_the_beginning_of_a_stage():
    gan = staged().gan_at(fresh(), 2)
    assert int(gan.images_seen.numpy()) == 104
    assert float(gan.generator_optimizer.learning_rate) == pytest.approx(50 / 1e5)


def test_a_callback_that_stops_training_stops_the_stages_after_it_too():
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    assert int(staged().fit(fresh(), data, callbacks=[Stop()]).images_seen.numpy()) == 48


def test_batches_hold_the_images_of_all_critic_steps():
    stages = StagedTraining([Stage(16, batch_size=8)])

    def twice(stage, images_seen):
        return tiny.dataset(2 * stage.batch_size)

    gan = stages.fit(tiny.gan_of(critic_steps=2, jit_compile=False), twice)
    assert int(gan.images_seen.numpy()) == 16
    with pytest.raises(ValueError, match="16 = batch_size 8 x 2 critic steps") as error:
        stages.fit(tiny.gan_of(critic_steps=2, jit_compile=False), data)
    assert "dataset.batch(stage.batch_size * 2, drop_remainder=True)" in str(error.value)


def test_data_that_run_out_within_a_stage_are_refused_before_the_next_one():
    asked = []

    def short(stage, images_seen):
        asked.append((stage.batch_size, images_seen))
        return data(stage, images_seen).take(3)

    gan = fresh()
    with pytest.raises(ValueError, match=r"ran out[\s\S]*24 images seen where 64 were to be[\s\S]*repeat") as error:
        StagedTraining([Stage(64, batch_size=8), Stage(16, batch_size=4)]).fit(gan, short)
    assert "batches of 8" in str(error.value)
    assert asked == [(8, 0)]


def test_what_is_no_gan_or_no_function_of_stages_is_refused():
    with pytest.raises(TypeError, match="pass a function: lambda stage, images_seen"):
        staged().fit(fresh(), "digits")
    with pytest.raises(TypeError, match=r"`gan` has the wrong type[\s\S]*compiled GAN"):
        staged().fit(None, data)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: Stage(0), "images"),
        (lambda: Stage(-5), "images=-5"),
        (lambda: Stage(10, batch_size=0), "batch_size"),
        (lambda: Stage(10, resolution=0), "resolution"),
        (lambda: StagedTraining([]), "number of stages"),
        (lambda: StagedTraining([10]), "Stage"),
        (lambda: StagedTraining(Stage(10)), "list"),
        (lambda: StagedTraining([Stage(10)], images_per_epoch=0), "images_per_epoch"),
    ],
)
def test_a_mistake_is_explained(build, words):
    with pytest.raises((ValueError, TypeError), match=words):
        build()


def test_a_stage_is_its_settings():
    stage = Stage(100, batch_size=8, resolution=16)
    assert Stage.from_config(stage.get_config()) == stage
    assert repr(stage) == "Stage(images=100, batch_size=8, resolution=16)"
