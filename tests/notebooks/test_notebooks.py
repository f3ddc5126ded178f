"""Every notebook runs from top to bottom, offline, and is committed without its outputs."""

import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "colab").glob("*.ipynb"))
ROOT = Path(__file__).parents[2]

# Run in the kernel before the first cell: whoever wants to leave this machine fails.
NO_NETWORK = """
import socket

_connect = socket.socket.connect


def _local_only(self, address):
    if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
        raise OSError(f"A notebook must run without network, but this one asked for {address}.")
    return _connect(self, address)


socket.socket.connect = _local_only
"""


class ThisPython(AsyncKernelManager):
    """Starts kernels with the Python that runs the tests, whatever kernels are installed."""

    @property
    def kernel_spec(self):
        return KernelSpec(argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"])


def outputs_of(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def test_there_are_notebooks():
    assert [path.name for path in NOTEBOOKS][:1] == ["01_first_gan.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_committed_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert not outputs_of(notebook)
    assert all(cell.execution_count is None for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_offline_from_top_to_bottom(path, tmp_path, monkeypatch):
    for name, value in {"TFGAN_TRICKS_QUICK": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}.items():
        monkeypatch.setenv(name, value)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(NO_NETWORK))
    client = NotebookClient(
        notebook, timeout=300, kernel_manager_class=ThisPython, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    pictures = [output for output in outputs_of(notebook) if "image/png" in output.get("data", {})]
    assert len(pictures) >= 5
    (folder,) = tmp_path.iterdir()
    assert {"samples", "gan.keras", "served"} <= {made.name for made in folder.iterdir()}
