"""What the page says of a run, against what was written into its folder."""

import base64
import html
import json
import re
import shutil
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

from tests.report.folders import (
    EPOCH,
    EPOCHS,
    add_line,
    edit,
    numbers,
    write_checkpoint,
    write_evaluations,
    write_grid,
    write_looks,
    write_run,
)
from tfgan_tricks.diagnostics import course, read_window
from tfgan_tricks.report import write_report
from tfgan_tricks.report.charts import POINTS, Series, thin
from tfgan_tricks.report.pictures import MOST


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that lacks nothing, and its page. Not to be changed."""
    folder = write_run(tmp_path_factory.mktemp("whole"), names=numbers(1))
    write_evaluations(folder)
    write_looks(folder)
    write_checkpoint(folder, EPOCH)
    return folder, write_report(folder.path).read_text(encoding="utf-8")


def page(folder, tmp_path) -> str:
    """Returns the text of a run's page."""
    return write_report(folder.path, tmp_path / "page.html").read_text(encoding="utf-8")


def words(text: str) -> str:
    """Returns what a reader reads, blanks collapsed."""
    text = re.sub(r"<(style|script)>.*?</\1>", "", text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def pictures(text: str) -> dict[str, bytes]:
    """Returns the embedded pictures by their alternative text."""
    found = re.findall(r'<img [^>]*?src="data:image/[\w+]+;base64,([^"]+)"[^>]*? alt="([^"]*)"', text)
    return {html.unescape(alt): base64.b64decode(content) for content, alt in found}


def rows_of(text: str, caption: str) -> dict[str, list[str]]:
    """Returns the cells of a table by the heading of their row."""
    table = re.search(rf'aria-label="{caption}">\s*<table.*?</table>', text, flags=re.DOTALL)[0]
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', table, flags=re.DOTALL)
    return {words(name): [words(cell) for cell in re.findall(r"<td.*?>(.*?)</td>", cells)] for name, cells in rows}


def test_the_config_is_whole_and_what_differs_is_marked(tmp_path):
    folder = write_run(tmp_path, epochs=0, batch_size=32, terms=("R1(gamma=2.0)",))
    text = page(folder, tmp_path)
    rows = rows_of(text, "Config")
    marked = {name.removesuffix(" differs"): cells for name, cells in rows.items() if name.endswith(" differs")}
    assert marked == {
        "batch_size": ["32", "64"],
        "images": [str(EPOCH * EPOCHS), "1000000"],
        "images_per_epoch": [str(EPOCH), "50000"],
        "loss": ['"Hinge()"', '"NonSaturating()"'],
        "terms": ['["R1(gamma=2.0)"]', "[]"],
    }
    assert rows["data.resolution"] == ["32", "the same"]
    config = json.loads(folder.config.read_text())
    assert len(rows) == sum(len(value) if isinstance(value, dict) else 1 for value in config.values())


def test_a_field_that_this_version_does_not_have_is_shown(tmp_path):
    folder = write_run(tmp_path, epochs=0)
    edit(folder.config, colour={"depth": 3})
    assert rows_of(page(folder, tmp_path), "Config")["colour.depth differs"] == ["3", "this version has no such field"]


def test_final_and_best_stand_beside_each_other_and_the_floor(whole):
    folder, text = whole
    lines = [json.loads(line) for line in folder.evaluations.read_text().splitlines()]
    told = {(line["checkpoint"], bool(line.get("best"))): {r["metric"]: r for r in line["results"]} for line in lines}
    floors = {floor["metric"]: floor for floor in lines[-1]["floors"]}
    for name, cells in rows_of(text, "Metrics").items():
        metric = name.split("[")[0]
        assert "[given,40/40,train,averaged] lower is better" in name
        for cell, result, images in zip(
            cells, (told["final", False][metric], told["best", False][metric]), (3 * EPOCH, 2 * EPOCH), strict=False
        ):
            assert cell.split()[0] == f"{result['value']:.5g}"
            assert cell.endswith(f"at {images:,} images")
        assert cells[2].split()[0] == f"{floors[metric]['value']:.5g}"
        parts = {
            key.replace("_", " "): v for key, v in told["best", False][metric]["details"].items() if v is not False
        }
        assert ", ".join(f"{key} {v:.4g}" for key, v in parts.items()) in cells[1]
        assert cells[2].endswith("40/40")
    assert len(rows_of(text, "Metrics")) == 2
    assert "± " in rows_of(text, "Metrics")[next(n for n in rows_of(text, "Metrics") if n.startswith("kid"))][0]
    for name, cells in rows_of(text, "Metrics during training").items():
        metric = name.split("[")[0]
        assert cells[0].split()[0] == f"{told['training', False][metric]['value']:.5g}"
        assert cells[1].split()[0] == f"{told['training', True][metric]['value']:.5g}"  # the later of two best ones
        assert cells[1].endswith(f"at {2 * EPOCH:,} images")


def test_the_whole_protocol_of_each_number_is_there(whole):
    folder, text = whole
    result = json.loads(folder.evaluations.read_text().splitlines()[-1])["results"][1]
    rows = rows_of(text, "Protocol of " + re.escape(html.escape(result["name"])))
    for field, value in result["protocol"].items():
        assert rows[field][0] == ("none" if value is None else value if isinstance(value, str) else json.dumps(value))
    assert rows["weights"] == ["averaged", "averaged", "real"]
    headings = [words(h) for h in re.findall(r'<th scope="col">(.*?)</th>', text)]
    assert headings[:4] == ["Metric and protocol", "Final", "Best", "Floor"]
    assert ["Last", "Best checkpoint", "Floor"] in [headings[i : i + 3] for i in range(len(headings))]
    assert json.loads(rows["settings"][0])["subset_size"] == 20


def test_every_finding_is_told_in_full(whole):
    folder, text = whole
    told = words(text)
    episodes = course(read_window(folder.path / "doctor"))
    assert "non_finite" in [episode.finding.name for episode in episodes]
    for episode in episodes:
        finding = episode.finding
        title = f"{finding.name.replace('_', ' ').capitalize()} {finding.severity}"
        for text in (title, *finding.evidence, finding.meaning, f"Source: {finding.source}"):
            assert " ".join(text.split()) in told
        for remedy in finding.remedies:
            assert " ".join(f"{remedy.text} {remedy.config}".split()) in told


def test_what_is_absent_is_said_in_words(tmp_path):
    folder = write_run(tmp_path, epochs=0)
    for path in folder.samples.iterdir():
        path.unlink()
    (folder.path / "versions.json").unlink()
    told = words(page(folder, tmp_path))
    for text in (
        "No line of numbers has been written",
        "What may be wrong is not known. The run has no folder of signals",
        f"tfgan-tricks doctor --workdir {folder.path}",
        "There is no sample grid in the folder samples",
        f"No evaluation was made: run tfgan-tricks evaluate --workdir {folder.path}",
        "There are no numbers yet",
        "No speed was recorded yet",
        "it is not known which versions",
        "No checkpoint was written yet",
    ):
        assert text in told
    assert "could not be shown" not in told


def test_a_whole_run_lacks_nothing(whole):
    folder, text = whole
    told = words(text)
    assert not re.search(r"could not be shown|not finite \d|No .* yet|not known", told)
    assert "Finished: 38,400 images seen, as planned." in told
    assert "checkpoint-000000006400.keras , 1.5 MB" in told
    assert "0:01:00 (hours:minutes:seconds) of training for 38,400 images" in told
    versions = json.loads((folder.path / "versions.json").read_text())
    assert all(f"{name} {version}" in told for name, version in versions.items())


def test_a_run_that_is_being_written_has_a_page(tmp_path):
    folder = write_run(tmp_path, epochs=3)
    write_evaluations(folder)
    for path in (folder.metrics, folder.evaluations):
        add_line(path, '{"images_seen": 25600, "second')
    text = page(folder, tmp_path)
    assert "19,200 of 38,400 images seen: the run is going on, was stopped, or broke down." in words(text)
    assert "could not be shown" not in words(text)
    assert len(rows_of(text, "Metrics")) == 2


def test_what_is_not_finite_is_marked_and_said(tmp_path):
    folder = write_run(tmp_path, epochs=3)
    add_line(folder.metrics, json.dumps(numbers(4) | {"generator_loss": None, "r1": None}) + "\n")
    text = page(folder, tmp_path)
    told = words(text)
    assert "NaN or infinity was recorded of: generator_loss, r1." in told
    assert "× marks where generator was not finite: 25,600 images." in told
    losses, svg = next((alt, content) for alt, content in pictures(text).items() if alt.startswith("Losses"))
    assert re.search(rb'd="M -3 3 \s*L 3 -3 \s*M -3 -3 \s*L 3 3 \s*" style="stroke: var\(--second\)', svg)
    assert "generator goes from 0.75 to 0.65, between 0.65 and 0.75. It was not finite once." in losses
    assert "discriminator goes from 1.1 to 1.4" in losses


def test_a_chart_shows_the_numbers_of_the_run(whole):
    """The points of a curve, read from the picture, are an affine image of the numbers."""
    _, text = whole
    svg = next(content for alt, content in pictures(text).items() if alt.startswith("Gradient norms"))
    assert b"var(--first)" in svg
    curves = {}
    for path in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}path"):
        colour = re.search(r"stroke: var\(--(first|second)\)", path.get("style", ""))
        points = np.asarray(re.findall(r"[ML] (\S+) (\S+)", path.get("d")), float)
        if colour and len(points) == EPOCHS:
            curves[colour[1]] = points
    images = [numbers(epoch)["images_seen"] for epoch in range(1, EPOCHS + 1)]
    values = [[numbers(e)[f"{p}_gradient_norm"] for e in range(1, EPOCHS + 1)] for p in ("discriminator", "generator")]
    heights = np.log10(np.concatenate(values))  # from 3 to a million: the axis is logarithmic
    drawn = np.concatenate([curves["first"], curves["second"]])
    for wanted, found in ((images * 2, drawn[:, 0]), (heights, drawn[:, 1])):
        slope, offset = np.polyfit(wanted, found, 1)
        np.testing.assert_allclose(slope * np.asarray(wanted) + offset, found, atol=0.01)
    assert "The vertical axis is logarithmic." in words(text)


def test_a_long_curve_keeps_its_peaks():
    values = np.sin(np.arange(10_000) / 50.0)
    values[[1234, 8765]] = [40.0, -7.0]
    images, kept = thin(Series("loss", range(10_000), [*values]))
    assert len(images) <= POINTS
    assert kept[images == 1234] == [40.0]
    assert kept[images == 8765] == [-7.0]
    assert (np.diff(images) > 0).all()
    np.testing.assert_array_equal(values[images.astype(int)], kept)


def test_many_large_grids_make_a_small_page(tmp_path):
    folder = write_run(tmp_path, epochs=0)
    noise = np.random.default_rng(0).integers(0, 256, (700, 700, 3), np.uint8)
    for i in range(22):
        path = folder.samples / f"images-{i:09d}.png"
        if i:
            path.hardlink_to(folder.samples / "images-000000000.png")
        else:
            Image.fromarray(noise).save(path, compress_level=0)
    text = page(folder, tmp_path)
    grids = {alt for alt in pictures(text) if alt.startswith("Sample grid")}
    assert len(grids) == MOST
    assert {"Sample grid at 0 images seen", "Sample grid at 21 images seen"} <= grids
    assert len(text) < 3_500_000
    assert f"{MOST} of 22 grids are shown" in words(text)


def test_a_grid_keeps_its_pixels(tmp_path):
    folder = write_run(tmp_path, epochs=1)
    content = pictures(page(folder, tmp_path))[f"Sample grid at {EPOCH:,} images seen"]
    (tmp_path / "shown.png").write_bytes(content)
    with Image.open(tmp_path / "shown.png") as shown, Image.open(write_grid(folder, EPOCH)) as drawn:
        np.testing.assert_array_equal(np.asarray(shown), np.asarray(drawn))


def test_a_damaged_grid_costs_only_itself(tmp_path):
    folder = write_run(tmp_path, epochs=2)
    path = write_grid(folder, EPOCH)
    path.write_bytes(path.read_bytes()[:60])
    text = page(folder, tmp_path)
    assert f"samples/{path.name} cannot be shown." in words(text)
    assert {"Sample grid at 0 images seen", f"Sample grid at {2 * EPOCH:,} images seen"} <= pictures(text).keys()


@pytest.mark.parametrize("name", ["samples/images-000006400.png", "metrics.jsonl", "versions.json", "doctor"])
def test_a_link_out_of_the_folder_is_not_followed(name, tmp_path):
    folder = write_run(tmp_path)
    write_looks(folder)
    outside = tmp_path / "outside"
    shutil.move(folder.path / name, outside)
    (folder.path / name).symlink_to(outside)
    text = page(folder, tmp_path)
    told = words(text)
    assert "out of the run's folder" in told
    assert ("Sample grid at 6,400 images seen" in pictures(text)) is (not name.startswith("samples"))
    assert ("Finished" in told) is (name != "metrics.jsonl")
    assert ("python" in told) is (name != "versions.json")
    assert ("Non finite serious" in told) is (name != "doctor")


def test_a_link_to_a_run_is_a_run(tmp_path):
    folder = write_run(tmp_path, epochs=1)
    (tmp_path / "link").symlink_to(folder.path)
    text = write_report(tmp_path / "link").read_text(encoding="utf-8")
    assert f"Sample grid at {EPOCH:,} images seen" in pictures(text)
    assert (folder.path / "report.html").exists()


def test_files_of_something_else_are_named(tmp_path):
    folder = write_run(tmp_path)
    write_looks(folder)
    for name in ("metrics.jsonl", "evaluations.jsonl", "versions.json", "doctor/facts.json"):
        (folder.path / name).write_text('["something"]\n["else"]\n')
    text = page(folder, tmp_path)
    for name in ("metrics.jsonl", "evaluations.jsonl", "versions.json", "doctor/"):
        assert f"{name} cannot be shown." in words(text)
    assert "Sample grid at 6,400 images seen" in pictures(text)


def test_a_curriculum_is_told_stage_by_stage(tmp_path):
    stages = "ProgressiveTraining(images_fading=3200, images_stable=6400, batch_sizes={4: 64, 8: 32})"
    folder = write_run(tmp_path, epochs=2, curriculum=stages, data={"resolution": 16})
    text = page(folder, tmp_path)
    assert rows_of(text, "Stages") == {
        "1": ["0", "6,400", "4", "64", "begun"],
        "2": ["6,400", "16,000", "8", "32", "begun"],
        "3": ["16,000", "38,400", "16", "32", "to come"],
    }
    assert "12,800 of 38,400 images seen" in words(text)


def test_a_curriculum_of_another_version_costs_only_itself(tmp_path):
    folder = write_run(tmp_path)
    edit(folder.config, curriculum="Regressive(1)")
    told = words(page(folder, tmp_path))
    assert "The curriculum cannot be shown." in told
    assert "Finished" in told
