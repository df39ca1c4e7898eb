"""qbank print --to docx: lists of rooms, what a form does not do, a centre's settings."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document

from qbank.core.presentation import PdfStyle
from qbank.files.disk import write_text
from qbank.problem import has_errors
from qbank.workflow.papers import assemble_papers
from qbank.workflow.printing import print_papers
from qbank.workflow.workspace import Workspace
from tests.corpus import CORPUS

ROSTER = "准考证号,姓名,考点,考场,座位,form\n1001,王伟,一号考点,01,1,forklift-1-1-A\n1002,李𠮷,一号考点,01,2,forklift-1-1-B\n1003,张芳,一号考点,02,B3,forklift-1-1-A\n"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a workspace with two papers and a roster of two rooms."""
    root = tmp_path_factory.mktemp("word")
    shutil.copytree(CORPUS / "banks/forklift", root / "banks/forklift")
    (root / "blueprints").mkdir()
    shutil.copy(CORPUS / "blueprints/forklift-1.yaml", root / "blueprints")
    made, problems = assemble_papers(root / "blueprints/forklift-1.yaml", workspace_at(root), n_forms=2, as_of="2026-11-25")
    assert not has_errors(problems)
    assert made is not None
    write_text(root / "roster.csv", ROSTER)
    yield root


def workspace_at(root: Path) -> Workspace:
    return Workspace(root, "zh", str(root / "ledger.db"))


def words_of(file: Path) -> list[str]:
    """Return the words of a Word file, paragraph by paragraph, cell by cell."""
    document = Document(str(file))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [one.text for one in document.paragraphs] + cells


def test_a_roster_gives_the_lists_of_each_room_in_word_beside_the_papers(prepared: Path, tmp_path: Path) -> None:
    files, problems = print_papers(
        (prepared / "forms/forklift-1",), workspace_at(prepared), to="docx", parts=("paper",), roster=prepared / "roster.csv", into=tmp_path
    )
    assert [(problem.code, problem.severity) for problem in problems] == [("Z508", "note")]
    assert [file.name for file in files] == [
        "forklift-1-1-A-paper.docx", "forklift-1-1-B-paper.docx", "room-一号考点-01-lists.docx", "room-一号考点-02-lists.docx",
    ]  # fmt: skip
    first, second = (words_of(file) for file in files[2:])
    for title in ("Cover of the sealed envelope", "Record of the room", "List for the door", "Signatures of candidates", "Plan of seats"):
        assert title in first
    assert "李𠮷" in first and "张芳" not in first and "张芳" in second
    for paper in files[:2]:
        assert hashlib.sha256(paper.read_bytes()).hexdigest()[:16] in first
    assert not any("forklift-1-1-B" in words for words in second)


def test_a_seat_taken_twice_stops_word_as_it_stops_the_pdf(prepared: Path, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    write_text(roster, ROSTER.replace("01,2,", "01,1,"))
    files, problems = print_papers((prepared / "forms/forklift-1",), workspace_at(prepared), to="docx", roster=roster, into=tmp_path / "out")
    assert not files
    assert ("Z907", 3) in [(problem.code, problem.span.line) for problem in problems]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("to", ["txt", "qti3"])
def test_a_form_that_makes_nothing_of_a_candidates_own_says_so(to: str, prepared: Path, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    write_text(roster, "".join(ROSTER.splitlines(keepends=True)[:2]))
    files, problems = print_papers((prepared / "forms/forklift-1",), workspace_at(prepared), to=to, roster=roster, into=tmp_path)
    assert ("Z507", "warning", to) in [(problem.code, problem.severity, dict(problem.facts).get("to")) for problem in problems]
    assert files
    assert all(file.name.startswith("forklift-1-1-A") for file in files)


def test_a_booklet_is_a_word_file_and_refuses_what_is_not_public(prepared: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(prepared, root)
    style = PdfStyle(booklet=True)
    files, problems = print_papers((root / "forms/forklift-1/forklift-1-1-A.yaml",), workspace_at(root), to="docx", style=style)
    assert not files
    assert {problem.code for problem in problems} == {"Z908"}
    for file in (root / "banks/forklift/items").rglob("*.yaml"):
        write_text(file, re.sub(r"status: live", "status: released", file.read_text("utf-8")))
    files, problems = print_papers((root / "forms/forklift-1/forklift-1-1-A.yaml",), workspace_at(root), to="docx", style=style)
    assert not has_errors(problems)
    assert [file.name for file in files] == ["forklift-1-1-A-booklet.docx"]
    assert any(words == "Answers and rationales" for words in words_of(files[0]))


def test_blocks_of_a_centre_for_the_pdf_are_named_where_word_does_not_take_them(prepared: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(prepared, root)
    write_text(root / "print/centre.typ", "#let titles(a, b, c, d) = [x]\n")
    files, problems = print_papers((root / "forms/forklift-1",), workspace_at(root), to="docx", parts=("key",))
    assert [(problem.code, problem.severity, problem.span.path.endswith("print/centre.typ")) for problem in problems] == [("Z509", "note", True)]
    assert len(files) == 2
    assert not print_papers((root / "forms/forklift-1",), workspace_at(root), to="txt", parts=("key",))[1]


def test_a_bad_template_is_told_once_and_nothing_is_written(prepared: Path, tmp_path: Path) -> None:
    template = tmp_path / "template.docm"
    template.write_bytes(b"PK" + bytes(20_000_001))
    files, problems = print_papers(
        (prepared / "forms/forklift-1",), workspace_at(prepared), to="docx", roster=prepared / "roster.csv", into=tmp_path / "out", word_template=template
    )
    assert not files
    assert [(problem.code, problem.span.path.endswith("template.docm")) for problem in problems] == [("Z504", True)]
    assert not (tmp_path / "out").exists()
