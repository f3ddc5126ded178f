"""A stage that trains some of the networks."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from tfgan_tricks.checks import check_type, explain, suggestion
from tfgan_tricks.training.optimizer_memory import carry_over, like
from tfgan_tricks.training.stage import Stage

OF_KERAS = ("run_eagerly", "jit_compile", "steps_per_execution")


@keras.saving.register_keras_serializable("tfgan_tricks")
class NetworkStage(Stage):
    """Trains the networks that are named and freezes all others; what `compile` was told may change.

    For curricula of several networks: one learns alone, stays frozen while the next one learns, and at last all learn
    together. The stage compiles the same GAN anew; weights, averaged weights, random numbers and the count of images
    go on. A frozen network keeps its weights and its state (batch norm's statistics, spectral norm's vectors), and
    `averaging` copies it.

    What does not change goes on as it is: an optimizer keeps its settings, its learning rate as callbacks have left
    it, and its moments of those variables that were trained in the stage before, too, told apart by their paths. Its
    steps are counted on if there are such variables, and from 0 if there are none. An optimizer among the changes is
    new. The memory of losses and terms begins anew, that of input transforms stays.

    **Source**: Wang et al., 2018, arXiv:1711.11585, section 3.1 (a global generator alone, an enhancer around it, then
    both); Yu et al., 2018, arXiv:1801.07892, section 3 (coarse, then refined).

    **Differs from the paper**: no; the stages are a list, and any network may be in any of them.

    Args:
        images: images that the generator sees in this stage, at least 1.
        train: names of the task's networks that are trained, such as ["refine", "discriminator"]. A network that was
            frozen is trained whole; frozen layers in a network that is trained all along stay so.
        changes: arguments of `compile` that are other ones from this stage on, such as {"loss": NoGame()}.
        batch_size: images per generator update.
        resolution: side of the images of this stage, for `data` to read; `None` if that does not change.

    Call arguments:
        gan: the compiled model of the stage before.

    Output shape: `begin` returns that model.

    **Cost**: a new graph. Frozen networks need no gradients of their weights.

    **Combines badly with**: Adam on networks that join late: the step count goes on, so that their first steps,
    whose moments begin at 0, are not corrected for that. A new optimizer in `changes` starts all of them afresh.

    Example:

    >>> # The networks of `tasks.Inpainting`.
    >>> reconstruction = tt.losses.auxiliary.Reconstruction
    >>> alone = {"loss": tt.losses.adversarial.NoGame(), "terms": [reconstruction(key="coarse")]}
    >>> game = {"loss": tt.losses.adversarial.Hinge(), "terms": [reconstruction()]}
    >>> stages = [
    ...     tt.training.NetworkStage(100_000, ["coarse"], alone),
    ...     tt.training.NetworkStage(100_000, ["refine", "discriminator"], game),
    ...     tt.training.NetworkStage(200_000, ["coarse", "refine", "discriminator"]),
    ... ]
    """

    def __init__(
        self,
        images: int,
        train: Sequence[str],
        changes: Mapping[str, Any] | None = None,
        batch_size: int = 64,
        resolution: int | None = None,
    ):
        super().__init__(images, batch_size, resolution)
        check_type("train", train, (list, tuple), "pass a list of names, also for one: train=['refine'].")
        if not train:
            raise ValueError(
                explain(
                    "A stage trains no network.",
                    received=f"train={train!r}",
                    expected="at least one name of the task's networks",
                    fix="name the networks in `train`, such as train=['generator', 'discriminator'].",
                )
            )
        check_type("changes", changes, (dict, type(None)), "pass a dict such as {'loss': NoGame()}.")
        self.train = tuple(train)
        self.changes = changes

    def begin(self, gan: Any) -> Any:
        names = (*gan.task.generators, *gan.task.critics)
        _check_known("network", self.train, names)
        if not gan.compiled:
            raise ValueError(
                explain(
                    "The model of a stage is not compiled.",
                    received=f"a {type(gan).__name__} before `compile`",
                    expected="the model with everything that the stages do not change",
                    fix="call gan.compile(...) before StagedTraining.fit.",
                )
            )
        arguments, changes = dict(gan._compile_arguments), self.changes or {}
        _check_known("argument of `compile`", changes, dict.fromkeys([*arguments, *OF_KERAS]))
        kept = {name: getattr(gan, name) for name in arguments if name.endswith("optimizer") and name not in changes}
        for name in names:
            network = getattr(gan.task, name)
            if name not in self.train:
                network.trainable = False
            elif not network.trainable:
                network.trainable = True
        gan.resting = [name for name in names if name not in self.train]  # for who wonders that they do not move
        arguments |= {**kept, **changes}
        # An optimizer of its own for each compilation: Keras builds it once, for certain variables.
        gan.compile(**{n: like(o) if isinstance(o, keras.optimizers.Optimizer) else o for n, o in arguments.items()})
        for name, optimizer in kept.items():
            carry_over(optimizer, getattr(gan, name))
        return gan


def _check_known(what: str, given, known) -> None:
    """Raises `ValueError` unless each name that is given is known."""
    for name in given:
        if name not in known:
            raise ValueError(
                explain(
                    f"A stage names an unknown {what}.",
                    received=repr(name),
                    expected=f"one of {', '.join(known)}",
                    fix=suggestion(str(name), known, "choose one of them."),
                )
            )
