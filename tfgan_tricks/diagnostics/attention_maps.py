"""Where a trained network looks: the attention of chosen pixels."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from tfgan_tricks.checks import check_integer, explain, suggestion
from tfgan_tricks.layers.self_attention_2d import SelfAttention2D


def attention_maps(
    model: keras.Model,
    inputs: Any,
    layer: str,
    pixels: Sequence[tuple[int, int]],
    image_size: tuple[int, int] | None = None,
) -> np.ndarray:
    """Returns how much chosen pixels attend to each position, in one attention layer of a network.

    A map sums to 1. A trained layer that looks at related parts of the image, such as the other legs of an animal,
    does what it is for; one whose maps are all flat, or all on the pixel itself, adds nothing but cost.
    `attention_overlay` draws the maps. The network runs in inference mode, up to that layer.

    **Source**: Zhang et al., 2018, arXiv:1805.08318, figures 1 and 5.

    **Differs from the paper**: no.

    Args:
        model: functional or sequential model that holds a `SelfAttention2D` layer: a generator or a discriminator.
        inputs: a batch of what the model takes, n examples.
        layer: name of the attention layer.
        pixels: (row, column) of each query, from (0, 0) at the top left.
        image_size: (height, width) of the image in which the pixels are counted; None: they are positions of the
            layer's own feature map, which often is smaller than the image.

    Returns:
        float32 [n, len(pixels), h, w], where h × w is the size of the keys: that of the feature map, or half of it in
        a layer with `pool`.

    **Cost**: one forward pass to the layer, and its whole attention, n·(h·w)² numbers, at once.

    **Combines badly with**: large batches at a high resolution, for the memory.

    Example:

    >>> inputs = keras.Input((8, 8, 16))
    >>> model = keras.Model(inputs, tfgan_tricks.layers.SelfAttention2D(name="attention")(inputs))
    >>> batch = np.random.default_rng(0).normal(size=(3, 8, 8, 16))
    >>> tfgan_tricks.diagnostics.attention_maps(model, batch, "attention", [(0, 0), (7, 2)]).shape
    (3, 2, 8, 8)
    """
    found = _find(model, layer)
    features = _up_to(model, found)(inputs, training=False)  # [n, h, w, c]
    height, width = features.shape[1:3]
    cells = [_cell(pixel, image_size or (height, width), (height, width)) for pixel in pixels]
    maps = keras.ops.convert_to_numpy(found.attention(features))  # [n, h, w, keys' h, keys' w]
    rows, columns = np.asarray(cells, int).reshape(-1, 2).T
    return maps[:, rows, columns].astype("float32")  # [n, queries, keys' h, keys' w]


def _find(model: keras.Model, name: str) -> SelfAttention2D:
    if not isinstance(model, keras.Model) or not getattr(model, "inputs", None):
        raise TypeError(
            explain(
                "Attention maps need a model whose layers form a graph.",
                received=f"{type(model).__name__}{'' if getattr(model, 'built', True) else ', not built'}",
                expected="a functional model, or a sequential one that is built",
                fix="of a GAN, pass a network: gan.task.generator; give a sequential model a keras.Input first.",
            )
        )
    names = [layer.name for layer in model.layers if isinstance(layer, SelfAttention2D)]
    if name not in names:
        raise ValueError(
            explain(
                f"The model has no attention layer {name!r}.",
                received=f"layer={name!r}",
                expected=f"one of {', '.join(map(repr, names))}" if names else "a model with a SelfAttention2D layer",
                fix=suggestion(name, names, "take a name above")
                if names
                else "if the layer is in a model inside this one, pass that inner model.",
            )
        )
    return model.get_layer(name)


def _up_to(model: keras.Model, layer: SelfAttention2D) -> keras.Model:
    """Returns the part of a model that makes the inputs of one of its layers."""
    start = model.inputs[0] if isinstance(model, keras.Sequential) else model.input
    try:
        return keras.Model(start, layer.input)
    except ValueError as error:
        raise ValueError(
            explain(
                f"The attention layer {layer.name!r} is shared: it was first called in another model.",
                received=f"model {model.name!r}",
                expected="the model in which the layer was called first",
                fix="pass that model, or make a copy of this one with keras.models.clone_model and set its weights.",
            )
        ) from error


def _cell(pixel, image_size: tuple[int, int], grid: tuple[int, int]) -> tuple[int, int]:
    """Returns the position of the feature map that a pixel of the image lies in."""
    check_pixel(pixel, image_size)
    row, column = (int(place) * cells // size for place, size, cells in zip(pixel, image_size, grid, strict=True))
    return row, column


def check_pixel(pixel, image_size: tuple[int, int]) -> None:
    """Raises `ValueError` unless `pixel` is a (row, column) inside an image of this (height, width)."""
    for size in image_size:
        check_integer("image_size", size, at_least=1)
    integers = isinstance(pixel, tuple | list) and all(isinstance(place, int | np.integer) for place in pixel)
    if not integers or len(pixel) != 2 or not all(0 <= p < size for p, size in zip(pixel, image_size, strict=True)):
        raise ValueError(
            explain(
                "A query pixel lies outside of the image, or is no pixel.",
                received=repr(pixel),
                expected=f"(row, column), integers from (0, 0) to {(image_size[0] - 1, image_size[1] - 1)}",
                fix="choose pixels of this size, or say with `image_size` which size they are counted in.",
            )
        )
