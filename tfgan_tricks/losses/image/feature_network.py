"""Networks whose inner layers images are compared in: VGG-19, or any Keras model."""

import os
from pathlib import Path

import keras
from keras import ops

from tfgan_tricks.checks import check_choice, check_type, explain, suggestion
from tfgan_tricks.loading import load_model

VGG19_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
VGG19_FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
VGG19_ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications/vgg19/" + VGG19_FILE
MEAN_BGR = (103.939, 116.779, 123.68)  # of ImageNet, from 0 to 255, as VGG was trained with


def to_vgg(images):
    """Returns RGB images in [-1, 1] as VGG takes them: BGR from 0 to 255, less ImageNet's mean colour."""
    return 127.5 * (images[..., ::-1] + 1.0) - ops.convert_to_tensor(MEAN_BGR, dtype="float32")


def vgg19(weights: str | None) -> keras.Model:
    """Returns VGG-19 up to its last pooling, in float32, for images of any size.

    Args:
        weights: file of its weights without the top; the one of Keras, downloaded once, unless given.

    Raises:
        ValueError: if the file cannot be read, or not be downloaded.
    """
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")  # inner values would overflow float16
    try:
        network = keras.applications.VGG19(include_top=False, weights=None, input_shape=(None, None, 3))
    finally:
        keras.config.set_dtype_policy(policy)
    load_weights(network, weights or _downloaded())
    return network


def load_weights(network: keras.Model, path: str) -> None:
    """Reads a file of weights into a network; raises `ValueError` if there is none, or if it is another's."""
    _check_file("weights", path, "save the network with save_weights, and pass where the file is.")
    try:
        network.load_weights(path)
    except (ValueError, OSError) as error:
        raise ValueError(
            explain(
                "The file of weights does not fit the feature network.",
                received=f"weights={path!r}: {str(error).splitlines()[0]}",
                expected=f"weights of {network.name!r}",
                fix="write them from the same network; VGG-19's are those without the top.",
            )
        ) from None


def load_network(path: str) -> keras.Model:
    """Returns the model of a .keras file; raises `ValueError` if there is none."""
    _check_file("features", path, "save a model with model.save('NAME.keras'), and pass where the file is.")
    return load_model(path, compile=False)


def check_features(features) -> None:
    """Raises `TypeError` unless this is `None`, a path or a functional model."""
    check_type(
        "features", features, (keras.Model, str, type(None)), "pass a Keras model, or the path of a .keras file."
    )
    if isinstance(features, keras.Model) and not getattr(features, "inputs", None):
        raise TypeError(
            explain(
                "`features` is no functional model, so its inner layers cannot be read.",
                received=f"{features!r}",
                expected="a model built from a keras.Input",
                fix="wrap it: inputs = keras.Input(shape); keras.Model(inputs, network(inputs)).",
            )
        )


def inner(network: keras.Model, layers: tuple[str, ...], is_vgg: bool) -> keras.Model:
    """Returns a copy of the network, not to be trained, whose outputs are those of the named layers.

    Args:
        network: functional model from one image.
        layers: names of its layers, or, of VGG-19, also names such as "relu1_1".
        is_vgg: whether it is VGG-19.
    """
    known = [layer.name for layer in network.layers]
    names = [_keras_name(name) if is_vgg else name for name in layers]
    for name in names:
        if name not in known:
            raise ValueError(
                explain(
                    f"The feature network has no layer {name!r}.",
                    received=f"layers={layers!r}",
                    expected=f"names out of {', '.join(known)}",
                    fix=suggestion(name, known, "print(network.summary()) shows them."),
                )
            )
    part = keras.Model(network.inputs, [network.get_layer(name).output for name in names])
    copy = keras.models.clone_model(part)
    copy.set_weights(part.get_weights())
    copy.trainable = False
    return copy


def fitted(images, network: keras.Model):
    """Returns images with as many channels as the network takes: gray becomes three equal colours."""
    shape, given = network.inputs[0].shape[1:], images.shape[1:]
    gray = shape[-1] == 3 and given[-1] == 1
    wrong_size = any(a is not None and b is not None and a != b for a, b in zip(shape[:-1], given[:-1], strict=True))
    if wrong_size or not (gray or shape[-1] in (None, given[-1])):
        raise ValueError(
            explain(
                "The feature network does not fit the images.",
                received=f"images of shape {tuple(given)}",
                expected=f"images of shape {tuple(shape)}" + (", or gray ones" if shape[-1] == 3 else ""),
                fix="build the network for images of any size, keras.Input((None, None, channels)).",
            )
        )
    return ops.repeat(images, 3, axis=-1) if gray else images


def check_preprocessing(preprocessing) -> None:
    """Raises `ValueError` unless this is a known way from [-1, 1] to what a network takes."""
    check_choice("preprocessing", preprocessing, ("auto", "vgg", "none"))


def _keras_name(name: str) -> str:
    """Returns what Keras calls a layer of VGG: relu1_1 is the output of block1_conv1."""
    block, _, place = name.removeprefix("relu").partition("_")
    is_short = name.startswith("relu") and block.isdigit() and place.isdigit()
    return f"block{block}_conv{place}" if is_short else name


def _check_file(argument: str, path: str, fix: str) -> None:
    if not Path(path).is_file():
        raise ValueError(
            explain(
                "There is no such file.",
                received=f"{argument}={path!r}, in {Path.cwd()}",
                expected="the path of a file that can be read",
                fix=fix,
            )
        )


def _downloaded() -> str:
    """Returns where VGG-19's weights are, downloaded once into Keras' own folder."""
    home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    try:
        return keras.utils.get_file(
            VGG19_FILE, VGG19_ADDRESS, cache_dir=str(home), cache_subdir="models", file_hash=_HASH
        )
    except Exception as error:  # Keras raises a bare one
        raise ValueError(
            explain(
                "VGG-19's weights are not here and could not be downloaded.",
                received=f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason'}",
                expected=f"the file {home / 'models' / VGG19_FILE}",
                fix=f"download {VGG19_ADDRESS} where there is a network, and put it there, or anywhere with"
                " weights='PATH'; or pass a network of your own as `features`.",
            )
        ) from None


_HASH = "253f8cb515780f3b799900260a226db6"  # of the file, as Keras publishes it
