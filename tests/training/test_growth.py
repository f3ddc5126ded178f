"""One step of growth: what the new networks compute, what they take over, and what is refused."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.training.growing import build, data, enlarged, fresh, growing, images, latents, shaken
from tfgan_tricks.training.growth import GrowthStage, fades_of


def grown(gan, images_fading=32, **arguments):
    resolution = 2 * gan.task.image_shape[0]
    return GrowthStage(48, 8, resolution, images_fading, build, **arguments).begin(gan)


def set_alpha(gan, value):
    for layer in fades_of(gan):
        layer.alpha.assign(value)


@pytest.mark.parametrize("side", [4, 8])
def test_at_alpha_0_the_grown_networks_are_the_old_ones(side):
    old = fresh(side)
    new = grown(old)
    for answer, former in ((new, old), (new.task.generator, old.task.generator)):  # averaged and live
        np.testing.assert_allclose(answer(latents()), enlarged(np.asarray(former(latents()))), rtol=1e-6, atol=1e-7)
    small = images(side)
    large = images(2 * side, seed=1)
    large += enlarged(small) - enlarged(np.asarray(tf.nn.avg_pool2d(large, 2, 2, "VALID")))  # `small`, if reduced
    wanted = np.asarray(old.task.discriminator(small))
    np.testing.assert_allclose(new.task.discriminator(enlarged(small)), wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(new.task.discriminator(large), wanted, rtol=1e-4, atol=1e-5)
    assert wanted.std() > 0.01


def test_at_alpha_1_the_old_path_has_no_say():
    new = shaken(grown(fresh()))
    set_alpha(new, 1.0)
    before = [np.asarray(new.task.generator(latents())), np.asarray(new.task.discriminator(images(8)))]
    for network, name in ((new.task.generator, "to_image_4"), (new.task.discriminator, "from_image_4")):
        for weight in network.get_layer(name).weights:
            weight.assign(weight + 1.0)
    np.testing.assert_array_equal(before[0], new.task.generator(latents()))
    np.testing.assert_array_equal(before[1], new.task.discriminator(images(8)))
    set_alpha(new, 0.5)
    assert np.abs(before[0] - new.task.generator(latents())).max() > 0.01
    assert np.abs(before[1] - new.task.discriminator(images(8))).max() > 0.01


def test_a_grown_network_computes_half_of_each_before_the_tanh_at_alpha_half():
    new = shaken(grown(fresh()))
    outputs = []
    for alpha in (0.0, 1.0, 0.5):
        set_alpha(new, alpha)
        outputs.append(np.arctanh(np.asarray(new.task.generator(latents()), "float64")))
    np.testing.assert_allclose(outputs[2], (outputs[0] + outputs[1]) / 2, rtol=1e-4, atol=1e-5)


def test_weights_of_one_name_are_copied_and_new_ones_are_fresh():
    old = fresh(8)
    new = grown(old)
    for former, network in (
        (old.task.generator, new.task.generator),
        (old.task.discriminator, new.task.discriminator),
        (old.averaged["generator"], new.averaged["generator"]),
    ):
        before = {layer.name: layer for layer in former.layers if layer.variables}
        after = {layer.name: layer for layer in network.layers if layer.variables}
        assert {name.replace("4", "_").replace("8", "_") for name in before.keys() - after.keys()} <= {
            "from_image__",
            "to_image__",
            "fade_in__",
        }
        for name in before.keys() & after.keys():
            for value, variable in zip(before[name].variables, after[name].variables, strict=True):
                np.testing.assert_array_equal(value, variable)
        assert {"block_16_first", "block_16_last"} <= after.keys() - before.keys()
    fresh_kernel = np.asarray(new.task.generator.get_layer("block_16_first").kernel)
    assert abs(fresh_kernel.std() - 1.0) < 0.2
    assert (np.asarray(new.task.generator.get_layer("block_16_first").bias) == 0).all()
    np.testing.assert_array_equal(new.averaged["generator"].get_layer("block_16_first").kernel, fresh_kernel)


def test_fresh_weights_depend_on_seed_and_resolution_alone():
    import random

    kernels = []
    for disturbance in (1, 2):
        gan = fresh()
        keras.utils.set_random_seed(disturbance)
        state = random.getstate()
        kernels.append(np.asarray(grown(gan).task.generator.get_layer("block_8_first").kernel))
        assert random.getstate() == state
    np.testing.assert_array_equal(*kernels)
    gan = fresh()
    gan.seed = 8
    assert np.abs(kernels[0] - grown(gan).task.generator.get_layer("block_8_first").kernel).max() > 0.1


def test_counts_seeds_and_memories_go_on():
    def remembering(resolution, **arguments):
        return build(
            resolution,
            loss=tt.losses.adversarial.NonSaturating(),
            terms=[tt.penalties.LeCam(), tt.penalties.HistoricalAveraging()],
            inputs=[tt.inputs.AdaptiveAugment(policy="blit,geometry"), tt.inputs.HistoryBuffer(capacity=8)],
            **arguments,
        )

    old = remembering(4)
    stages = growing(remembering).stages
    old.fit(data(stages[0], 0), steps_per_epoch=3, verbose=0)
    new = stages[1].begin(old)
    assert int(new.images_seen.numpy()) == 24
    for name in ("seed_generator", "test_seed_generator"):
        np.testing.assert_array_equal(getattr(new, name).state, getattr(old, name).state)
    lecam, history = new.terms
    for value, variable in zip(old.terms[0].variables, lecam.variables, strict=True):
        assert float(value) == float(variable) != 0.0
    counts = [float(variable) for variable in history.variables if len(variable.shape) == 0]
    assert counts == [1.0, 1.0]  # begun anew: there are other weights to remember
    for value, variable in zip(old.input_transforms[0].variables, new.input_transforms[0].variables, strict=True):
        np.testing.assert_array_equal(value, variable)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_optimizers_are_reset_or_kept(policy):
    keras.config.set_dtype_policy(policy)
    old = fresh()
    old.fit(data(growing().stages[0], 0), steps_per_epoch=3, verbose=0)

    def slots(gan):
        found = {}
        for player in ("generator", "discriminator"):
            optimizer = getattr(gan, f"{player}_optimizer")
            found |= {
                f"{player} {v.name}": np.asarray(v.numpy())
                for v in getattr(optimizer, "inner_optimizer", optimizer).variables
            }
        return found

    reset, kept, before = slots(grown(old)), slots(grown(old, keep_optimizers=True)), slots(old)
    assert reset.keys() == kept.keys()
    shared = [name for name in before.keys() & kept.keys() if before[name].any()]
    assert any("block_4_last_kernel_velocity" in name for name in shared)
    assert any("iteration" in name for name in shared)
    for name in shared:
        np.testing.assert_array_equal(kept[name], before[name])
        assert "learning_rate" in name or not reset[name].any()
    for name in kept.keys() - before.keys():
        assert not kept[name].any(), name
        assert "8" in name


def test_real_images_are_blurred_by_the_same_alpha():
    stage = GrowthStage(64, 8, 16, images_fading=32, build=build)
    gan = fresh(8)
    gan.images_seen.assign(100)
    gan = stage.begin(gan)
    raw = next(iter(data(stage, 0)))["image"].numpy()
    means = raw.reshape(8, 8, 2, 8, 2, 2).mean((2, 4))
    batches = [batch["image"].numpy() for batch in stage.feed(data(stage, 0), gan).take(6)]
    np.testing.assert_allclose(batches[0], enlarged(means), atol=1e-6)
    for step, share in ((1, 0.25), (3, 0.75), (5, 1.0)):
        raw = next(iter(data(stage, 8 * step)))["image"].numpy()
        blurred = enlarged(raw.reshape(8, 8, 2, 8, 2, 2).mean((2, 4)))
        np.testing.assert_allclose(batches[step], share * raw + (1 - share) * blurred, atol=1e-6)
    gan.images_seen.assign(116)  # as after a resume in the middle
    (middle,) = stage.feed(data(stage, 16), gan).take(1)
    np.testing.assert_array_equal(middle["image"], batches[2])
    gan.images_seen.assign(132)
    dataset = data(stage, 32)
    assert stage.feed(dataset, gan) is dataset


def test_alpha_follows_the_images_in_all_networks():
    stage = GrowthStage(64, 8, 8, images_fading=32, build=build)
    gan = fresh()
    gan.images_seen.assign(100)
    gan = stage.begin(gan)
    averaged = gan.averaged["generator"].get_layer("fade_in_8").alpha
    for seen, share in ((100, 0.0), (108, 0.25), (116, 0.5), (124, 0.75), (132, 1.0), (140, 1.0)):
        assert int(gan.images_seen.numpy()) == seen
        assert [float(alpha) for alpha in (*(layer.alpha for layer in fades_of(gan)), averaged)] == [share] * 3
        gan.fit(data(stage, 0), steps_per_epoch=1, verbose=0)


def test_without_fading_new_layers_stand_alone_at_once():
    new = grown(fresh(), images_fading=0)
    assert [float(layer.alpha) for layer in fades_of(new)] == [1.0, 1.0]
    stage = GrowthStage(48, 8, 8, 0, build)
    dataset = data(stage, 0)
    assert stage.feed(dataset, new) is dataset


def builder(factory, arguments):
    def make(resolution):
        networks = factory(resolution=resolution, channels=2, latent_dim=3, **arguments(resolution))
        gan = tt.training.GAN(tt.tasks.Unconditional(*networks, tt.latents.Normal(3)))
        gan.compile("adam", "adam", loss=tt.losses.adversarial.NonSaturating())
        return gan

    return make


def test_networks_that_cannot_grow_are_refused():
    mlp = builder(tt.architectures.mlp, lambda resolution: {"widths": (4,)})
    with pytest.raises(ValueError, match="without a FadeIn layer"):
        GrowthStage(8, 8, 8, 16, mlp).begin(mlp(4))
    with pytest.raises(ValueError, match="has nothing of the smaller one"):
        GrowthStage(8, 8, 8, 0, mlp).begin(mlp(4))
    other = builder(tt.architectures.progan, lambda resolution: {"width": resolution})
    with pytest.raises(ValueError, match="another one at the next resolution"):
        GrowthStage(8, 8, 8, 16, other).begin(other(4))
    with pytest.raises(ValueError, match="images of 4x4 where 16x16"):
        GrowthStage(8, 8, 16, 16, build).begin(fresh(4))
