"""Where a network is broken: the first of its tensors that is not finite."""

import numpy as np
from keras import ops

from tfgan_tricks.diagnostics.look import Look, Subject


def first_bad_tensor(subject: Subject) -> str:
    """Returns the first tensor that is not finite now, in the order in which a step computes them, "" if all are.

    First the real images, then all weights and other variables of the networks, the critics first, since a step begins
    with them; then what the layers put out on the fixed inputs.

    Args:
        subject: what is looked at.
    """
    look = Look(subject)
    if look.real is not None and not np.isfinite(look.real).all():
        return f"the real images: {_count(look.real)}"
    networks = dict(reversed(look.networks.items()))
    for name, network in networks.items():
        for variable in network.variables:
            if not _finite(value := ops.convert_to_numpy(variable.value)):
                return f"variable {variable.path} of {name}: {_count(value)}"
    for name in networks:
        for layer, value in look.activations(name).items():
            if not _finite(value):
                return f"output of layer {layer} of {name}: {_count(value)}"
    return ""


def _finite(value: np.ndarray) -> bool:
    return bool(np.isfinite(value).all()) if np.issubdtype(value.dtype, np.floating) else True


def _count(value: np.ndarray) -> str:
    return f"{(~np.isfinite(value)).sum():,} of {value.size:,} values are not finite"
