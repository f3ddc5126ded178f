"""How networks end: images and logits are float32 under every precision policy."""

from collections.abc import Callable

from keras import layers


def images_from(x):
    """Returns pre-activations as images in [-1, 1], float32."""
    return layers.Activation("tanh", dtype="float32", name="images")(x)


def logits_from(x, dense: Callable = layers.Dense, kernel_initializer="glorot_uniform"):
    """Returns one float32 logit per image, [n, 1], from feature maps or vectors."""
    x = layers.Flatten()(x)
    return dense(1, kernel_initializer=kernel_initializer, dtype="float32", name="logits")(x)
