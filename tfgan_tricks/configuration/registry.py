"""Which names a config may use: those in `__all__` of each kind's package, and no others."""

import inspect
from operator import attrgetter
from types import ModuleType
from typing import Any

import keras

import tfgan_tricks
from tfgan_tricks.checks import explain, suggestion

# The subpackages whose `__all__` lists components.
KINDS = (
    "architectures",
    "callbacks",
    "constraints",
    "data",
    "diagnostics",
    "distribution",
    "export",
    "initializers",
    "inputs",
    "latents",
    "layers",
    "losses",
    "losses.adversarial",
    "losses.auxiliary",
    "losses.image",
    "metrics",
    "penalties",
    "schedules",
    "tasks",
    "training",
)

# What a list in a config may draw on together.
UNIONS = {"terms": ("losses", "losses.auxiliary", "losses.image", "penalties")}

# Parts of a kind's list, by the base class that they share.
PARTS = {"evaluation.metrics": ("metrics", "Metric"), "evaluation.features": ("metrics", "FeatureExtractor")}

# The kinds of what stands inside another component: a schedule as a weight, a loss as the base of another, the
# augmentation that a term compares with.
INNER_KINDS = ("initializers", "inputs", "latents", "losses", "losses.adversarial", "schedules", "training")

# Base classes that are public for those who write tricks; a config cannot use them.
PROTOCOLS = frozenset(
    {
        "AdversarialLoss",
        "Averaging",
        "Detector",
        "FeatureExtractor",
        "InputTransform",
        "Metric",
        "Modulation",
        "Prior",
        "Schedule",
        "Source",
        "Stage",
        "Task",
        "Term",
    }
)


def registry(kind: str) -> dict[str, Any]:
    """Returns the public components of a kind by name, in alphabetical order, without protocols.

    Args:
        kind: one of `KINDS`, `UNIONS` or `PARTS`, or "optimizers" for those of Keras.

    Raises:
        ValueError: for any other kind.

    Example:

    >>> list(tfgan_tricks.configuration.registry("constraints"))
    ['ClipWeights']
    """
    if kind in UNIONS:
        return {name: value for part in UNIONS[kind] for name, value in registry(part).items()}
    if kind in PARTS:
        whole, base = PARTS[kind]
        shared = getattr(attrgetter(whole)(tfgan_tricks), base)
        return {n: o for n, o in registry(whole).items() if inspect.isclass(o) and issubclass(o, shared)}
    if kind == "optimizers":
        named = vars(keras.optimizers).items()
        return {n: o for n, o in sorted(named) if inspect.isclass(o) and issubclass(o, keras.optimizers.Optimizer)}
    if kind not in KINDS:
        raise ValueError(
            explain(
                f"There is no kind of component called {kind!r}.",
                received=repr(kind),
                expected=f"one of {', '.join(KINDS)}",
                fix=suggestion(kind, KINDS, "run `tfgan-tricks list` for all kinds."),
            )
        )
    module = attrgetter(kind)(tfgan_tricks)
    public = {name: getattr(module, name) for name in sorted(module.__all__) if name not in PROTOCOLS}
    return {name: value for name, value in public.items() if not isinstance(value, ModuleType)}
