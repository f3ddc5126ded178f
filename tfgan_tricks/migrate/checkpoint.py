"""Reads TensorFlow checkpoints: `tf.train.Checkpoint`, `model.save_weights("x")`, and the variables of a SavedModel."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfgan_tricks.checks import explain, suggestion
from tfgan_tricks.migrate.saved import Entry, SavedFile, group

GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
# Children of a model or a checkpoint that are no layers.
BESIDE = {
    "optimizer": "state of the optimizer; Keras 3 has other optimizers",
    "save_counter": "counts saves",
    "keras_api": "metrics and other bookkeeping of Keras",
    "signatures": "functions, no weights",
}


def prefix_of(path: str | Path) -> str | None:
    """Returns what TensorFlow calls the path of a checkpoint, or `None` if there is none."""
    path = Path(path)
    named = path.with_suffix("") if path.suffix == ".index" else path
    for candidate in (named, named / "variables" / "variables"):
        if candidate.with_name(candidate.name + ".index").is_file():
            return str(candidate)
    if (path / "checkpoint").is_file():
        import tensorflow as tf

        return tf.train.latest_checkpoint(path)
    return None


def read_checkpoint(prefix: str, part: str = "") -> SavedFile:
    """Returns the weights of a checkpoint by layer.

    Args:
        prefix: path without ".index".
        part: attributes that lead to the model, such as "generator" in `tf.train.Checkpoint(generator=generator)`,
            separated by "/"; all is read if it is not given.
    """
    # The only use of TensorFlow in this package: H5 files can be read without it.
    import tensorflow as tf
    from tensorflow.core.protobuf import trackable_object_graph_pb2

    reader = tf.train.load_checkpoint(prefix)
    shapes = reader.get_variable_to_shape_map()
    if GRAPH not in shapes:
        raise ValueError(
            explain(
                "This checkpoint does not say which object owns which weight.",
                received=prefix,
                expected="a checkpoint by tf.train.Checkpoint or by model.save_weights, of TensorFlow 2",
                fix="restore it where it was saved, and save the model's weights there again.",
            )
        )
    graph = trackable_object_graph_pb2.TrackableObjectGraph()
    graph.ParseFromString(reader.get_tensor(GRAPH))
    node = _descend(graph, part, prefix)
    seen: set[str] = set()
    entries = list(_walk(graph, node, "", set(), reader, seen))
    skipped = _beside(graph, [name for name in shapes if name not in seen and name != GRAPH])
    return SavedFile(prefix, group(entries), skipped, [c.local_name for c in graph.nodes[node].children])


def _descend(graph: Any, part: str, prefix: str) -> int:
    node = 0
    for name in part.split("/") if part else []:
        children = {child.local_name: child.node_id for child in graph.nodes[node].children}
        if name not in children:
            raise ValueError(
                explain(
                    f"The checkpoint has no part {part!r}.",
                    received=f"part={part!r} of {prefix}",
                    expected=f"one of {', '.join(children)}",
                    fix=suggestion(name, children, "leave `part` out to read all of it."),
                )
            )
        node = children[name]
    return node


def _walk(graph: Any, node: int, path: str, visited: set[int], reader: Any, seen: set[str]) -> Iterator[Entry]:
    """Yields all weights below a node, depth first: in the order in which the model made its layers."""
    if node in visited:
        return
    visited.add(node)
    for attribute in graph.nodes[node].attributes:
        if attribute.name == "VARIABLE_VALUE" and reader.has_tensor(attribute.checkpoint_key):
            seen.add(attribute.checkpoint_key)
            owner, _, name = path.rpartition("/")
            scope = attribute.full_name.rpartition("/")[0].removesuffix("/data_dep_init")
            layer = scope.rpartition("/")[2] or owner
            yield Entry(owner, name, layer, reader.get_tensor(attribute.checkpoint_key))
    for child in graph.nodes[node].children:
        if child.local_name not in BESIDE:
            below = f"{path}/{child.local_name}"
            yield from _walk(graph, child.node_id, below, visited, reader, seen)


def _beside(graph: Any, keys: list[str]) -> dict[str, str]:
    """Returns what was not read, one line for each thing that it belongs to, and why."""
    skipped: dict[str, str] = {}
    for key in sorted(keys):
        head, *rest = key.split("/")
        inner = next((name for name in rest if name in BESIDE), None)
        if ".OPTIMIZER_SLOT" in rest:
            skipped[f"{head} (optimizer's slots)"] = BESIDE["optimizer"]
        elif head in BESIDE or inner:
            skipped[head if head in BESIDE else f"{head}/{inner}"] = BESIDE[head if head in BESIDE else str(inner)]
        else:
            skipped[head] = "not the part that was asked for"
    return skipped
