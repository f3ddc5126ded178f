"""Workers on loopback, and logical devices, train alike: as one device does, and as each other to the last bit."""

import json

import numpy as np
import pytest
import tensorflow as tf

from tests.distribution.loopback import finish, start
from tests.distribution.worker import train

STEPS = 20


@pytest.fixture(scope="module")
def alone():
    """What one device ends with."""
    return train(tf.distribute.get_strategy(), STEPS)


def ended(folder, workers: int = 1, devices: int = 1) -> list[tuple[dict, dict]]:
    """Returns the variables that each process ended with, and what it says about itself."""
    command = ["-m", "tests.distribution.worker", str(folder), str(STEPS), str(devices)]
    finish(start(workers, command, folder), folder)
    names = [path.stem for path in sorted(folder.glob("*.npz"))]
    assert names == (["devices"] if devices > 1 else [f"worker-{index}" for index in range(workers)])
    about = [json.loads((folder / f"{name}.json").read_text()) for name in names]
    assert [one["replicas"] for one in about] == [workers * devices] * workers
    assert [one["unlike"] for one in about] == [[]] * workers
    drawn = [np.array(latents).tobytes() for one in about for latents in one["latents"]]
    assert len(set(drawn)) == len(drawn) == workers * devices  # each replica its own
    return [(dict(np.load(folder / f"{n}.npz")), a) for n, a in zip(names, about, strict=True)]


def assert_as_on_one_device(received, alone) -> None:
    """Holds variables and logs to those of one device, up to the order of float sums."""
    (values, about), (expected, one) = received, alone
    assert set(values) == set(expected)
    for name, value in values.items():
        np.testing.assert_allclose(value, expected[name], atol=5e-5, err_msg=name)
    for name in ("discriminator_loss", "generator_loss", "r1"):
        np.testing.assert_allclose(about["history"][name], one["history"][name], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("count", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_workers_end_alike_and_as_one_device_does(tmp_path, alone, count):
    workers = ended(tmp_path, workers=count)
    for worker in workers:
        assert_as_on_one_device(worker, alone)
        for name, value in worker[0].items():
            np.testing.assert_array_equal(value, workers[0][0][name], err_msg=name)
    assert [about["chief"] for _, about in workers] == [True] + [False] * (count - 1)


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 4])
def test_logical_devices_end_alike_and_as_one_device_does(tmp_path, alone, count):
    (process,) = ended(tmp_path, devices=count)
    assert_as_on_one_device(process, alone)
    assert process[1]["chief"]
