"""Inpainting: where holes are, what the networks see, what is put back, and who learns from what."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny, two_step_tasks
from tests.support.two_step_tasks import SIDE, batch_of, gan_of
from tfgan_tricks.losses.adversarial import Hinge, NoGame
from tfgan_tricks.losses.auxiliary import Reconstruction
from tfgan_tricks.randomness import SeedStream, update_stream

TERMS = [Reconstruction(key="coarse", name="coarse"), Reconstruction()]


def example(n=4, seed=0):
    """Returns images and a mask whose holes are of any form."""
    mask = np.random.default_rng(seed).integers(2, size=(n, SIDE, SIDE, 1)).astype("float32")
    return {"image": tiny.images(n), "mask": mask}


def test_holes_are_drawn_anew_from_the_seed_of_the_update():
    task = two_step_tasks.inpainting(holes=2)
    masks = [np.asarray(task.inputs(batch_of(), SeedStream.from_integer(seed))["mask"]) for seed in (3, 3, 4)]
    assert masks[0].shape == (8, SIDE, SIDE, 1)
    np.testing.assert_array_equal(masks[0], masks[1])
    assert not np.array_equal(masks[0], masks[2])
    assert len(np.unique(masks[0], axis=0)) > 1, "the images of a batch have holes of their own"


def test_masks_of_the_batch_are_used_instead():
    task, given = two_step_tasks.inpainting(), example()
    np.testing.assert_array_equal(task.inputs(given, SeedStream.from_integer(0))["mask"], given["mask"])


def test_each_network_sees_the_known_pixels_and_the_guess_before_it():
    seen = {}

    def spy(name, value):
        def network(inputs, training):
            seen[name] = [np.asarray(tensor) for tensor in inputs]
            return tf.fill((4, SIDE, SIDE, 1), value)

        return network

    x = example()
    x["image"] = np.where(x["mask"] == 1.0, np.nan, x["image"])  # a hole holds nothing that could be of use
    hole = x["mask"] == 1.0
    out = two_step_tasks.inpainting().call(x, nets={"coarse": spy("coarse", 0.25), "refine": spy("refine", -0.75)})
    np.testing.assert_array_equal(seen["coarse"][0], np.where(hole, 0.0, x["image"]))
    np.testing.assert_array_equal(seen["refine"][0], np.where(hole, 0.25, x["image"]))
    for inputs in seen.values():
        np.testing.assert_array_equal(inputs[1], x["mask"])
    np.testing.assert_array_equal(out["coarse"], np.where(hole, 0.25, x["image"]))
    np.testing.assert_array_equal(out["images"], np.where(hole, -0.75, x["image"]))


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_known_pixels_come_back_to_the_bit(policy):
    keras.config.set_dtype_policy(policy)
    x = example()
    gan = tt.training.GAN(two_step_tasks.inpainting())
    for made in (*gan.predict(x, verbose=0).values(), *(value.numpy() for value in gan(x).values())):
        known = x["mask"][..., 0] == 0.0
        np.testing.assert_array_equal(made[known], x["image"][known])
        assert not np.array_equal(made[~known], x["image"][~known])


def test_the_match_compares_completed_images_and_tells_the_critic_the_mask():
    task, x = two_step_tasks.inpainting(), example()
    batch = {"image": tiny.images(4, seed=5)}
    (match,) = task.matches(batch, x, {"images": "images", "coarse": "coarse"})
    assert (match.fake, match.aux["coarse"], match.critic) == ("images", "coarse", "discriminator")
    assert match.real is match.aux["target"] is batch["image"]
    assert match.condition is match.aux["mask"] is x["mask"]
    (match,) = two_step_tasks.inpainting(told=False).matches(batch, x, {"images": 0, "coarse": 0})
    assert match.condition is None


def test_an_update_moves_one_player_and_reconstructions_reach_the_networks_they_name():
    gan = gan_of(two_step_tasks.inpainting(), terms=TERMS, run_eagerly=True)
    before = two_step_tasks.copies(gan.task)
    gan.update("discriminator", batch_of())
    assert two_step_tasks.changed(before, gan.task) == {"discriminator"}
    before = two_step_tasks.copies(gan.task)
    gan.update("generator", batch_of())
    assert two_step_tasks.changed(before, gan.task) == {"coarse", "refine"}
    gan = gan_of(two_step_tasks.inpainting(), loss=NoGame(), terms=TERMS[:1], run_eagerly=True)
    before = tiny.values(gan.task.refine.trainable_variables)
    gan.update("generator", batch_of())
    assert not any(tiny.moved(before, gan.task.refine.trainable_variables)), "nothing asks of the second network"


def test_the_logged_reconstructions_are_means_over_the_pixels_of_the_holes_and_zeros():
    gan = gan_of(two_step_tasks.inpainting(), terms=TERMS, run_eagerly=True)
    x = example()
    logs = {name: float(value) for name, value in gan.test_step(keras.tree.map_structure(tf.constant, x)).items()}
    out = gan.task(x)
    for name, made in (("coarse", out["coarse"]), ("reconstruction", out["images"])):
        distance = np.abs(made.numpy() - x["image"])[x["mask"] == 1.0].sum() / x["image"].size
        assert logs[name] == pytest.approx(100.0 * distance, rel=1e-5)


def test_a_reloaded_gan_goes_on_bit_for_bit(tmp_path):
    keras.config.set_dtype_policy("mixed_float16")
    task = two_step_tasks.inpainting(hole_size=(0.3, 0.9), holes=2)
    gan = gan_of(task, averaging=True, terms=TERMS)
    gan.fit(two_step_tasks.batches(), steps_per_epoch=2, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    assert (again.task.hole_size, again.task.holes) == ((0.3, 0.9), 2)
    histories = [g.fit(two_step_tasks.batches(), steps_per_epoch=2, verbose=0).history for g in (gan, again)]
    assert histories[0] == histories[1]
    assert all(np.isfinite(values).all() for values in histories[0].values())
    one, other = (g.predict(example(), verbose=0) for g in (gan, again))
    np.testing.assert_array_equal(one["images"], other["images"])


def test_two_replicas_train_and_draw_different_holes(two_replicas):
    with two_replicas.scope():
        gan = gan_of(two_step_tasks.inpainting(), loss=NoGame(), terms=TERMS)
    history = gan.fit(two_step_tasks.batches(), steps_per_epoch=1, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())
    images = {"image": tf.zeros((2, SIDE, SIDE, 1))}

    @tf.function
    def masks():
        return two_replicas.run(lambda: gan.task.inputs(images, update_stream(gan.seed_generator))["mask"])

    one, other = two_replicas.experimental_local_results(masks())
    assert not np.array_equal(one, other)


def test_the_export_takes_images_and_masks(tmp_path):
    gan = gan_of(two_step_tasks.inpainting(), averaging=True, terms=TERMS)
    gan.fit(two_step_tasks.batches(), steps_per_epoch=1, verbose=0)
    gan.export(tmp_path / "served")
    served = tf.saved_model.load(str(tmp_path / "served"))
    assert set(served.signatures) == {"serving_default"}
    x = example(3)
    made = served.signatures["serving_default"](**{name: tf.constant(value) for name, value in x.items()})
    expected = gan.predict(x, verbose=0)
    assert set(made) == set(expected) == {"images", "coarse"}
    for name, value in expected.items():
        np.testing.assert_allclose(made[name], value, atol=1e-6)


def test_grids_are_drawn_from_a_batch_and_refused_without_one(tmp_path):
    gan = gan_of(two_step_tasks.inpainting(), terms=TERMS)
    batch = batch_of(6)
    grid = tt.callbacks.ImageGrid(tmp_path, count=4, batch=batch, film=False)
    gan.fit(two_step_tasks.batches(), steps_per_epoch=1, verbose=0, callbacks=[grid])
    assert len(list(tmp_path.glob("*.png"))) == 2
    assert grid.inputs["image"].shape == (4, SIDE, SIDE, 1)
    with pytest.raises(ValueError, match=r"cannot generate from noise alone[\s\S]*Fix: pass one, e.g. ImageGrid"):
        tt.callbacks.image_grid.sample_inputs(gan.task, 4, seed=0)
    with pytest.raises(ValueError, match="smaller than the grid"):
        tt.callbacks.image_grid.sample_inputs(gan.task, 7, seed=0, batch=batch)


def narrow():
    images, mask = keras.Input((SIDE, SIDE, 1)), keras.Input((SIDE, SIDE, 1))
    return keras.Model([images, mask], keras.layers.Concatenate()([images, mask]), name="two_channels")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"coarse": two_step_tasks.patch_critic}, "'coarse' completes no images"),
        ({"coarse": narrow}, r"'coarse' completes no images[\s\S]*\(None, 8, 8, 2\)"),
        ({"refine": two_step_tasks.patch_critic}, "completes no images"),
        ({"hole_size": lambda: (0.5, 0.25)}, "hole_size"),
        ({"hole_size": lambda: (0.0, 0.25)}, "hole_size"),
        ({"hole_size": lambda: (0.5, 1.5)}, "hole_size"),
        ({"holes": lambda: 0}, "holes=0"),
    ],
    ids=range(7),
)
def test_what_does_not_fit_is_refused(arguments, words):
    made = {"coarse": lambda: two_step_tasks.completing("c"), "refine": lambda: two_step_tasks.completing("r")}
    made |= {"discriminator": two_step_tasks.patch_critic, **arguments}
    with pytest.raises(ValueError, match=words):
        tt.tasks.Inpainting(**{name: make() for name, make in made.items()})


def test_the_hinge_game_with_a_told_critic_has_finite_logs():
    gan = gan_of(two_step_tasks.inpainting(), loss=Hinge(), terms=[*TERMS, tt.penalties.R1(gamma=0.1)])
    logs = gan.fit(two_step_tasks.batches(), steps_per_epoch=1, verbose=0).history
    assert all(np.isfinite(values).all() for values in logs.values())
    assert {"coarse", "reconstruction", "r1", "generator_fake_loss"} <= set(logs)
