"""What a GAN saves besides what Keras does, so that a continued run goes on exactly."""

import keras
import numpy as np

CALLBACK = "callback_"  # before the names of what callbacks leave with the model


def own_state(gan) -> dict[str, keras.Variable]:
    """Returns what Keras would not save by itself: the image counter, the state of every seed generator, and the
    variables of losses and terms."""
    layers = {"task": gan.task, **{f"averaged_{name}": network for name, network in gan.averaged.items()}}
    layers |= {f"input_{i}": layer for i, layer in enumerate(getattr(gan, "input_transforms", ()))}
    state = {
        **gan.counters,
        "seed": gan.seed_generator.state,
        "test_seed": gan.test_seed_generator.state,
    }
    parts = (
        {"loss": gan.adversarial_loss, **{f"term_{i}": term for i, term in enumerate(gan.terms)}}
        if gan.compiled
        else {}
    )
    for owner, part in parts.items():
        state |= {f"{owner}_variable_{i}": variable for i, variable in enumerate(part.variables)}
    for owner, layer in layers.items():
        seeds = [variable for variable in layer.variables if "seed_generator" in variable.path]
        state |= {f"{owner}_seed_{i}": variable for i, variable in enumerate(seeds)}
    return state


def save(gan, store) -> None:
    """Puts all of it into a mapping from names to arrays."""
    for name, variable in own_state(gan).items():
        store[name] = variable.numpy()
    for name, variable in _running_means(gan).items():
        store[name] = _over_replicas(gan, variable)
    for name, array in gan.callback_state.items():
        store[f"{CALLBACK}{name}"] = array


def load(gan, store) -> None:
    """Takes back what is there; a checkpoint of before it was saved lacks some."""
    for name, variable in (own_state(gan) | _running_means(gan)).items():
        if name in store:
            variable.assign(store[name])
    left = [name for name in store.keys() if name.startswith(CALLBACK)]  # noqa: SIM118 - no plain mapping
    gan.callback_state = {name.removeprefix(CALLBACK): np.array(store[name]) for name in left}


def means(gan) -> dict[str, float]:
    """Returns the means of the present epoch so far by name, of what this worker has seen; it asks no other."""
    found = {}
    for metric in gan.metrics:
        total, count = (float(_over_replicas(gan, variable)) for variable in metric.variables)
        found[metric.name] = total / count if count else 0.0
    return found


def _running_means(gan) -> dict[str, keras.Variable]:
    """Returns the sums and counts that the logs of the present epoch are made of."""
    metrics = gan.metrics if gan.compiled else []
    return {f"mean_{metric.name}_{i}": v for metric in metrics for i, v in enumerate(metric.variables)}


def _over_replicas(gan, variable: keras.Variable) -> np.ndarray:
    """Returns the sum over replicas. Only this worker's are asked: a chief that saves is alone."""
    strategy = getattr(gan, "distribute_strategy", None)
    if strategy is None or strategy.num_replicas_in_sync == 1:
        return variable.numpy()
    own = [part.numpy() for part in strategy.experimental_local_results(variable.value)]
    return np.sum(own, axis=0) * (strategy.num_replicas_in_sync / len(own))
