"""What Slurm's variables say: who is who, and whose GPUs are whose."""

import pytest
import tensorflow as tf

from tfgan_tricks.distribution import find_cluster
from tfgan_tricks.distribution.slurm import expand_counts, expand_hosts, take_own_gpus


def step(index: int, nodes: str, tasks: str, count: int, **others: str) -> dict[str, str]:
    """Returns the variables that srun sets for a task."""
    step = {"SLURM_STEP_NODELIST": nodes, "SLURM_STEP_TASKS_PER_NODE": tasks, "SLURM_STEP_NUM_TASKS": str(count)}
    return {**step, "SLURM_PROCID": str(index), **others}


def workers(environment) -> list[str]:
    return find_cluster(environment).cluster_spec().as_dict()["worker"]


def test_workers_are_numbered_as_slurm_numbers_tasks_and_not_by_name():
    # In the order of letters gpu10 comes before gpu9, whose first task is Slurm's first.
    for index in (0, 1):
        cluster = find_cluster(step(index, "gpu[9-10]", "1(x2)", 2))
        assert cluster.cluster_spec().as_dict() == {"worker": ["gpu9:12345", "gpu10:12345"]}
        assert (cluster.task_type, cluster.task_id) == ("worker", index)


def test_tasks_of_one_machine_have_ports_of_their_own():
    expected = ["big:12345", "big:12346", "a07:12345", "a08:12345"]
    assert workers(step(3, "big,a[07-08]", "2,1(x2)", 4)) == expected


def test_a_task_agrees_with_where_slurm_says_it_is():
    here = {"SLURM_NODEID": "1", "SLURM_LOCALID": "1"}
    assert find_cluster(step(3, "n[1-2]", "2(x2)", 4, **here)).task_id == 3
    with pytest.raises(ValueError, match=r"(?s)task 2 is number 1 on machine 0.*--distribution=block"):
        find_cluster(step(2, "n[1-2]", "2(x2)", 4, SLURM_NODEID="0", SLURM_LOCALID="1"))  # dealt out in turn


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("node", ["node"]),
        ("a,b-1", ["a", "b-1"]),
        ("gpu[07-09,12]", ["gpu07", "gpu08", "gpu09", "gpu12"]),
        ("n[1-2],m5,o[3,5]", ["n1", "n2", "m5", "o3", "o5"]),
        ("r[1-2]c[8-9]", ["r1c8", "r1c9", "r2c8", "r2c9"]),
        ("r[1-2].site,x", ["r1.site", "r2.site", "x"]),
        ("c[098-101]", ["c098", "c099", "c100", "c101"]),
    ],
)
def test_lists_of_machines(text, expected):
    assert expand_hosts(text) == expected


def test_numbers_of_tasks():
    assert expand_counts("3(x2),2,1") == [3, 3, 2, 1]


@pytest.mark.parametrize(
    "environment",
    [
        step(0, "", "1(x2)", 2),
        step(0, "n[1-]x]", "1(x2)", 2),
        step(0, "n[1-3]", "1(x2)", 3),
        step(0, "n[1-2]", "one", 2),
        step(0, "n[1-2]", "1(x2)", 3),
        step(2, "n[1-2]", "1(x2)", 2),
        {"SLURM_STEP_NUM_TASKS": "2"},
    ],
)
def test_what_does_not_fit_is_refused(environment):
    with pytest.raises(ValueError, match="variables of Slurm cannot be read"):
        find_cluster(environment)


@pytest.mark.parametrize(
    ("gpus", "others", "expected"),
    [
        (4, {"SLURM_NODEID": "1", "SLURM_LOCALID": "1"}, [2, 3]),
        (4, {"SLURM_NODEID": "0", "SLURM_LOCALID": "0"}, None),  # alone on its machine
        (4, {"SLURM_NODEID": "1", "SLURM_LOCALID": "1", "SLURM_GPUS_PER_TASK": "4"}, None),
        (1, {"SLURM_NODEID": "1", "SLURM_LOCALID": "1"}, None),  # Slurm shows each its own
        (0, {"SLURM_NODEID": "1", "SLURM_LOCALID": "1"}, None),
    ],
)
def test_tasks_of_one_machine_share_its_gpus(monkeypatch, gpus, others, expected):
    seen = []
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: list(range(gpus)))
    monkeypatch.setattr(tf.config, "set_visible_devices", lambda devices, kind: seen.append(devices))
    take_own_gpus(step(2, "n[1-2]", "1,2", 3, **others))
    assert seen == ([] if expected is None else [expected])
