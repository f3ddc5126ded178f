"""Which processes a step of Slurm consists of, and which GPUs of a machine that several of them share are whose.

TensorFlow's `SlurmClusterResolver` is not used: it sorts the machines by name, "gpu10" before "gpu9", where Slurm
numbers tasks in the order of its list, so that workers take each other's addresses; and it counts a GPU for each task
where there is none.
"""

import re
from collections.abc import Mapping

import tensorflow as tf

from tfgan_tricks.checks import explain

NAMES = ("SLURM_STEP_NODELIST", "SLURM_STEP_TASKS_PER_NODE", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID")
BOUND = ("SLURM_GPUS_PER_TASK", "SLURM_TRES_PER_TASK", "SLURM_NTASKS_PER_GPU")  # each task is shown its own GPUs alone


def tasks_of_step(environment: Mapping[str, str]) -> int:
    """Returns of how many tasks the step consists that this process is part of; 1 outside of a step."""
    return int(environment.get("SLURM_STEP_NUM_TASKS") or 1)  # not SLURM_NTASKS, which a script without srun has too


def slurm_workers(environment: Mapping[str, str], port: int) -> tuple[list[str], int]:
    """Returns the addresses of all tasks in Slurm's order, and the number of this one.

    Args:
        environment: variables by name, as srun sets them.
        port: of the first task on each machine; the others there have the numbers that follow.

    Raises:
        ValueError: if a variable cannot be read, or tasks are not numbered machine by machine.
    """
    try:
        hosts = expand_hosts(environment["SLURM_STEP_NODELIST"])
        counts = expand_counts(environment["SLURM_STEP_TASKS_PER_NODE"])
        workers = [f"{host}:{port + i}" for host, count in zip(hosts, counts, strict=True) for i in range(count)]
        index = int(environment["SLURM_PROCID"])
        if len(workers) != tasks_of_step(environment) or not 0 <= index < len(workers):
            raise ValueError(f"task {index} of {len(workers)}")
        node, local = (int(environment.get(name) or -1) for name in ("SLURM_NODEID", "SLURM_LOCALID"))
    except (KeyError, ValueError) as error:
        found = {
            name: value for name, value in environment.items() if name.startswith(("SLURM_STEP_N", "SLURM_STEP_T"))
        }
        raise ValueError(
            explain(
                "The variables of Slurm cannot be read.",
                received=f"{found} ({type(error).__name__}: {error})",
                expected="values that fit each other, as srun sets them",
                fix="start the workers with srun, or set TF_CONFIG on each of them.",
            )
        ) from error
    if min(node, local) >= 0 and index != sum(counts[:node]) + local:
        raise ValueError(
            explain(
                "Slurm does not number the tasks machine by machine.",
                received=f"task {index} is number {local} on machine {node} of {dict(zip(hosts, counts, strict=True))}",
                expected="the first tasks on the first machine, the next ones on the next",
                fix="start the step with srun --distribution=block.",
            )
        )
    return workers, index


def take_own_gpus(environment: Mapping[str, str]) -> None:
    """Shows TensorFlow this task's share of the GPUs, where several tasks run on a machine and see all of them.

    Must be called before TensorFlow runs anything. Where `TF_CONFIG` says who trains, Slurm is not asked.
    """
    told = any(environment.get(name, "").strip() for name in ("TF_CONFIG", *BOUND))
    if told or tasks_of_step(environment) == 1:
        return
    node, local = int(environment.get("SLURM_NODEID") or 0), int(environment.get("SLURM_LOCALID") or 0)
    tasks = expand_counts(environment["SLURM_STEP_TASKS_PER_NODE"])[node]
    gpus = tf.config.list_physical_devices("GPU")
    share = len(gpus) // tasks
    if tasks > 1 and share:
        tf.config.set_visible_devices(gpus[local * share : (local + 1) * share], "GPU")


def expand_hosts(text: str) -> list[str]:
    """Returns the machines of a list such as "gpu[9-10,12],login": gpu9, gpu10, gpu12, login."""
    hosts = []
    for part in re.findall(r"[^,\[]+(?:\[[^\]]*\][^,\[]*)*", text):
        names = [""]
        for plain, ranges in re.findall(r"([^\[]+)|\[([^\]]*)\]", part):
            names = [name + end for name in names for end in ([plain] if plain else _numbers(ranges))]
        hosts += names
    if not hosts:
        raise ValueError(f"no machine in {text!r}")
    return hosts


def _numbers(text: str) -> list[str]:
    numbers = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        numbers += [str(number).zfill(len(first)) for number in range(int(first), int(last or first) + 1)]
    return numbers


def expand_counts(text: str) -> list[int]:
    """Returns the numbers of a list such as "2(x3),1": 2, 2, 2, 1."""
    counts = []
    for part in text.split(","):
        found = re.fullmatch(r"(\d+)(?:\(x(\d+)\))?", part.strip())
        if not found:
            raise ValueError(f"{part!r} is no number of tasks")
        counts += [int(found[1])] * int(found[2] or 1)
    return counts
