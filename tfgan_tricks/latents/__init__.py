"""Where the generator's noise comes from, and ways through it."""

from tfgan_tricks.latents.appended_noise import AppendedNoise
from tfgan_tricks.latents.categorical import Categorical
from tfgan_tricks.latents.code import Code
from tfgan_tricks.latents.concatenated import Concatenated
from tfgan_tricks.latents.empirical import Empirical
from tfgan_tricks.latents.hypersphere import Hypersphere
from tfgan_tricks.latents.interpolation import analogy, great_circle_path, lerp, slerp
from tfgan_tricks.latents.mixture import Mixture
from tfgan_tricks.latents.normal import Normal
from tfgan_tricks.latents.per_class import PerClass
from tfgan_tricks.latents.prior import Prior
from tfgan_tricks.latents.truncated_normal import TruncatedNormal
from tfgan_tricks.latents.uniform import Uniform

__all__ = [
    "AppendedNoise",
    "Categorical",
    "Code",
    "Concatenated",
    "Empirical",
    "Hypersphere",
    "Mixture",
    "Normal",
    "PerClass",
    "Prior",
    "TruncatedNormal",
    "Uniform",
    "analogy",
    "great_circle_path",
    "lerp",
    "slerp",
]
