"""The page as a browser shows it: whole, quiet, from this file alone, by day and night, for hands and ears."""

import json
from itertools import pairwise

import pytest

from tests.report.browser import chromium
from tests.report.folders import EPOCH, EPOCHS, add_line, numbers, write_evaluations, write_looks, write_run
from tfgan_tricks.diagnostics import course, read_window
from tfgan_tricks.report import write_report

pytestmark = pytest.mark.xdist_group("chromium")  # one browser, started by one worker

HOSTILE = "\"'><script>window.intruder = true</script><img src=x onerror='window.intruder = true'>$\\frac{"
SECTIONS = ["Findings", "Samples", "Metrics", "Curves", "Speed", "Config", "Versions and files"]
CONTRASTS = """
const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (!/rgba\\(.*, 0\\)/.test(c)) return c; } };
return [...document.querySelectorAll("body *")]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.offsetParent)
    .map(e => [light(getComputedStyle(e).color), light(behind(e))])
    .map(([a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
"""
ENDS_BEYOND = """
return [...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll, .strip, pre, .skip"))
    .filter(e => e.getBoundingClientRect().right > window.innerWidth + 0.5).map(e => e.outerHTML.slice(0, 80));
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Pages by what their run is like, and the folder of each."""
    place, page = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("pages")
    stages = "ProgressiveTraining(images_fading=6400, images_stable=6400)"
    folders = {
        "whole": write_run(place, name="whole", names=numbers(1)),
        "young": write_run(place, name="young", epochs=0),
        "curriculum": write_run(place, 3, "stages", curriculum=stages, data={"resolution": 16}),
        "hostile": write_run(place, 2, f"run {HOSTILE}".replace("/", "|"), architecture=HOSTILE),
    }
    for name in ("whole", "hostile"):
        write_evaluations(folders[name])
        write_looks(folders[name])
    add_line(folders["curriculum"].metrics, json.dumps(numbers(4) | {"generator_loss": None}) + "\n")
    add_line(folders["hostile"].metrics, json.dumps(numbers(3) | {HOSTILE: 1.0, "r1": HOSTILE}) + "\n")
    for file, old in (
        (folders["hostile"].evaluations, "fid["),
        (folders["hostile"].path / "doctor/signals.jsonl", "variable"),
    ):
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, json.dumps(HOSTILE)[1:-1] + old))
    versions = folders["hostile"].path / "versions.json"
    versions.write_text(json.dumps({HOSTILE: HOSTILE}))
    return {name: (folder, write_report(folder.path, page / f"{name}.html")) for name, folder in folders.items()}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("name", ["whole", "young", "curriculum", "hostile"])
def test_the_page_is_whole_and_quiet_and_asks_for_nothing(browser, pages, name, width, scheme):
    browser.open(pages[name][1], width, scheme=scheme)
    headings = browser.texts("main > section > h2")
    assert headings[-len(SECTIONS) :] == SECTIONS
    assert browser.run("return document.querySelectorAll('details').forEach(d => d.open = true)") is None
    sizes = browser.run("return [...document.images].map(i => [i.complete, i.naturalWidth, i.offsetWidth])")
    assert all(complete and natural > 0 for complete, natural, shown in sizes)
    assert len(sizes) >= (1 if name == "young" else 5)
    assert browser.run(ENDS_BEYOND) == []
    assert browser.run("return document.documentElement.scrollWidth <= window.innerWidth")
    assert min(browser.run(CONTRASTS)) >= 4.5
    assert browser.messages() == []
    asked = browser.requests()
    assert pages[name][1].as_uri() in asked
    assert {address.split(":")[0] for address in asked} <= {"file", "data"}
    assert [address for address in asked if address.startswith("file:")] == [pages[name][1].as_uri()]


def test_every_finding_is_shown(browser, pages):
    folder, page = pages["whole"]
    browser.open(page)
    shown = browser.texts("article.finding")
    found = [episode.finding for episode in course(read_window(folder.path / "doctor"))]
    assert len(shown) == len(found) > 0
    for text, finding in zip(shown, found, strict=True):
        assert text.startswith(finding.name.replace("_", " ").capitalize())
        assert all(part in text for part in (finding.severity, *finding.evidence, finding.meaning, finding.source))
        assert all(remedy.text in text and remedy.config in text for remedy in finding.remedies)


def test_what_stands_in_a_run_is_text_and_never_runs(browser, pages):
    browser.open(pages["hostile"][1])
    assert browser.run("return window.intruder === undefined")
    assert browser.run("return document.querySelectorAll('script').length") == 1
    assert browser.run("return document.querySelectorAll('img[onerror], img:not([src^=\"data:\"])').length") == 0
    assert HOSTILE.replace("/", "|") in browser.texts("h1")[0]
    for where in (
        "tr.changed td code",
        "#versions ~ .scroll td",
        "article.finding li",
        ".scroll th code",
        "summary ~ div th code",
    ):
        assert any("<script>window.intruder" in text for text in browser.texts(where)), where


def test_a_script_that_got_into_the_page_would_be_refused(browser, pages, tmp_path):
    """The second line of defence, seen to hold by breaking the first on purpose."""
    text = pages["young"][1].read_text(encoding="utf-8")
    intruder = "<script>window.intruder = true</script><img src='http://127.0.0.1:9/x.png'></main>"
    (tmp_path / "broken.html").write_text(text.replace("</main>", intruder))
    browser.open(tmp_path / "broken.html")
    assert browser.run("return window.intruder === undefined")
    complaints = browser.messages()
    assert sum("Content Security Policy" in complaint for complaint in complaints) == 2


def test_the_slider_goes_through_the_grids_by_keyboard(browser, pages):
    browser.open(pages["whole"][1])
    slider = browser.driver.find_element("id", "slider")
    sources = browser.run("return [...document.querySelectorAll('.strip img')].map(i => i.src)")
    assert len(set(sources)) == EPOCHS + 1
    seen = []
    for key in ("", "\ue012", "\ue011", "\ue010"):  # none, left, home, end
        slider.send_keys(key)
        alt = browser.run("return document.getElementById('shown').alt")
        source = browser.run("return document.getElementById('shown').src")
        seen.append((sources.index(source), alt, browser.texts("#when")[0]))
    assert seen == [(i, f"Sample grid at {i * EPOCH:,} images seen", f"{i * EPOCH:,} images") for i in (6, 5, 0, 6)]
    browser.driver.find_elements("css selector", ".strip figure")[2].click()
    assert browser.run("return document.getElementById('shown').src") == sources[2]


@pytest.mark.parametrize("name", ["whole", "young", "curriculum"])
def test_the_page_can_be_read_by_ear_and_used_by_keyboard(browser, pages, name):
    browser.open(pages[name][1], width=400)
    assert browser.run("return document.documentElement.lang") == "en"
    levels = [
        int(tag[1]) for tag in browser.run("return [...document.querySelectorAll('h1,h2,h3,h4')].map(h => h.tagName)")
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert browser.run("return [...document.images].every(i => i.alt.length > 20)")
    assert browser.run(
        "return [...document.querySelectorAll('table')].every(t => t.querySelector('thead th[scope=col]'))"
    )
    assert browser.run("return [...document.querySelectorAll('tbody tr')].every(r => r.querySelector('th[scope=row]'))")
    identifiers = browser.run("return [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(set(identifiers)) == len(identifiers)
    targets = browser.run("return [...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
    assert {target.removeprefix("#") for target in targets} <= set(identifiers)
    scrolls = """return [...document.querySelectorAll("*")].filter(e => e.scrollWidth > e.clientWidth + 1
        && /auto|scroll/.test(getComputedStyle(e).overflowX) && e.tabIndex !== 0).map(e => e.outerHTML.slice(0, 80))"""
    assert browser.run(scrolls) == []


def test_without_a_script_the_strip_is_there(browser, pages, tmp_path):
    text = pages["whole"][1].read_text(encoding="utf-8")
    (tmp_path / "silent.html").write_text(text.replace("<script>", "<script type='text/plain'>"))
    browser.open(tmp_path / "silent.html")
    assert not browser.driver.find_element("id", "viewer").is_displayed()
    assert all(figure.is_displayed() for figure in browser.driver.find_elements("css selector", ".strip figure"))
