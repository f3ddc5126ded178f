"""What the doctor finds in small trainings: such that fail on purpose, and such that go well.

    python benchmarks/doctor_trials.py --json benchmarks/results/doctor_trials.json
    python benchmarks/doctor_trials.py --quick                       # one seed in place of two
    python benchmarks/doctor_trials.py --trial "mlp, WGAN-GP"        # only this one

Each training leaves its signals in a folder of its own (`--work`). One that is there already is not repeated: its
signals are diagnosed anew, so an interrupted command goes on where it was, and another threshold is tried within
seconds. `--again` trains anew, as is needed after networks, data or measurements have changed.

Printed, as the tables of docs/doctor.md: what was found in which trainings, how the healthy ones went, and what should
not be: failures that were missed and false alarms. The exit status is 1 if there are any.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for `benchmarks`

import keras
import tensorflow as tf
from absl import logging

import tfgan_tricks as tt
from benchmarks.doctor_lab.confusion import confusion_table, healthy_table, problems
from benchmarks.doctor_lab.record import examine, save
from benchmarks.doctor_lab.trials import TRIALS
from tfgan_tricks.diagnostics.detectors import DETECTORS

SEEDS = (0, 1)
WORK = Path(__file__).resolve().parents[1] / "build" / "doctor_trials"


def main(arguments: list[str]) -> int:
    """Runs the trials, prints the tables, and writes what was asked for; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"one seed in place of {len(SEEDS)}")
    parser.add_argument("--json", type=Path, help="file for all numbers; written after each training")
    parser.add_argument("--work", type=Path, default=WORK, help="folder for the signals")
    parser.add_argument("--again", action="store_true", help="train anew what is in that folder")
    parser.add_argument("--trial", action="append", metavar="NAME", help="only this one; may be repeated")
    options = parser.parse_args(arguments)
    names = {trial.name: trial for trial in TRIALS}
    for name in set(options.trial or ()) - names.keys():
        parser.error(f"there is no trial {name!r}; there are: {'; '.join(names)}")
    logging.set_verbosity(logging.ERROR)  # what the doctor says of each comes in the tables
    findings = [detector.name for detector in DETECTORS]
    seeds = SEEDS[:1] if options.quick else SEEDS
    versions = {"tensorflow": tf.__version__, "keras": keras.__version__, "tfgan_tricks": tt.__version__}
    report: dict = {"seeds": list(seeds), "versions": versions, "findings": findings, "trials": []}
    for trial in (names[name] for name in options.trial or names):
        for seed in seeds:
            record = examine(trial, seed, options.work, options.again)
            report["trials"].append(record)
            worst = {name: found["severity"] for name, found in record["findings"].items()}
            print(f"{trial.name}, seed {seed}: {worst}", file=sys.stderr, flush=True)
            if options.json:
                options.json.parent.mkdir(parents=True, exist_ok=True)
                save(options.json, report)
    records = report["trials"]
    wrong = problems(records)
    print(confusion_table(records, findings), healthy_table(records), *wrong, sep="\n\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
