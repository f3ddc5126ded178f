"""Small trainings that go well, and differ in everything that a detector might take for a failure."""

import dataclasses
from collections.abc import Callable
from functools import cache, partial

import keras
import numpy as np

import tfgan_tricks as tt
from benchmarks.doctor_lab.trial import Trial, small_gan
from tfgan_tricks.inputs import DiffAugment, InstanceNoise, Packing
from tfgan_tricks.losses.adversarial import (
    FDivergence,
    Hinge,
    LeastSquares,
    Minimax,
    NonSaturating,
    Relativistic,
    Wasserstein,
)
from tfgan_tricks.penalties import R1, R2, WGANGP, LeCam

Adam = keras.optimizers.Adam


@cache
def data(name: str, resolution: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Returns images in [-1, 1] and labels: "digits", "fashion_mnist" (4,000 of them), or "ring", points in a plane."""
    if name == "ring":
        labels, points = tt.data.ring(modes=8, radius=0.7, stddev=0.05).at(np.arange(4_000), seed=0)
        return np.clip(points, -1.0, 1.0).reshape(-1, 1, 1, 2), np.asarray(labels)
    images, labels = tt.data.arrays(name, resolution=resolution, channels=1, limit=4_000)
    return tt.data.to_float(images), labels


def _build(seed: int, architecture: str, rates: tuple[float, float], policy: str, made: dict) -> keras.Model:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    made = {name: value() if name in FRESH else value for name, value in made.items()}
    if "optimizer" not in made:
        made.setdefault("generator_optimizer", Adam(rates[0], 0.5, 0.99))
        made.setdefault("discriminator_optimizer", Adam(rates[1], 0.5, 0.99))
    try:
        return small_gan(seed, architecture, **made)
    finally:
        keras.config.set_dtype_policy(before)


def _spectral_norm(seed: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    generator, _ = tt.architectures.mlp(resolution=8, channels=1, latent_dim=16, batch_norm=True)
    layers = [keras.layers.Flatten(), *(tt.layers.SpectralNormDense(width) for width in (256, 256, 1))]
    layers[2:2] = layers[4:4] = [keras.layers.LeakyReLU(0.2)]
    critic = keras.Sequential([keras.Input((8, 8, 1)), *layers], name="discriminator")
    task = tt.tasks.Unconditional(generator, critic, prior=tt.latents.Normal(16))
    return small_gan(seed, task=task, loss=Hinge())


FRESH = ("terms", "inputs", "optimizer", "generator_optimizer", "discriminator_optimizer", "weight_constraint")


def _healthy(
    name: str,
    architecture: str,
    source: str = "digits",
    resolution: int = 8,
    rates: tuple[float, float] = (1e-3, 1e-3),
    steps: int = 400,
    batch_size: int = 64,
    policy: str = "float32",
    **made,
) -> Trial:
    """Returns a trial; what has a state comes as a function that makes it anew for each training."""
    made = {"resolution": resolution, **made}
    return Trial(
        name=name,
        expects="",
        build=partial(_build, architecture=architecture, rates=rates, policy=policy, made=made),
        images=lambda seed: data(source, resolution)[0],
        labels=lambda seed: data(source, resolution)[1],
        steps=steps,
        batch_size=batch_size,
    )


NO_BATCH_NORM = {"discriminator_batch_norm": False}
BOTH_RMSPROP = {f"{player}_optimizer": lambda: keras.optimizers.RMSprop(5e-4) for player in tt.types.PLAYERS}
CLIPPED = {"weight_constraint": lambda: tt.constraints.ClipWeights(0.1)}
FALLING: dict = {"terms": lambda: [R1(1.0)]} | {
    f"{player}_optimizer": lambda: Adam(keras.optimizers.schedules.CosineDecay(5e-4, 500), 0.5)
    for player in tt.types.PLAYERS
}
SINGLE_LOSS = {
    "rule": tt.training.SingleLossGAN,
    "optimizer": lambda: tt.training.two_time_scales(Adam(2e-4, 0.5, 0.99), Adam(4e-4, 0.5, 0.99)),
    "terms": lambda: [R1(1.0)],
}
_dcgan: Callable[..., Trial] = partial(_healthy, architecture="dcgan", rates=(5e-4, 5e-4), steps=800)
_mlp: Callable[..., Trial] = partial(_healthy, architecture="mlp", rates=(2e-4, 4e-4), steps=500)

HEALTHY: tuple[Trial, ...] = (
    _dcgan("dcgan"),
    _dcgan("dcgan, hinge", loss=Hinge()),
    _dcgan("dcgan, minimax, smooth labels", loss=Minimax(label_smoothing=0.1)),
    _dcgan("dcgan, R1", networks=NO_BATCH_NORM, terms=lambda: [R1(gamma=1.0)]),
    _dcgan("dcgan, instance noise", inputs=lambda: [InstanceNoise(0.1)]),
    _dcgan("dcgan, packed in pairs", packed=2, inputs=lambda: [Packing(2)]),
    _dcgan("dcgan, bfloat16", policy="mixed_bfloat16"),
    _dcgan("dcgan, Fashion-MNIST", source="fashion_mnist", resolution=16, steps=300),
    _mlp("mlp"),
    _mlp("mlp, least squares, no averaging", loss=LeastSquares(), averaging=False),
    _mlp("mlp, batch norm", networks={"batch_norm": True}),
    _mlp("mlp, augmented", inputs=lambda: [DiffAugment("color")]),
    _mlp("mlp, WGAN-GP", loss=Wasserstein(), terms=lambda: [WGANGP(10.0)], critic_steps=3, batch_size=96),
    _mlp("mlp, clipped weights", loss=Wasserstein(), critic_steps=3, batch_size=96, **CLIPPED, **BOTH_RMSPROP),
    _mlp("mlp, relativistic", loss=Relativistic(NonSaturating()), terms=lambda: [R1(1.0), R2(1.0)]),
    _mlp("mlp, relativistic average", loss=Relativistic(LeastSquares(a=-1.0), mode="average"), terms=lambda: [R1(1.0)]),
    _mlp("mlp, squared Hellinger", loss=FDivergence("squared_hellinger"), terms=lambda: [R1(1.0)]),
    _mlp("mlp, Pearson", loss=FDivergence("pearson"), terms=lambda: [R1(1.0)]),
    _mlp("mlp, lazy R1", loss=Hinge(), terms=lambda: [R1(gamma=1.0, every=4)]),
    _mlp("mlp, LeCam", terms=lambda: [LeCam(0.1)]),
    _mlp("mlp, one stage", rule=tt.training.OneStageGAN, terms=lambda: [R1(1.0)]),
    _mlp("mlp, single loss", **SINGLE_LOSS),
    _mlp("mlp, unrolled", rule=tt.training.UnrolledGAN, rule_settings={"unroll": 2}),
    dataclasses.replace(_mlp("mlp, spectral norm"), build=_spectral_norm),
    _mlp("mlp, falling rates", **FALLING),
    _mlp("mlp, uniform latents, RMSprop", prior=tt.latents.Uniform(16), **BOTH_RMSPROP),
    _mlp("mlp, Fashion-MNIST", source="fashion_mnist"),
    _mlp("mlp, ring of eight", source="ring", resolution=1, channels=2),
)
FASHION = tuple(trial for trial in HEALTHY if "Fashion-MNIST" in trial.name)  # whose data may not be there
