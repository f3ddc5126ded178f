"""What cannot grow to the end is refused before the first image: data, networks, and a `build` without a GAN."""

import random

import keras
import numpy as np
import pytest
from PIL import Image

import tfgan_tricks as tt
from tests.training.growing import build, data, fresh, growing, state


def folder(path, sides):
    for index, side in enumerate(sides):
        pixels = np.random.default_rng(index).integers(0, 255, (side, side, 3), "uint8")
        Image.fromarray(pixels).save(path / f"{index}.png")
    return tt.data.open_source(f"folder:{path}")


def run(resolution, **arguments):
    return growing(lambda resolution: None, resolution, **{"batch_sizes": 8, **arguments})


def refusal(check, *arguments, **named):
    with pytest.raises(ValueError, match="Fix:") as error:
        check(*arguments, **named)
    return str(error.value)


@pytest.mark.parametrize("sides", [[20, 20], [20, 40], [90, 31]])
def test_files_that_the_last_stage_would_enlarge_are_refused_with_a_resolution_that_works(sides, tmp_path):
    source = folder(tmp_path, sides)
    text = refusal(run(32).check_source, source)
    assert f"images of {min(sides)} pixels" in text
    assert "at least 32 pixels" in text
    assert "stop at resolution=16, or pass upscale=True" in text
    with pytest.raises(ValueError, match="is smaller"):  # the rule that is asked beforehand
        tt.data.load(source, resolution=32)
    run(16).check_source(source)
    run(32, upscale=True).check_source(source)
    for works in ({"resolution": 16}, {"resolution": 32, "upscale": True}):
        next(iter(tt.data.load(source, batch_size=2, **works)))


def test_small_files_that_may_be_skipped_do_not_count(tmp_path):
    source = folder(tmp_path, [20, 40])
    run(32).check_source(source, on_error="skip")
    assert "40 pixels" in refusal(run(128).check_source, folder(tmp_path, [40, 40]))
    assert "No image" in refusal(run(64).check_source, source, on_error="skip")


def test_files_smaller_than_the_first_stage_need_larger_ones(tmp_path):
    text = refusal(run(64, start_resolution=32).check_source, folder(tmp_path, [20, 20]))
    assert "use larger images, or pass upscale=True" in text


def test_digits_grow_from_another_first_resolution_as_far_as_there_is_something_to_see():
    digits = tt.data.open_source("digits")
    run(10, start_resolution=5).check_source(digits)
    text = refusal(run(20, start_resolution=5).check_source, digits)
    assert "stop at resolution=10, or pass upscale=True" in text


def test_stages_of_several_sizes_cannot_do_without_a_crop():
    assert 'crop="center"' in refusal(run(8).check_source, tt.data.open_source("digits"), crop="none")


def test_a_stream_of_many_sizes_is_read_at_the_last_resolution():
    def stream():
        import tensorflow as tf

        images = [np.zeros((side, side, 3), "uint8") for side in (40, 20)]
        signature = (tf.TensorSpec((None, None, 3), tf.uint8), tf.TensorSpec((), tf.int64))
        return tf.data.Dataset.from_generator(lambda: ((image, -1) for image in images), output_signature=signature)

    source = tt.data.Source("stream", 2, (None, None, 3), stream=stream)
    assert "20x20 pixels" in refusal(run(32).check_source, source)
    run(16).check_source(source)


def plain(resolution):
    """Networks without a FadeIn, whose layers are the same at each resolution."""
    networks = tt.architectures.mlp(resolution=resolution, channels=2, latent_dim=3, widths=(4,))
    gan = tt.training.GAN(tt.tasks.Unconditional(*networks, tt.latents.Normal(3)))
    gan.compile("sgd", "sgd", loss=tt.losses.adversarial.Hinge(), jit_compile=False)
    return gan


def uncompiled(resolution):
    return tt.training.GAN(build(resolution).task)


@pytest.mark.parametrize(
    ("build_later", "words"),
    [
        (plain, "without a FadeIn"),
        (lambda resolution: None, "what build returns"),
        (uncompiled, "gan.compile"),
    ],
)
def test_networks_that_cannot_grow_are_refused_before_the_first_image(build_later, words):
    asked = []
    gan = plain(4) if build_later is plain else build(4)
    with pytest.raises((ValueError, TypeError), match=words):
        growing(build_later).fit(gan, lambda *now: asked.append(now))
    assert asked == []
    assert int(gan.images_seen.numpy()) == 0


def test_a_build_without_a_gan_is_refused_for_the_first_stage_too():
    nothing = growing(lambda resolution: None)
    with pytest.raises(TypeError, match=r"does `build` return its GAN"):
        nothing.fit(nothing.build(4), data)


def test_the_trial_changes_neither_the_gan_nor_what_is_drawn():
    gan, growth = fresh(), growing(optimizer="keep")
    before, drawn = state(gan), random.getstate()
    growth.check_growth(gan)
    assert random.getstate() == drawn
    for mine, other in zip(state(gan), before, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_a_run_without_a_trial_ends_alike():
    ends = []
    for tried in (False, True):
        growth = growing(images_fading=8, images_stable=8, optimizer="keep")
        growth._tried = tried
        keras.utils.set_random_seed(1)
        ends.append(state(growth.fit(fresh(), data)))
    for mine, other in zip(*ends, strict=True):
        np.testing.assert_array_equal(mine, other)
