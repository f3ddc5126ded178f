"""Every loss, term, input transform, update rule, task and architecture under two workers."""

from pathlib import Path

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.distribution.catalogue import ENTRIES, state, variables_of
from tests.distribution.loopback import finish, start
from tests.distribution.worker import unlike

SECONDS = 3_600.0  # for all of them; minutes on two free cores


def test_nothing_public_is_missing():
    names = {entry.name.split("-")[0] for entry in ENTRIES}
    kinds = {kind: kind for kind in ("architectures", "inputs", "losses.adversarial", "losses.auxiliary")}
    kinds |= {kind: kind for kind in ("losses.image", "penalties")}
    public = {f"{kind}.{name}" for kind in kinds for name in tt.configuration.registry(kind)}
    assert public <= names, public - names
    others = {"Task", "Averaging", "Stage", "ExponentialAveraging", "ArithmeticAveraging", "NetworkStage"}
    others |= {"VirtualAdam", "VirtualSGD", "two_time_scales"}  # parts of other entries
    assert {*tt.tasks.__all__, *tt.training.__all__} - others <= names


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """What two workers and one process ended with: a pair of workers for all entries, for to start them is what
    takes the time."""
    folder = tmp_path_factory.mktemp("catalogue")
    (folder / "one").mkdir()
    command = ["-m", "tests.distribution.catalogue_worker", str(folder)]
    alone, pair = start(1, command, folder / "one"), start(2, command, folder)
    finish(pair, folder, SECONDS)
    finish(alone, folder / "one", SECONDS)
    return folder


def ended(folder: Path, entry, who: str) -> dict[str, np.ndarray]:
    """Returns the variables that a process ended with."""
    failed = folder / f"{entry.name}.{who}.txt"
    assert not failed.exists(), failed.read_text()
    return dict(np.load(folder / f"{entry.name}.{who}.npz"))


@pytest.mark.slow
@pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])
def test_two_workers_end_alike_and_as_one_process_does(folder, entry):
    first, second, alone = (ended(folder, entry, who) for who in ("worker-0", "worker-1", "alone"))
    assert set(first) == set(second)
    for name, value in first.items():
        np.testing.assert_array_equal(second[name], value, err_msg=name)
    check_against_one(first, alone, entry)


def check_against_one(values: dict[str, np.ndarray], alone: dict[str, np.ndarray], entry) -> None:
    """Holds what several replicas ended with to what one device did, unless they drew something of their own."""
    assert set(values) == set(alone)
    close = {n: np.allclose(value, alone[n], rtol=1e-4, atol=2e-5) for n, value in values.items()}
    assert all(np.isfinite(value).all() for value in values.values())
    if not entry.own:
        assert all(close.values()), {n: np.abs(values[n] - alone[n]).max() for n in values if not close[n]}


# The parts of an objective are tried on two logical devices by `tests/conformance/test_replicas.py`.
WHOLES = [entry for entry in ENTRIES if not entry.name.startswith(("losses.", "penalties.", "inputs."))]


@pytest.mark.slow
@pytest.mark.parametrize("entry", WHOLES, ids=[entry.name for entry in WHOLES])
def test_two_logical_devices_end_alike_and_as_one_does(two_replicas, entry):
    keras.backend.clear_session(free_memory=False)
    alone = state(entry.train())
    keras.backend.clear_session(free_memory=False)
    keras.utils.set_random_seed(0)
    with two_replicas.scope():
        gan = entry.train()
    assert unlike(two_replicas, variables_of(gan)) == []
    check_against_one(state(gan), alone, entry)
