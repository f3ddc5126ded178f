"""Sample grids: which pixels, when, under which names, and the film of them."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tensorflow.python.summary.summary_iterator import summary_iterator

from tests.callbacks.tiny import BATCH, tiny_dataset, tiny_gan
from tfgan_tricks.callbacks import ImageGrid, ScalarSummaries
from tfgan_tricks.callbacks.film import grid_path, write_film
from tfgan_tricks.callbacks.grid import make_grid, save_grid
from tfgan_tricks.callbacks.image_grid import sample_inputs
from tfgan_tricks.files import WriteError


def test_each_image_is_at_its_place():
    images = np.linspace(-1, 1, 5 * 3 * 4 * 3).reshape(5, 3, 4, 3)
    grid = make_grid(images, columns=2)
    assert grid.shape == (3 * 3 + 2 * 2, 2 * 4 + 2, 3)
    levels = np.rint((images + 1) * 127.5)
    np.testing.assert_array_equal(grid[:3, :4], levels[0])
    np.testing.assert_array_equal(grid[:3, 6:], levels[1])
    np.testing.assert_array_equal(grid[5:8, 6:], levels[3])
    np.testing.assert_array_equal(grid[10:, :4], levels[4])
    assert (grid[10:, 4:] == 255).all()


def test_a_grid_is_square_unless_told_otherwise():
    assert make_grid(np.zeros((9, 8, 8, 1))).shape == (28, 28, 1)
    assert make_grid(np.zeros((64, 8, 8, 1))).shape == (78, 78, 1)
    assert make_grid(np.zeros((1, 8, 8, 1))).shape == (8, 8, 1)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_saved_grid_has_the_pixels(tmp_path, channels):
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, channels)).astype("uint8")
    save_grid(images, tmp_path / "grid.png")
    with Image.open(tmp_path / "grid.png") as picture:
        pixels = np.asarray(picture).reshape(18, 18, channels)
    np.testing.assert_array_equal(pixels[:8, :8], images[0])
    np.testing.assert_array_equal(pixels[10:, 10:], images[3])


def test_a_format_that_cannot_be_written_is_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match=r"grid\.picture.*\n.*Expected: .*\n.*grid\.png"):
        save_grid(np.zeros((1, 4, 4, 1)), tmp_path / "grid.picture")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "images", [np.zeros((8, 8, 1)), np.zeros((2, 8, 8, 2)), np.zeros((0, 8, 8, 1)), np.full((1, 8, 8, 1), np.nan)]
)
def test_what_is_no_image_is_refused(images):
    with pytest.raises(ValueError, match="cannot be shown"):
        make_grid(images)


def test_one_grid_per_epoch_of_the_averaged_generator_on_the_same_latents(tmp_path):
    gan = tiny_gan()
    gan.fit(tiny_dataset().take(2), epochs=2, verbose=0, callbacks=[ImageGrid(tmp_path, count=6, seed=7)])
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["film.gif", "images-000000000.png", "images-000000016.png", "images-000000032.png"]
    expected = gan.averaged["generator"](gan.task.prior.sample(6, seed=7), training=False)
    with Image.open(tmp_path / names[-1]) as picture:
        shown = np.asarray(picture).astype(int)
    difference = np.abs(shown - make_grid(np.asarray(expected))[..., 0])
    assert difference.max() <= 1  # one level where the graph rounds otherwise
    live = make_grid(np.asarray(gan.task.generator(gan.task.prior.sample(6, seed=7), training=False)))
    assert np.abs(shown - live[..., 0]).max() > 1


def test_every_so_many_images_and_at_the_end(tmp_path):
    callback = ImageGrid(tmp_path, every_images=12, count=1, film=False)
    tiny_gan().fit(tiny_dataset(), verbose=0, callbacks=[callback])
    # Steps end at 8, 16, 24 and 32 images, which crosses 12 and 24, and is the end.
    assert sorted(int(path.stem[7:]) for path in tmp_path.iterdir()) == [0, 16, 24, 32]


def test_many_images_are_generated_in_parts(tmp_path):
    gan = tiny_gan()
    gan.fit(tiny_dataset(), verbose=0, steps_per_epoch=1, callbacks=[ImageGrid(tmp_path, count=70, film=False)])
    expected = make_grid(np.asarray(gan(gan.task.prior.sample(70, seed=0), training=False)))[..., 0]
    with Image.open(grid_path(tmp_path, BATCH)) as picture:
        assert np.abs(np.asarray(picture).astype(int) - expected).max() <= 1


def test_grids_and_scalars_share_one_tensorboard_file(tmp_path):
    logs = tmp_path / "logs"
    callbacks = [ScalarSummaries(logs), ImageGrid(tmp_path / "samples", count=4, log_dir=logs)]
    gan = tiny_gan()
    history = gan.fit(tiny_dataset().take(2), epochs=2, verbose=0, callbacks=callbacks).history
    (file,) = logs.iterdir()
    scalars, pictures = {}, {}
    for event in summary_iterator(str(file)):
        for value in event.summary.value:
            if value.metadata.plugin_data.plugin_name == "scalars":
                scalars[value.tag, event.step] = float(tf.make_ndarray(value.tensor))
            elif value.metadata.plugin_data.plugin_name == "images":
                pictures[event.step] = tf.io.decode_png(value.tensor.string_val[2])
    for i, step in enumerate((2 * BATCH, 4 * BATCH)):
        for name, values in history.items():
            assert scalars[name, step] == pytest.approx(values[i], rel=1e-6)
        with Image.open(grid_path(tmp_path / "samples", step)) as grid:
            np.testing.assert_array_equal(pictures[step][..., 0], np.asarray(grid))
    assert len(scalars) == 2 * len(history)


def test_the_film_shows_all_grids_in_order_and_no_later_ones(tmp_path):
    for images in (1_000, 0, 20, 300):
        level = {0: 0, 20: 80, 300: 160, 1_000: 255}[images]
        save_grid(np.full((1, 16, 16, 1), level, "uint8"), grid_path(tmp_path, images))
    write_film(tmp_path, tmp_path / "film.gif", until=300)
    with Image.open(tmp_path / "film.gif") as film:
        frames = []
        for i in range(film.n_frames):
            film.seek(i)
            frames.append((np.asarray(film.convert("L"))[0, 0], film.info["duration"]))
    assert frames == [(0, 120), (80, 120), (160, 2_000)]


def test_the_film_of_grids_of_two_sizes_has_the_last_ones(tmp_path):
    save_grid(np.full((1, 8, 8, 3), 10, "uint8"), grid_path(tmp_path, 0))
    save_grid(np.full((1, 16, 16, 3), 200, "uint8"), grid_path(tmp_path, 1))
    write_film(tmp_path, tmp_path / "film.gif", until=1)
    with Image.open(tmp_path / "film.gif") as film:
        assert (film.n_frames, film.size) == (2, (16, 16))


def test_a_long_film_is_thinned_but_keeps_its_ends(tmp_path, monkeypatch):
    monkeypatch.setattr("tfgan_tricks.callbacks.film.MAX_FRAMES", 4)
    for images in range(10):
        save_grid(np.full((1, 4, 4, 1), images * 20, "uint8"), grid_path(tmp_path, images))
    write_film(tmp_path, tmp_path / "film.gif", until=9)
    with Image.open(tmp_path / "film.gif") as film:
        levels = []
        for i in range(film.n_frames):
            film.seek(i)
            levels.append(int(np.asarray(film.convert("L"))[0, 0]))
    assert levels == [0, 60, 120, 180]


def test_a_generator_that_returns_nan_leaves_no_grid(tmp_path):
    gan = tiny_gan()
    for variable in gan.averaged["generator"].variables:
        variable.assign(keras.ops.full(variable.shape, float("nan")))
    callback = ImageGrid(tmp_path, count=2)
    callback.set_model(gan)
    callback.on_train_begin()
    callback.on_train_end()
    assert not list(tmp_path.iterdir())


def test_a_task_that_needs_labels_is_refused():
    task = tiny_gan().task
    task.needs = ("image", "label")
    with pytest.raises(ValueError, match="cannot generate from noise alone"):
        sample_inputs(task, 4, seed=0)


@pytest.mark.parametrize("argument", ["directory", "log_dir"])
def test_a_folder_that_cannot_be_written_stops_before_training(tmp_path, argument):
    (tmp_path / "file").write_text("")
    folders = {"directory": tmp_path / "samples", argument: tmp_path / "file"}
    gan = tiny_gan()
    with pytest.raises(WriteError):
        gan.fit(tiny_dataset(), verbose=0, callbacks=[ImageGrid(**folders)])
    assert int(gan.images_seen.numpy()) == 0


@pytest.mark.parametrize("arguments", [{"count": 0}, {"every_images": 0}, {"every_images": 1.5}])
def test_wrong_arguments_are_refused(arguments):
    with pytest.raises(ValueError, match=f"`{next(iter(arguments))}` must be an integer"):
        ImageGrid("samples", **arguments)
