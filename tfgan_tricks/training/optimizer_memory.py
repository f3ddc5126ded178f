"""What an optimizer remembers, handed on to another one for the variables that both train."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

import keras


def like(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """Returns an optimizer with the same settings, and the present learning rate, that knows no variable yet."""
    return type(optimizer).from_config(optimizer.get_config())


def carry_over(
    old: keras.optimizers.Optimizer,
    new: keras.optimizers.Optimizer,
    partners: Mapping[int, keras.Variable] | None = None,
) -> None:
    """Gives the new optimizer the moments of the variables that the old one trained too.

    What belongs to no variable, such as the count of steps, is handed on if there are such variables, and begins anew
    if there are none.

    Args:
        old: built.
        new: built, of the same settings.
        partners: for variables that were copied, the new one by the identity of the old one.
    """
    heirs = {old: id(new) for old, new in (partners or {}).items()}
    for one, other in zip(_leaves(old), _leaves(new), strict=False):
        before = {(heirs.get(owner, owner), name): value for (owner, name), value in _memory(one).items()}
        after = _memory(other)
        trained = {heirs.get(id(variable), id(variable)) for variable in one._trainable_variables}
        shared = trained & set(map(id, other._trainable_variables))
        for key, variable in after.items():
            if key in before and shared:
                variable.assign(before[key].numpy())


def _leaves(optimizer) -> Iterator[keras.optimizers.Optimizer]:
    """Yields an optimizer and those inside of it, such as that which a loss scale is around."""
    yield optimizer
    inner = getattr(optimizer, "inner_optimizer", None)  # of a loss scale
    for child in getattr(optimizer, "_inner_optimizers", [] if inner is None else [inner]):  # of several in one
        yield from _leaves(child)


def _memory(optimizer) -> dict[tuple, keras.Variable]:
    """Returns an optimizer's own variables by what they are for: (trained variable or `None`, name).

    Keras names a moment after the path of its variable. Layers of two networks may share a path; their moments then
    come in the order of the variables.
    """
    trained = defaultdict(list)
    for variable in optimizer._trainable_variables:
        trained[variable.path.replace("/", "_")].append(id(variable))
    found: dict[tuple, keras.Variable] = {}
    met: Counter = Counter()
    for variable in optimizer._variables:
        owner = max((path for path in trained if variable.name.startswith(f"{path}_")), key=len, default=None)
        found[None if owner is None else trained[owner][met[variable.name]], variable.name] = variable
        met[variable.name] += 1
    return found
