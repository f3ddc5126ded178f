"""The table of cases: one row or more per public name, with non-default arguments and the shapes of its inputs.

A new trick adds its row to one of these files, and every test of `tests/conformance` runs on it.
`test_completeness.py` fails for a public name without a row, and for a constructor argument that no row sets to
another value than its default.
"""

import importlib
import pkgutil

from tests.conformance.case import Case

# Public names that say what a kind must implement, and cannot be called themselves.
PROTOCOLS = {
    "inputs.InputTransform",
    "latents.Prior",
    "layers.Modulation",
    "losses.Term",
    "losses.adversarial.AdversarialLoss",
    "schedules.Schedule",
    "training.Averaging",
    "training.Stage",
}

# Public functions that help with a kind without being one of it; they have tests of their own.
HELPERS = {
    "latents.analogy",
    "latents.great_circle_path",
    "latents.lerp",
    "latents.slerp",
    "layers.adapt_virtual_batch_norms",
    "layers.spectral_norms",
}

CASES: list[Case] = [
    case
    for module in sorted(module.name for module in pkgutil.iter_modules(__path__))
    for case in importlib.import_module(f"{__name__}.{module}").CASES
]
