"""Loads what was trained with tensorflow-addons."""

import warnings
from collections.abc import Mapping
from pathlib import Path

import h5py
import keras

from tfgan_tricks.checks import check_type, explain
from tfgan_tricks.layers.spectral_norm import SpectrallyNormalized
from tfgan_tricks.migrate.checkpoint import prefix_of, read_checkpoint
from tfgan_tricks.migrate.h5_file import read_h5
from tfgan_tricks.migrate.model_layers import ModelLayer, model_layers
from tfgan_tricks.migrate.pairing import pair
from tfgan_tricks.migrate.report import MigrationReport
from tfgan_tricks.migrate.rules import MismatchError, Plan, plan
from tfgan_tricks.migrate.saved import SavedFile, SavedLayer
from tfgan_tricks.migrate.settings import remarks


def load_addons_weights(
    model: keras.Model,
    path: str | Path,
    *,
    part: str = "",
    names: Mapping[str, str] | None = None,
    fold: bool = False,
) -> MigrationReport:
    """Loads weights that a model of Keras 2 with layers of tensorflow-addons saved into a model with the layers here.

    Build the network anew first, with the same layers in the same order:

    * `SpectralNormalization(layer)` of tensorflow-addons becomes `SpectralNormDense`, `SpectralNormConv2D`,
      `SpectralNormConv2DTranspose(convention="adjoint")` or `SpectralNormEmbedding`;
    * `InstanceNormalization()` becomes `InstanceNorm(epsilon=1e-3)`;
    * `GroupNormalization()` becomes `keras.layers.GroupNormalization()`;
    * `WeightNormalization(layer)` becomes the `WeightNormalization(layer)` here;
    * layers of Keras stay what they are.

    Layers with weights are paired by their order, then all names, shapes and, where the file has them (`model.save`
    to H5), settings are compared. Either every weight of the model and of the file finds its place, or nothing is
    loaded and the error lists what does not fit.

    tensorflow-addons assigns the kernel divided by its spectral norm to the kernel itself whenever the layer is
    called in training, so that is what the file holds, changed by the last step of the optimizer: its σ is near 1,
    and the report has it. A training call here divides by the same σ as a training call there. At inference
    tensorflow-addons uses the kernel as it lies, and this package divides it by σ: the outputs of a layer differ by
    that factor. With `fold=True` and a plain layer in its place they do not differ at all.

    Args:
        model: a model that is built; its weights are replaced.
        path: an H5 file by `save_weights` or `save`; or a TensorFlow checkpoint, without ".index"; or a directory
            with checkpoints, whose latest is taken; or a SavedModel.
        part: what to read of a file that holds more: "generator" of `tf.train.Checkpoint(generator=..., critic=...)`,
            or the name of a nested model in an H5 file.
        names: names of saved layers, and the names of the model's layers that get their weights; the others are
            paired by their order.
        fold: whether plain layers may stand where spectral or weight normalisation was: they get the kernel that the
            layer used, for networks that are not trained any more.

    Returns:
        What went where.

    Raises:
        ValueError: if the file is missing, in another format, or does not fit the model.

    Example:

    >>> critic = keras.Sequential([keras.Input((4,)), tt.layers.SpectralNormDense(1)])
    >>> import h5py, tempfile
    >>> path = tempfile.mkdtemp() + "/weights.h5"
    >>> with h5py.File(path, "w") as file:  # as tensorflow-addons would
    ...     file.attrs["layer_names"] = ["spectral_normalization"]
    ...     layer = file.create_group("spectral_normalization")
    ...     names = ("kernel:0", "bias:0", "sn_u:0")
    ...     layer.attrs["weight_names"] = ["spectral_normalization/" + name for name in names]
    ...     layer["spectral_normalization/kernel:0"] = np.array([[0.6], [0.0], [0.8], [0.0]], "float32")
    ...     layer["spectral_normalization/bias:0"] = np.array([0.5], "float32")
    ...     layer["spectral_normalization/sn_u:0"] = np.array([[1.0]], "float32")
    >>> report = tt.migrate.load_addons_weights(critic, path)
    >>> len(report.assigned)
    3
    >>> round(float(critic(np.ones((1, 4), "float32"))[0, 0]), 4)
    1.9
    """
    check_type("model", model, keras.Model, fix="pass the network itself, not a function or a layer of it.")
    targets, file = model_layers(model), _read(path, part)
    pairs = pair(file, targets, names or {})
    plans = [_planned(saved, target, fold) for saved, target in pairs]
    problems = [each for each in plans if isinstance(each, str)]
    if problems:
        raise ValueError(
            explain(
                "The file and the model do not fit; nothing was loaded.",
                received=f"{file.path}\n    " + "\n    ".join(problems),
                expected="the same layers in the same order, with the same weights and settings",
                fix="change the layers of the model, or pair other ones with `names`.",
            )
        )
    found = [(*both, each) for both, each in zip(pairs, plans, strict=True) if isinstance(each, Plan)]
    assigned: dict[str, str] = {}
    for saved, target, each in found:
        for name, array in each.arrays.items():
            target.weights[name].assign(array)
            key = target.weights[name].path
            key = key if key not in assigned else f"{key} ({len(assigned)})"  # layers may share a name
            assigned[key] = f"{saved.name}/{each.sources[name]}"
    skipped = {f"{saved.name}/{name}": why for saved, _, each in found for name, why in each.skipped.items()}
    notes = tuple(remark for saved, target, _ in found for remark in remarks(saved, target.layer))
    for note in notes:
        warnings.warn(note, stacklevel=2)
    normalized = [target.layer for target in targets if isinstance(target.layer, SpectrallyNormalized)]
    return MigrationReport(
        path=file.path,
        assigned=assigned,
        skipped={**file.skipped, **skipped},
        spectral_norms={layer.name: float(keras.ops.convert_to_numpy(layer.spectral_norm())) for layer in normalized},
        notes=notes,
    )


def _planned(saved: SavedLayer, target: ModelLayer, fold: bool) -> Plan | str:
    """Returns the plan for one pair, or a line that says why there is none."""
    try:
        return plan(saved, target, fold)
    except MismatchError as error:
        return f"{saved.describe()}  ->  {target.describe()}: {error}"


def _read(path: str | Path, part: str) -> SavedFile:
    file = Path(path).expanduser()
    if file.is_file() and h5py.is_hdf5(file):
        return read_h5(file, part)
    prefix = prefix_of(file)
    if prefix:
        return read_checkpoint(prefix, part)
    problem = "There is nothing to read there."
    fix = "check the path; of a checkpoint give the path without .index or .data-00000-of-00001."
    if file.is_file():
        problem = "This file is neither an H5 file nor a checkpoint."
    if file.suffix == ".keras":
        fix = 'load it where it was saved, and call model.save("model.h5") there.'
    raise ValueError(
        explain(problem, received=str(path), expected="an H5 file by Keras 2, or a TensorFlow checkpoint", fix=fix)
    )
