"""What a paper in QTI adds up to, by an interpreter that knows the specification only: items, sections, total, pass."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.files.interchange.qti import QTI_VERSIONS, About, QtiPaper, QtiSection, Version, write_test
from qbank.kinds import KINDS
from qbank.problem import Span
from qbank.workflow.qti import converter
from tests.files.interchange.qti.interpreter import Item, attribute, children, tag, test_outcomes
from tests.files.interchange.qti.making import OCCUPATION, asked
from tests.files.interchange.qti.schemas import files_of
from tests.players.questions import MADE, sittings

HALVES = {"share": 2.5, "balance": 0.5, "single": 1.5, "pairs": 0.5, "number": 3.5}
UNCOUNTED = frozenset({"all", "neighbours", "exact"})
ESSAY = {"id": "essay", "kind": "essay", "key": "答", "rubric": [{"points": 4, "text": "点"}], "marks": 4}


def paper(version: Version) -> tuple[dict[str, bytes], dict[str, Any], tuple[tuple[str, ...], ...]]:
    """Return the files of a paper of three sections, its questions by id, and the ids of each section; one has only
    questions that do not count, and one an essay that people mark."""
    made = [asked({**one, "marks": HALVES.get(one["id"], one.get("marks", 2))}, counts=one["id"] not in UNCOUNTED) for one in MADE]
    made.append(asked(ESSAY))
    by_id = {one.item.id: one for one in made}
    sections = (tuple(id for n, id in enumerate(by_id) if n % 2 and id not in UNCOUNTED), tuple(UNCOUNTED), tuple(id for n, id in enumerate(by_id) if not n % 2 and id not in UNCOUNTED))
    marks = sum(one.marks for one in made if one.counts)
    parts = tuple(QtiSection(f"第{n}部分", "作答。", tuple(by_id[id] for id in ids)) for n, ids in enumerate(sections, start=1))
    whole = QtiPaper(About("P-1", "卷", "zh", OCCUPATION), 60, marks, 0.6 * marks, "v", parts)
    data, problems = write_test(whole, version, converter("zh", lambda id, *_: Span(id)))
    assert data and not any(problem.severity == "error" for problem in problems)
    return files_of(data), by_id, sections


PAPERS = {version: paper(version) for version in QTI_VERSIONS}


@cache
def attempts(version: Version, id: str) -> tuple[tuple[dict[str, Any], float, str], ...]:
    """Return what comes of each answer to a question: outcomes, the marks that it earns in the bank, the answer in words."""
    files, questions, _ = PAPERS[version]
    item, question = Item(files[f"items/{id}.xml"]), questions[id].item
    given = sittings(question) if not KINDS[question.kind].rated else [({}, 0.0, "nothing"), ({"RESPONSE": "文"}, 0.0, "文")]
    return tuple((item.outcomes(response), marks, words) for response, marks, words in given)


@pytest.mark.parametrize("version", QTI_VERSIONS)
def test_every_answer_earns_in_qti_what_it_earns_in_the_bank(version: Version) -> None:
    n = 0
    for id, one in PAPERS[version][1].items():
        for found, marks, words in attempts(version, id):
            assert found["SCORE"] == pytest.approx(marks, abs=1e-9), (id, words)
            assert 0 <= found["SCORE"] <= found["MAXSCORE"] == one.marks
            n += 1
    assert n > 150


@pytest.mark.parametrize("version", QTI_VERSIONS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_sections_total_and_pass_are_the_sums_of_what_counts(version: Version, data: st.DataObject) -> None:
    """Half marks; questions that do not count, alone in a section too; an essay that a machine gives nothing, or people some."""
    files, questions, sections = PAPERS[version]
    scores: dict[str, dict[str, Any]] = {}
    earned: dict[str, float] = {}
    for id in questions:
        found, marks, _ = data.draw(st.sampled_from(attempts(version, id)))
        scores[id], earned[id] = {**found}, marks
    earned["essay"] = scores["essay"]["SCORE"] = data.draw(st.sampled_from([0.0, 2.5, 4.0]))
    found = test_outcomes(files["P-1.xml"], scores)
    counted = [math.fsum(earned[id] for id in ids if questions[id].counts) for ids in sections]
    assert found["SCORE_1"] == pytest.approx(counted[0]) and found["SCORE_3"] == pytest.approx(counted[2])
    assert "SCORE_2" not in found
    assert found["SCORE"] == pytest.approx(sum(counted)) and 0 <= found["SCORE"] <= found["MAXSCORE"]
    assert found["MAXSCORE"] == sum(one.marks for one in questions.values() if one.counts)
    assert found["PASS"] is (found["SCORE"] + 1e-6 >= found["CUT"])


@pytest.mark.parametrize("version", QTI_VERSIONS)
def test_a_test_declares_every_outcome_that_it_sets_and_every_item_its_weight(version: Version) -> None:
    from lxml import etree

    root = etree.fromstring(PAPERS[version][0]["P-1.xml"])
    declared = {attribute(one, "identifier") for one in children(root, "outcome-declaration")}
    told = {attribute(one, "identifier") for one in root.iter() if isinstance(one.tag, str) and tag(one) == "set-outcome-value"}
    assert told <= declared and {"SCORE", "MAXSCORE", "PASS", "CUT"} <= declared
    refs = [one for one in root.iter() if isinstance(one.tag, str) and tag(one) == "assessment-item-ref"]
    assert {attribute(one, "identifier"): float(str(attribute(children(one, "weight")[0], "value"))) for one in refs} == {
        id: float(one.counts) for id, one in PAPERS[version][1].items()
    }
