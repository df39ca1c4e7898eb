"""The candidate's own page says that single answers were void, and what that does to the marks."""

from __future__ import annotations

import pytest

from qbank.ledger import Step
from qbank.messages import text
from qbank.report.candidate import CandidatePage, candidate_html, typst_pages
from qbank.workflow import official
from qbank.workflow.official_files import candidate_pages
from qbank.workflow.standing import Whose, mark_single_answers
from tests.workflow.places import SITTING, Place, added, read_table


@pytest.fixture
def first(place: Place, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return somebody with the first paper, of a sitting whose gate stands open for the test."""
    monkeypatch.setattr(official, "release_problems", lambda id, workspace: [])
    monkeypatch.setattr(official, "steps_of", lambda ledger, id: (Step(1, "released", True, "2026-11-26T08:00:00+00:00", "wang", "", {}),))
    monkeypatch.setattr(official, "_changes", lambda *given: ())
    added(place)
    header, rows = read_table(place.responses)
    own = [row for row in rows if row[header.index("form")] == place.forms[0].id]
    return max(own, key=lambda row: sum(map(bool, row)))[0]  # who omitted least


def page_of(place: Place, number: str) -> CandidatePage:
    listed, problems = official.official_list(SITTING, place.workspace)
    assert listed is not None, problems
    row = next(n for n, line in enumerate(listed.results) if line.number == number)
    [page] = candidate_pages(listed, [row], place.workspace)
    return page


def void(place: Place, number: str, *items: str, standing: str = "void") -> None:
    done, _ = mark_single_answers(SITTING, Whose(number), items, standing, place.workspace, why="torn")  # type: ignore[arg-type]
    assert done is not None


def test_void_answers_are_said_in_words_and_the_tables_are_scaled_as_the_total_is(place: Place, first: str) -> None:
    before = page_of(place, first)
    assert before.notes == () and sum(part.of for part in before.sections) == before.full
    section = place.forms[0].sections[-1]
    void(place, first, *(entry.id for entry in section.items[:10]))
    page = page_of(place, first)
    assert page.notes == (text("en", "candidate.void_rescale", n=10),) and "10" in page.notes[0]
    assert page.total is not None and before.total is not None
    assert sum(part.of for part in page.sections) == pytest.approx(page.full, abs=0.02)
    assert sum(part.of for part in page.domains) == pytest.approx(page.full, abs=0.1)
    assert sum(part.marks for part in page.sections) == pytest.approx(page.total, abs=0.26)
    assert sum(part.marks for part in page.domains) == pytest.approx(page.total, abs=0.35)
    assert all(part.marks <= part.of + 1e-9 for part in (*page.sections, *page.domains))
    other, last = page.sections[0], page.sections[-1]
    assert other.of == pytest.approx(before.sections[0].of * 100 / 90, abs=0.01) and last.questions == len(section.items) - 10
    shown = candidate_html(page, "en")
    assert "declared void: 10" in shown and "declared void: 10" in typst_pages([page], "t", "en")
    assert not [entry.id for entry in section.items if entry.id in shown]


def test_withheld_answers_and_a_person_of_whom_nothing_is_left_are_said(place: Place, first: str) -> None:
    items = [entry.id for section in place.forms[0].sections for entry in section.items]
    void(place, first, items[0], standing="withheld")
    assert page_of(place, first).notes == (text("en", "candidate.withheld_answers", n=1),)
    void(place, first, *items)
    page = page_of(place, first)
    assert page.notes == (text("en", "candidate.void_nothing_left", n=100),) and page.total == 0
