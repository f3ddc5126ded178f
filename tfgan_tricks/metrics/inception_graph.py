"""The file of the Inception graph of 2015: found, downloaded when asked for, checked, and run."""

import hashlib
import os
import shutil
import urllib.request
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tfgan_tricks.checks import explain
from tfgan_tricks.files import write_atomically
from tfgan_tricks.metrics.cache import cache_folder

FILE = "classify_image_graph_def.pb"
ADDRESS = "https://openaipublic.blob.core.windows.net/diffusion/jul-2021/ref_batches/" + FILE
ARCHIVE = "http://download.tensorflow.org/models/image/imagenet/inception-2015-12-05.tgz"  # which has the file in it
SHA256 = "009d6814d1bc560d4e7b236e170e9b2d5ca6f4b57bd8037f6db05776204415c6"  # of the file, 95,673,916 bytes
IMAGES = "ExpandDims:0"  # float32 [n, height, width, 3] from 0 to 255; resizing comes after it
POOL = "pool_3:0"  # [n, 1, 1, 2048]
TIMEOUT = 60.0  # seconds without an answer
PRODUCT = "softmax/logits/MatMul"  # of the pooled features and the weights [2048, 1008], before the bias


def find_graph(path: str | os.PathLike | None, download: bool) -> Path:
    """Returns the path of the graph's file.

    Args:
        path: where it is; by default in the cache folder.
        download: fetch it into the cache folder if it is not there.

    Raises:
        ValueError: if there is no such file, if it could not be downloaded, or if the download is another file.
    """
    found = Path(path).expanduser() if path is not None else cache_folder() / FILE
    if found.is_file():
        return found
    if path is not None or not download:
        raise ValueError(
            explain(
                "The Inception graph is not here.",
                received=f"no file '{found}'",
                expected=f"the file {FILE} of 2015, 95,673,916 bytes",
                fix=f"download {ADDRESS} (or take it out of {ARCHIVE}) where there is a network and put it there, or"
                " pass where it is, InceptionFID('PATH'); with a network here, InceptionFID(download=True) does it."
                " Without one, Classifier('fashion_mnist') or another labelled data set needs no download.",
            )
        )
    found.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(found, _download)
    return found


def sha256(path: Path) -> str:
    """Returns the hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_graph(path: Path) -> tuple[Callable[[np.ndarray], np.ndarray], np.ndarray]:
    """Returns a function from images, float32 [n, h, w, 3] from 0 to 255, to features, and the classifier's weights.

    It runs in a session of TensorFlow 1: the graph has operations that newer functions refuse.
    """
    import tensorflow as tf
    from google.protobuf.message import DecodeError

    graph = tf.Graph()
    try:
        definition = tf.compat.v1.GraphDef.FromString(path.read_bytes())
        with graph.as_default():
            images = tf.compat.v1.placeholder(tf.float32, [None, None, None, 3])
            pool, product = tf.graph_util.import_graph_def(
                definition, input_map={IMAGES: images}, return_elements=[POOL, PRODUCT], name=""
            )
            features = tf.squeeze(pool, [1, 2])  # [n, width]
    except (DecodeError, ValueError) as error:
        raise ValueError(
            explain(
                "The file holds no Inception graph of 2015.",
                received=f"'{path}': {str(error).splitlines()[0] if str(error) else type(error).__name__}",
                expected=f"a frozen graph with {IMAGES}, {POOL} and {PRODUCT}",
                fix=f"use {FILE}; its SHA-256 is {SHA256}.",
            )
        ) from None
    session = tf.compat.v1.Session(graph=graph)
    weights = session.run(product.inputs[1])
    return lambda values: session.run(features, {images: values}), weights


def _download(path: Path) -> None:
    try:
        with urllib.request.urlopen(ADDRESS, timeout=TIMEOUT) as answer, path.open("wb") as file:
            shutil.copyfileobj(answer, file)
    except OSError as error:
        raise ValueError(
            explain(
                "The Inception graph could not be downloaded.",
                received=f"{type(error).__name__}: {error}",
                expected=ADDRESS,
                fix=f"download it elsewhere and put it into '{cache_folder()}', or pass where it is.",
            )
        ) from None
    found = sha256(path)
    if found != SHA256:
        raise ValueError(
            explain(
                "The download is not the Inception graph.",
                received=f"a file with the SHA-256 {found}",
                expected=SHA256,
                fix="try again; if it stays so, get the file from a source that you trust, and pass where it is.",
            )
        )
