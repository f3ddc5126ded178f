"""Which workers there are, told by the environment."""

import json
import os

import pytest
import tensorflow as tf

from tfgan_tricks.distribution import find_cluster, is_chief, make_strategy

TWO = {"worker": ["a:1", "b:2"]}


def tf_config(cluster=TWO, kind="worker", index=1) -> dict[str, str]:
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})}


class Strategy:
    """Stands for a strategy of several workers, which cannot be made in a test process."""

    def __init__(self, environment):
        self.cluster_resolver = find_cluster(environment)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"TF_CONFIG": " "},
        {"SLURM_NTASKS": "4"},
        {"SLURM_STEP_NUM_TASKS": "1"},
        tf_config({"worker": ["a:1"]}, index=0),
    ],
)
def test_a_process_alone_has_no_cluster(environment):
    assert find_cluster(environment) is None


def test_tensorflows_own_variable_comes_first():
    cluster = find_cluster({**tf_config(), "WORKER_HOSTS": "x,y,z", "JOB_COMPLETION_INDEX": "0"})
    assert (cluster.task_type, cluster.task_id) == ("worker", 1)
    assert cluster.cluster_spec().as_dict() == TWO


def test_hosts_of_an_indexed_job():
    cluster = find_cluster({"WORKER_HOSTS": "gan-0.gan, gan-1.gan:99 ,", "JOB_COMPLETION_INDEX": "1"})
    assert cluster.cluster_spec().as_dict() == {"worker": ["gan-0.gan:12345", "gan-1.gan:99"]}
    assert cluster.task_id == 1


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({"TF_CONFIG": "{"}, "TF_CONFIG cannot be read"),
        ({"TF_CONFIG": "[1]"}, "TF_CONFIG cannot be read"),
        (tf_config(index=2), "task 2 of worker is not in the cluster"),
        (tf_config(kind="chief", index=0), "TF_CONFIG cannot be read"),
        (tf_config({"worker": "a:1"}, index=0), "TF_CONFIG cannot be read"),
        ({"WORKER_HOSTS": "a,b"}, "which worker it is"),
        ({"WORKER_HOSTS": "a,b", "JOB_COMPLETION_INDEX": "2"}, "a number from 0 to 1"),
    ],
)
def test_what_cannot_be_read_is_refused(environment, text):
    with pytest.raises(ValueError, match=text):
        find_cluster(environment)


def test_one_worker_is_the_chief():
    three = {"worker": ["a:1", "b:1"], "chief": ["c:1"]}
    assert is_chief()
    assert is_chief(tf.distribute.get_strategy())
    assert [is_chief(Strategy(tf_config(index=index))) for index in (0, 1)] == [True, False]
    assert is_chief(Strategy(tf_config(three, "chief", 0)))
    assert [is_chief(Strategy(tf_config(three, index=index))) for index in (0, 1)] == [False, False]


def test_workers_train_on_the_gpus_that_they_see(monkeypatch):
    assert find_cluster(tf_config()).num_accelerators() == {"GPU": 0}
    monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind: ["0", "1", "2"] if kind == "GPU" else [])
    assert find_cluster(tf_config()).num_accelerators() == {"GPU": 3}


def test_a_blank_variable_is_taken_away_for_tensorflow_not_to_read_it(monkeypatch):
    monkeypatch.setattr(tf.distribute, "MirroredStrategy", lambda devices: os.environ.get("TF_CONFIG"))
    monkeypatch.setenv("TF_CONFIG", " ")
    assert make_strategy("mirrored") is None


def test_strategies_by_name(monkeypatch, two_replicas):
    for name in ("TF_CONFIG", "SLURM_NTASKS", "SLURM_STEP_NUM_TASKS", "WORKER_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    assert make_strategy() is make_strategy("one_device") is tf.distribute.get_strategy()
    monkeypatch.setattr(tf.distribute, "MirroredStrategy", lambda devices: devices)  # a second one would abort
    assert len(make_strategy("mirrored")) == 2
    with pytest.raises(ValueError, match="There are no other workers"):
        make_strategy("multi_worker")
    with pytest.raises(ValueError, match=r"one_device, mirrored, multi_worker"):
        make_strategy("two_gpus")
