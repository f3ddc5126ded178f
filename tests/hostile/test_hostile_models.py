"""`.keras` files that bring code along, or write elsewhere, are refused or harmless in every command that reads one."""

import ast
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

import tfgan_tricks
from tests.cli.test_commands import TINY, mistake
from tfgan_tricks.callbacks.checkpoints import checkpoints
from tfgan_tricks.cli.main import main
from tfgan_tricks.data import open_source
from tfgan_tricks.loading import load_model

PACKAGE = Path(tfgan_tricks.__file__).parent
RECIPE = [*TINY, "--config.class_summary=0"]


def rewritten(path: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    """Changes the parts of an archive, and keeps its comment."""
    with zipfile.ZipFile(path) as archive:
        parts, comment = {name: archive.read(name) for name in archive.namelist()}, archive.comment
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
        archive.comment = comment


def with_task(task: dict) -> Callable[[dict[str, bytes]], object]:
    """Returns a change that puts something else in the place of the networks."""

    def change(parts: dict[str, bytes]) -> None:
        config = json.loads(parts["config.json"])
        config["config"]["task"] = task
        parts["config.json"] = json.dumps(config).encode()

    return change


def lambda_layer() -> dict:
    """Returns a layer with a Python function in it, as Keras writes it."""
    return keras.saving.serialize_keras_object(keras.layers.Lambda(lambda x: x))


def named(module: str, name: str, **config) -> dict:
    """Returns what Keras writes of an object, for one that is no object of Keras."""
    return {"module": module, "class_name": name, "config": config, "registered_name": None, "build_config": None}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished tiny run, with a best checkpoint."""
    workdir = tmp_path_factory.mktemp("run") / "run"
    evaluation = ["--config.evaluation.metrics=('swd',)", "--config.evaluation.features=identity"]
    assert main(["train", *RECIPE, *evaluation, "--config.evaluation.images=8", "--workdir", str(workdir)]) == 0
    return workdir


def harmed(run: Path, folder: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """Returns a copy of a run with all its models changed."""
    shutil.copytree(run, folder)
    for path in (*checkpoints(folder / "checkpoints").values(), *checkpoints(folder / "best").values()):
        rewritten(path, change)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["sample", "--count", "2"],
        ["sample", "--interpolate", "2"],
        ["evaluate", "--metrics", "swd", "--features", "identity", "--count", "8"],
        ["export"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_function_in_a_checkpoint_is_refused(command, run, tmp_path, capsys):
    folder = harmed(run, tmp_path / "run", with_task(lambda_layer()))
    assert "Lambda" in mistake(capsys, *command, "--workdir", str(folder))


@pytest.mark.slow
def test_commands_that_read_no_architecture_from_a_checkpoint_go_on(run, tmp_path, capsys):
    folder = harmed(run, tmp_path / "run", with_task(lambda_layer()))
    for command in (["report"], ["doctor"]):
        assert main([*command, "--workdir", str(folder)]) == 0
    evaluation = ["--config.evaluation.metrics=()", "--config.images=96"]
    assert main(["train", *RECIPE, *evaluation, "--workdir", str(folder)]) == 0  # it reads the weights only
    assert "Going on from 64 images" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    "task",
    [
        named("os", "system", command="touch {file}"),
        named("subprocess", "Popen", args="touch {file}", shell=True),
        named("builtins", "eval", source="open('{file}', 'w')"),
        named("keras.utils", "get_file", fname="{file}", origin="file:///etc/hostname"),
    ],
    ids=lambda task: task["class_name"],
)
def test_no_name_in_a_checkpoint_leads_out_of_keras_and_the_package(task, run, tmp_path, capsys):
    text = json.dumps(task).replace("{file}", str(tmp_path / "made"))
    folder = harmed(run, tmp_path / "run", with_task(json.loads(text)))
    mistake(capsys, "sample", "--workdir", str(folder))
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.slow
def test_no_part_of_a_checkpoint_is_written_beside_it(run, tmp_path, capsys):
    def change(parts: dict[str, bytes]) -> None:
        for name in ("../escaped", "../../escaped", "assets/../../escaped", f"{tmp_path}/escaped", "assets/x"):
            parts[name] = b"escaped"

    folder = harmed(run, tmp_path / "run", change)
    assert main(["sample", "--count", "2", "--workdir", str(folder)]) == 0
    assert not list(tmp_path.rglob("escaped*"))


def test_a_model_with_a_function_is_refused_by_name(tmp_path):
    keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x)]).save(tmp_path / "a.keras")
    with pytest.raises(ValueError, match=r"a\.keras' holds a Python function, which is not run(.|\n)*Fix: "):
        load_model(tmp_path / "a.keras")


@pytest.mark.parametrize("parts", [{"config.json": b"[" * 100_000}, {"config.json": b"\xff"}, {}])
def test_what_is_no_model_is_refused_by_name(parts, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as archive:
        for name, data in {"metadata.json": b"{}", **parts}.items():
            archive.writestr(name, data)
    with pytest.raises(ValueError, match=r"a\.keras' cannot be loaded(.|\n)*Received: \S(.|\n)*Fix: "):
        load_model(tmp_path / "a.keras")


def test_a_model_that_unpacks_into_much_more_than_it_is_is_refused(tmp_path):
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)]).save(tmp_path / "a.keras")
    assert load_model(tmp_path / "a.keras").count_params() == 6
    rewritten(tmp_path / "a.keras", lambda parts: parts.update({"more": bytes(20_000_000)}))
    with pytest.raises(ValueError, match=r"bytes unpack into 20,0"):
        load_model(tmp_path / "a.keras")


def test_arrays_that_hold_objects_are_never_loaded(tmp_path):
    for name, arrays in (("images", {"images": np.array([None])}), ("labels", {"labels": np.array([{}, None])})):
        np.savez(tmp_path / "a.npz", **{"images": np.zeros((2, 2, 2), np.uint8), **arrays})
        with pytest.raises(ValueError, match=rf"{name}\.npy holds pickled objects"):
            open_source(f"npz:{tmp_path}/a.npz")
    file = io.BytesIO()
    np.save(file, np.array([None]))
    (tmp_path / "a.npz").write_bytes(file.getvalue())
    with pytest.raises(ValueError, match="no archive"):
        open_source(f"npz:{tmp_path}/a.npz")


def test_nothing_in_the_package_runs_what_it_reads():
    refused = {"enable_unsafe_deserialization", "extractall", "system", "Popen", "exec", "eval", "__import__"}
    modules = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml", "subprocess"}
    wanted = {"safe_mode": True, "allow_pickle": False}
    word = re.compile(rf"\b({'|'.join((*refused, *modules, *wanted, 'load_model'))})\b")
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
    models = 0
    for path in (path for path, text in texts.items() if word.search(text)):  # parsing all of them takes long
        for node in ast.walk(ast.parse(texts[path])):
            where = f"{path.relative_to(PACKAGE)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
                assert not modules & {name.split(".")[0] for name in names}, where
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
                assert name not in refused, where
                options = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg in wanted}
                assert {key: getattr(value, "value", None) for key, value in options.items()}.items() <= wanted.items()
                loads = name == "load_model" and isinstance(node.func, ast.Attribute)
                assert not loads or "safe_mode" in options, where
                models += loads
    assert models >= 1
