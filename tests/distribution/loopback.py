"""Several workers as processes of this machine."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def free_ports(count: int) -> list[int]:
    """Returns ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("localhost", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def start(count: int, command: list[str], log: Path) -> list[subprocess.Popen]:
    """Starts so many workers that run a command, each with its own log; one alone gets no cluster."""
    hosts = [f"localhost:{port}" for port in free_ports(count)]
    processes = []
    for index in range(count):
        cluster = {"cluster": {"worker": hosts}, "task": {"type": "worker", "index": index}}
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
        environment["TF_CONFIG"] = json.dumps(cluster) if count > 1 else ""
        with (log / f"log-{index}.txt").open("w") as file:
            processes.append(
                subprocess.Popen(
                    [sys.executable, *command], cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT
                )
            )
    return processes


def finish(processes: list[subprocess.Popen], log: Path, seconds: float = 240.0) -> None:
    """Waits until all have ended well; raises with the end of the log of one that has not."""
    try:
        for index, process in enumerate(processes):
            code = process.wait(seconds)
            assert code == 0, f"worker {index} ended with {code}:\n{(log / f'log-{index}.txt').read_text()[-3000:]}"
    finally:
        for process in processes:
            process.kill()
