"""How many modes a GAN finds, with and without packing: PacGAN's ring, grid and stacked digits.

    python benchmarks/modes.py --quick --json benchmarks/results/modes.json     # a shortened protocol
    python benchmarks/modes.py --full --json modes.json                         # the paper's: days on a processor
    python benchmarks/modes.py --full --json modes.json --only 'ring/packing=2' --trials 3

Networks, data and measures are those of the paper, training is `fit` (`mode_lab/`). Each trial is kept as soon as it is
done: the same command goes on where a killed one was, and more trials may be asked for later. Printed are the tables of
docs/modes.md. `--speed` times the step in each way of running it, and keeps that in the file too.
"""

import argparse
import fnmatch
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from mode_lab.digits import DigitGame
from mode_lab.points import PointGame
from mode_lab.results import Results
from mode_lab.speed import measure_speed
from mode_lab.tables import hours_table, table
from mode_lab.trial import run_trial

import tfgan_tricks as tt
from tfgan_tricks.checks import explain

GAMES = {game.name: game for game in (PointGame("ring", tt.data.ring), PointGame("grid", tt.data.grid), DigitGame())}
CELLS = [f"{name}/{variant}" for name, game in GAMES.items() for variant in game.variants]


def chosen_cells(patterns: list[str] | None) -> list[str]:
    """Returns the cells of the tables that fit any of the patterns, such as ring, grid/packing=2 or */packing=1."""
    chosen = [cell for cell in CELLS if not patterns or any(_fits(cell, pattern) for pattern in patterns)]
    idle = [pattern for pattern in patterns or [] if not any(_fits(cell, pattern) for cell in CELLS)]
    if idle:
        raise ValueError(
            explain(
                f"Nothing is called '{idle[0]}'.",
                received=f"--only {idle[0]}",
                expected=f"{', '.join(CELLS)}; or a pattern",
                fix="name a game, such as ring, or one of its cells, such as ring/packing=2.",
            )
        )
    return chosen


def _fits(cell: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(cell, pattern) or cell.split("/")[0] == pattern


def run(results: Results, length: str, cells: list[str], trials: int | None, command: str) -> None:
    """Runs what is not there yet: first seed 0 of every cell, then seed 1."""
    planned = {cell: GAMES[cell.split("/")[0]].protocols[length] for cell in cells}
    most = max(trials or protocol.trials for protocol in planned.values())
    for seed in range(most):
        for cell, protocol in planned.items():
            if seed < (trials or protocol.trials) and seed not in results.done(cell):
                name, variant = cell.split("/")
                trial = run_trial(GAMES[name], GAMES[name].variants[variant], protocol, seed)
                results.add(cell, trial, command)
                print(f"{cell}, seed {seed}: {trial['modes']:g} modes", file=sys.stderr, flush=True)
    results.save(command)


def tables(measured: dict) -> str:
    """Returns the tables of the results of one length."""
    shown = [game for name, game in GAMES.items() if any(cell.startswith(f"{name}/") for cell in measured["cells"])]
    return "\n\n".join([*(table(game, measured) for game in shown), hours_table(GAMES, measured)])


def main(arguments: list[str]) -> None:
    """Trains what was asked for, trial by trial, and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--quick", action="store_const", dest="length", const="quick", help="a shortened protocol")
    what.add_argument("--full", action="store_const", dest="length", const="full", help="the whole protocol")
    what.add_argument("--speed", action="store_true", help="only time the steps")
    parser.add_argument("--json", type=Path, required=True, help="file of results, which a run goes on with")
    parser.add_argument("--only", action="append", metavar="CELL", help="e.g. ring/packing=2, grid; may be repeated")
    parser.add_argument("--trials", type=int, help="of each cell (default: as many as the protocol has)")
    parser.add_argument("--restart", action="store_true", help="forget the trials of this protocol that are there")
    options = parser.parse_args(arguments)
    if options.trials is not None and options.trials < 1:
        parser.error("--trials must be at least 1")
    try:
        cells = chosen_cells(options.only)
        if options.speed:
            measure_speed(options.json, GAMES, cells)
            return
        results = Results(options.json, options.length, GAMES, options.restart)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    run(results, options.length, cells, options.trials, " ".join(["python benchmarks/modes.py", *arguments]))
    print(tables(results.run))


if __name__ == "__main__":
    main(sys.argv[1:])
