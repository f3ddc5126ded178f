"""Which games converge: the Dirac-GAN, run by the library's own losses, penalties, noise and update rules.

    python benchmarks/dirac_gan.py --plot docs/_static/dirac_gan.png --json benchmarks/results/dirac_gan.json

Two weights, θ and ψ, start at 1; both players descend with steps of 0.2. Printed, as the tables of docs/dirac_gan.md:
the largest distance from the equilibrium in the last tenth of the steps, bold where the run counts as convergent
(`dirac_lab/verdict.py`), and eigenvalues at the equilibrium, measured and in closed form. The picture needs matplotlib
(`pip install "tfgan_tricks[report]"`).
"""

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from dirac_lab import game, linearisation
from dirac_lab.picture import draw
from dirac_lab.rules import RULES, alternating
from dirac_lab.variants import VARIANTS
from dirac_lab.verdict import Verdict, judge

import tfgan_tricks as tt

GAMMAS = (0.0, 0.3, 0.8, 1.0, 1.5, 3.0)  # critical is 1


def run(steps: int, rules=RULES, variants=VARIANTS) -> dict[str, dict[str, np.ndarray]]:
    """Returns the trajectories, [steps + 1, 2], by rule and variant."""
    trajectories: dict[str, dict[str, np.ndarray]] = {}
    for rule in rules:
        trajectories[rule] = {}
        for name in variants:
            gan = RULES[rule](VARIANTS[name].parts())
            trajectories[rule][name] = game.trajectory(gan, VARIANTS[name].examples, steps)
            print(f"{rule}, {name}: ends at {judge(trajectories[rule][name]).end:.2g}", file=sys.stderr)
    return trajectories


def eigenvalues(gammas) -> list[dict]:
    """Returns, for each γ of R1 with the non-saturating loss, eigenvalues as [real, imaginary] parts."""
    rows = []
    for gamma in gammas:
        parts = {"loss": tt.losses.adversarial.NonSaturating(), "terms": [tt.penalties.R1(gamma)]}
        gan = alternating(parts)
        flow = linearisation.jacobian(linearisation.update_field(gan, examples=1))
        step = linearisation.jacobian(linearisation.step_map(gan, examples=1))
        values = {
            "flow": np.linalg.eigvals(flow),
            "flow_closed_form": linearisation.flow_eigenvalues(gamma),
            "alternating_step": np.linalg.eigvals(step),
            "alternating_step_closed_form": linearisation.alternating_eigenvalues(gamma),
        }
        pairs = {name: [[float(v.real), float(v.imag)] for v in _sorted(value)] for name, value in values.items()}
        rows.append({"gamma": gamma, **pairs})
    return rows


def _sorted(values: np.ndarray) -> list[complex]:
    return sorted((complex(value) for value in values), key=lambda value: (-value.real, -value.imag))


def convergence_table(verdicts: Mapping[str, Mapping[str, Mapping]]) -> str:
    """Returns the verdicts, by rule and variant, as a Markdown table."""
    rules = list(verdicts)
    lines = [f"| | {' | '.join(rules)} |", "| --- |" + " ---: |" * len(rules)]
    for variant in verdicts[rules[0]]:
        lines.append(f"| {variant} | {' | '.join(_cell(verdicts[rule][variant]) for rule in rules)} |")
    return "\n".join(lines)


def _cell(verdict: Mapping) -> str:
    end = verdict["end"]
    number = f"{end:.2g}" if end < 0.1 else f"{end:,.2f}"
    return f"**{number}**" if verdict["converges"] else number


def eigenvalue_table(rows: list[dict]) -> str:
    """Returns the eigenvalues as a Markdown table."""
    columns = ("flow_closed_form", "flow", "alternating_step_closed_form", "alternating_step")
    lines = ["| γ | λ in closed form | λ measured | step in closed form | step measured |", "| --- |" + " --- |" * 4]
    lines += [f"| {row['gamma']} | {' | '.join(_text(row[column]) for column in columns)} |" for row in rows]
    return "\n".join(lines)


def _text(pair: list[list[float]]) -> str:
    (real, imaginary), (other, _) = pair
    if imaginary:
        return f"{real + 0.0:.3f} ± {imaginary:.3f}i".replace("-0.000", "0.000")
    return f"{real:.3f}, {other:.3f}"


def described(verdict: Verdict) -> dict:
    """Returns a verdict as it is written to the file."""
    return dataclasses.asdict(verdict) | {"converges": verdict.converges}


def main(arguments: list[str]) -> None:
    """Runs every game, prints the tables, and writes what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plot", type=Path, help="file for a picture of the trajectories")
    parser.add_argument("--json", type=Path, help="file for all numbers")
    parser.add_argument("--steps", type=int, default=500, help="training steps of each game (default: %(default)s)")
    parser.add_argument("--rule", action="append", choices=list(RULES), help="only this update rule; may be repeated")
    parser.add_argument("--variant", action="append", choices=list(VARIANTS), help="only this game; may be repeated")
    options = parser.parse_args(arguments)
    if options.steps < 20:
        parser.error("--steps must be at least 20, for the last tenth to mean something")
    keras.utils.set_random_seed(0)
    trajectories = run(options.steps, options.rule or RULES, options.variant or VARIANTS)
    report = {
        "start": game.START,
        "step_size": game.STEP_SIZE,
        "steps": options.steps,
        "versions": {"tensorflow": tf.__version__, "keras": keras.__version__, "tfgan_tricks": tt.__version__},
        "convergence": {r: {v: described(judge(p)) for v, p in runs.items()} for r, runs in trajectories.items()},
        "eigenvalues": eigenvalues(GAMMAS),
    }
    print(convergence_table(report["convergence"]), eigenvalue_table(report["eigenvalues"]), sep="\n\n")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if options.plot:
        options.plot.parent.mkdir(parents=True, exist_ok=True)
        draw(trajectories, options.plot)


if __name__ == "__main__":
    main(sys.argv[1:])
