"""One generator on top of another."""

import keras
from keras import ops

from tfgan_tricks.checks import check_type, explain, same_shape
from tfgan_tricks.latents.prior import Prior
from tfgan_tricks.tasks.task import Networks, Task, check_network
from tfgan_tricks.types import Batch, Match

NETWORKS = ("first", "second", "first_discriminator", "second_discriminator")
PARTS = (*NETWORKS, "prior")


@keras.saving.register_keras_serializable("tfgan_tricks")
class Stacked(Task):
    """Draws in two steps, G₂(G₁(z), c): the first network makes a small or simple image, the second a better one of it.

    Each has a critic of its own. What the first makes is compared with the real images shrunk to its size, or with
    other images of the batch, such as a map of shapes that the second network gives texture. The condition c, say a
    label, goes to each of the four networks that has a second input for it.

    A pair of a generator and its critic plays while one of the two is trained. So stages come as in the papers, with
    `NetworkStage`: `train=["first", "first_discriminator"]`, then `train=["second", "second_discriminator"]`.

    **Source**: Zhang et al., 2016, arXiv:1612.03242, sections 3.3 and 3.4 (small, then large); Zhu et al., 2017,
    arXiv:1710.07346, section 3 (shapes, then textures).

    **Differs from the paper**: trained jointly, the second critic's gradient reaches the first network too, which both
    papers train alone. Of StackGAN: no conditioning augmentation, and no critic is shown real images with a wrong
    condition. Of FashionGAN: the second network has no latents of its own; give it `NoiseInjection`.

    Args:
        first: functional model from latents, or a list of latents and condition, to images (h, w, c).
        second: functional model from those, or a list of those and the condition, to images in [-1, 1].
        first_discriminator: functional model from images like the first's, or a list of those and the condition.
        second_discriminator: functional model from images like the second's, or a list of those and the condition.
        prior: where the latents come from.
        condition: key of the batch that the condition is found under, e.g. "label"; none unless given.
        first_image: key of the batch that real images for the first critic are found under; the images, shrunk by
            averaging, unless given.

    Call arguments:
        x: latents; with a condition, a dict of "latents" and "condition".
        training: passed on to the networks.
        nets: networks to use in place of the task's own, by name.

    Input shape: [n, *prior.shape], and the condition's.

    Output shape: dict of "images", [n, h, w, c] by both networks, and "first", by the first alone.

    **Cost**: a forward pass of each generator, and of each critic whose pair plays.

    **Combines badly with**: `HistoryBuffer`, where the two make images of different sizes, or are conditional.

    Example:

    >>> first, first_critic = tt.architectures.mlp(resolution=4, channels=1, latent_dim=3)
    >>> small, large = keras.Input((4, 4, 1)), keras.Input((8, 8, 1))
    >>> second = keras.Model(small, keras.layers.Conv2DTranspose(1, 4, strides=2, padding="same")(small))
    >>> second_critic = keras.Model(large, keras.layers.Conv2D(1, 4, strides=2)(large))
    >>> task = tt.tasks.Stacked(first, second, first_critic, second_critic, prior=tt.latents.Normal(3))
    >>> out = task(task.prior.sample(2, seed=0))
    >>> tuple(out["first"].shape), tuple(out["images"].shape)
    ((2, 4, 4, 1), (2, 8, 8, 1))
    """

    generators = ("first", "second")
    critics = ("first_discriminator", "second_discriminator")

    def __init__(
        self,
        first: keras.Model,
        second: keras.Model,
        first_discriminator: keras.Model,
        second_discriminator: keras.Model,
        prior: Prior,
        condition: str | None = None,
        first_image: str | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        given = (first, second, first_discriminator, second_discriminator)
        for name, network in zip(NETWORKS, given, strict=True):
            check_network(name, network)
            setattr(self, name, network)
        check_type("prior", prior, Prior, "pass a prior such as tfgan_tricks.latents.Normal(128).")
        self.prior = prior
        self.condition = condition
        self.first_image = first_image
        self._check_fit()
        extra = (condition, first_image, "label" if prior.needs_label else None)
        self.needs = (*self.needs, *dict.fromkeys(key for key in extra if key not in (None, "image")))
        self.built = True

    def shape_before(self, critic: str) -> tuple[int | None, ...]:
        generator = self.generators[self.critics.index(critic)]
        return tuple(getattr(self, generator).output_shape[1:])

    @property
    def specification(self):
        latents = super().specification
        if self.condition is None:
            return latents
        told = next(getattr(self, name).inputs[1] for name in NETWORKS if self._is_told(name))
        return {"latents": latents, "condition": keras.KerasTensor(told.shape, told.dtype)}

    def inputs(self, batch: Batch, seed):
        label = {"label": batch["label"]} if self.prior.needs_label else {}
        latents = self.prior.sample(ops.shape(batch["image"])[0], seed, **label)
        return latents if self.condition is None else {"latents": latents, "condition": batch[self.condition]}

    def call(self, x, training=False, nets: Networks | None = None):
        latents, told = (x, None) if self.condition is None else (x["latents"], x["condition"])
        made = [latents]
        for name in self.generators:
            given = [made[-1], told] if self._is_told(name) else made[-1]
            made.append(self.network(name, nets)(given, training=training))
        return {"images": made[2], "first": made[1]}

    def matches(self, batch: Batch, x, out) -> list[Match]:
        latents, told = (x, None) if self.condition is None else (x["latents"], x["condition"])
        aux = {"latents": latents}
        if "label" in batch:
            aux["real_label"] = batch["label"]
            if self.prior.needs_label or self.condition == "label":
                aux["fake_label"] = batch["label"]
        images = zip((self._first_real(batch), batch["image"]), (out["first"], out["images"]), strict=True)
        played = []
        for generator, critic, (real, fake) in zip(self.generators, self.critics, images, strict=True):
            if getattr(self, generator).trainable or getattr(self, critic).trainable:
                condition = told if self._is_told(critic) else None
                played.append(Match(real=real, fake=fake, critic=critic, condition=condition, aux=aux))
        return played

    def _first_real(self, batch: Batch):
        if self.first_image is not None:
            return batch[self.first_image]
        factors = _factors(tuple(batch["image"].shape[1:]), self.shape_before("first_discriminator"))
        return batch["image"] if factors == (1, 1) else ops.average_pool(batch["image"], factors, factors)

    def check_batch(self, batch: Batch) -> None:
        super().check_batch(batch)
        self.check_image_shape(batch)
        shown = tuple(batch[self.first_image or "image"].shape[1:])
        made = self.shape_before("first_discriminator")
        if not same_shape(shown, made) if self.first_image else _factors(shown, made) is None:
            raise ValueError(
                explain(
                    "The first network's images and the data's differ in shape.",
                    received=f"generated {made}, data {shown}, both without the batch dimension",
                    expected="the same shape" if self.first_image else "data of so many times the height and width",
                    fix="change the first network, or name other images of the batch as `first_image`.",
                )
            )

    def _is_told(self, name: str) -> bool:
        return self.condition is not None and len(getattr(self, name).inputs) > 1

    def _check_fit(self) -> None:
        """Raises `ValueError` unless each network takes what the one before it makes, and a condition if need be."""
        made = {"first": tuple(self.prior.shape), "second": tuple(self.first.output_shape[1:])}
        for name in NETWORKS:
            wanted = made.get(name) or self.shape_before(name)
            shapes = [tuple(tensor.shape[1:]) for tensor in getattr(self, name).inputs]
            most = 1 if self.condition is None else 2
            if len(shapes) > most or not same_shape(shapes[0], wanted):
                raise ValueError(
                    explain(
                        f"The network '{name}' does not fit the stack.",
                        received=f"inputs of shape {shapes}, and condition={self.condition!r}",
                        expected=f"{wanted}" + (", and perhaps the condition" if most == 2 else " alone"),
                        fix="give it an input for what comes before it; for a second input, say which key of the batch"
                        " it is fed from: condition='label'.",
                    )
                )
        if self.condition is not None and not any(map(self._is_told, NETWORKS)):
            raise ValueError(
                explain(
                    "No network takes the condition.",
                    received=f"condition={self.condition!r}, and four networks of one input",
                    expected="at least one network with a second input",
                    fix="build one as keras.Model([images, condition], outputs), or drop `condition`.",
                )
            )

    def get_config(self):
        parts = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in PARTS}
        return super().get_config() | parts | {"condition": self.condition, "first_image": self.first_image}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, **{n: keras.saving.deserialize_keras_object(config[n]) for n in PARTS}})


def _factors(large: tuple, small: tuple) -> tuple[int, int] | None:
    """Returns how many times larger an image is, in both directions, or `None` if that is no whole number."""
    if None in (*large, *small) or large[2] != small[2] or large[0] % small[0] or large[1] % small[1]:
        return None
    return large[0] // small[0], large[1] // small[1]
