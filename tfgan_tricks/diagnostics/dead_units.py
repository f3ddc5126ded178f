"""Units that answer the same to every input."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.graphs import graph_of, layers_of
from tfgan_tricks.diagnostics.remedies import clip_gradient, lower_rate
from tfgan_tricks.types import PLAYERS

ACTIVATIONS = (keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.PReLU, keras.layers.ELU)
SOURCE = "Maas et al., 2013, Rectifier nonlinearities improve neural network acoustic models, section 2"
UNEXAMINED = "dead_units_unexamined/"
SAME = 1e-6  # of a layer's largest answer: what rounding leaves between equal inputs


class DeadUnits(Detector):
    """Finds layers whose units answer the same to all inputs, so that neither signal nor gradient passes.

    A ReLU that is 0 for every image gets no gradient and never comes back. Measured behind every activation of a
    functional or sequential network, and of models within, but that of its output: the share of units (of feature maps,
    for convolutions) that do not change, at any place, from one of the look's inputs to another. A ReLU that is 0 for
    all of them counts, and so does a tanh at its bound, or a unit whose own inputs are dead.

    Signals: "dead_units/NETWORK/LAYER", that share; "dead_outputs/NETWORK", the share of the network's own outputs that
    do not change; "dead_units_unexamined/NETWORK", 1 if some of it cannot be looked into: a subclassed model within, or
    a model of several inputs; that is a note. A whole layer that is dead while the outputs do change has a way around
    it, a residual one say, and is a warning.

    **Source**: Maas et al., 2013, "Rectifier nonlinearities improve neural network acoustic models", section 2; "avoid
    sparse gradients" in Chintala et al., 2016, "How to Train a GAN?".

    **Differs from the paper**: constant units count for every activation.

    Args:
        serious: share of a layer's units, from which on it passes nothing.
        warning: share from which on it is worth a warning; below this layers of ReLU are often sparse.
        looks: how many looks in a row must agree; a serious share is a warning before.

    **Cost**: one pass through each network per look; only minima and maxima leave the graph.

    **Combines badly with**: generators that start from a learned constant, whose first layers do not depend on their
    inputs by design: a warning of no use.

    Example:

    >>> look = {"dead_units/generator/relu_1": 1.0, "dead_outputs/generator": 1.0}
    >>> looks = tuple(tt.diagnostics.Snapshot(images, look) for images in (1_000, 2_000))
    >>> facts = {"networks": {"generator": ["generator"], "discriminator": ["discriminator"]}}
    >>> [finding.severity for finding in tt.diagnostics.DeadUnits()(tt.diagnostics.Window(looks, facts))]
    ['serious']
    """

    name = "dead_units"

    def __init__(self, serious: float = 0.99, warning: float = 0.5, looks: int = 2):
        check_range("serious", serious, low=0.0, high=1.0, low_open=True)
        check_range("warning", warning, low=0.0, high=serious, low_open=True)
        check_integer("looks", looks, at_least=1)
        self.serious = serious
        self.warning = warning
        self.looks = looks

    def measure(self, look):
        values = {}
        for name, network in look.networks.items():
            if look.real is None and name not in look.gan.task.generators:
                continue  # before a critic that is shown one image again and again all units look dead
            shares = look.activations(name, reduced=_shares_of_same)
            if not shares:
                values[f"{UNEXAMINED}{name}"] = 1.0
                continue
            last = set(getattr(graph_of(network), "output_names", ()))
            for path, layer in layers_of(network).items():
                closed = isinstance(layer, keras.Model) and graph_of(layer) is None
                if closed or (_activates(layer) and path not in shares):
                    values[f"{UNEXAMINED}{name}"] = 1.0
                if path in last:
                    values[f"dead_outputs/{name}"] = float(shares[path])
                elif _activates(layer) and path in shares:
                    values[f"dead_units/{name}/{path}"] = float(shares[path])
        return values

    def __call__(self, window):
        found = []
        for player in PLAYERS:
            shares = {
                n: window.values(n, self.looks) for n in window.names("dead_units/") if _player(window, n) == player
            }
            lasting = {name: values.min() for name, values in shares.items() if len(values) == self.looks}
            worst = max(lasting, key=lasting.__getitem__, default=None)
            if worst is not None and lasting[worst] >= self.warning:
                found.append(self._finding(window, player, worst, lasting))
        return found or self._unexamined(window)

    def _unexamined(self, window) -> list[Finding]:
        """Returns what must be said lest silence is taken for health."""
        names = [name.removeprefix(UNEXAMINED) for name in window.names(UNEXAMINED)]
        evidence = f"Not examined, or only in part: {', '.join(names)}."
        meaning = (
            "Dead units can be found in functional and sequential models of one input alone; the layers inside other"
            " ones, such as subclassed models, cannot be looked into."
        )
        return [Finding(self.name, "note", (evidence,), meaning, (), SOURCE)] if names else []

    def _finding(self, window, player: str, worst: str, lasting: dict[str, float]) -> Finding:
        _, network, layer = worst.split("/", 2)
        share, outputs = lasting[worst], window.last(f"dead_outputs/{network}")
        bypassed = share == 1.0 and outputs is not None and outputs < 1.0
        also = sum(share >= self.warning for share in lasting.values()) - 1
        evidence = [
            f"At {window.images:,} images, and at the {self.looks} last looks, {share:.1%} of the units of layer"
            f" {layer} of {network} or more answer the same to all inputs."
        ]
        if also:
            evidence.append(f"So do at least {self.warning:.0%} in {also} more of its layers.")
        if bypassed:
            evidence.append("What the network puts out still changes, so there is a way around that layer.")
        elif outputs == 1.0:
            evidence.append("What the network puts out does not depend on its input any more.")
        return Finding(
            name=self.name,
            severity="serious" if share >= self.serious and not bypassed else "warning",
            evidence=tuple(evidence),
            meaning="A unit that answers the same to everything carries nothing forward, and a ReLU at 0 carries no"
            " gradient back either, so it stays dead. Of a layer that is dead as a whole, all layers before it have"
            " stopped to learn. Usually one large step pushed the biases far below zero.",
            remedies=(
                *lower_rate(window, player),
                Remedy("Use an activation with a slope on both sides: keras.layers.LeakyReLU(0.2) in place of ReLU."),
                Remedy("Put batch norm before the activation: a unit is then above 0 for some image of each batch."),
                *clip_gradient(window, player),
                Remedy(
                    "Start again from the initial weights, or a checkpoint from before: dead units do not come back."
                ),
            ),
            source=SOURCE,
            player=player,
        )


def _player(window, signal: str) -> str:
    network = signal.split("/")[1]
    return window.player_of(network) or network


def _activates(layer: keras.Layer) -> bool:
    """Returns whether a layer ends with an activation that is not linear."""
    if isinstance(layer, ACTIVATIONS):
        return True
    activation = getattr(getattr(layer, "layer", layer), "activation", None)
    return activation is not None and activation is not keras.activations.linear


def _shares_of_same(outputs: dict) -> dict:
    """Returns of each layer the share of units, on its last axis, that are equal for all inputs at all places."""
    return {name: _share_of_same(output) for name, output in outputs.items() if hasattr(output, "shape")}


def _share_of_same(output):
    output = ops.cast(output, "float32")  # [n, ..., units]
    spread = ops.max(output, axis=0) - ops.min(output, axis=0)  # [..., units]
    if len(spread.shape) > 1:
        spread = ops.max(spread, axis=tuple(range(len(spread.shape) - 1)))  # [units]
    return ops.mean(ops.cast(spread <= SAME * ops.max(ops.abs(output)), "float32"))
