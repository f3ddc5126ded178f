"""What is inside a network, at any depth of models within models."""

import keras

from tfgan_tricks.training.stateless import frozen


def graph_of(network: keras.Layer) -> keras.Model | None:
    """Returns a functional model, or the one inside a built sequential model; `None` for what has no symbolic graph."""
    model = getattr(network, "_functional", network)
    return model if isinstance(model, keras.src.models.Functional) else None


def layers_of(network: keras.Layer, path: str = "") -> dict[str, keras.Layer]:
    """Returns the layers that `outputs_by_layer` tells of, by the same names and in the same order."""
    graph = graph_of(network)
    found: dict[str, keras.Layer] = {}
    for layer in () if graph is None else graph.layers:
        if not isinstance(layer, keras.layers.InputLayer):
            found |= layers_of(layer, f"{path}{layer.name}/") | {f"{path}{layer.name}": layer}
    return found


def outputs_by_layer(network: keras.Layer, x, path: str = "") -> dict:
    """Returns what each layer puts out in inference, "MODEL/LAYER" for layers of a model within; moves no state.

    Of a layer that is used more than once, its last use counts.

    Args:
        network: functional or sequential.
        x: its input.
        path: what the names begin with.
    """
    graph = graph_of(network)
    if graph is None:
        return {}
    depths = sorted(graph._nodes_by_depth, reverse=True)
    nodes = {node.operation.name: node for depth in depths for node in graph._nodes_by_depth[depth]}
    layers = [layer for layer in graph.layers if not isinstance(layer, keras.layers.InputLayer)]
    within = [
        layer.name for layer in layers if graph_of(layer) is not None and len(nodes[layer.name].input_tensors) == 1
    ]
    tensors = {
        "given": {layer.name: _alone(nodes[layer.name].outputs) for layer in layers},
        "taken": {name: nodes[name].input_tensors[0] for name in within},
    }
    seen = frozen(keras.Model(graph.inputs, tensors))(x, training=False)
    found: dict = {}
    for layer in layers:
        if layer.name in within:
            found |= outputs_by_layer(layer, seen["taken"][layer.name], f"{path}{layer.name}/")
        found[f"{path}{layer.name}"] = seen["given"][layer.name]
    return found


def _alone(tensors: list):
    return tensors[0] if len(tensors) == 1 else list(tensors)
