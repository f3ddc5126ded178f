"""What evaluations measured, as tables: the final and the best checkpoint side by side, and the floor beside both."""

import dataclasses
import json
from collections.abc import Iterable
from typing import Any

from tfgan_tricks import metrics
from tfgan_tricks.metrics.metric import Metric
from tfgan_tricks.report.charts import Chart, Series
from tfgan_tricks.report.curves import chart
from tfgan_tricks.report.reading import Run, number

PARTS = 3  # shown beside a value; all are in its protocol


@dataclasses.dataclass(frozen=True)
class Measured:
    """One number as it is shown.

    Attributes:
        value: the number with its deviation, as text.
        parts: what it was made of or measured with it, as text, such as precision and recall; "" for nothing.
        images: images that the checkpoint had seen.
        protocol: all that is known of how it was measured, by name.
    """

    value: str
    parts: str
    images: int
    protocol: dict[str, str]

    @property
    def counts(self) -> str:
        """How many images were compared, as the name of a result has it."""
        return "/".join(self.protocol.get(side, "none") for side in ("n_real", "n_fake"))


@dataclasses.dataclass(frozen=True)
class Comparison:
    """A row of a table.

    Attributes:
        name: of the metric, with its protocol in short.
        direction: which way is good, in words; "" if that is not known.
        final, best: what was measured of each checkpoint, `None` without a measurement.
        floor: what the metric says of real against real images.
    """

    name: str
    direction: str
    final: Measured | None
    best: Measured | None
    floor: Measured | None

    @property
    def columns(self) -> list[tuple[str, Measured]]:
        """What there is, by the name of its attribute."""
        every = (("final", self.final), ("best", self.best), ("floor", self.floor))
        return [(name, found) for name, found in every if found is not None]

    @property
    def fields(self) -> list[str]:
        """All that any protocol of this row names."""
        return list(dict.fromkeys(field for _, found in self.columns for field in found.protocol))


def comparisons(run: Run) -> list[Comparison]:
    """Returns a row for each metric and protocol that the final or best checkpoint was evaluated with afterwards."""
    return _table((e["checkpoint"], e) for e in run.evaluations if e.get("checkpoint") in ("final", "best"))


def in_training(run: Run) -> list[Comparison]:
    """Returns the same of what was measured during training: the last time, and when the best checkpoint was kept."""
    during = [evaluation for evaluation in run.evaluations if evaluation.get("checkpoint") == "training"]
    return _table([*(("final", e) for e in during), *(("best", e) for e in during if e.get("best"))])


def _table(evaluations: Iterable[tuple[str, dict]]) -> list[Comparison]:
    newest: dict[str, dict[str, tuple[dict, dict]]] = {}
    for which, evaluation in evaluations:  # a later one replaces an earlier one
        for result in _results(evaluation, "results"):
            newest.setdefault(result["name"], {})[which] = (evaluation, result)
    return [_comparison(name, found) for name, found in newest.items()]


def history(run: Run) -> list[Chart]:
    """Returns a chart for each metric that was measured during training."""
    found: dict[str, dict[float, float | None]] = {}
    for evaluation in run.evaluations:
        if evaluation.get("checkpoint") == "training":
            for result in _results(evaluation, "results"):
                found.setdefault(result["name"], {})[evaluation["images_seen"]] = number(result.get("value"))
    charts = [chart(run, name, [Series(name, [*v], [*v.values()])]) for name, v in found.items()]
    return [found for found in charts if found is not None]


def _comparison(name: str, found: dict[str, tuple[dict, dict]]) -> Comparison:
    sides = {which: _measured(*found[which]) for which in found}
    floors = [floor for evaluation, result in found.values() if (floor := _floor(evaluation, result))]
    metric = _object(next(iter(found.values()))[1], "protocol").get("metric")
    return Comparison(name, _direction(metric), sides.get("final"), sides.get("best"), floors[0] if floors else None)


def _floor(evaluation: dict, result: dict) -> Measured | None:
    """Returns the floor in the same evaluation that was measured by the same metric with the same features."""

    def key(one: dict) -> tuple:
        protocol = _object(one, "protocol")
        return one.get("metric"), *(protocol.get(name) for name in ("settings", "features", "feature_settings"))

    same = [floor for floor in _results(evaluation, "floors") if key(floor) == key(result)]
    return _measured(evaluation, same[0]) if same else None


def _measured(evaluation: dict, result: dict) -> Measured:
    value, deviation = number(result.get("value")), number(result.get("deviation"))
    text = "not finite" if value is None else f"{value:.5g}" + ("" if deviation is None else f" ± {deviation:.2g}")
    details = _object(result, "details")
    numbers = {name: value for name, value in details.items() if number(value) is not None}
    parts = ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in [*numbers.items()][:PARTS])
    protocol = _object(result, "protocol") | {f"also measured: {name}": value for name, value in details.items()}
    return Measured(text, parts, evaluation["images_seen"], {name: _text(value) for name, value in protocol.items()})


def _results(evaluation: dict, which: str) -> list[dict[str, Any]]:
    found = evaluation.get(which)
    entries = found if isinstance(found, list) else []
    return [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("name"), str)]


def _object(result: dict, which: str) -> dict[str, Any]:
    found = result.get(which)
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    return "none" if value is None else value if isinstance(value, str) else json.dumps(value)


def _direction(name: object) -> str:
    """Returns which way is good for a metric of this library."""
    for found in (getattr(metrics, public) for public in metrics.__all__):
        if isinstance(found, type) and issubclass(found, Metric) and getattr(found, "name", None) == name:
            return "higher is better" if found.higher_is_better else "lower is better"
    return ""
