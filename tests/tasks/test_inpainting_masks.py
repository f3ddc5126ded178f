"""Masks of a user's own: of any dtype and scale, for images of any size, and what is refused."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny, two_step_tasks
from tests.support.two_step_tasks import SIDE, gan_of
from tfgan_tricks.losses.auxiliary import Reconstruction
from tfgan_tricks.randomness import SeedStream

TERMS = [Reconstruction(key="coarse", name="coarse"), Reconstruction()]


def example(n=4, seed=0):
    """Returns images and a mask whose holes are of any form."""
    mask = np.random.default_rng(seed).integers(2, size=(n, SIDE, SIDE, 1)).astype("float32")
    return {"image": tiny.images(n), "mask": mask}


@pytest.mark.parametrize(
    "form",
    [
        lambda mask: 255.0 * mask,
        lambda mask: (255 * mask).astype("uint8"),
        lambda mask: mask.astype("uint8"),
        lambda mask: mask == 1.0,
        lambda mask: np.where(mask == 1.0, 0.7, 0.4).astype("float32"),
    ],
    ids=["0/255", "uint8 0/255", "uint8", "bool", "soft"],
)
def test_masks_of_any_dtype_and_scale_mean_what_zeros_and_ones_mean(form):
    x = example()
    other = {"image": x["image"], "mask": form(x["mask"])}
    task = two_step_tasks.inpainting()
    drawn = task.inputs(other, SeedStream.from_integer(0))["mask"]
    assert keras.backend.standardize_dtype(drawn.dtype) == "float32"
    np.testing.assert_array_equal(drawn, x["mask"])
    gans = [gan_of(two_step_tasks.inpainting(), terms=TERMS, run_eagerly=True) for _ in range(2)]
    made, expected = (gan.predict(given, verbose=0) for gan, given in zip(gans, (other, x), strict=True))
    for name, value in expected.items():
        np.testing.assert_array_equal(made[name], value)
        known = x["mask"] == 0.0
        np.testing.assert_array_equal(made[name][known], x["image"][known])
    logs = [
        gan.fit(given, batch_size=4, verbose=0).history for gan, given in zip(gans, (other, x), strict=True)
    ]  # the critic is told the mask
    assert logs[0] == logs[1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: {"image": x["image"]}, r"where their holes are[\s\S]*Received: a dict of \['image'\]"),
        (lambda x: x["image"], r"where their holes are[\s\S]*Received: no dict"),
        (lambda x: {**x, "mask": x["mask"][..., 0]}, r"masks do not fit[\s\S]*Received: 'mask' of shape \(\w+, 8, 8\)"),
        (lambda x: {**x, "image": (127 * (x["image"] + 1)).astype("uint8")}, r"whole numbers[\s\S]*uint8"),
        (lambda x: {**x, "image": x["image"][:, :4], "mask": x["mask"][:, :4]}, "differ in shape"),
    ],
    ids=["no mask", "bare array", "mask of rank 3", "uint8 image", "other size"],
)
def test_what_predict_cannot_complete_is_refused_in_one_clear_error(change, words):
    gan = tt.training.GAN(two_step_tasks.inpainting())
    with pytest.raises(ValueError, match=words + r"[\s\S]*Expected: [\s\S]*Fix: "):
        gan.predict(change(example()), verbose=0)


def test_the_export_of_networks_for_images_of_any_size_takes_them_all(tmp_path):
    def anywhere(told):
        images, mask = keras.Input((None, None, 1)), keras.Input((None, None, 1))
        x = keras.layers.Conv2D(1, 3, padding="same")(keras.layers.Concatenate()([images, mask]))
        return keras.Model([images, mask] if told else images, x if told else keras.layers.Conv2D(1, 3)(images))

    task = tt.tasks.Inpainting(anywhere(True), anywhere(True), anywhere(False))
    symbolic = task({"image": keras.Input((None, None, 1)), "mask": keras.Input((None, None, 1))})
    assert symbolic["images"].shape == (None, None, None, 1)
    gan = tt.training.GAN(task)
    gan.export(tmp_path / "served")
    served = tf.saved_model.load(str(tmp_path / "served")).signatures["serving_default"]
    rng = np.random.default_rng(0)
    for shape in ((2, 5, 7, 1), (1, 9, 4, 1)):
        image, hole = rng.normal(size=shape).astype("float32"), rng.integers(2, size=shape) == 1
        made = served(image=tf.constant(np.where(hole, np.nan, image)), mask=tf.constant(255.0 * hole, "float32"))
        np.testing.assert_array_equal(made["images"].numpy()[~hole], image[~hole])
        expected = task({"image": image, "mask": hole})["images"]
        np.testing.assert_allclose(made["images"], expected, rtol=1e-5, atol=1e-6)


def test_masks_of_another_size_are_refused():
    task, batch = two_step_tasks.inpainting(), example()
    with pytest.raises(ValueError, match=r"masks do not fit[\s\S]*\(4, 8, 8, 1\)"):
        task.check_batch({**batch, "mask": batch["mask"][:, :4]})
    with pytest.raises(ValueError, match="differ in shape"):
        task.check_batch({"image": batch["image"][:, :4]})
