"""A whole run of progressive growing: cut and continued anywhere, on replicas, compiled, in low precision."""

import contextlib

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.support import tiny
from tests.training.growing import SOURCE, build, data, fresh, growing, state
from tfgan_tricks.callbacks.checkpoints import restore
from tfgan_tricks.training.growth import fades_of


class Cut(keras.callbacks.Callback):
    """Ends training in the middle of whatever happens."""

    def __init__(self, images):
        super().__init__()
        self.images = images

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.images_seen.numpy()) >= self.images:
            self.gan = self.model
            raise KeyboardInterrupt


class Diary(keras.callbacks.Callback):
    """Notes where training is after each step."""

    def __init__(self):
        super().__init__()
        self.rows = []

    def on_train_batch_end(self, batch, logs=None):
        alphas = {float(layer.alpha.numpy()) for layer in fades_of(self.model)} or {None}
        (alpha,) = alphas
        self.rows.append((int(self.model.images_seen.numpy()), self.model.task.image_shape[0], alpha))


@pytest.fixture(scope="module")
def whole():
    """Diary and end of an undisturbed run."""
    diary = Diary()
    gan = growing().fit(fresh(), data, callbacks=[diary])
    return diary.rows, state(gan)


def test_stages_fade_and_rest_with_one_count_of_images(whole):
    rows, _ = whole
    # 16 images at 4x4 in batches of 8; 16 fading and 16 at rest at 8x8 in batches of 4
    counts = [8, 16, *range(20, 49, 4)]
    assert [row[0] for row in rows] == counts
    assert [row[1] for row in rows] == [4] * 2 + [8] * 8
    assert [row[2] for row in rows] == [None] * 2 + [min((n - 16) / 16, 1.0) for n in counts[2:]]


@pytest.mark.parametrize(
    ("stop", "how"),
    [(8, "load"), (16, "rebuild"), (20, "load"), (28, "rebuild"), (40, "load")],
    ids=["in_4", "end_of_4", "fading", "fading_inside_an_epoch", "at_rest"],
)
def test_a_run_cut_anywhere_ends_like_the_whole_one(stop, how, whole, tmp_path):
    cut = Cut(stop)
    with pytest.raises(KeyboardInterrupt):
        growing().fit(fresh(), data, callbacks=[cut])
    cut.gan.save(tmp_path / "gan.keras")
    keras.utils.set_random_seed(stop)  # nothing may hang on what else is drawn
    if how == "load":
        gan = keras.models.load_model(tmp_path / "gan.keras", safe_mode=True)
    else:
        gan = growing().gan_at(build(4), growing().stage_at(stop))
        assert restore(gan, tmp_path / "gan.keras") == stop
    for mine, other in zip(state(growing().fit(gan, data)), whole[1], strict=True):
        np.testing.assert_array_equal(mine, other)


class LatentsFromBatch(tt.tasks.Unconditional):
    """Takes the latents from the batch, so that they do not depend on who draws them."""

    needs = ("image", "latents")

    def inputs(self, batch, seed):
        return batch["latents"]


def with_latents(stage, images_seen):
    generator = np.random.default_rng(images_seen)
    rows = generator.normal(size=(stage.batch_size, 3)).astype("float32")
    return data(stage, images_seen).map(lambda batch: {**batch, "latents": rows})


def test_one_and_two_replicas_grow_alike(two_replicas):
    def make(resolution):
        gan = build(resolution, task=LatentsFromBatch, across_replicas=True)  # else each replica has groups of its own
        # Adam makes a whole step of a gradient that is nothing but rounding.
        optimizers = keras.optimizers.SGD(0.02, momentum=0.5), keras.optimizers.SGD(0.02, momentum=0.5)
        gan.compile(*optimizers, loss=tt.losses.adversarial.NonSaturating(), jit_compile=False)
        return gan

    ends = []
    for scope in (contextlib.nullcontext(), two_replicas.scope()):
        with scope:
            keras.utils.set_random_seed(1)
            gan = make(4)
        ends.append(growing(make, images_stable=8, batch_sizes=8, optimizer="keep").fit(gan, with_latents))
    one, two = ends
    assert two.distribute_strategy is two_replicas
    assert int(two.images_seen.numpy()) == int(one.images_seen.numpy()) == 40
    assert {float(layer.alpha.numpy()) for layer in fades_of(two)} == {1.0}
    for mine, other in zip(tiny.values(one.trainable_variables), tiny.values(two.trainable_variables), strict=True):
        np.testing.assert_allclose(mine, other, atol=2e-5)


@pytest.mark.parametrize(
    ("policy", "compiled"),
    [
        pytest.param("mixed_bfloat16", True, marks=pytest.mark.slow),
        ("mixed_float16", False),
        ("float32", True),
    ],
)
def test_growth_works_in_low_precision_and_compiled(policy, compiled):
    keras.config.set_dtype_policy(policy)
    diary = Diary()
    terms = [tt.penalties.R1(gamma=1.0, every=2)]
    run = growing(lambda r: build(r, jit_compile=compiled, terms=terms), images_stable=8, batch_sizes=8)
    gan = run.fit(run.build(4), data, callbacks=[diary])
    assert [row[2] for row in diary.rows] == [None, 0.5, 1.0, 1.0, 1.0]
    assert all(np.isfinite(value).all() for value in state(gan))
    assert gan.predict(np.ones((1, 3)), verbose=0).dtype == "float32"


def test_a_source_is_loaded_in_the_resolution_and_batches_of_each_stage(tmp_path):
    np.savez(tmp_path / "data.npz", images=SOURCE[..., :1])

    def grey(resolution):
        networks = tt.architectures.progan(resolution=resolution, channels=1, latent_dim=3, width=4)
        gan = tt.training.GAN(tt.tasks.Unconditional(*networks, tt.latents.Normal(3)))
        gan.compile("sgd", "sgd", loss=tt.losses.adversarial.Hinge(), critic_steps=2, jit_compile=False)
        return gan

    gan = growing(grey, 16, images_fading=8, images_stable=8).fit(grey(4), f"npz:{tmp_path}/data.npz")
    assert gan.task.image_shape == (16, 16, 1)
    assert int(gan.images_seen.numpy()) == 8 + 16 + 16


def test_images_left_over_go_to_the_target():
    short, long = growing(), growing(images=1_000)
    assert short.spans[:-1] == long.spans[:-1]
    assert short.images == 48
    assert 1_000 <= long.images < 1_000 + 2 * 16  # whole epochs
    assert long.stages[-1].images_fading == 16


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"resolution": 12}, "resolution=12"),
        ({"resolution": 48}, "4 times a power of two, such as 32 or 64"),
        ({"resolution": 2}, "at least 4"),
        ({"build": None}, "function of a resolution"),
        ({"resolution": 32, "start_resolution": 5}, r"start_resolution=5[\s\S]*20 or 40, or another start_resolution"),
        ({"resolution": 32, "start_resolution": 64}, r"start_resolution=64[\s\S]*at least 64"),
        ({"images_fading": -1}, "images_fading=-1"),
        ({"images_stable": -10}, "images_stable=-10"),
        ({"images_stable": 0}, "images_stable=0"),
        ({"images": 47}, "at least 48: 16 at 4x4, 32 at 8x8"),
        ({"optimizer": "restart"}, "reset"),
        ({"batch_sizes": 0}, "batch_sizes"),
        ({"batch_sizes": {8: 4}}, "one for 4"),
        ({"batch_sizes": {4: 8, 16: 4}}, "one of 4, 8"),
        ({"batch_sizes": {4: -8}}, r"batch_sizes\[4\]=-8"),
        ({"upscale": 1}, "upscale"),
    ],
)
def test_a_mistake_is_explained(arguments, words):
    with pytest.raises((ValueError, TypeError), match=words):
        growing(**arguments)


def test_growing_past_the_data_is_refused_unless_asked_for():
    def run(resolution, **arguments):
        return growing(lambda resolution: None, resolution, **arguments)

    digits, garments = tt.data.open_source("digits"), tt.data.Source("garments", 9, (28, 28, 1))
    run(8).check_source(digits)
    with pytest.raises(ValueError, match=r"images of 8 pixels, and a stage of 16x16 after one of 8x8") as error:
        run(16).check_source(digits)
    assert "stop at resolution=8, or pass upscale=True" in str(error.value)
    run(16, upscale=True).check_source(digits)
    run(32).check_source(garments)  # 28 pixels show more than 16
    with pytest.raises(ValueError, match="resolution=32"):
        run(64).check_source(garments)
    mixed = tt.data.Source("mixed", 2, (None, None, 3), sizes=np.array([[90, 200], [16, 300]], "int32"))
    with pytest.raises(ValueError, match="images of 16 pixels"):
        run(32).check_source(mixed)
    with pytest.raises(ValueError, match="grow past the data"):
        run(16).fit(tiny.gan_of(), "digits")


def test_a_gan_of_another_resolution_is_refused():
    with pytest.raises(ValueError, match="images of 16x16 where 4x4"):
        growing().fit(build(16), data)
