"""The run that nothing happened to, to compare with."""

import pytest

from tests.faults import runs


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """The folder of an undisturbed run on the digits."""
    workdir = tmp_path_factory.mktemp("undisturbed") / "run"
    assert runs.train(workdir) == 0
    return workdir
