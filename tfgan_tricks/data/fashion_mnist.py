"""Fashion-MNIST: 70,000 grey 28x28 pictures of garments in ten classes."""

import dataclasses
from pathlib import Path

from tfgan_tricks.data.idx import open_idx
from tfgan_tricks.data.source import Source
from tfgan_tricks.data.tfds import open_tfds

DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")  # of the package dataset-fashion-mnist
CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def open_fashion_mnist(split: str = "train", download: bool = False) -> Source:
    """Returns the 60,000 training or 10,000 test images, from Debian's files or else from tensorflow-datasets.

    **Source**: Xiao, Rasul and Vollgraf, 2017, arXiv:1708.07747.
    """
    if DEBIAN_FOLDER.is_dir():
        return dataclasses.replace(open_idx(str(DEBIAN_FOLDER), split, CLASS_NAMES), name="fashion_mnist")
    hint = "install the Debian package dataset-fashion-mnist, or"
    return open_tfds("fashion_mnist", split, download=download, hint=hint)
