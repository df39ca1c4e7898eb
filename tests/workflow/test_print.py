"""qbank print: the parts that a paper has, its pictures from the bank, and what is said when something is missing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from qbank.core.presentation import PARTS, PdfStyle
from qbank.files.disk import write_text
from qbank.files.text_places import text_span
from qbank.problem import has_errors
from qbank.workflow.paper_files import read_forms
from qbank.workflow.papers import assemble_papers
from qbank.workflow.printing import paper_with_bank, print_papers
from qbank.workflow.workspace import Workspace
from tests.corpus import CORPUS


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a workspace with a paper of every kind of item."""
    root = tmp_path_factory.mktemp("print")
    shutil.copytree(CORPUS / "banks/all-kinds", root / "banks/all-kinds")
    (root / "blueprints").mkdir()
    shutil.copy(CORPUS / "blueprints/all-kinds.yaml", root / "blueprints")
    made, problems = assemble_papers(root / "blueprints/all-kinds.yaml", workspace_at(root), as_of="2026-11-25")
    assert not has_errors(problems)
    assert made is not None
    yield root


def workspace_at(root: Path) -> Workspace:
    return Workspace(root, "zh", str(root / "ledger.db"))


def forms(root: Path) -> tuple[Path, ...]:
    return (root / "forms/all-kinds",)


def test_a_paper_of_every_kind_prints_in_every_part_and_form(prepared: Path, tmp_path: Path) -> None:
    for to in ("pdf", "docx", "html", "txt"):
        files, problems = print_papers(forms(prepared), workspace_at(prepared), to=to, into=tmp_path)
        assert not problems
        assert [file.name for file in files] == [f"all-kinds-1-A-{part}.{to}" for part in PARTS if part != "version-map"]
    paper = (tmp_path / "all-kinds-1-A-paper.html").read_text("utf-8")
    assert "data:image/svg+xml;base64," in paper
    assert not re.search(r'src="(?!data:)', paper)
    guide = (tmp_path / "all-kinds-1-A-marking-guide.txt").read_text("utf-8")
    assert "参考答案（12分）" in guide
    assert "第1空：" in guide


def test_only_the_parts_that_are_asked_for_are_written(prepared: Path, tmp_path: Path) -> None:
    files, problems = print_papers(
        forms(prepared), workspace_at(prepared), to="txt", parts=("task-record", "key"), into=tmp_path
    )
    assert not problems
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(file.name for file in files)
    assert len(files) == 2


def test_a_part_that_the_paper_does_not_have_is_a_warning(tmp_path: Path) -> None:
    shutil.copytree(CORPUS / "banks/forklift", tmp_path / "banks/forklift")
    (tmp_path / "blueprints").mkdir()
    shutil.copy(CORPUS / "blueprints/forklift-1.yaml", tmp_path / "blueprints")
    workspace = workspace_at(tmp_path)
    made, _ = assemble_papers(tmp_path / "blueprints/forklift-1.yaml", workspace, n_forms=1, as_of="2026-11-25")
    assert made is not None
    files, problems = print_papers(made.paths, workspace, to="txt", parts=("task-record",))
    assert not files
    assert [(problem.code, problem.severity) for problem in problems] == [("F110", "warning")]


def test_a_picture_that_is_gone_or_changed_stops_the_print(prepared: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(prepared, root)
    (picture,) = (root / "banks/all-kinds/media").glob("nozzle.svg")
    write_text(picture, picture.read_text("utf-8").replace("</svg>", "<text>x</text></svg>"))
    files, problems = print_papers(forms(root), workspace_at(root), to="txt")
    assert not files
    assert {problem.code for problem in problems} == {"F103"}
    picture.unlink()
    files, problems = print_papers(forms(root), workspace_at(root), to="txt")
    assert not files
    assert "Q301" in {problem.code for problem in problems}


def test_latex_that_does_not_parse_is_told_at_its_line_in_word_as_in_pdf(tmp_path: Path) -> None:
    shutil.copytree(CORPUS / "banks/forklift", tmp_path / "banks/forklift")
    (tmp_path / "blueprints").mkdir()
    shutil.copy(CORPUS / "blueprints/forklift-1.yaml", tmp_path / "blueprints")
    workspace = workspace_at(tmp_path)
    made, _ = assemble_papers(tmp_path / "blueprints/forklift-1.yaml", workspace, n_forms=1, as_of="2026-11-25")
    assert made is not None
    for file in (tmp_path / "banks/forklift/items").glob("*.yaml"):
        lines = file.read_text("utf-8").split("\n")
        write_text(file, "\n".join(f"{line} $\\wrongly{{x}}$" if re.match(r"\s+stem: [^|>\"']+$", line) else line for line in lines))
    told = {}
    for to in ("pdf", "docx"):
        files, problems = print_papers(made.paths, workspace, to=to, parts=("paper",))
        assert not files
        told[to] = [(problem.code, problem.span) for problem in problems if problem.code == "Q117"]
    assert told["docx"] == told["pdf"]
    assert told["docx"]
    for _, span in told["docx"]:
        line = Path(span.path).read_text("utf-8").split("\n")[span.line - 1]
        assert "\\wrongly" in line
        assert span.column > 0


def test_a_word_template_that_is_none_is_a_problem_and_nothing_is_written(prepared: Path, tmp_path: Path) -> None:
    template = tmp_path / "template.docx"
    template.write_bytes(b"%PDF-1.7")
    out = tmp_path / "out"
    files, problems = print_papers(forms(prepared), workspace_at(prepared), to="docx", into=out, word_template=template)
    assert not files
    assert not out.exists()
    assert [(problem.code, problem.span.path.endswith("template.docx")) for problem in problems] == [("Z502", True)]
    good, problems = print_papers(forms(prepared), workspace_at(prepared), to="docx", parts=("key",), into=out)
    assert not problems
    again, problems = print_papers(
        forms(prepared), workspace_at(prepared), to="docx", parts=("paper",), into=out, word_template=good[0]
    )
    assert not problems
    assert [file.name for file in again] == ["all-kinds-1-A-paper.docx"]


def test_a_roster_gives_two_files_a_room_and_nothing_where_a_seat_is_taken_twice(prepared: Path, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    write_text(roster, "准考证号,姓名,考场,座位\n1001,王伟,01,1\n1002,李镕,01,2\n1003,张芳,02,B3\n")
    folder = tmp_path / "out"
    files, problems = print_papers(forms(prepared), workspace_at(prepared), to="pdf", roster=roster, into=folder)
    assert not problems
    assert [file.name for file in files] == [
        f"room-{room}-{what}.pdf" for room in ("01", "02") for what in ("papers", "lists")
    ]
    write_text(roster, "准考证号,姓名,考场\n1001,王伟,a/b\n1002,李镕,a_b\n")
    for to, n in (("pdf", 2), ("docx", 1)):
        files, problems = print_papers(forms(prepared), workspace_at(prepared), to=to, roster=roster, parts=("paper",), into=tmp_path / to)
        names = [file.name for file in files if file.name.startswith("room-")]
        assert len(set(names)) == len(names) == 2 * n
        assert f"room-a_b-2-lists.{to}" in names
    write_text(roster, "准考证号,姓名,考场,座位\n1001,王伟,01,1\n1002,李𠮷,01,1\n")
    files, problems = print_papers(forms(prepared), workspace_at(prepared), to="pdf", roster=roster, into=tmp_path / "none")
    assert not files
    assert [(problem.code, problem.span.line) for problem in problems] == [("Z907", 3)]
    assert not (tmp_path / "none").exists()


def test_a_booklet_holds_released_items_only_and_tells_their_rationales(prepared: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(prepared, root)
    style = PdfStyle(booklet=True)
    files, problems = print_papers(forms(root), workspace_at(root), to="pdf", style=style, into=tmp_path / "out")
    assert not files
    assert {problem.code for problem in problems} == {"Z908"}
    for file in (root / "banks/all-kinds/items").rglob("*.yaml"):
        write_text(file, re.sub(r"status: live", "status: released", file.read_text("utf-8")))
    files, problems = print_papers(forms(root), workspace_at(root), to="pdf", style=style, into=tmp_path / "out")
    assert not problems
    assert [file.name for file in files] == ["all-kinds-1-A-booklet.pdf"]


def test_a_centre_template_with_an_error_is_told_and_nothing_is_written(prepared: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(prepared, root)
    write_text(root / "print/centre.typ", "\n#let titles(a, b, c, d) = [#nothing-like-this]\n")
    files, problems = print_papers(forms(root), workspace_at(root), to="pdf", parts=("paper",), into=tmp_path / "out")
    assert not files
    assert [(problem.code, problem.span.line) for problem in problems] == [("Z901", 2)]
    write_text(root / "print/centre.typ", '#import "@preview/cetz:0.3.0": *\n')
    files, problems = print_papers(forms(root), workspace_at(root), to="pdf", parts=("paper",), into=tmp_path / "out")
    assert [(problem.code, problem.span.line) for problem in problems] == [("Z904", 1)]
    assert not (tmp_path / "out").exists()


def test_a_formula_that_cannot_be_read_is_told_at_its_place_in_the_file(prepared: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(prepared, root)
    paper_forms = read_forms(forms(root))[0]
    paper, bank, _ = paper_with_bank(paper_forms[0], workspace_at(root), None)
    assert paper is not None
    assert bank is not None
    item = next(item for item in bank.items.values() if item.kind == "single")
    span = text_span(item, "stem", "")
    line = Path(span.path).read_text("utf-8").splitlines()[span.line - 1]
    assert line.lstrip().startswith("stem:")
    assert text_span(item, "option B", "").line > span.line
