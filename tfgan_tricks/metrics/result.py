"""A number and the protocol that it was measured with."""

import dataclasses
import json
from typing import Any


@dataclasses.dataclass(frozen=True)
class MetricResult:
    """What a metric measured, stamped with how.

    Two numbers can be compared only if their protocols are the same: features, counts, split and settings each move
    most metrics by more than one trick does. So a result is never a bare number.

    **Source**: none; the habit of putting the protocol into the name is that of Karras et al., 2020, arXiv:2006.06676.

    **Differs from the paper**: the whole protocol is kept too, in JSON.

    Attributes:
        metric: its name, with the settings that are not the default ones.
        value: the number.
        deviation: standard deviation of the value over splits or subsets, or `None`.
        details: further numbers by name.
        protocol: metric, settings, features, feature_settings, n_real, n_fake, split, weights, seed.

    **Cost**: none.

    **Combines badly with**: nothing known.
    """

    metric: str
    value: float
    deviation: float | None = None
    details: dict[str, Any] = dataclasses.field(default_factory=dict)
    protocol: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        """Returns the metric with its protocol in short, such as fid[classifier,5000/5000,train,averaged]."""
        counts = "/".join(str(self.protocol.get(side) or "-") for side in ("n_real", "n_fake"))
        parts = [self.protocol.get("features"), counts, self.protocol.get("split"), self.protocol.get("weights")]
        return f"{self.metric}[{','.join(str(part) for part in parts if part is not None)}]"

    def as_dict(self) -> dict[str, Any]:
        """Returns all of it in types that JSON has."""
        return {"name": self.name, **dataclasses.asdict(self)}

    def to_json(self) -> str:
        """Returns all of it as one line of JSON."""
        return json.dumps(self.as_dict(), allow_nan=False)

    def __str__(self) -> str:
        deviation = "" if self.deviation is None else f" ± {self.deviation:.4g}"
        return f"{self.name} = {self.value:.6g}{deviation}"
