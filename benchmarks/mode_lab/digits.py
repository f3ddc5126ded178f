"""Stacked digits: scikit-learn's, in PacGAN's setting of stacked MNIST (arXiv:1712.04086, section 4.2), made small."""

import functools
from typing import ClassVar

import keras
import numpy as np

import tfgan_tricks as tt
from mode_lab.game import Game, Protocol, Variant

RESOLUTION, LATENTS, MODES = 16, 100, 1_000
GENERATOR_WIDTH, CRITIC_WIDTH = 32, 8
FULL = Protocol(examples=128_000, batch=64, steps=100_000, evaluated=26_000, trials=10)
QUICK = Protocol(examples=128_000, batch=64, steps=3_000, evaluated=26_000, trials=1)


class DigitGame(Game):
    """Three digits in three channels, judged channel by channel by a classifier of single digits."""

    name = "digits"
    protocols: ClassVar = {"quick": QUICK, "full": FULL}
    variants: ClassVar = {"packing=1": Variant(), "packing=2": Variant(packing=2), "unroll=5": Variant(unroll=5)}
    measures = ("modes", "reverse_kl")
    xla = False

    def gan(self, variant, seed, **options):
        generator, _ = tt.architectures.dcgan(**size(3, GENERATOR_WIDTH))
        _, critic = tt.architectures.dcgan(**size(3 * variant.packing, CRITIC_WIDTH))
        task = tt.tasks.Unconditional(generator, critic, prior=tt.latents.Uniform(LATENTS))
        if variant.unroll:
            gan = tt.training.UnrolledGAN(task, seed=seed, unroll=variant.unroll, virtual_optimizer="adam")
        else:
            gan = tt.training.GAN(task, seed=seed)
        optimizers = (keras.optimizers.Adam(2e-4, beta_1=0.5) for _ in range(2))
        gan.compile(*optimizers, loss=tt.losses.adversarial.NonSaturating(), inputs=variant.inputs, **options)
        return gan

    def batches(self, variant, protocol, seed):
        source = tt.data.stacked_digits(protocol.examples, seed=seed)
        return tt.data.load(source, resolution=RESOLUTION, batch_size=protocol.batch * variant.packing, seed=seed)

    @functools.cached_property
    def classifier(self) -> tt.metrics.Classifier:
        """What reads the channels; it refuses to if it errs too often on held-out digits."""
        return tt.metrics.Classifier("digits", resolution=RESOLUTION, minimum_accuracy=0.95)

    def judge(self, samples: np.ndarray) -> dict:
        labels = tt.metrics.stacked_labels(samples, self.classifier.probabilities)
        result = tt.metrics.LabelCoverage(MODES)(None, tt.metrics.Samples(labels=labels))
        told = {"metric": result.name, "classifier": self.classifier.settings}
        return told | {"modes": result.value, "reverse_kl": result.details["reverse_kl"]}


def size(channels: int, width: int) -> dict:
    """Returns what `dcgan` is told for one player: they differ in width and, with packing, in channels."""
    return {"resolution": RESOLUTION, "channels": channels, "latent_dim": LATENTS, "width": width}
