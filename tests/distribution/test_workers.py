"""Workers on loopback train alike: as one process does, and as each other to the last bit."""

import json

import numpy as np
import pytest

from tests.distribution.loopback import finish, start

STEPS = 20


def ended(folder, count: int) -> list[tuple[dict, dict]]:
    """Returns the variables that each worker ended with, and what it says about itself."""
    folder.mkdir()
    finish(start(count, ["-m", "tests.distribution.worker", str(folder), str(STEPS)], folder), folder)
    names = [path.stem for path in sorted(folder.glob("*.npz"))]
    assert names == (["alone"] if count == 1 else [f"worker-{index}" for index in range(count)])
    about = [json.loads((folder / f"{name}.json").read_text()) for name in names]
    assert [a["replicas"] for a in about] == [count] * count
    return [(dict(np.load(folder / f"{n}.npz")), a) for n, a in zip(names, about, strict=True)]


@pytest.mark.parametrize("count", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_workers_end_alike_and_as_one_process_does(tmp_path, count):
    ((alone, one),) = ended(tmp_path / "alone", 1)
    workers = ended(tmp_path / "workers", count)
    first = workers[0][0]
    assert set(first) == set(alone)
    for name, value in first.items():
        np.testing.assert_allclose(value, alone[name], atol=5e-5, err_msg=name)
        for other, _ in workers[1:]:
            np.testing.assert_array_equal(other[name], value, err_msg=name)
    assert [about["chief"] for _, about in workers] == [True] + [False] * (count - 1)
    for name in ("discriminator_loss", "generator_loss", "r1"):
        for _, about in workers:
            np.testing.assert_allclose(about["history"][name], one["history"][name], rtol=1e-3, atol=1e-5)
    drawn = np.array([about["latents"] for _, about in workers])
    assert len({latents.tobytes() for latents in drawn}) == count  # each replica its own
