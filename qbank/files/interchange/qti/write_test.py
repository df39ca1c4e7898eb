"""A paper as a QTI test: sections with their instructions, items in printed order, marks added up, pass or fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from qbank.files.interchange.qti import markup, rules
from qbank.files.interchange.qti.asked import Asked, Convert, Words
from qbank.files.interchange.qti.item import TONGUES, item_file, one_line, stimulus_content
from qbank.files.interchange.qti.manifest import Resource, manifest
from qbank.files.interchange.qti.metadata import entry
from qbank.files.interchange.qti.names import href, identifier
from qbank.files.interchange.qti.package import MANIFEST, packed
from qbank.files.interchange.qti.tree import Version, element, written
from qbank.files.interchange.qti.write_items import About, package_contents
from qbank.problem import Problem

SCORED, UNSCORED = "scored", "unscored"
COUNTED = "COUNTED"
"""The weight of an item in the totals: 1, or 0 where its marks do not count."""


@dataclass(frozen=True, slots=True)
class QtiSection:
    """A titled run of questions with the sentence that tells what to do."""

    title: str
    instruction: str
    questions: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class QtiPaper:
    """A paper: its minutes, the marks of all that counts, the marks to pass with, its sections.

    version : of the paper, for its metadata
    """

    about: About
    minutes: int
    marks: float
    cut: float
    version: str
    sections: tuple[QtiSection, ...]


def path_of_test(id: str) -> str:
    """Return the path of a test in a package."""
    return f"{identifier(id)}.xml"


def write_test(paper: QtiPaper, version: Version, convert: Convert) -> tuple[bytes, list[Problem]]:
    """Return the package of a paper, and what does not travel with it; nothing where a text cannot be shown.

    A paper is never written without one of its questions.
    """
    questions = [asked for section in paper.sections for asked in section.questions]
    told: dict[tuple[str, bool], str] = {}
    more = [section.instruction for section in paper.sections if section.instruction]
    stimuli = [asked.stimulus for asked in questions if asked.stimulus] if version == "qti21" else []
    plain = [(text, True) for text in more] + [(one.title, True) for one in stimuli if one.title] + [(one.text, False) for one in stimuli]
    contents, problems = package_contents(questions, paper.about, version, convert, inside=False, more=plain, told=told)
    if any(problem.severity == "error" for problem in problems):
        return b"", problems
    root = make_test(paper, lambda text, inline: told[text, inline], version)
    path = path_of_test(paper.about.id)
    learning = entry(paper.about.id, paper.about.title, (), TONGUES[paper.about.language], paper.version)
    contents.files[path] = written(root, version)
    needs = [identifier(asked.item.id) for asked in questions]
    contents.resources.insert(0, Resource(f"TEST-{paper.about.id}", path, "test", [learning], needs))
    whole = entry(paper.about.id, paper.about.title, (), TONGUES[paper.about.language])
    contents.files[MANIFEST] = manifest(f"MANIFEST-{paper.about.id}", contents.resources, version, whole)
    return packed(contents.files), problems


def make_test(paper: QtiPaper, words: Words, version: Version) -> Any:
    """Return the test as a tree in the words of QTI 3."""
    sections = [_section(number, section, words, version) for number, section in enumerate(paper.sections, start=1)]
    control = element("qti-item-session-control", max_attempts=1, show_feedback=False, allow_review=True, show_solution=False, allow_skipping=True)
    part = element(
        "qti-test-part", control, *sections, identifier="PART_1", navigation_mode="nonlinear", submission_mode="simultaneous"
    )
    counted = [number for number, section in enumerate(paper.sections, start=1) if any(one.counts for one in section.questions)]
    outcomes = [
        rules.outcome("SCORE", most=float(paper.marks)), rules.outcome("MAXSCORE", start=float(paper.marks)),
        *[rules.outcome(f"SCORE_{number}") for number in counted], rules.outcome("CUT", start=float(paper.cut)),
        rules.outcome("PASS", "boolean", False),
    ]  # fmt: skip
    return element(
        "qti-assessment-test", *outcomes, element("qti-time-limits", max_time=60 * paper.minutes) if paper.minutes else None, part,
        element("qti-outcome-processing", *_totals(counted)), identifier=identifier(paper.about.id), title=one_line(paper.about.title),
        tool_name="qbank",
    )  # fmt: skip


def _totals(counted: Sequence[int]) -> list[Any]:
    """Return the rules that add up what counts: section by section, all, and whether it is enough."""
    found = []
    for number in counted:
        scores = element(
            "qti-test-variables", section_identifier=f"SECTION_{number}", variable_identifier="SCORE", include_category=SCORED,
            weight_identifier=COUNTED, base_type="float",
        )  # fmt: skip
        found.append(rules.put(f"SCORE_{number}", element("qti-sum", scores)))
    if counted:
        found.append(rules.put("SCORE", element("qti-sum", *[rules.variable(f"SCORE_{number}") for number in counted])))
    # marks are added up from thirds and quarters: a hair below the cut is on it
    enough = element("qti-gte", element("qti-sum", rules.variable("SCORE"), rules.value("float", 1e-6)), rules.variable("CUT"))
    return [*found, rules.put("PASS", enough)]


def _section(number: int, section: QtiSection, words: Words, version: Version) -> Any:
    told = [_rubric([element("p", *markup.inline(words(section.instruction, True)))])] if section.instruction else []
    entries: list[Any] = []
    for id, run in groupby(section.questions, key=lambda asked: asked.stimulus.id if asked.stimulus else ""):
        asked = list(run)
        listed = [_item(one) for one in asked]
        stimulus = asked[0].stimulus
        if version == "qti3" or stimulus is None:
            entries += listed
            continue
        shared = _rubric(stimulus_content(stimulus, words))
        title = one_line(stimulus.title) or id
        entries.append(
            element("qti-assessment-section", shared, *listed, identifier=f"SECTION_{number}_{identifier(asked[0].item.id)}",
                    title=title, visible=True, keep_together=True)
        )  # fmt: skip
    return element(
        "qti-assessment-section", *told, *entries, identifier=f"SECTION_{number}", title=one_line(section.title), visible=True,
        keep_together=True,
    )  # fmt: skip


def _rubric(content: list[Any]) -> Any:
    return element("qti-rubric-block", element("qti-content-body", *content), use="instructions", view="candidate")


def _item(asked: Asked) -> Any:
    weight = element("qti-weight", identifier=COUNTED, value=float(asked.counts))
    return element(
        "qti-assessment-item-ref", weight, identifier=identifier(asked.item.id), href=href(item_file(asked.item.id)),
        category=SCORED if asked.counts else UNSCORED, required=True,
    )  # fmt: skip
