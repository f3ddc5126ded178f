"""All trials there are."""

import importlib
import pkgutil

from benchmarks import doctor_lab
from benchmarks.doctor_lab.healthy import HEALTHY
from benchmarks.doctor_lab.trial import Trial

_MODULES = sorted(found.name for found in pkgutil.iter_modules(doctor_lab.__path__, f"{doctor_lab.__name__}."))
PROVOKED: tuple[Trial, ...] = tuple(
    trial
    for module in _MODULES
    if module.rpartition(".")[2].startswith("provoked_")
    for trial in importlib.import_module(module).PROVOKED
)
TRIALS: tuple[Trial, ...] = (*PROVOKED, *HEALTHY)
