"""The page: what was read of a run, put into the template."""

import base64
import dataclasses
import datetime
import hashlib
import shlex
from pathlib import Path
from typing import Any

import jinja2

from tfgan_tricks.checks import explain
from tfgan_tricks.files import write_atomically
from tfgan_tricks.report.curves import boundaries, curves, quantities, speed
from tfgan_tricks.report.evaluations import comparisons, history, in_training
from tfgan_tricks.report.findings import examine
from tfgan_tricks.report.pictures import pictures
from tfgan_tricks.report.reading import Run, number, read_run
from tfgan_tricks.report.settings import settings
from tfgan_tricks.version import __version__

TEMPLATES = Path(__file__).parent / "templates"


def write(workdir: Path, output: Path) -> Path:
    """Reads a run, writes its page, and returns the path of the page."""
    if output.is_dir():
        raise ValueError(
            explain(
                "The report is one file.",
                received=f"--output {output}, which is a folder",
                expected="a file to write to",
                fix=f"pass --output {output / 'report.html'}",
            )
        )
    text = render(read_run(workdir))
    write_atomically(output, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    return output


def render(run: Run) -> str:
    """Returns the page about a run.

    Every text is escaped, and the page's policy tells the browser to load nothing from anywhere and to run the one
    script whose hash it names: what stands in a config or in the name of a folder stays text.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"count": _count, "significant": _significant, "duration": _duration, "bytes": _bytes}
    style, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    # Problems are collected while the rest is made, so they are read last.
    content = _content(run)
    return environment.get_template("page.html").render(
        **content,
        problems=run.problems,
        style=style,
        script=script,
        policy=f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'",
    )


def _content(run: Run) -> dict[str, Any]:
    measured = history(run)
    main, own, undrawn = curves(run, elsewhere=[chart.title for chart in measured])
    folder = run.folder.path.resolve()
    return {
        "name": folder.name,
        "folder": str(folder),
        "argument": shlex.quote(str(folder)),
        "run": run,
        "written": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "library": __version__,
        "state": _state(run),
        "broken": [curve.name for curve in quantities(run) if curve.broken],
        "examination": examine(run),
        "pictures": pictures(run),
        "comparisons": comparisons(run),
        "in_training": in_training(run),
        "history": measured,
        "charts": main,
        "own_charts": own,
        "undrawn": undrawn,
        "numbers": quantities(run),
        "speed": speed(run),
        "seconds": number(run.rows[-1].get("seconds")) if run.rows else None,
        "settings": settings(run.config),
        "stages": _stages(run),
    }


def _state(run: Run) -> str:
    """Returns how far a run has come; whether a process is at it now cannot be seen from its folder."""
    seen, planned = run.images_seen, run.images_planned
    if not run.rows:
        return "No line of numbers has been written: the run has begun just now, or ended before its first epoch did."
    if planned is None:
        return f"{seen:,} images seen."
    if seen >= planned:
        return f"Finished: {seen:,} images seen, as planned."
    return f"{seen:,} of {planned:,} images seen: the run is going on, was stopped, or broke down."


@dataclasses.dataclass(frozen=True)
class StageRow:
    """A stage of a curriculum as it is shown: what it is called, when it runs, and whether it has begun."""

    name: str
    start: int
    end: int
    resolution: int | None
    batch_size: int
    begun: bool


def _stages(run: Run) -> list[StageRow]:
    if run.curriculum is None:
        return []
    starts = boundaries(run)
    pairs = zip(run.curriculum.stages, run.curriculum.spans, strict=True)
    return [
        StageRow(f"{i}", span.start, span.end, stage.resolution, span.batch_size, i == 1 or span.start in starts)
        for i, (stage, span) in enumerate(pairs, start=1)
    ]


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _significant(value: float | None) -> str:
    return "not finite" if value is None else f"{value:.5g}"


def _duration(seconds: float) -> str:
    return str(datetime.timedelta(seconds=round(seconds)))


def _bytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
