"""A look sees what the networks answer, and moves nothing."""

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.callbacks.tiny import state, tiny_dataset, tiny_gan
from tfgan_tricks.diagnostics import AveragingLag
from tfgan_tricks.diagnostics.first_bad_tensor import first_bad_tensor
from tfgan_tricks.diagnostics.look import Look, Subject
from tfgan_tricks.diagnostics.rate_imbalance import movement

REAL = next(iter(tiny_dataset()))


@pytest.fixture
def gan():
    gan = tiny_gan()
    gan.fit(tiny_dataset(), epochs=1, verbose=0)
    return gan


def test_all_that_it_sees_moves_nothing(gan):
    before = state(gan)
    look = Look(Subject(gan, REAL, count=8))
    seen = (look.inference, look.in_training, look.averaged, [look.activations(name) for name in look.networks])
    assert len(seen[3]) == 2
    for expected, value in zip(before, state(gan), strict=True):
        np.testing.assert_array_equal(value, expected)


def test_images_and_logits_are_those_of_the_networks(gan):
    subject = Subject(gan, REAL, count=8, seed=3)
    look = Look(subject)
    task, latents = gan.task, gan.task.prior.sample(8, seed=3)
    images = task.generator(latents, training=False)
    np.testing.assert_allclose(look.inference.images, images, atol=1e-6)
    logits = task.discriminator(images, training=False)
    np.testing.assert_allclose(look.inference.fake_logits, np.ravel(logits), atol=1e-5)
    real = task.discriminator(REAL["image"], training=False)
    np.testing.assert_allclose(look.inference.real_logits, np.ravel(real), atol=1e-5)
    np.testing.assert_allclose(look.averaged, gan.averaged["generator"](latents, training=False), atol=1e-6)


def test_in_training_batch_statistics_are_those_of_the_batch(gan):
    look = Look(Subject(gan, REAL, count=8, seed=3))
    dense, norm = gan.task.generator.layers[1], gan.task.generator.layers[2]
    x = dense(gan.task.prior.sample(8, seed=3)).numpy()
    scaled = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + norm.epsilon) * norm.gamma.numpy() + norm.beta.numpy()
    x = np.maximum(scaled, 0.0).reshape(-1, 8, 8, 2)
    np.testing.assert_allclose(look.in_training.images, gan.task.generator.layers[-1](x), atol=1e-5)
    assert np.abs(look.in_training.images - look.inference.images).max() > 1e-3


def test_activations_are_those_of_each_layer(gan):
    look = Look(Subject(gan, REAL, count=8, seed=3))
    network = gan.task.discriminator
    shown = np.concatenate([look.inference.images, REAL["image"]])
    found = look.activations("discriminator")
    x = shown
    for layer in network.layers[1:]:
        x = layer(x, training=False) if isinstance(layer, keras.layers.Dropout) else layer(x)
        np.testing.assert_allclose(found[layer.name], x, atol=1e-5, err_msg=layer.name)


def test_without_real_images_nothing_is_judged_real(gan):
    look = Look(Subject(gan, None, count=4))
    assert look.real is None
    assert look.inference.real_logits is None
    assert look.inference.images.shape == (4, 8, 8, 1)


def test_packs_are_whole(gan):
    generator, critic = tt.architectures.mlp(resolution=8, channels=1, latent_dim=4)
    _, critic = tt.architectures.mlp(resolution=8, channels=2, latent_dim=4)
    packed = tt.training.GAN(tt.tasks.Unconditional(generator, critic, tt.latents.Normal(4)))
    packed.compile("adam", "adam", loss=tt.losses.adversarial.Hinge(), inputs=[tt.inputs.Packing(2)])
    look = Look(Subject(packed, REAL, count=7))
    assert len(look.inference.images) == 6
    assert look.inference.fake_logits.shape == (3,)
    assert look.inference.real_logits.shape == (3,)
    assert next(iter(look.activations("discriminator").values())).shape[0] == 6  # packs, generated and real


def test_real_images_come_at_the_generators_size(gan):
    large = np.repeat(np.repeat(REAL["image"].numpy(), 2, axis=1), 2, axis=2)
    small = Subject(gan, {"image": large}, count=8).real
    assert small.shape == (8, 8, 8, 1)
    assert np.corrcoef(small.ravel(), REAL["image"].numpy().ravel())[0, 1] > 0.9
    with pytest.raises(ValueError, match=r"not like the generated ones[^$]*\(8, 8, 8, 3\)"):
        Subject(gan, {"image": np.zeros((8, 8, 8, 3))})


def test_the_first_bad_tensor_is_a_variable_before_an_output_before_nothing(gan):
    subject = Subject(gan, REAL, count=8)
    assert first_bad_tensor(subject) == ""
    kernel = gan.task.discriminator.layers[-1].kernel
    good = kernel.numpy()
    kernel.assign(np.where(np.arange(good.size).reshape(good.shape) == 5, np.nan, good))
    expected = f"variable {kernel.path} of discriminator: 1 of {good.size} values are not finite"
    assert first_bad_tensor(subject) == expected
    kernel.assign(good)
    dense = gan.task.generator.layers[1]
    dense.kernel.assign(np.full(dense.kernel.shape, 3e38, "float32"))  # finite, but its products are not
    assert first_bad_tensor(subject).startswith(f"output of layer {dense.name} of generator: ")
    bad = {"image": np.where(np.arange(512).reshape(8, 8, 8, 1) == 7, np.nan, REAL["image"])}
    assert first_bad_tensor(Subject(gan, bad, count=8)) == "the real images: 1 of 512 values are not finite"


def test_graphs_are_traced_once_and_one_subject_after_another_is_no_retracing(gan, caplog):
    caplog.set_level("WARNING", logger="tensorflow")
    for _ in range(6):
        subject = Subject(gan, REAL, count=8)
        for _ in range(2):
            movement(Look(subject))
            AveragingLag().measure(Look(subject))
        assert {graph.experimental_get_tracing_count() for graph in subject._graphs.values()} == {1}
    assert "retracing" not in caplog.text
