"""Callbacks that decide do so alike on all workers; evaluation, prediction and sampling work on each of them."""

import json

import numpy as np
import pytest
import tensorflow as tf

from tests.distribution import deciding_worker
from tests.distribution.loopback import finish, start


@pytest.mark.slow
def test_two_workers_whose_data_differ_decide_and_measure_as_one_process_does(tmp_path):
    processes = start(2, ["-m", "tests.distribution.deciding_worker", str(tmp_path)], tmp_path)
    alone = json.loads(json.dumps(deciding_worker.decided(tf.distribute.get_strategy(), tmp_path / "alone")))
    finish(processes, tmp_path, seconds=900.0)
    workers = [json.loads((tmp_path / f"{index}.json").read_text()) for index in (0, 1)]
    # 5 of 8 answers are fooled, 8 of 8 on one worker and 2 of 8 on the other, which alone would raise the rate.
    assert alone["rate"] == pytest.approx(deciding_worker.RATE / 2**6)
    assert len(alone["measured"]) == 1
    assert list(alone["stopped"].values()) == [2 * deciding_worker.STEPS] * 3
    for worker in workers:
        for name in ("rate", "measured", "stopped"):
            assert worker[name] == alone[name], name
        assert set(alone["logs"]) >= set(workers[1]["logs"])
        for name, values in worker["logs"].items():
            if not name.endswith("gradient_norm"):  # the mean of the norms of each replica's part
                np.testing.assert_allclose(values, alone["logs"][name], rtol=1e-4, atol=1e-5, err_msg=name)
        assert worker["evaluated"] == pytest.approx(alone["evaluated"], rel=1e-4, abs=1e-5)
        np.testing.assert_allclose(worker["predicted"], alone["predicted"], rtol=1e-4)
        np.testing.assert_allclose(worker["sampled"], alone["sampled"], rtol=1e-4)
    for name in ("evaluated", "predicted", "sampled"):
        assert workers[0][name] == workers[1][name], name
    shared = {name: values for name, values in workers[0]["logs"].items() if name in workers[1]["logs"]}
    assert shared == workers[1]["logs"]
