"""Images from tensorflow-datasets."""

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from tfgan_tricks.checks import explain, suggestion
from tfgan_tricks.data.source import Source

NO_LABEL = -1


def open_tfds(dataset: str, split: str = "train", *, download: bool = False, hint: str = "") -> Source:
    """Returns one split of a data set of tensorflow-datasets.

    Its files can only be read from the beginning, so `load` decodes them once, in the order in which they lie on
    disk, and keeps the resized images in memory; the order of training is then the same pure function of seed and
    position as for any other source. A set that does not fit is refused.

    Args:
        dataset: name, with configuration and version if wanted: "cifar10", "imagenet_resized/64x64".
        split: any split that tensorflow-datasets understands, e.g. "train[:80%]".
        download: fetch and prepare the data if they are not there. Never done unasked.
        hint: what else might help if the data are not there.
    """
    name = f"tfds:{dataset}:{split}"
    data, info = _open(name, dataset, split, download, hint)
    image_key = _image_key(name, info)
    labelled = "label" in info.features and isinstance(info.features["label"], tfds.features.ClassLabel)
    height, width, channels = info.features[image_key].shape
    if np.dtype(info.features[image_key].np_dtype) != np.uint8 or channels not in (1, 3):
        raise ValueError(
            explain(
                f"The images of {name} are of a kind that cannot be read.",
                received=f"{np.dtype(info.features[image_key].np_dtype)} images with {channels} channels",
                expected="uint8 images with 1 or 3 channels",
                fix="convert them to files, and use folder:DIR.",
            )
        )

    def pick(example):
        label = tf.cast(example["label"], tf.int32) if labelled else tf.constant(NO_LABEL)
        return example[image_key], label

    return Source(
        name,
        int(data.cardinality()),
        (height, width, channels),
        class_names=tuple(info.features["label"].names) if labelled else None,
        stream=lambda: data.map(pick, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True),
    )


def _open(name: str, dataset: str, split: str, download: bool, hint: str):
    in_order = tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False, shuffle_seed=0)
    try:
        return tfds.load(
            dataset, split=split, download=download, shuffle_files=False, read_config=in_order, with_info=True
        )
    except tfds.core.DatasetNotFoundError as error:
        fix = suggestion(dataset.split("/")[0], tfds.list_builders(with_community_datasets=False), "check the name.")
        raise ValueError(
            explain(
                f"tensorflow-datasets has no data set '{dataset}'.",
                received=name,
                expected="a name from tfds.list_builders()",
                fix=fix,
            )
        ) from error
    except Exception as error:  # whatever a builder's own code, the disk or the network raise: said, never hidden
        if isinstance(error, AssertionError) and not download:
            problem = f"The data set '{dataset}' is not prepared on this machine, and nothing is downloaded unasked."
            fix = f"{hint} pass download=True to fetch it, or prepare it with `tfds build {dataset}`.".strip()
        else:
            problem = f"tensorflow-datasets could not open '{dataset}'."
            fix = "check name, split and network." if download else "check name and split."
        raise ValueError(
            explain(problem, received=f"{name} ({error})", expected="a prepared data set and a split of it", fix=fix)
        ) from error


def _image_key(name: str, info: tfds.core.DatasetInfo) -> str:
    keys = [key for key, feature in info.features.items() if isinstance(feature, tfds.features.Image)]
    if "image" in keys:
        return "image"
    if len(keys) == 1:
        return keys[0]
    raise ValueError(
        explain(
            f"Which feature of {name} holds the images?",
            received=f"features {', '.join(info.features)}",
            expected="a feature named 'image', or a single feature of type Image",
            fix="choose another data set, or export its images to files and use folder:DIR.",
        )
    )
