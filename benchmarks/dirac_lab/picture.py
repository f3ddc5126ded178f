"""The trajectories, drawn."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

COLOURS = {"simultaneous": "#d95f02", "alternating": "#1f4e9c"}  # the rules that are drawn
COLUMNS, REACH = 4, 2.6


def draw(trajectories: Mapping[str, Mapping[str, np.ndarray]], file: Path) -> None:
    """Writes a picture with one panel per variant.

    Args:
        trajectories: [steps + 1, 2] by rule and variant.
        file: where to; its suffix chooses the format.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rules = [rule for rule in COLOURS if rule in trajectories]
    variants = list(dict.fromkeys(variant for rule in rules for variant in trajectories[rule]))
    rows = -(-len(variants) // COLUMNS)
    figure, axes = pyplot.subplots(
        rows,
        COLUMNS,
        figsize=(2.5 * COLUMNS, 2.6 * rows),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axis in axes.flat[len(variants) :]:
        axis.set_axis_off()
    for axis, variant in zip(axes.flat, variants, strict=False):
        for rule in rules:
            points = trajectories[rule].get(variant)
            if points is not None:
                line = {"color": COLOURS[rule], "linewidth": 0.7, "alpha": 0.8}
                axis.plot(*points.T, label=rule, **line)
                axis.plot(*points[-1], marker="o", markersize=5, color=COLOURS[rule])
        axis.plot(0.0, 0.0, marker="+", markersize=9, color="black")
        axis.set(title=variant, xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal")
        axis.title.set_fontsize(9)
        axis.tick_params(labelsize=8)
    figure.supxlabel("θ, the generator's weight", fontsize=10)
    figure.supylabel("ψ, the critic's weight", fontsize=10)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower right", fontsize=10)
    figure.savefig(file, dpi=90, metadata={"Software": None} if file.suffix == ".png" else None)
    pyplot.close(figure)
