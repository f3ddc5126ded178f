"""Faults of made data are found, and good data have none."""

import json
import re

import numpy as np
import pytest

from tests.diagnostics.made_looks import look_at, window_of
from tfgan_tricks.diagnostics import DataProblems, Window
from tfgan_tricks.diagnostics.data_facts import data_facts

RANDOM = np.random.default_rng(0)
GOOD = RANDOM.uniform(-1, 1, (40, 8, 8, 3)).astype("float32")


def found_in(images, count=None):
    facts = json.loads(json.dumps(data_facts({"image": images}, count), allow_nan=False))
    return DataProblems()(Window((), facts))


def with_nan():
    images = GOOD.copy()
    images[3, 2, 1, 0] = np.nan
    return images


def with_constant_channel():
    images = GOOD.copy()
    images[..., 1] = 0.5
    return images


@pytest.mark.parametrize(
    ("images", "severity", "words"),
    [
        ((GOOD + 1) * 127.5, "serious", "from 0.0"),
        (((GOOD + 1) * 127.5).astype("uint8"), "serious", "from 0 to 25"),
        (GOOD * 3, "serious", "% are outside"),
        ((GOOD + 1) / 2, "warning", r"\[0, 1\] in place"),
        (GOOD / 100, "warning", "hardly any contrast"),
        (with_nan(), "serious", r"0\.01% of the values are NaN"),
        (np.full_like(GOOD, np.nan), "serious", "100.00% of the values"),
        (with_constant_channel(), "warning", r"one value throughout: \[1\]"),
        (np.concatenate([GOOD[:36], GOOD[:4]]), "warning", "4 of 40 images are exact copies"),
        (GOOD[:1].repeat(40, axis=0), "serious", "All 40 images are the same"),
        (GOOD[..., :1].repeat(3, axis=-1), "note", "gray"),
    ],
)
def test_a_fault_is_found(images, severity, words):
    (finding,) = found_in(images)
    assert finding.severity == severity
    assert re.search(words, " ".join(finding.evidence))


@pytest.mark.parametrize(
    "images",
    [
        np.where(RANDOM.uniform(size=GOOD.shape) < 0.5, -0.0, 0.0).astype("float32"),
        np.ones_like(GOOD),
        np.full_like(GOOD, 255.0),
        np.zeros_like(GOOD, "uint8"),
    ],
    ids=["zeros of both signs", "ones", "255", "uint8"],
)
def test_images_without_contrast_are_one_problem_and_not_one_of_range(images):
    (finding,) = found_in(images)
    value = float(images.max()) + 0.0
    assert (finding.severity, finding.evidence) == ("serious", (f"All values of all 40 images are {value:.4g}.",))
    assert "nothing to learn but one image" in finding.meaning
    assert [remedy.text for remedy in finding.remedies] == [
        "Look at what the pipeline delivers: next(iter(dataset)) as an image."
    ]


def test_each_problem_has_a_meaning_of_its_own():
    cases = [with_nan(), GOOD[:1].repeat(40, axis=0), GOOD * 3, GOOD / 100, np.concatenate([GOOD[:36], GOOD[:4]])]
    assert len({found_in(images)[0].meaning for images in cases}) == len(cases)
    both = found_in(np.concatenate([GOOD[:36], GOOD[:4]]) * 3)[0]
    assert both.meaning == f"{found_in(cases[2])[0].meaning} {found_in(cases[4])[0].meaning}"


def test_images_that_differ_in_the_sign_of_zero_alone_are_copies():
    images = GOOD[:1].repeat(40, axis=0)
    images[:, 0] = 0.0
    images[::2, 0] = -0.0
    assert found_in(images)[0].evidence == ("All 40 images are the same.",)


def test_few_known_images_are_a_note_unless_it_is_known_how_many_there_are():
    (finding,) = found_in(GOOD[:29])
    assert finding.severity == "note"
    assert "knows 29 different images" in finding.evidence[0]
    assert "data_images=" in finding.remedies[0].text
    assert found_in(GOOD[:30]) == []
    assert found_in(GOOD[:29], 1_000) == []


def test_good_data_have_none():
    assert found_in(GOOD) == []
    assert found_in(GOOD[..., :1]) == []
    assert found_in(np.clip(GOOD * 1.02, -1.009, 1.009)) == []  # what a resize may overshoot
    assert found_in(np.concatenate([GOOD[:37], GOOD[:3]])) == []


def test_a_data_set_that_is_said_to_be_tiny_is_a_warning():
    assert found_in(GOOD, 1_000) == []
    assert [finding.severity for finding in found_in(GOOD, 999)] == ["warning"]


def test_several_faults_are_one_finding_as_severe_as_the_worst():
    (finding,) = found_in(np.concatenate([with_constant_channel()] * 2), 40)
    assert (finding.severity, len(finding.evidence)) == ("warning", 3)
    assert len(set(finding.remedies)) == len(finding.remedies)


def test_a_generator_that_cannot_reach_half_of_the_range_is_serious():
    facts = data_facts({"image": GOOD})
    sides = {"data/generated_low": [0.0, 0.01, 0.0], "data/generated_high": [0.6, 0.7, 0.9]}
    (finding,) = DataProblems()(window_of(sides, facts))
    assert (finding.severity, len(finding.evidence)) == ("serious", 1)
    assert "below 0 at 3 looks" in finding.evidence[0]
    mirrored = {
        "data/generated_low": [-0.6, -0.7, -0.9],
        "data/generated_high": [0.0, 0.0, -0.1],
    }
    assert "above 0 at" in DataProblems()(window_of(mirrored, facts))[0].evidence[0]
    once = sides | {"data/generated_low": [-0.01, 0.01, 0.0]}
    assert DataProblems()(window_of(once, facts)) == []  # it can
    assert DataProblems()(window_of({name: course[:2] for name, course in sides.items()}, facts)) == []
    bright = data_facts({"image": np.abs(GOOD) - 0.05})
    assert DataProblems()(window_of(sides, bright)) == []  # it need not


def test_the_range_of_generated_images_is_measured():
    images = RANDOM.uniform(-0.7, 0.8, (3, 4, 4, 1)).astype("float32")
    low, high = float(images.min()), float(images.max())
    assert DataProblems().measure(look_at(images)) == {"data/generated_low": low, "data/generated_high": high}


def test_absent_facts_are_tolerated():
    assert DataProblems()(Window()) == []
    assert DataProblems()(Window((), data_facts(None))) == []
    assert DataProblems()(Window((), data_facts({"image": np.zeros((0, 8, 8, 1))}))) == []


@pytest.mark.parametrize("wrong", [{"tiny": -1}, {"copies": 0.0}, {"looks": 1}, {"known": -1}])
def test_thresholds_are_checked(wrong):
    with pytest.raises(ValueError, match="Received"):
        DataProblems(**wrong)
