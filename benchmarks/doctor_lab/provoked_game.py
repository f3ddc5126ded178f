"""Trainings in which one player wins."""

import keras

from benchmarks.doctor_lab.trial import Trial, small_gan


def _overpowered(seed: int) -> keras.Model:
    return small_gan(
        seed,
        generator_optimizer=keras.optimizers.Adam(1e-7, 0.5),
        discriminator_optimizer=keras.optimizers.Adam(2e-3, 0.5),
    )


PROVOKED = (Trial("a generator that hardly moves", "discriminator_won", _overpowered),)
