"""Differentiable augmentation."""

import keras
from keras import ops

from tfgan_tricks.inputs.input_transform import InputTransform, check_images, check_sees_single_images
from tfgan_tricks.inputs.policy import parse_policy
from tfgan_tricks.inputs.resampling import pixels_at
from tfgan_tricks.randomness import stream_of


@keras.saving.register_keras_serializable("tfgan_tricks")
class DiffAugment(InputTransform):
    """Augments every image that the critic sees, real or generated, and lets the generator's gradient through.

    On a small data set the critic learns the training images by heart; it cannot if it never sees one twice. The
    generated images are augmented too, in both players' updates, so that the generator does not learn to make
    augmented images. Each example draws for itself.

    * color: brightness, x + U(-0.5, 0.5); then saturation, the deviation of each pixel's channels from their mean
      times U(0, 2); then contrast, the deviation of the image from its mean times U(0.5, 1.5).
    * translation: by whole pixels, up to 1/8 of the size, rounded, each way, with zeros at the border.
    * cutout: a rectangle of half the height and half the width becomes 0; its centre lies anywhere in the image.

    **Source**: Zhao et al., 2020, arXiv:2006.10738, section 3.2 and appendix.

    **Differs from the paper**: no. Zero is mid-grey for images in [-1, 1].

    Args:
        policy: names of the operations in the order of their application, separated by commas.

    Call arguments:
        images: float tensor.
        training: images are augmented in training only.
        seed: `SeedStream` of the update.

    Input shape: [n, h, w, c].

    Output shape: the same.

    **Cost**: a few element-wise passes over the images, and one lookup of each pixel for the translation.

    **Combines badly with**: `Packing` before it in the list, which is refused: augment first, then pack. Data sets of
    one channel, where saturation changes nothing. Colours or positions that matter in themselves.

    Example:

    >>> augment = tfgan_tricks.inputs.DiffAugment("color,translation")
    >>> tuple(augment(np.zeros((2, 8, 8, 3), "float32"), training=True).shape)
    (2, 8, 8, 3)
    """

    def __init__(self, policy: str = "color,translation,cutout", **kwargs):
        super().__init__(**kwargs)
        self._operations = parse_policy(policy, OPERATIONS)
        self.policy = policy

    def build(self, input_shape):
        check_images(self, input_shape)
        self.built = True

    def check_partners(self, partners):
        check_sees_single_images(self, partners)

    def call(self, images, training=False, images_seen=0, seed=None):
        if not training:
            return images
        seed = None if seed is None else stream_of(seed)
        augmented = ops.cast(images, "float32")
        for name in self._operations:
            augmented = OPERATIONS[name](augmented, seed)
        return ops.cast(augmented, images.dtype)

    def get_config(self):
        return {**super().get_config(), "policy": self.policy}


def color(images, seed):
    """Changes brightness, saturation and contrast, in that order."""
    images = images + _factor(images, -0.5, 0.5, seed)
    grey = ops.mean(images, axis=-1, keepdims=True)  # [n, h, w, 1]
    images = grey + _factor(images, 0.0, 2.0, seed) * (images - grey)
    mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)  # [n, 1, 1, 1]
    return mean + _factor(images, 0.5, 1.5, seed) * (images - mean)


def translation(images, seed):
    """Moves each image by whole pixels, and fills up with zeros."""
    n, h, w, _ = ops.shape(images)
    places, inside = [], []
    for size in (h, w):
        most = (size + 4) // 8  # an eighth, rounded
        shift = _integers(n, 2 * most + 1, seed) - most  # [n]
        place = ops.arange(size, dtype="int32")[None, :] - shift[:, None]  # [n, size]
        inside.append((place >= 0) & (place < size))
        places.append(ops.clip(place, 0, size - 1))
    moved = pixels_at(images, places[0][:, :, None], places[1][:, None, :])  # [n, h, w, c]
    return ops.where((inside[0][:, :, None] & inside[1][:, None, :])[..., None], moved, 0.0)


def cutout(images, seed):
    """Sets a rectangle of half the size to 0; a part of it may lie outside of the image."""
    n, h, w, _ = ops.shape(images)
    inside = []
    for size in (h, w):
        cut = (size + 1) // 2
        first = _integers(n, size + 1 - cut % 2, seed) - cut // 2  # [n]: the centre is as often left as right
        place = ops.arange(size, dtype="int32")[None, :] - first[:, None]  # [n, size]
        inside.append((place >= 0) & (place < cut))
    return ops.where((inside[0][:, :, None] & inside[1][:, None, :])[..., None], 0.0, images)


def _factor(images, low: float, high: float, seed):
    shape = (ops.shape(images)[0], 1, 1, 1)
    return keras.random.uniform(shape, low, high, dtype="float32", seed=seed)


def _integers(n, count, seed):
    """Returns n integers from 0 to count - 1."""
    return keras.random.randint((n,), 0, count, dtype="int32", seed=seed)


OPERATIONS = {"color": color, "translation": translation, "cutout": cutout}
