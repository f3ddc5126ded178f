"""One page about one run, in one file, which a browser shows without a network."""

import importlib.util
from pathlib import Path

from tfgan_tricks.checks import explain

NEEDED = ("jinja2", "matplotlib")  # the extra "report"

__all__ = ["write_report"]


def write_report(workdir: str | Path, output: str | Path | None = None) -> Path:
    """Writes one self-contained HTML page about a run, which may be running, finished, or broken down.

    Args:
        workdir: folder of the run.
        output: file to write; `report.html` in the run's folder unless given.

    Returns:
        path of the page.

    Raises:
        ImportError: if the extra `report` is not installed.
        ValueError: if the folder holds no run.
        OSError: if the page cannot be written.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(
            explain(
                "The report needs packages that are not installed.",
                received=f"no {' and no '.join(missing)}",
                expected="the extra `report`",
                fix="python -m pip install 'tfgan_tricks[report]'",
            )
        )
    from tfgan_tricks.report.page import write  # which imports what was looked for above

    return write(Path(workdir), Path(workdir) / "report.html" if output is None else Path(output))
