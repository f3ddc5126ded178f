"""Results as Markdown, beside those of the paper (Lin et al., 2018, arXiv:1712.04086, tables 1 and 2)."""

from collections.abc import Mapping

from mode_lab.game import Game

# Modes, share of high quality in %, reverse KL; each with its standard error, 10 trials.
PAPER = {
    "ring": {
        "packing=1": ("6.3 ± 0.5", "98.2 ± 0.2", "0.45 ± 0.09"),
        "packing=2": ("7.9 ± 0.1", "95.6 ± 2.0", "0.07 ± 0.03"),
        "packing=3": ("7.8 ± 0.1", "97.7 ± 0.3", "0.10 ± 0.02"),
        "packing=4": ("7.8 ± 0.1", "95.9 ± 1.4", "0.07 ± 0.02"),
    },
    "grid": {
        "packing=1": ("17.3 ± 0.8", "94.8 ± 0.7", "0.70 ± 0.07"),
        "packing=2": ("23.8 ± 0.7", "91.3 ± 0.8", "0.13 ± 0.04"),
        "packing=3": ("24.6 ± 0.4", "94.2 ± 0.4", "0.06 ± 0.02"),
        "packing=4": ("24.8 ± 0.2", "93.6 ± 0.6", "0.04 ± 0.01"),
    },
    "digits": {"packing=1": ("78.9 ± 6.5", "4.50"), "packing=2": ("1000", "0.06")},
}
TITLES = {"modes": "modes", "high_quality": "high quality, %", "reverse_kl": "reverse KL"}
DIGITS = {"modes": (1, 1.0), "high_quality": (1, 100.0), "reverse_kl": (2, 1.0)}  # places, and the unit


def table(game: Game, run: Mapping) -> str:
    """Returns the results of one game, a row for each variant that has trials."""
    columns = [title for measure in game.measures for title in (TITLES[measure], "paper")]
    lines = [f"| {game.name} | trials | {' | '.join(columns)} |", "| --- |" + " ---: |" * (len(columns) + 1)]
    for variant in game.variants:
        cell = run["cells"].get(f"{game.name}/{variant}")
        if cell:
            lines.append(f"| {variant} | {cell['summary']['trials']} | {_row(game, variant, cell['summary'])} |")
    return "\n".join(lines)


def _row(game: Game, variant: str, summary: Mapping) -> str:
    paper = PAPER[game.name].get(variant, ("–",) * len(game.measures))
    pairs = zip(game.measures, paper, strict=True)
    return " | ".join(f"{text(summary[measure], measure)} | {published}" for measure, published in pairs)


def text(value: Mapping, measure: str) -> str:
    """Returns mean ± standard error as a table shows it."""
    places, unit = DIGITS[measure]
    mean, error = value["mean"], value["standard_error"]
    return f"{unit * mean:.{places}f}" + ("" if error is None else f" ± {unit * error:.{places}f}")


def hours(game: Game, run: Mapping, length: str = "full") -> float | None:
    """Returns how many hours of one core a protocol would take; `None` if the step of a variant was not measured.

    Extrapolated: trials · steps · processor time of a step here, summed over the variants, without evaluation.
    """
    protocol, total = game.protocols[length], 0.0
    for variant in game.variants:
        seconds = run["cells"].get(f"{game.name}/{variant}", {"summary": {}})["summary"].get("seconds_per_step")
        if seconds is None:
            return None
        total += protocol.trials * protocol.steps * seconds["processor"]
    return total / 3600.0


def hours_table(games: Mapping[str, Game], run: Mapping) -> str:
    """Returns what the whole protocol would take."""
    lines = [
        "| whole protocol | trials × steps × variants | hours of one core, extrapolated |",
        "| --- | ---: | ---: |",
    ]
    for name, game in games.items():
        full, estimate = game.protocols["full"], hours(game, run)
        size = f"{full.trials} × {full.steps:,} × {len(game.variants)}"
        lines.append(f"| {name} | {size} | {'not measured' if estimate is None else f'{estimate:,.0f}'} |")
    return "\n".join(lines)
