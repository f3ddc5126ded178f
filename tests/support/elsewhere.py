"""What a module of the tests computes on another Keras backend, in a process of its own."""

import functools
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@functools.cache  # pytest sets a fixture up again whenever another parameter was between
def computed_on(backend: str, module: str) -> dict[str, np.ndarray]:
    """Returns the arrays that `python -m module FILE` writes; skips the test where PyTorch is not installed."""
    if importlib.util.find_spec(backend) is None:
        assert backend != "jax", "jax is among the requirements of the extra `dev`: install it"
        pytest.skip("PyTorch is not installed; it is in the extra `benchmark`")
    environment = {**os.environ, "KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.npz"
        command = [sys.executable, "-m", module, str(path)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr[-5_000:]
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
