"""Curves over images seen, as pictures that follow the reader's choice of light or dark."""

import dataclasses
import io
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from tfgan_tricks.report.pictures import data_uri

SIZE = (4.4, 2.5)  # inches, of 96 pixels each: still readable when it is fitted to a telephone
FRAME = (0.145, 0.185, 0.835, 0.7)  # left, bottom, width, height of the axes, as shares of the picture
ALONE = (0.145, 0.185, 0.835, 0.79)  # the same without a legend
POINTS = 400  # of a curve; more cannot be told apart at this size
FEW = 30  # points up to which each is marked
# Matplotlib draws in these; the style sheet says what they are, by day and by night.
INK, FAINT, FIRST, SECOND = COLOURS = ("#000001", "#000002", "#000003", "#000004")
NAMES = ("ink", "faint", "first", "second")
STYLE = """<style>
svg { --ink: #1d2330; --faint: #b9c0cc; --first: #0b62c4; --second: #b5480a; }
@media (prefers-color-scheme: dark) { svg { --ink: #e4e8ef; --faint: #566072; --first: #6cb2ff; --second: #ffa25c; } }
</style>"""
SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # letters stay letters: small, and sharp
    "text.parse_math": False,  # a name with dollar signs is a name
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with Matplotlib, so it is measured; others are narrower
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


@dataclasses.dataclass(frozen=True)
class Series:
    """What was recorded of one quantity.

    Attributes:
        name: its name.
        images: images seen, increasing.
        values: its values there, `None` where it was not finite.
    """

    name: str
    images: Sequence[float]
    values: Sequence[float | None]

    @property
    def known(self) -> list[float]:
        """The finite values."""
        return [value for value in self.values if value is not None]

    @property
    def broken(self) -> list[float]:
        """Images seen where it was not finite."""
        return [images for images, value in zip(self.images, self.values, strict=True) if value is None]

    @property
    def text(self) -> str:
        """What the curve shows, in words."""
        known = self.known
        if not known:
            return f"{self.name} was never finite."
        ends = (
            f"{self.name} goes from {known[0]:.4g} to {known[-1]:.4g}, between {min(known):.4g} and {max(known):.4g}."
        )
        times = len(self.broken)
        return f"{ends} It was not finite {'once' if times == 1 else f'{times} times'}." if times else ends


@dataclasses.dataclass(frozen=True)
class Chart:
    """A picture of one or two curves.

    Attributes:
        title: what it shows.
        uri: the picture, as a data URI.
        text: what is to be seen, in words.
        notes: what a reader should know of it.
    """

    title: str
    uri: str
    text: str
    notes: tuple[str, ...] = ()


def draw(
    title: str,
    series: Sequence[Series],
    *,
    level: float | None = None,
    limits: tuple[float, float] | None = None,
    marks: Sequence[float] = (),
    notes: Sequence[str] = (),
) -> Chart:
    """Returns curves as a chart.

    Args:
        title: what it shows.
        series: one or two curves with at least one finite value between them.
        level: a value to compare with, drawn as a line.
        limits: of the vertical axis; as the values need unless given.
        marks: images seen at which something changed, drawn as lines.
        notes: what a reader should know of it.
    """
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=SIZE)
        axes = figure.add_axes(FRAME if len(series) > 1 else ALONE)
        for curve, colour, line in zip(series, (FIRST, SECOND), ("-", "--"), strict=False):
            _draw_curve(axes, curve, colour, line)
        for images in marks:
            axes.axvline(images, color=INK, linewidth=0.8, linestyle=":")
        if level is not None:
            axes.axhline(level, color=FAINT, linewidth=1.0)
        _set_axes(axes, [value for curve in series for value in curve.known], limits)
        if len(series) > 1:
            figure.legend(loc="upper left", ncols=2, frameon=False, borderaxespad=0.0)
        text = " ".join(curve.text for curve in series)
        broken = [f"× marks where {c.name} was not finite: {_listed(c.broken)} images." for c in series if c.broken]
        scale = ["The vertical axis is logarithmic."] if axes.get_yscale() == "log" else []
        return Chart(title, _svg(figure), f"{title} over images seen. {text}", (*notes, *broken, *scale))


def _draw_curve(axes, curve: Series, colour: str, line: str) -> None:
    images, values = thin(curve)
    marker = "." if len(images) <= FEW else ""
    axes.plot(images, values, color=colour, linewidth=1.4, linestyle=line, marker=marker, label=curve.name)
    if curve.broken:
        bottom = axes.get_xaxis_transform()
        axes.plot(curve.broken[:POINTS], [0.03] * len(curve.broken[:POINTS]), "x", color=colour, transform=bottom)


def _set_axes(axes, values: list[float], limits: tuple[float, float] | None) -> None:
    axes.set_xlabel("images seen")
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda images, _: short(images)))
    axes.grid(axis="y", color=FAINT, linewidth=0.4)
    if limits is not None:
        axes.set_ylim(*limits)
    elif min(values) > 0.0 and max(values) > 100.0 * min(values):
        axes.set_yscale("log")
        axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.6g}"))


def thin(curve: Series) -> tuple[np.ndarray, np.ndarray]:
    """Returns at most about `POINTS` points of a curve; of each stretch the lowest and the highest, so peaks stay."""
    images = np.asarray(curve.images, float)
    values = np.asarray([np.nan if value is None else value for value in curve.values], float)
    if len(images) <= POINTS:
        return images, values
    kept = []
    for part in np.array_split(np.arange(len(images)), POINTS // 2):
        finite = part[np.isfinite(values[part])]
        ends = [finite[np.argmin(values[finite])], finite[np.argmax(values[finite])]] if len(finite) else [part[0]]
        kept += sorted(set(ends))
    return images[kept], values[kept]


def short(images: float) -> str:
    """Returns a count in few letters, such as 20k."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(images) >= size:
            return f"{images / size:g}{letter}"
    return f"{images:g}"


def _listed(images: Sequence[float], most: int = 5) -> str:
    told = ", ".join(f"{count:,.0f}" for count in images[:most])
    return f"{told} and {len(images) - most} more, at" if len(images) > most else f"{told}"


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(buffer, format="svg", transparent=True, metadata=nothing)
    head, body = buffer.getvalue().split("<defs>", 1)
    text = f"{head[head.index('<svg') :]}{STYLE}<defs>{body}"
    for colour, name in zip(COLOURS, NAMES, strict=True):
        text = text.replace(colour, f"var(--{name})")
    return data_uri("image/svg+xml", text.encode())
