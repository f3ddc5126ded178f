"""Real trainings whose images go wrong are recognised; without the provocation nothing is found."""

from dataclasses import replace
from functools import partial

import pytest

from benchmarks.doctor_lab.provoked_images import PROVOKED, ending, overlapping, smooth
from benchmarks.doctor_lab.trial import Trial, digits, run, severities, small_gan
from tfgan_tricks.diagnostics import Checkerboard, DataProblems, Memorisation, ModeCollapse, SaturatedOutputs

HIGHEST = {"checkerboard": "warning"}  # of the others: serious


def found(trial, seed=0):
    detectors = [kind() for kind in (DataProblems, SaturatedOutputs, ModeCollapse, Memorisation, Checkerboard)]
    return severities(run(replace(trial, doctor={**trial.doctor, "detectors": detectors}), seed)[1])


@pytest.mark.parametrize("trial", PROVOKED, ids=lambda trial: trial.name)
def test_a_provoked_failure_is_found(trial):
    assert found(trial)[trial.expects] == HIGHEST.get(trial.expects, "serious")


WITHOUT = (
    Trial("the usual rate", "", partial(small_gan, architecture="mlp"), steps=120),
    Trial("all images", "", partial(small_gan, architecture="mlp"), batch_size=8, doctor={"every_images": 200}),
    Trial("4×4 kernels at stride 2", "", partial(overlapping, 4), images=smooth, steps=80),
    Trial("tanh without a gain", "", partial(ending, "tanh", 1.0), steps=60),
    Trial("dcgan, 16 pixels", "", partial(small_gan, resolution=16), images=lambda seed: digits(16), steps=60),
)


@pytest.mark.slow
@pytest.mark.parametrize("trial", WITHOUT, ids=lambda trial: trial.name)
def test_without_the_provocation_nothing_is_found(trial):
    assert not {"serious", *HIGHEST.values()} & set(found(trial, seed=1).values())
