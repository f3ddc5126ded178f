"""Makes docs/layer_properties.md from the table of cases; test_layer_properties.py fails when the page is out of date.

python -m tests.docs.layer_properties
"""

import re
from pathlib import Path

from tests.conformance.cases import CASES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "layer_properties.md"
COLUMNS = {
    "save and load": "keras_file",
    "XLA": "xla",
    "mixed precision": "precision",
    "2 devices": "replicas",
    "SavedModel": "saved_model",
    "JAX": "jax",
}
HEAD = """# What each layer is held to

Made from the table of cases by `python -m tests.docs.layer_properties`; a test fails when it is out of date. "yes"
means that the column's test in `tests/conformance` runs on this layer, with non-default arguments and random weights,
in every build. The oracle is the file that compares the layer with an independent formula. A number refers to the
notes.

* **save and load**: from a `.keras` file, the same numbers, state and configuration.
* **XLA**: values, gradients and state equal those of eager execution.
* **mixed precision**: float32 weights and gradients, outputs of the policy's type, values within rounding, for
  `mixed_bfloat16` and `mixed_float16`.
* **2 devices**: two replicas with half a batch each compute what one device computes; random layers draw differently.
* **SavedModel**: the exported function gives the same numbers.
* **JAX**: values, gradients and state on the JAX backend, compiled, equal TensorFlow's; of random layers, shapes and
  types. The same comparison runs on PyTorch where it is installed.
"""


def oracle_of(name: str) -> str:
    """Returns the files that compare a layer with something independent: its own tests, and tables of oracles."""
    folder = ROOT / "tests" / "layers"
    naming = [p for p in sorted(folder.rglob("*.py")) if re.search(rf"\b{name}\b", p.read_text(encoding="utf-8"))]
    tests = [path for path in naming if path.stem.startswith("test_")]
    own = [path for path in tests if path.stem.removeprefix("test_").replace("_", "") == name.lower()]
    oracles = [path for path in naming if path.stem.endswith("_oracle")]
    assert tests, f"no file in tests/layers tests {name}"
    return "<br>".join(f"`{path.relative_to(folder)}`" for path in [*(own or tests), *oracles])


def page() -> str:
    """Returns the page."""
    cases = [case for case in CASES if case.kind == "layers"]
    notes: list[str] = []

    def cell(name: str, holding: str) -> str:
        rows = [case for case in cases if case.name == name]
        held = [case for case in rows if holding not in case.explained]
        for case in rows:
            if holding in case.explained and case.explained[holding] not in notes:
                notes.append(case.explained[holding])
        numbers = sorted({notes.index(case.explained[holding]) + 1 for case in rows if holding in case.explained})
        return " ".join([*(["yes"] if held else []), *(f"({number})" for number in numbers)])

    lines = [f"| layer | oracle | {' | '.join(COLUMNS)} |", "| --- " * (len(COLUMNS) + 2) + "|"]
    for name in sorted({case.name for case in cases}, key=str.lower):
        layer = name.removeprefix("layers.")
        cells = [f"`{layer}`", oracle_of(layer), *(cell(name, holding) for holding in COLUMNS.values())]
        lines.append(f"| {' | '.join(cells)} |")
    table = "\n".join(lines)
    explained = "\n".join(f"{number}. {note}" for number, note in enumerate(notes, 1))
    return f"{HEAD}\n{table}\n" + (f"\n## Notes\n\n{explained}\n" if notes else "")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
