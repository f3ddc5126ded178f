"""The protocol of a task: how a batch becomes (real, fake) pairs."""

from collections.abc import Callable, Mapping

import keras

from tfgan_tricks.checks import explain, same_shape
from tfgan_tricks.latents.prior import Prior
from tfgan_tricks.types import Batch, Match, Outputs, Player

Networks = Mapping[str, Callable]


class Task(keras.layers.Layer):
    """Owns the networks and knows what a batch means; says nothing of losses, optimizers or turns.

    A subclass sets the networks as attributes, names them in `generators` and `critics`, and implements
    `inputs`, `call` and `matches`. Wherever a method takes `nets`, those callables replace the networks of the
    same name: frozen, averaged or virtual ones. They are called like the network: `net(x, training=...)`.

    Attributes:
        generators: names of the attributes that hold the generator's networks.
        critics: names of the attributes that hold the critics.
        needs: keys that a batch must have.
    """

    generators: tuple[str, ...] = ("generator",)
    critics: tuple[str, ...] = ("discriminator",)
    needs: tuple[str, ...] = ("image",)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.autocast = False  # the networks cast what they are given

    @property
    def image_shape(self) -> tuple[int | None, ...]:
        """Shape of a generated image, without the batch dimension."""
        return tuple(getattr(self, self.generators[-1]).output_shape[1:])

    @property
    def specification(self) -> keras.KerasTensor | dict[str, keras.KerasTensor] | None:
        """What `call` takes, one tensor or a dict of several; by default latents of the prior, if there is one."""
        prior = getattr(self, "prior", None)
        return keras.KerasTensor((None, *prior.shape), name="latents") if isinstance(prior, Prior) else None

    def shape_before(self, critic: str) -> tuple[int | None, ...]:
        """Returns the shape of the images that a critic judges, without the batch dimension."""
        return self.image_shape

    def networks_of(self, player: Player) -> list[keras.Model]:
        """Returns the networks that a player trains."""
        return [getattr(self, name) for name in (self.generators if player == "generator" else self.critics)]

    def network(self, name: str, nets: Networks | None = None) -> Callable:
        """Returns the network called `name`, or what stands in for it in `nets`."""
        return nets[name] if nets and name in nets else getattr(self, name)

    def follow_training(self, images_seen) -> None:
        """Moves those layers that follow the images seen, such as `FadeIn`; called after each generator update."""
        for network in (*self.networks_of("generator"), *self.networks_of("discriminator")):
            for layer in network._flatten_layers(include_self=False):
                if hasattr(layer, "follow_training"):
                    layer.follow_training(images_seen)

    def inputs(self, batch: Batch, seed):
        """Returns what the generator gets for this batch, e.g. latents, one per image."""
        raise NotImplementedError(f"{type(self).__name__} must implement inputs(batch, seed).")

    def call(self, x, training=False, nets: Networks | None = None):
        """Returns generated images, [n, h, w, c], for `x` from `inputs`; or a dict of these, as "images", and more."""
        raise NotImplementedError(f"{type(self).__name__} must implement call(x, training, nets).")

    def matches(self, batch: Batch, x, out) -> list[Match]:
        """Returns the (real, fake) pairs to be judged, given the batch, `x` from `inputs` and `out` from `call`."""
        raise NotImplementedError(f"{type(self).__name__} must implement matches(batch, x, out).")

    def judge(self, critic: str, images, condition=None, training=False, nets: Networks | None = None) -> Outputs:
        """Returns the outputs of a critic as a dict with "logits" in float32."""
        network = self.network(critic, nets)
        out = network(images if condition is None else [images, condition], training=training)
        outputs = out if isinstance(out, Mapping) else {"logits": out}
        if "logits" not in outputs:
            raise ValueError(
                explain(
                    f"The critic '{critic}' returned no logits.",
                    received=f"a dict with {sorted(outputs)}",
                    expected="a tensor of logits, or a dict with 'logits'",
                    fix="name the critic's main output 'logits'.",
                )
            )
        cast = keras.tree.map_structure(lambda logits: keras.ops.cast(logits, "float32"), outputs["logits"])
        return {**outputs, "logits": cast}

    def check_batch(self, batch: Batch) -> None:
        """Raises `ValueError` unless the batch has the keys that this task needs."""
        received = sorted(batch) if isinstance(batch, Mapping) else type(batch).__name__
        missing = [key for key in self.needs if not isinstance(batch, Mapping) or key not in batch]
        if missing:
            raise ValueError(
                explain(
                    f"The task {type(self).__name__} needs {' and '.join(repr(key) for key in missing)} in each batch.",
                    received=f"a batch of {received}",
                    expected=f"a dict with {', '.join(repr(key) for key in self.needs)}",
                    fix="deliver dicts, e.g. dataset.map(lambda image: {'image': image}); labels come from"
                    " class subfolders or from a labelled source.",
                )
            )
        for key, value in batch.items():
            if key == "image" and not keras.backend.is_float_dtype(keras.backend.standardize_dtype(value.dtype)):
                raise ValueError(
                    explain(
                        "The images are whole numbers.",
                        received=f"'image' of dtype {keras.backend.standardize_dtype(value.dtype)}",
                        expected="float32 in [-1, 1]",
                        fix="convert them: tfgan_tricks.data.to_float(images).",
                    )
                )

    def check_image_shape(self, batch: Batch) -> None:
        """Raises `ValueError` unless the images of a batch have the shape of the generated ones."""
        made, shown = self.image_shape, tuple(batch["image"].shape[1:])
        if not same_shape(made, shown):
            raise ValueError(
                explain(
                    "The generator's images and the data's images differ in shape.",
                    received=f"generated {made}, data {shown}, both without the batch dimension",
                    expected="the same height, width and channels",
                    fix="give the data set and the architecture the same resolution and channels.",
                )
            )


def images_of(out):
    """Returns the generated images among what a task's `call` returns."""
    return out["images"] if isinstance(out, Mapping) else out


def check_network(name: str, network: object) -> None:
    """Raises `TypeError` unless a network is a built model of known input shape."""
    if not isinstance(network, keras.Model) or not network.built or not hasattr(network, "input_shape"):
        raise TypeError(
            explain(
                f"The network '{name}' is no functional model.",
                received=f"{network!r}",
                expected="a model built from a keras.Input, e.g. from tfgan_tricks.architectures",
                fix="wrap it: inputs = keras.Input(shape); keras.Model(inputs, network(inputs)).",
            )
        )
