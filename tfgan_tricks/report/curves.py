"""Which of the recorded numbers belong in one chart."""

import dataclasses
from collections.abc import Collection

from tfgan_tricks.report.charts import Chart, Series, draw
from tfgan_tricks.report.reading import Run, number
from tfgan_tricks.types import PLAYERS

MOST = 24  # further quantities that have a chart of their own
SPEED = "images_per_second"
NOT_DRAWN = ("images_seen", "seconds", SPEED)
HALF = "At 1/2 the critic cannot tell real from generated images. With a loss that fixes no boundary it says little."
SHARES = f"Right: of all images. Fooled: of generated ones. {HALF}"
SIDES, FARE = ("real", "generated"), ("right", "fooled")
UNIT = (0.0, 1.0)
# Title, names, what they are called, what they are compared with, limits of the axis, what to know.
PAIRS = (
    ("Losses", [f"{player}_loss" for player in PLAYERS], PLAYERS, None, None, ()),
    ("Gradient norms", [f"{player}_gradient_norm" for player in PLAYERS], PLAYERS, None, None, ()),
    ("D(x) and D(G(z))", ["real_probability", "fake_probability"], ("D(x)", "D(G(z))"), 0.5, UNIT, (HALF,)),
    ("Mean logits of the critic", ["real_logits", "fake_logits"], SIDES, 0.0, None, ()),
    (
        "Critic right and fooled",
        ["discriminator_accuracy", "fooled_share"],
        ("right", "fooled"),
        0.5,
        (0.0, 1.0),
        (SHARES,),
    ),
)


def series(rows: list[dict], name: str) -> Series:
    """Returns all that the rows say of one quantity; a speed that could not be taken yet is left out."""
    having = [row for row in rows if name in row and (name != SPEED or number(row[name]) is not None)]
    return Series(name, [float(row["images_seen"]) for row in having], [number(row[name]) for row in having])


def quantities(run: Run) -> list[Series]:
    """Returns all recorded numbers, in the order of their names."""
    names = {name for row in run.rows for name in row} - {"images_seen"}
    found = [series(run.rows, name) for name in sorted(names)]
    return [curve for curve in found if curve.values]


def curves(run: Run, elsewhere: Collection[str] = ()) -> tuple[list[Chart], list[Chart], list[str]]:
    """Returns the charts that every run has, those of its own terms and parts, and the names that have none.

    Args:
        run: whose numbers are drawn.
        elsewhere: names that the page draws in another place.
    """
    recorded = {curve.name: curve for curve in quantities(run)}
    main, used = [], {*NOT_DRAWN, *elsewhere}
    for title, names, labels, level, limits, notes in PAIRS:
        pairs = [(recorded[name], label) for name, label in zip(names, labels, strict=True) if name in recorded]
        found = [dataclasses.replace(curve, name=label) for curve, label in pairs]
        used |= set(names)
        main.append(chart(run, title, found, level=level, limits=limits, notes=notes))
    others = [curve for name, curve in recorded.items() if name not in used and curve.known]
    own = [chart(run, curve.name, [curve]) for curve in others[:MOST]]
    return [c for c in main if c], [c for c in own if c], [curve.name for curve in others[MOST:]]


def chart(run: Run, title: str, found: list[Series], **how) -> Chart | None:
    """Returns a chart with the stages of the run marked, `None` where there is nothing to draw."""
    if not any(curve.known for curve in found):
        return None
    return run.attempt(f"The chart '{title}'", lambda: draw(title, found, marks=boundaries(run), **how), None)


def speed(run: Run) -> Chart | None:
    """Returns the chart of images per second, if any were timed."""
    found = series(run.rows, SPEED)
    return chart(run, "Images per second", [found], limits=(0.0, 1.1 * max(found.known, default=1.0)))


def boundaries(run: Run) -> list[float]:
    """Returns the images seen at which a new stage of a curriculum began, as far as the run has come."""
    spans = run.curriculum.spans[1:] if run.curriculum is not None else []
    return [span.start for span in spans if span.start <= run.images_seen]
