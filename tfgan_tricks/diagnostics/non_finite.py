"""Training has produced NaN or infinity."""

from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.remedies import clip_gradient, lower_rate


class NonFinite(Detector):
    """Names what was not finite first, and where it is now.

    `Doctor` looks at once when a logged quantity is NaN or infinite, and searches all networks for the first variable,
    then for the first layer's output, that is not finite.

    **Source**: Goodfellow et al., 2016, "Deep Learning", section 11.5, on looking for the first such value.

    **Differs from the paper**: no.

    **Cost**: none until something breaks down; then one pass through each network.

    **Combines badly with**: several critic steps, after which what was first cannot be told from what followed.

    Example:

    >>> notes = {"non_finite": "r1", "first_bad_tensor": "variable dense/kernel of discriminator: 3 of 9 values"}
    >>> window = tt.diagnostics.Window((tt.diagnostics.Snapshot(640, {}, notes),))
    >>> [finding.severity for finding in tt.diagnostics.NonFinite()(window)]
    ['serious']
    """

    name = "non_finite"

    def __call__(self, window):
        bad = window.note("non_finite")
        if not bad:
            return []
        first, *others = bad.split(", ")
        where, then = window.note("first_bad_tensor"), f", then {', '.join(others)}" if others else ""
        evidence = [f"At {window.images:,} images {first} was not finite{then}."]
        evidence.append(f"First tensor that is not finite: {where}." if where else "All tensors are finite by now.")
        player = next((p for p in ("discriminator", "generator") if first.startswith(p)), "")
        return [
            Finding(
                name=self.name,
                severity="serious",
                evidence=tuple(evidence),
                meaning="One such value ruins every weight that it reaches within a step or two: from here on nothing"
                " is learned. Checkpoints from before are good.",
                remedies=(
                    *lower_rate(window, player or "discriminator"),
                    *clip_gradient(window, player or "discriminator"),
                    Remedy("Train in float32 or bfloat16 if this is float16.", "--config.precision=mixed_bfloat16"),
                    Remedy("Look at the data: one image with NaN is enough; the loaders refuse it."),
                ),
                source="Goodfellow et al., 2016, Deep Learning, section 11.5",
                player=player,
            )
        ]
