"""Images from noise alone."""

import keras
from keras import ops

from tfgan_tricks.checks import check_type, explain
from tfgan_tricks.latents.prior import Prior
from tfgan_tricks.tasks.task import Networks, Task, check_network
from tfgan_tricks.types import Batch, Match


@keras.saving.register_keras_serializable("tfgan_tricks")
class Unconditional(Task):
    """One generator, one discriminator, one prior: latents become images, labels are not used.

    **Source**: Goodfellow et al., 2014, arXiv:1406.2661.

    **Differs from the paper**: no.

    Args:
        generator: functional model from latents [n, *prior.shape] to images [n, h, w, c] in [-1, 1].
        discriminator: functional model from images to logits.
        prior: where the latents come from.

    Call arguments:
        x: latents.
        training: passed on to the generator.
        nets: networks to use in place of the task's own, by name.

    Input shape: [n, *prior.shape].

    Output shape: [n, h, w, c].

    **Cost**: one generator forward pass.

    **Combines badly with**: terms that need a condition.

    Example:

    >>> generator, discriminator = tt.architectures.mlp(resolution=8, channels=1, latent_dim=4)
    >>> task = tt.tasks.Unconditional(generator, discriminator, prior=tt.latents.Normal(4))
    >>> tuple(task(task.prior.sample(3, seed=0)).shape)
    (3, 8, 8, 1)
    """

    generators = ("generator",)
    critics = ("discriminator",)

    def __init__(self, generator: keras.Model, discriminator: keras.Model, prior: Prior, **kwargs):
        super().__init__(**kwargs)
        for name, network in (("generator", generator), ("discriminator", discriminator)):
            check_network(name, network)
        check_type("prior", prior, Prior, "pass a prior such as tfgan_tricks.latents.Normal(128).")
        if tuple(generator.input_shape[1:]) != tuple(prior.shape):
            raise ValueError(
                explain(
                    "The prior does not fit the generator.",
                    received=f"latents of shape {tuple(prior.shape)} from {prior}",
                    expected=f"latents of shape {tuple(generator.input_shape[1:])}, the generator's input",
                    fix="give the prior and the generator the same latent dimension.",
                )
            )
        self.generator = generator
        self.discriminator = discriminator
        self.prior = prior
        if prior.needs_label and "label" not in self.needs:
            self.needs = (*self.needs, "label")
        self.built = True

    def inputs(self, batch: Batch, seed):
        label = {"label": batch["label"]} if self.prior.needs_label else {}
        return self.prior.sample(ops.shape(batch["image"])[0], seed, **label)

    def call(self, x, training=False, nets: Networks | None = None):
        return self.network("generator", nets)(x, training=training)

    def matches(self, batch: Batch, x, out) -> list[Match]:
        aux = {"latents": x}
        if "label" in batch:
            aux["real_label"] = batch["label"]
            if self.prior.needs_label:
                aux["fake_label"] = batch["label"]
        return [Match(real=batch["image"], fake=out, aux=aux)]

    def check_batch(self, batch: Batch) -> None:
        super().check_batch(batch)
        self.check_image_shape(batch)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *self.image_shape)

    def get_config(self):
        networks = {name: getattr(self, name) for name in ("generator", "discriminator", "prior")}
        return super().get_config() | {n: keras.saving.serialize_keras_object(o) for n, o in networks.items()}

    @classmethod
    def from_config(cls, config):
        parts = {n: keras.saving.deserialize_keras_object(config[n]) for n in ("generator", "discriminator", "prior")}
        return cls(**{**config, **parts})
