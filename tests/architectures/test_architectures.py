"""What every architecture promises: names, ranges, float32 ends, any batch size, saving, clear errors."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tfgan_tricks.architectures import dcgan, mlp, progan, sngan_cnn

FACTORIES = {
    "dcgan": (dcgan, {"resolution": 28, "channels": 2, "latent_dim": 5, "width": 4}),
    "mlp": (mlp, {"resolution": 9, "channels": 2, "latent_dim": 5, "widths": (16, 8), "batch_norm": True}),
    "progan": (progan, {"resolution": 16, "channels": 2, "latent_dim": 5, "width": 4, "alpha": 0.3}),
    "sngan_cnn": (sngan_cnn, {"resolution": 16, "channels": 2, "latent_dim": 5, "width": 4, "output_kernel": 9}),
}
each = pytest.mark.parametrize(("factory", "arguments"), FACTORIES.values(), ids=FACTORIES.keys())


def latents(n, dim=5, scale=1.0):
    return (scale * np.random.default_rng(0).normal(size=(n, dim))).astype("float32")


@each
def test_shapes_and_range(factory, arguments):
    generator, discriminator = factory(**arguments)
    resolution = arguments["resolution"]
    assert (generator.name, discriminator.name) == ("generator", "discriminator")
    assert generator.input_shape == (None, 5)
    assert generator.output_shape == discriminator.input_shape == (None, resolution, resolution, 2)
    assert discriminator.output_shape == (None, 1)
    images = generator(latents(3, scale=1e4), training=True)
    assert float(tf.reduce_max(tf.abs(images))) <= 1.0
    logits = discriminator(1e5 * images)
    assert np.isfinite(logits).all()
    assert float(tf.reduce_max(tf.abs(logits))) > 1  # raw logits, no sigmoid


@each
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_images_and_logits_are_float32_under_mixed_precision(factory, arguments, policy):
    keras.config.set_dtype_policy(policy)
    for model, inputs in zip(
        factory(**arguments), (latents(2), np.zeros((2, *_image(arguments)), "float32")), strict=True
    ):
        outputs = model(inputs, training=True)
        assert outputs.dtype == "float32"
        assert np.isfinite(outputs).all()
        assert {weight.dtype for weight in model.weights} == {"float32"}
        hidden = [layer for layer in model.layers[1:-1] if layer.weights]
        assert {layer.compute_dtype for layer in hidden} == {policy.removeprefix("mixed_")}


def _image(arguments):
    return arguments["resolution"], arguments["resolution"], arguments["channels"]


@each
def test_any_batch_size_in_one_graph(factory, arguments):
    generator, discriminator = factory(**arguments)
    play = tf.function(
        lambda z: [generator(z), discriminator(generator(z))], input_signature=[tf.TensorSpec((None, 5))]
    )
    inputs = latents(5)
    (images, logits), (fewer, judged) = play(inputs), play(inputs[:2])
    np.testing.assert_allclose(images[:2], fewer, rtol=1e-4, atol=1e-5)
    if any(isinstance(layer, tt.layers.MinibatchStd) for layer in discriminator.layers):
        assert judged.shape == (2, 1)  # an image is judged by others of its batch
    else:
        np.testing.assert_allclose(logits[:2], judged, rtol=1e-4, atol=1e-5)


@each
def test_keras_file_gives_the_same_networks(factory, arguments, tmp_path):
    generator, discriminator = factory(**arguments)
    images = generator(latents(4), training=True)
    discriminator(images, training=True)
    for model, inputs in ((generator, latents(4)), (discriminator, images)):
        model.save(tmp_path / f"{model.name}.keras")
        reloaded = keras.models.load_model(tmp_path / f"{model.name}.keras")
        assert [layer.get_config() for layer in reloaded.layers] == [layer.get_config() for layer in model.layers]
        np.testing.assert_array_equal(reloaded(inputs), model(inputs))
        np.testing.assert_array_equal(reloaded(inputs, training=True), model(inputs, training=True))


@each
def test_gradient_reaches_every_weight(factory, arguments):
    generator, discriminator = factory(**arguments)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.tanh(discriminator(generator(latents(4), training=True), training=True)))
    weights = [weight.value for model in (generator, discriminator) for weight in model.trainable_weights]
    for weight, received in zip(weights, tape.gradient(loss, weights), strict=True):
        assert float(tf.norm(received)) > 0, weight.name


@each
@pytest.mark.parametrize("argument", ["resolution", "channels", "latent_dim"])
@pytest.mark.parametrize("value", [0, -3, 2.5, "8"])
def test_refuses_what_is_not_a_size(factory, arguments, argument, value):
    with pytest.raises(ValueError, match=f"(?s){argument}.*Received: {argument}={value!r}.*Expected.*Fix"):
        factory(**{**arguments, argument: value})


@pytest.mark.parametrize(
    ("factory", "arguments", "message"),
    [
        (sngan_cnn, {"resolution": 28}, "(?s)resolution=28.*multiple of 8.*24 or 32"),
        (sngan_cnn, {"width": 0}, "(?s)width=0.*>= 1"),
        (sngan_cnn, {"output_kernel": 5}, "(?s)output_kernel=5.*one of 1, 3, 9"),
        (dcgan, {"resolution": 30}, "(?s)resolution=30, which ends at 15.*28 or 32"),
        (dcgan, {"width": 0}, "(?s)width=0.*>= 1"),
        (dcgan, {"width": 64, "max_width": 32}, "(?s)max_width=32.*>= 64"),
        (mlp, {"widths": (16, 0)}, r"(?s)widths\[1\].*>= 1"),
    ],
)
def test_refuses_with_what_to_do(factory, arguments, message):
    with pytest.raises(ValueError, match=message):
        factory(**arguments)


def test_mlp_refuses_a_single_width():
    with pytest.raises(TypeError, match="in brackets"):
        mlp(widths=256)
