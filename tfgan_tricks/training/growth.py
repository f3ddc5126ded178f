"""One step of progressive growing: a GAN for twice the resolution takes over what the one before has learnt."""

import random
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfgan_tricks.checks import check_type, explain
from tfgan_tricks.layers.fade_in import FadeIn
from tfgan_tricks.schedules.constant_then_linear import ConstantThenLinear
from tfgan_tricks.training.adversarial_model import AdversarialModel
from tfgan_tricks.training.optimizer_memory import carry_over
from tfgan_tricks.training.stage import Stage


class GrowthStage(Stage):
    """Trains at one resolution; grown from half of it, and faded in over the first images.

    Args:
        images: images of the whole stage.
        batch_size: images per generator update.
        resolution: side of its images.
        images_fading: images until the new blocks stand alone; 0 for at once.
        build: function of a resolution that returns a compiled GAN.
        keep_optimizers: whether the optimizers go on with their moments and counts, or begin anew.
    """

    resolution: int

    def __init__(
        self,
        images: int,
        batch_size: int,
        resolution: int,
        images_fading: int,
        build: Callable[[int], Any],
        keep_optimizers: bool = False,
    ):
        super().__init__(images, batch_size, resolution)
        self.images_fading = images_fading
        self.build = build
        self.keep_optimizers = keep_optimizers

    def begin(self, gan):
        side = gan.task.image_shape[0]
        if 2 * side == self.resolution:
            gan = self.grown(gan)
            side = gan.task.image_shape[0]
        if side != self.resolution:
            raise ValueError(
                explain(
                    "The GAN does not fit the stage.",
                    received=f"images of {side}x{side} where {self.resolution}x{self.resolution} are to be trained",
                    expected="a GAN of the resolution of the stage that its images seen fall into",
                    fix="make the GAN with build(resolution), which passes the resolution to the architecture.",
                )
            )
        self._fade(gan)
        return gan

    def feed(self, dataset, gan):
        """Blurs the real images as the generated ones are: blended with their own reduced and enlarged selves."""
        seen, fades = int(gan.images_seen.numpy()), fades_of(gan)
        schedule = fades[0].schedule if fades else 1.0
        if not isinstance(schedule, ConstantThenLinear) or seen >= schedule.constant_images + schedule.images:
            return dataset

        def blend(step, batch):
            images = batch["image"]  # [n, h, w, c]
            reduced = tf.nn.avg_pool2d(images, 2, 2, "VALID")
            blurred = tf.repeat(tf.repeat(reduced, 2, axis=1), 2, axis=2)
            past = tf.cast(seen - schedule.constant_images + step * self.batch_size, tf.float32)
            alpha = tf.clip_by_value(past / schedule.images, 0.0, 1.0)
            return {**batch, "image": (1.0 - alpha) * blurred + alpha * images}

        blended = dataset.enumerate().map(blend, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        return blended.prefetch(tf.data.AUTOTUNE)

    def grown(self, gan):
        """Returns a GAN of this resolution that has taken over that of half of it, which stays as it is."""
        state = random.getstate()
        random.seed(f"{gan.seed} {self.resolution}")  # Keras draws the seeds of initial weights from there
        try:
            grown = self.build(self.resolution)
        finally:
            random.setstate(state)
        check_type("what build returns", grown, AdversarialModel, f"return the compiled GAN for {self.resolution}.")
        if not grown.compiled:
            raise ValueError(
                explain(
                    "A GAN that grows must come compiled.",
                    received=f"a {type(grown).__name__} for {self.resolution}x{self.resolution} before `compile`",
                    expected="a `build` that compiles its GAN",
                    fix="call gan.compile(...) in `build` before returning the GAN.",
                )
            )
        if self.images_fading and not fades_of(grown):
            raise ValueError(
                explain(
                    "These networks cannot be faded in.",
                    received=f"a GAN for {self.resolution}x{self.resolution} without a FadeIn layer",
                    expected="networks that blend a new block with the old path",
                    fix="use tfgan_tricks.architectures.progan, or set images_fading=0.",
                )
            )
        take_over(grown, gan, self.keep_optimizers)
        return grown

    def _fade(self, gan) -> None:
        seen = int(gan.images_seen.numpy())
        for layer in fades_of(gan):
            fading: Any = ConstantThenLinear(0.0, 1.0, seen, self.images_fading) if self.images_fading else 1.0
            layer.schedule = fading
            layer.alpha.assign(0.0 if self.images_fading else 1.0)
        for name, averaged in gan.averaged.items():
            for mean, layer in zip(_fades(averaged), _fades(getattr(gan.task, name)), strict=True):
                mean.alpha.assign(layer.alpha.numpy())


def fades_of(gan) -> list[FadeIn]:
    """Returns the layers of a GAN's networks that fade."""
    return [layer for name in (*gan.task.generators, *gan.task.critics) for layer in _fades(getattr(gan.task, name))]


def _fades(network: keras.Model) -> list[FadeIn]:
    return [layer for layer in network._flatten_layers(include_self=False) if isinstance(layer, FadeIn)]


def take_over(new, old, keep_optimizers: bool) -> None:
    """Gives a new GAN everything of an old one that has a place in it.

    Weights go by the names of layers. Counts and seeds go on. A loss, a term or an input transform with a memory
    keeps it if it has the same shapes (buffers of images have not, and begin anew).
    """
    store: dict = {}
    old.save_own_variables(store)
    new.load_own_variables({name: store[name] for name in ("images_seen", "seed", "test_seed")})
    partners: dict[int, keras.Variable] = {}
    for name in (*new.task.generators, *new.task.critics):
        partners |= _copy_layers(getattr(old.task, name), getattr(new.task, name))
    for name in new.averaged.keys() & old.averaged.keys():
        _copy_layers(old.averaged[name], new.averaged[name])
    former = _memories(old)
    for key, variables in _memories(new).items():
        values = former.get(key, [])
        if [value.shape for value in values] == [variable.shape for variable in variables]:
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value.numpy())
    if keep_optimizers:
        named = {id(value): name for name, value in vars(new).items() if isinstance(value, keras.optimizers.Optimizer)}
        for name in named.values():
            carry_over(getattr(old, name), getattr(new, name), partners)


def _copy_layers(old: keras.Model, new: keras.Model) -> dict[int, keras.Variable]:
    """Copies the weights of layers of one name; returns the new variables by the identities of the old ones."""
    before = {layer.name: layer.variables for layer in old.layers if layer.variables}
    partners: dict[int, keras.Variable] = {}
    for layer in new.layers:
        for variable, value in zip(layer.variables, before.get(layer.name, []), strict=False):
            if variable.shape != value.shape:
                raise ValueError(
                    explain(
                        f"The layer '{layer.name}' is another one at the next resolution.",
                        received=f"weights of shape {tuple(value.shape)}, then {tuple(variable.shape)}",
                        expected="layers of one name that are the same at each resolution",
                        fix="name the layers of an architecture that grows after their resolution, as progan does.",
                    )
                )
            variable.assign(value.numpy())
            partners[id(value)] = variable
    if not partners:
        raise ValueError(
            explain(
                f"The {new.name} has nothing of the smaller one.",
                received=f"layers {', '.join(sorted(before)[:5])}, ...; none of these names at the next resolution",
                expected="an architecture whose layers have the same names at each resolution",
                fix="use tfgan_tricks.architectures.progan.",
            )
        )
    return partners


def _memories(gan) -> dict[tuple, list[keras.Variable]]:
    """Returns the variables of the parts of the objective by what the part is."""
    parts = {"loss": gan.adversarial_loss, **{term.name: term for term in gan.terms}}
    parts |= {f"input {i}": transform for i, transform in enumerate(gan.input_transforms)}
    return {(name, type(part).__name__): list(part.variables) for name, part in parts.items()}
