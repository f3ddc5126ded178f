"""Which weight of a saved layer goes into which weight of a layer of the model, and in what form."""

import dataclasses

import keras
import numpy as np

from tfgan_tricks.layers.spectral_norm import SpectrallyNormalized
from tfgan_tricks.layers.weight_normalization import WeightNormalization
from tfgan_tricks.migrate.model_layers import ModelLayer
from tfgan_tricks.migrate.saved import SavedLayer
from tfgan_tricks.migrate.settings import disagreements

RENAMED = {"depthwise_kernel": "kernel"}  # Keras 2: Keras 3, where the layer's weight is called so
DIVIDED = "the kernel was divided by its spectral norm when it was saved"


class MismatchError(Exception):
    """One saved layer and one layer of the model do not fit; the text says why."""


@dataclasses.dataclass
class Plan:
    """What one saved layer gives to one layer of the model.

    Attributes:
        arrays: values by the name of the model's weight.
        sources: name of the saved weight that each comes from.
        skipped: saved weights that are not needed, and why.
    """

    arrays: dict[str, np.ndarray]
    sources: dict[str, str]
    skipped: dict[str, str]


def plan(saved: SavedLayer, target: ModelLayer, fold: bool) -> Plan:
    """Returns what goes where; raises `MismatchError` unless every weight on both sides has its place."""
    if "sn_u" in saved.weights:
        found = _spectral(saved, target, fold)
    elif {"g", "initialized"} <= set(saved.weights):
        found = _weight_norm(saved, target, fold)
    else:
        found = Plan(dict(saved.weights), {name: name for name in saved.weights}, {})
    for old, new in RENAMED.items():
        if old in found.arrays and old not in target.weights:
            found.arrays[new] = found.arrays.pop(old)
            found.sources[new] = found.sources.pop(old)
    _compare_shapes(found, target)
    different = disagreements(saved, target.layer)
    if different:
        raise MismatchError("; ".join(different))
    return found


def _spectral(saved: SavedLayer, target: ModelLayer, fold: bool) -> Plan:
    arrays = {name: array for name, array in saved.weights.items() if name != "sn_u"}
    sources = {name: name for name in arrays}
    kernel = arrays.get("kernel", arrays.get("embeddings"))
    if kernel is None:
        raise MismatchError("the file has its sn_u but no kernel")
    if isinstance(target.layer, SpectrallyNormalized):
        arrays["u"] = _dominant_vector(kernel, saved.weights["sn_u"].reshape(-1), target.layer)
        return Plan(arrays, {**sources, "u": "sn_u"}, {})
    if not fold:
        raise MismatchError("the layer here is not spectral-normalised: use a SpectralNorm layer, or pass fold=True")
    return Plan(arrays, sources, {"sn_u": f"not needed by a plain layer: {DIVIDED}"})


def _dominant_vector(kernel: np.ndarray, sn_u: np.ndarray, layer: SpectrallyNormalized) -> np.ndarray:
    """Returns ũ for a layer that may read the kernel as the transposed matrix, but not as another one."""
    theirs = kernel.reshape(-1, kernel.shape[-1])  # one column for each entry of sn_u
    ours = np.asarray(layer.kernel_matrix(kernel)) if kernel.shape == tuple(layer.kernel.shape) else theirs
    if np.array_equal(ours, theirs):
        return sn_u
    if np.array_equal(ours, theirs.T):
        image = theirs @ sn_u
        return image / max(float(np.linalg.norm(image)), 1e-12)
    choice = "axis=-1" if isinstance(layer, keras.layers.Wrapper) else 'convention="adjoint"'
    raise MismatchError(
        f"the layer here reads its kernel as another matrix, which has another spectral norm: pass {choice}"
    )


def _weight_norm(saved: SavedLayer, target: ModelLayer, fold: bool) -> Plan:
    if not bool(saved.weights["initialized"]):
        raise MismatchError(
            "it was saved before its first call, when g was not set: call the model once before saving it"
        )
    skipped = {"initialized": "says that g is set, which it is"}
    for name in saved.weights:
        if name.startswith("data_dep_init/"):
            skipped[name] = "a copy of the first kernel and bias, used once, to set g"
    arrays = {name: array for name, array in saved.weights.items() if name not in skipped}
    sources = {name: name for name in arrays}
    if isinstance(target.layer, WeightNormalization):
        if target.layer.output_axes != (arrays["kernel"].ndim - 1,):
            raise MismatchError("tensorflow-addons has one g for each entry of the kernel's last axis: pass axis=-1")
        return Plan(arrays, sources, skipped)
    if not fold:
        raise MismatchError("the layer here is not weight-normalised: use WeightNormalization, or pass fold=True")
    g, v = arrays.pop("g"), arrays["kernel"]
    norm = np.sqrt(np.sum(np.square(v), axis=tuple(range(v.ndim - 1)), keepdims=True))
    arrays["kernel"] = g * v / np.maximum(norm, 1e-6)
    return Plan(arrays, {name: "g and kernel" if name == "kernel" else name for name in arrays}, skipped)


def _compare_shapes(found: Plan, target: ModelLayer) -> None:
    missing = [name for name in target.weights if name not in found.arrays]
    left = [found.sources[name] for name in found.arrays if name not in target.weights]
    wrong = [
        f"{name} is {tuple(array.shape)} there and {tuple(target.weights[name].shape)} here"
        for name, array in found.arrays.items()
        if name in target.weights and array.shape != tuple(target.weights[name].shape)
    ]
    problems = [f"the file has no {', '.join(missing)}"] if missing else []
    problems += [f"nothing here takes {', '.join(left)}"] if left else []
    if problems or wrong:
        raise MismatchError("; ".join(problems + wrong))
