"""Where a network is broken: the first of its tensors that is not finite."""

import numpy as np

from tfgan_tricks.diagnostics.look import Look, Subject
from tfgan_tricks.types import PLAYERS

MOMENT = "optimizer variable"  # how a tensor begins that is no weight


def first_bad_tensor(subject: Subject) -> str:
    """Returns the first tensor that is not finite now, in the order in which a step computes them, "" if all are.

    First the real images, then all weights and other variables of the networks, the critics first, since a step begins
    with them; then what the layers put out on the fixed inputs, and at last the optimizers' moments. A step has passed
    since the first such value, so it may be in both networks by now.

    Args:
        subject: what is looked at.
    """
    look = Look(subject)
    if look.real is not None and not np.isfinite(look.real).all():
        return f"the real images: {_count(look.real)}"
    networks = dict(reversed(look.networks.items()))
    for name, network in networks.items():
        for variable in network.variables:
            if not _finite(value := variable.numpy()):
                return f"variable {variable.path} of {name}: {_count(value)}"
    for name in networks:
        for layer, value in look.activations(name).items():
            if not _finite(value):
                return f"output of layer {layer} of {name}: {_count(value)}"
    for name in (*[f"{player}_optimizer" for player in PLAYERS], "optimizer"):
        for variable in getattr(getattr(subject.gan, name, None), "variables", ()):
            if not _finite(value := variable.numpy()):
                return f"{MOMENT} {variable.path} of the {name.replace('_', ' ')}: {_count(value)}"
    return ""


def _finite(value: np.ndarray) -> bool:
    return bool(np.isfinite(value).all()) if np.issubdtype(value.dtype, np.floating) else True


def _count(value: np.ndarray) -> str:
    return f"{(~np.isfinite(value)).sum():,} of {value.size:,} values are not finite"
