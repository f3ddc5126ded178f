"""The same images again and again, from a generator that may have changed in between. Nothing moves in the model."""

import functools

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from tfgan_tricks.callbacks.image_grid import sample_inputs
from tfgan_tricks.checks import check_choice
from tfgan_tricks.data.pixels import to_uint8
from tfgan_tricks.metrics import Samples
from tfgan_tricks.metrics.feature_extractor import FeatureExtractor
from tfgan_tricks.metrics.input_checks import check_finite
from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.tasks.task import images_of
from tfgan_tricks.training.stateless import frozen
from tfgan_tricks.types import Batch

BATCH = 64  # images generated at a time
WEIGHTS = ("averaged", "raw")


class GeneratedSamples:
    """Draws images for metrics: the inputs of the generator are drawn once, its noise layers' seeds stay the same.

    Args:
        gan: an `AdversarialModel`.
        count: how many images.
        seed: integer that the inputs and the noise inside the generator are drawn from.
        weights: "averaged", where the GAN averages its generator, or "raw".
        batch: of the data, for a task that does not generate from noise alone; as for `ImageGrid`.
    """

    def __init__(self, gan, count: int, seed: int = 0, weights: str = "averaged", batch: Batch | None = None):
        check_choice("weights", weights, WEIGHTS)
        task = gan.task
        self.gan, self.count, self.seed = gan, count, seed
        self.weights = weights if gan.averaged else "raw"
        self.labels = None
        prior = getattr(task, "prior", None)
        if getattr(prior, "needs_label", False):
            if batch is None and prior.labels is not None:  # type: ignore[union-attr]
                labels = np.arange(count, dtype="int32") % prior.labels  # type: ignore[union-attr]
                batch = {"image": np.zeros((count, *task.image_shape), "float32"), "label": labels}
            self.labels = None if batch is None else np.asarray(batch["label"])[:count]
        self.inputs = sample_inputs(task, count, seed, batch)
        # TensorFlow counts traces by code: that of a `partial` is its own, so many evaluations are no retracing.
        traced = keras.backend.backend() == "tensorflow"
        self._generate = tf.function(functools.partial(self._images)) if traced else self._images

    def images(self) -> np.ndarray:
        """Returns uint8 images as a file would hold them, [n, h, w, c].

        Raises:
            ValueError: if the generator returns values that are not finite.
        """
        if hasattr(self.gan, "settle"):
            self.gan.settle()
        parts, size = [], min(BATCH, self.count)
        for start in range(0, self.count, size):
            rows = np.arange(start, start + size) % self.count  # the last batch is filled up: one shape, one trace
            x = keras.tree.map_structure(lambda x, rows=rows: ops.take(x, rows, axis=0), self.inputs)
            parts.append(ops.convert_to_numpy(self._generate(x, ops.convert_to_tensor(self.seed + start, "int32"))))
        made = np.concatenate(parts)[: self.count]
        check_finite(made, "generated images")
        return to_uint8(made)  # type: ignore[return-value]

    def samples(self, extractor: FeatureExtractor | None) -> Samples:
        """Returns the images with what metrics need to know of them."""
        return Samples(self.images(), labels=self.labels, extractor=extractor, weights=self.weights, seed=self.seed)

    def _images(self, x, seed):
        task, stream = self.gan.task, SeedStream.from_integer(seed)
        networks = self.gan.averaged if self.weights == "averaged" else {}
        networks = {name: networks.get(name) or getattr(task, name) for name in task.generators}
        still = {name: frozen(network, stream) for name, network in networks.items()}
        return ops.cast(images_of(task.call(x, training=False, nets=still)), "float32")
