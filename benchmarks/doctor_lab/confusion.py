"""What was found where, as tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from tfgan_tricks.diagnostics.finding import SEVERITIES

Records = Sequence[Mapping[str, Any]]


def confusion(records: Records, findings: Sequence[str]) -> dict[str, dict[str, tuple[int, int]]]:
    """Returns, for each provoked failure and for "" (healthy), by finding: trainings where serious, where a warning."""
    rows: dict[str, dict[str, tuple[int, int]]] = {}
    for failure in (*findings, ""):
        found = [record["findings"] for record in records if record["expects"] == failure]
        rows[failure] = {name: (_count(found, name, "serious"), _count(found, name, "warning")) for name in findings}
    return rows


def _count(found: Sequence[Mapping[str, Any]], name: str, severity: str) -> int:
    return sum(name in findings and findings[name]["severity"] == severity for findings in found)


def confusion_table(records: Records, findings: Sequence[str]) -> str:
    """Returns the confusion as a Markdown table: "3 (1)" for three trainings where serious and one with a warning."""
    numbers = range(1, len(findings) + 1)
    lines = [
        f"| provoked | trainings | {' | '.join(map(str, numbers))} |",
        "| --- | ---: |" + " ---: |" * len(findings),
    ]
    rows = confusion(records, findings)
    for number, failure in [*zip(numbers, findings, strict=True), (0, "")]:
        count = sum(record["expects"] == failure for record in records)
        cells = [_cell(*rows[failure][name], own=name == failure) for name in findings]
        title = f"{number} {failure.replace('_', ' ')}" if failure else "nothing: healthy"
        lines.append(f"| {title} | {count} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(serious: int, warning: int, own: bool) -> str:
    text = f"{serious or ''}{f' ({warning})' if warning else ''}".strip()
    return f"**{text or 0}**" if own else text


def healthy_table(records: Records) -> str:
    """Returns how the healthy trainings went, the worst seed of each, as a Markdown table."""
    lines = [
        "| training | steps | distance | coverage | rarest class | warnings |",
        "| --- |" + " ---: |" * 4 + " --- |",
    ]
    for name in dict.fromkeys(record["trial"] for record in records if not record["expects"]):
        runs = [record for record in records if record["trial"] == name]
        start, end = (max(run["health"][index]["distance"] for run in runs) for index in (0, -1))
        covered, rarest = (min(run["health"][-1][key] for run in runs) for key in ("coverage", "smallest_share"))
        lines.append(
            f"| {name} | {runs[0]['steps']:,} | {start:.2f} → {end:.2f} | {covered:.2f} | {rarest:.2f} |"
            f" {_warnings(runs)} |"
        )
    return "\n".join(lines)


def _warnings(runs: Records) -> str:
    names = [name for run in runs for name, found in run["findings"].items() if found["severity"] != "note"]
    return ", ".join(f"{name.replace('_', ' ')} {names.count(name)}" for name in dict.fromkeys(names))


def problems(records: Records) -> list[str]:
    """Returns what should not be: misses, false alarms, and healthy trainings that are not healthy."""
    found = []
    for record in records:
        name, expects = f"{record['trial']}, seed {record['seed']}", record["expects"]
        severity = record["findings"].get(expects, {}).get("severity", "")
        if expects and (not severity or SEVERITIES.index(severity) < SEVERITIES.index(record["severity"])):
            found.append(f"{name}: {expects} found as {severity or 'nothing'}")
        if not expects and not record["healthy"]:
            found.append(f"{name}: is not healthy by the metrics")
        alarms = [n for n, f in record["findings"].items() if f["severity"] == "serious"] if not expects else []
        found += [
            f"{name}: false alarm, {alarm}: {' '.join(record['findings'][alarm]['evidence'])}" for alarm in alarms
        ]
    return found
