"""One look at a GAN from outside: what its networks answer to inputs that stay the same. Nothing moves."""

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from tfgan_tricks.callbacks.image_grid import sample_inputs
from tfgan_tricks.checks import explain
from tfgan_tricks.diagnostics.graphs import graph_of, outputs_by_layer
from tfgan_tricks.inputs.input_transform import group_of
from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.tasks.task import images_of
from tfgan_tricks.training.judging import Networks, judged
from tfgan_tricks.training.stateless import frozen


class Turn(NamedTuple):
    """What the networks answered. Arrays are float32; images [n, h, w, c]; logits [m], of all critics and scales."""

    images: np.ndarray
    fake_logits: np.ndarray
    real_logits: np.ndarray | None


class Subject:
    """What is looked at again and again: a GAN, the inputs of its generator, and real images to compare with.

    Args:
        gan: `AdversarialModel`, compiled.
        real: images of the data, a dict with "image", float in [-1, 1]; images of another size are resized to the
            generator's. Nothing is compared with the data without it. What is more than `count` of them is looked at
            where a copy could come from.
        count: how many images to generate; as many real ones are judged, or as there are.
        seed: integer that the generator's inputs are drawn from.
    """

    def __init__(self, gan, real: Mapping[str, Any] | None = None, count: int = 128, seed: int = 0):
        self.gan, self.seed = gan, seed
        packs = group_of(gan.input_transforms)
        count = max(packs, min(count, count if real is None else len(real["image"])) // packs * packs)
        self.reference = None if real is None else resized(real["image"], gan.task.image_shape)
        batch = None
        if real is not None and self.reference is not None:
            batch = {key: np.asarray(value)[:count] for key, value in real.items()}
            batch["image"] = self.reference[:count]
        self.batch, self.count = batch, count
        needs_more = set(gan.task.needs) != {"image"} or isinstance(gan.task.specification, Mapping)
        self.inputs = sample_inputs(gan.task, count, seed, batch if needs_more else None)
        self.memory: dict[str, Any] = {}  # what detectors keep between looks, each under its name
        self._graphs: dict[Any, Callable] = {}

    @property
    def real(self) -> np.ndarray | None:
        """Returns the real images, float32 [n, h, w, c], if there are any."""
        return None if self.batch is None else self.batch["image"]

    def run(self, key, function: Callable, *arguments):
        """Returns `function(*arguments)` in NumPy arrays; TensorFlow runs it as a graph, traced once per key."""
        if key not in self._graphs:  # each its own `partial`, or TensorFlow takes the next subject's for a retracing
            self._graphs[key] = tf.function(partial(function)) if keras.backend.backend() == "tensorflow" else function
        answers = self._graphs[key](*arguments)
        return keras.tree.map_structure(lambda x: None if x is None else ops.convert_to_numpy(x), answers)


class Look:
    """One look: everything is computed when it is first asked for, and then kept.

    Args:
        subject: what is looked at.
        logs: the model's logs of this moment.

    **Cost**: of `inference`, one pass through the generator and two through the critic; `in_training`, the same once
    more; `averaged`, one pass through the averaged generator; `activations`, one pass through the network.

    **Combines badly with**: nothing known.
    """

    def __init__(self, subject: Subject, logs: Mapping[str, float] | None = None):
        self.subject, self.gan, self.logs = subject, subject.gan, dict(logs or {})

    @property
    def real(self) -> np.ndarray | None:
        """Returns real images, float32 [n, h, w, c] in [-1, 1], if there are any: at most as many as generated ones."""
        return self.subject.real

    @property
    def reference(self) -> np.ndarray | None:
        """Returns all real images that the doctor was given, like `real`."""
        return self.subject.reference

    @property
    def labels(self) -> np.ndarray | None:
        """Returns the labels of the real images, if they have any."""
        return None if self.subject.batch is None else self.subject.batch.get("label")

    @cached_property
    def inference(self) -> Turn:
        """Returns what the live networks answer with `training=False`: what they would answer if they were saved."""
        return self._turn(training=False)

    @cached_property
    def in_training(self) -> Turn:
        """Returns what the live networks answer with `training=True`, on the same inputs; their state stays."""
        return self._turn(training=True)

    @cached_property
    def averaged(self) -> np.ndarray | None:
        """Returns images by the averaged generator, float32 [n, h, w, c], if there is one."""
        if not self.gan.averaged:
            return None
        images = self.subject.run("averaged", lambda x: images_of(self.gan(x, training=False)), self.subject.inputs)
        return images.astype("float32")

    @cached_property
    def networks(self) -> dict[str, keras.Model]:
        """Returns the live networks by name, generators first."""
        task = self.gan.task
        return {name: getattr(task, name) for name in (*task.generators, *task.critics)}

    def activations(self, name: str, reduced: Callable[[dict], Any] | None = None) -> Any:
        """Returns what each layer of a network puts out on the fixed inputs, in the order of the layers.

        A critic is shown generated images, and then as many real ones if there are any, as they are, without input
        transforms but for packing. Empty for a network that is neither functional nor sequential, or takes more than
        one input.

        Args:
            name: of a network in `networks`.
            reduced: function of the outputs by layer, with `keras.ops`, whose result is returned in their place: much
                less to copy. A function of a module, because its graph is kept for the next look.
        """
        network = self.networks[name]
        graph = graph_of(network)
        if graph is None or len(graph.inputs) != 1:
            return {}
        if name in self.gan.task.generators:
            x = self.subject.inputs
        else:
            x = self.inference.images if self.real is None else np.concatenate([self.inference.images, self.real])
            for transform in self.gan.input_transforms:
                x = transform(ops.convert_to_tensor(x)) if group_of([transform]) > 1 else x
        expected = graph.inputs[0].shape[1:]
        if isinstance(x, Mapping) or len(ops.shape(x)[1:]) != len(expected):
            return {}
        if any(size not in (None, given) for given, size in zip(ops.shape(x)[1:], expected, strict=True)):
            return {}

        def outputs(x):
            found = outputs_by_layer(network, x)
            return found if reduced is None else reduced(found)

        return self.subject.run(("activations", name, reduced), outputs, ops.convert_to_tensor(x))

    def _turn(self, training: bool) -> Turn:
        return Turn(*self.subject.run(("turn", training), lambda x: self._answers(x, training), self.subject.inputs))

    def _answers(self, x, training: bool) -> tuple:
        subject, task = self.subject, self.gan.task
        seed = SeedStream.from_integer(subject.seed)
        still = {name: frozen(network, seed) for name, network in self.networks.items()}
        networks = Networks({name: still[name] for name in task.generators}, still, still)
        out = task.call(x, training=training, nets=networks.generators)
        images = ops.cast(images_of(out), "float32")
        batch = {"image": ops.zeros_like(images)} if subject.batch is None else subject.batch
        batch = {key: ops.convert_to_tensor(value) for key, value in batch.items()}
        real, fake = [], []
        for match in task.matches(batch, x, out):
            match = judged(self.gan, "generator", match, networks, seed, training=training)
            fake += keras.tree.flatten(match.fake_out["logits"])
            if subject.batch is not None:
                real += keras.tree.flatten(match.judge(match.real)["logits"])
        flat = [ops.concatenate([ops.reshape(part, (-1,)) for part in parts]) for parts in (fake, real) if parts]
        return (images, *flat, *[None] * (2 - len(flat)))


def resized(images: np.ndarray, shape: tuple[int | None, ...]) -> np.ndarray:
    """Returns real images at the size of generated ones, float32.

    Raises:
        ValueError: if they are no images, or of another number of channels.
    """
    images = np.asarray(images, "float32")
    if images.ndim != 4 or images.shape[-1] != shape[-1]:
        raise ValueError(
            explain(
                "The real images to compare with are not like the generated ones.",
                received=f"an array of shape {images.shape}",
                expected=f"[n, height, width, {shape[-1]}], floats in [-1, 1]",
                fix="pass a batch of the data that the GAN is trained on: next(iter(dataset)).",
            )
        )
    if None in shape or images.shape[1:] == tuple(shape):
        return images
    small = ops.image.resize(images, shape[:2], antialias=True, data_format="channels_last")
    return ops.convert_to_numpy(small).astype("float32")
