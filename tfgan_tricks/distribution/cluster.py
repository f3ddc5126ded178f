"""Which processes train together, told by the environment that they were started in."""

import json
import os
from collections.abc import Mapping

import tensorflow as tf

from tfgan_tricks.checks import explain
from tfgan_tricks.distribution.slurm import slurm_workers, tasks_of_step

PORT = 12_345  # on which a worker listens, where the environment names hosts only


def find_cluster(environment: Mapping[str, str] | None = None) -> tf.distribute.cluster_resolver.ClusterResolver | None:
    """Returns the cluster that this process is part of, `None` if it is alone.

    In this order:

    * `TF_CONFIG`: TensorFlow's own, which Kubeflow's training operator and managed services set.
    * Slurm, where a step has more than one task: `SLURM_STEP_NODELIST`, `SLURM_PROCID` and others, which srun sets.
      Tasks must be numbered machine by machine, as they are unless asked for otherwise.
    * `WORKER_HOSTS` with `JOB_COMPLETION_INDEX`: an indexed Job of Kubernetes, whose hosts are listed as
      "host-0,host-1:2222"; of hosts without a port it is 12345.

    All workers must have the same number of GPUs; each takes all that it sees.

    **Cost**: none.

    **Combines badly with**: a cluster with parameter servers: `tf.distribute` trains in sync here.

    Args:
        environment: variables by name; those of this process unless given.

    Raises:
        ValueError: if a variable cannot be read.

    Example:

    >>> environment = {"WORKER_HOSTS": "gan-0.gan,gan-1.gan", "JOB_COMPLETION_INDEX": "1"}
    >>> cluster = tfgan_tricks.distribution.find_cluster(environment)
    >>> cluster.task_type, cluster.task_id, cluster.cluster_spec().as_dict()
    ('worker', 1, {'worker': ['gan-0.gan:12345', 'gan-1.gan:12345']})
    """
    environment = os.environ if environment is None else environment
    if environment.get("TF_CONFIG", "").strip():
        return _from_tf_config(environment["TF_CONFIG"])
    if tasks_of_step(environment) > 1:
        workers, index = slurm_workers(environment, PORT)
        return _resolver({"worker": workers}, "worker", index)
    if environment.get("WORKER_HOSTS", "").strip():
        hosts = [host.strip() for host in environment["WORKER_HOSTS"].split(",") if host.strip()]
        workers = [host if ":" in host else f"{host}:{PORT}" for host in hosts]
        return _resolver({"worker": workers}, "worker", _index(environment, len(workers)))
    return None


def _from_tf_config(text: str) -> tf.distribute.cluster_resolver.ClusterResolver | None:
    try:
        config = json.loads(text)
        cluster, task = config["cluster"], config["task"]
        kind, index = str(task["type"]), int(task["index"])
        if not 0 <= index < len(cluster[kind]) or any(not isinstance(hosts, list) for hosts in cluster.values()):
            raise ValueError(f"task {index} of {kind} is not in the cluster")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            explain(
                "The environment variable TF_CONFIG cannot be read.",
                received=f"{text[:200]!r} ({type(error).__name__}: {error})",
                expected='{"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}',
                fix="correct it, the same cluster on all workers and an index of its own on each, or unset it.",
            )
        ) from error
    workers = [host for name in ("chief", "worker") for host in cluster.get(name, [])]
    return _resolver(cluster, kind, index) if len(workers) > 1 else None


def _index(environment: Mapping[str, str], count: int) -> int:
    text = environment.get("JOB_COMPLETION_INDEX", "")
    if not text.isdigit() or int(text) >= count:
        raise ValueError(
            explain(
                "This process does not know which worker it is.",
                received=f"JOB_COMPLETION_INDEX={text!r} and {count} hosts in WORKER_HOSTS",
                expected=f"a number from 0 to {count - 1}",
                fix="start the workers as an indexed Job (completionMode: Indexed), or set it by hand.",
            )
        )
    return int(text)


def _resolver(cluster: Mapping[str, list[str]], kind: str, index: int):
    # Without the number of GPUs the strategy would train on the CPU.
    accelerators = {"GPU": len(tf.config.get_visible_devices("GPU"))}
    return tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec(dict(cluster)),
        task_type=kind,
        task_id=index,
        num_accelerators=accelerators,
        rpc_layer="grpc",
    )
