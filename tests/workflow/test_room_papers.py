"""Rooms are printed one after the other: the pages of a paper are held while a room needs them, and no longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from qbank.core.bank import Bank
from qbank.core.form import Form
from qbank.core.presentation import Paper, Part
from qbank.files.disk import write_text
from qbank.render.failure import TextFailure, UnprintableText
from qbank.render.layout import Layout
from qbank.render.room import Printed
from qbank.workflow import room as work
from qbank.workflow import room_papers
from tests.render.samples import zh_paper
from tests.workflow.places import prepared

ROSTER = """准考证号,姓名,考场,座位,试卷
1,王伟,01,1,P-1
2,李镕,01,2,P-2
3,张芳,02,1,P-3
4,陈艳,02,2,P-1
5,刘强,03,1,P-4
"""


@pytest.fixture
def made() -> list[str]:
    """Return the papers whose pages were made, one after the other."""
    return []


@pytest.fixture
def papers(monkeypatch: pytest.MonkeyPatch, made: list[str]) -> list[tuple[Form, Paper, Bank]]:
    """Return five papers, of which nobody sits the last; pages are names, rooms say which papers they were given."""

    def base(paper: Paper, part: Part, layout: Layout) -> Printed:
        if paper.title == "wrong":
            raise UnprintableText([TextFailure("", "stem", "macro", paper.code)], "zh")
        made.append(paper.code)
        return Printed(paper, part, paper.code.encode(), 1, paper)

    def pages(room: work.Room, printed: Sequence[Sequence[Printed]], layout: Layout) -> bytes:
        held = [parts[0].pdf for parts in printed if parts]
        assert all(printed[candidate.paper] for candidate in room.candidates)
        return b" ".join(held)

    monkeypatch.setattr(room_papers, "personal_base", base)
    monkeypatch.setattr(work, "room_pdf", pages)
    monkeypatch.setattr(work, "lists_pdf", lambda room, bundles, digest, layout: " ".join(str(one.n_pages) for one in bundles).encode())
    form, bank = prepared().forms[0], cast("Bank", None)
    return [(replace(form, id=f"P-{n}"), replace(zh_paper(1, 0, 0), code=f"P-{n}"), bank) for n in range(1, 6)]


def rooms(papers: Sequence[tuple[Form, Paper, Bank]], tmp_path: Path, roster: str = ROSTER) -> tuple[dict[str, bytes], list[Any]]:
    write_text(tmp_path / "roster.csv", roster)
    files: dict[str, bytes] = {}

    def put(made: Mapping[str, bytes]) -> None:
        files.update(made)

    problems = work.print_rooms(tmp_path / "roster.csv", [form for form, _, _ in papers], papers, Layout(), ("paper",), put=put)
    return files, problems


def test_a_paper_is_held_from_the_first_room_to_the_last_that_needs_it(
    papers: list[tuple[Form, Paper, Bank]], made: list[str], tmp_path: Path
) -> None:
    files, problems = rooms(papers, tmp_path)
    assert problems == []
    assert made == ["P-1", "P-2", "P-3", "P-4"]
    assert files == {
        "room-01-papers.pdf": b"P-1 P-2", "room-01-lists.pdf": b"1 1 0 0 0",
        "room-02-papers.pdf": b"P-1 P-3", "room-02-lists.pdf": b"1 0 1 0 0",
        "room-03-papers.pdf": b"P-4", "room-03-lists.pdf": b"0 0 0 1 0",
    }  # fmt: skip


def test_every_paper_that_somebody_sits_is_told_if_it_cannot_be_printed(
    papers: list[tuple[Form, Paper, Bank]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_papers, "unprintable", lambda fault, paper, bank: [work.error("Z905", work.Span(paper.code), parts="")])
    wrong = [(form, replace(paper, title="wrong") if paper.code in ("P-1", "P-4", "P-5") else paper, bank) for form, paper, bank in papers]
    files, problems = rooms(wrong, tmp_path)
    assert [problem.span.path for problem in problems] == ["P-1", "P-4"]
    assert "room-02-papers.pdf" not in files and "room-03-papers.pdf" not in files
    files, problems = rooms(wrong, tmp_path, ROSTER.replace("02,2,P-1", "02,1,P-1"))
    assert [(problem.code, problem.span.path) for problem in problems if problem.code != "Z907"] == [("Z905", "P-1"), ("Z905", "P-4")]
    assert files == {} and problems[0].code == "Z907"
