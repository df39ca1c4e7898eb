"""qbank scan: from a folder of pictures to a file of answers that a sitting takes, through what a person decides."""

from __future__ import annotations

import csv
import io
import shutil
import struct
import sys
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from qbank.cli.__main__ import main
from qbank.core.form import answer_places
from qbank.messages import LANGUAGES, problem_message
from qbank.omr.simulated import Filled, Scanner
from qbank.problem import Problem, has_errors
from qbank.workflow.scan import Scanned, Scanning, scan_sheets
from qbank.workflow.sitting import add_responses
from qbank.workflow.workspace import Workspace
from tests.omr.sheets import Printed, sheet, write_scans
from tests.workflow.places import prepared


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def decided(path: Path, say: dict[tuple[str, str], str]) -> Path:
    """Write the review table with decisions for (scan, place); every one must be there."""
    rows = table(path)
    assert {*say} <= {(row["scan"], row["place"]) for row in rows}
    told = path.with_name("decided.csv")
    with told.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "decision": say.get((row["scan"], row["place"]), "")} for row in rows)
    return told


class Desk:
    """A folder of scans of one paper, and what came of reading it."""

    def __init__(self, root: Path, of: Printed, place: Path) -> None:
        self.root, self.of, self.place = root, of, place
        self.scans, self.out, self.review = root / "scans", root / "answers.csv", root / "review"

    def read(self, decisions: Path | None = None, **options: object) -> tuple[Scanned | None, list[Problem]]:
        how = replace(Scanning(self.out, self.review, decisions), **options)  # type: ignore[arg-type]
        workspace = Workspace(self.place, "zh", str(self.root / "ledger.db"))
        (path,) = self.place.glob(f"forms/*/{self.of.form.id}.yaml")
        return scan_sheets(self.scans, (path,), workspace, how)

    def put(self, name: str, pages: Sequence[np.ndarray]) -> None:  # type: ignore[type-arg]
        self.scans.mkdir(exist_ok=True)
        for n, page in enumerate(pages, start=1):
            cv2.imwrite(str(self.scans / f"{name}-{n}.png"), page)


@pytest.fixture
def desk(tmp_path: Path, theory: Printed) -> Desk:
    return Desk(tmp_path, theory, prepared().root)


@pytest.fixture
def desk_of_kinds(tmp_path: Path, every_kind: Printed) -> Desk:
    return Desk(tmp_path, every_kind, every_kind.root)


def codes(problems: Sequence[Problem]) -> list[str]:
    for language in LANGUAGES:
        assert all(problem_message(problem, language) for problem in problems)
    return sorted(problem.code for problem in problems)


def cells_of(filled: Filled, of: Printed) -> dict[str, str]:
    """Return what the file of answers must say, worked out from what was filled in."""
    told: dict[str, str] = {}
    for (question, part, row), values in filled.answers.items():
        name, kind = of.looked_for.names[question, part], of.looked_for.kinds[question, part]
        text = "".join(values)
        if kind == "matching":
            told[name] = f"{told.get(name, '')} {row}-{text}".strip() if text else told.get(name, "")
        else:
            told[name] = told.get(name, "") + text
    return told


def test_clear_sheets_become_a_file_that_a_sitting_takes(desk: Desk) -> None:
    told = write_scans(desk.scans, desk.of, 3)
    done, problems = desk.read()
    assert done is not None and problems == []
    assert (done.n_pictures, done.n_sheets, done.n_answers, done.n_open) == (3, 3, 300, 0)
    rows = table(desk.out)
    assert [row["person"] for row in rows] == sorted(filled.number for filled in told)
    for filled in told:
        (row,) = (row for row in rows if row["person"] == filled.number)
        assert {name: row[name] for name in cells_of(filled, desk.of)} == cells_of(filled, desk.of)
    assert not desk.review.exists()
    workspace = Workspace(desk.place, "zh", str(desk.root / "ledger.db"))
    (path,) = desk.place.glob(f"forms/*/{desk.of.form.id}.yaml")
    added, problems = add_responses(desk.out, (path,), workspace, id="S-1", date="2026-11-26", place="", design="none")
    assert added is not None and not has_errors(problems)
    assert (added.n_persons, added.n_items) == (3, 100)


def test_what_is_doubtful_waits_for_a_person_and_no_sitting_takes_it_before(desk: Desk) -> None:
    (filled,) = write_scans(desk.scans, desk.of, 1, planted=0.1)
    done, problems = desk.read()
    assert done is not None and codes(problems) == ["O201"]
    assert done.n_open == len(filled.planted) > 3
    rows = table(desk.review / "review.csv")
    assert {row["place"] for row in rows} == {str(question) for question, _, _ in filled.planted}
    assert all((desk.review / row["crop"]).read_bytes()[:2] == b"\xff\xd8" for row in rows)
    page = (desk.review / "review.html").read_text("utf-8")
    assert page.count("<article>") == len(rows) and "http" not in page.replace("http-equiv", "")
    assert {row[str(q)] for row in table(desk.out) for q, _, _ in filled.planted} == {"?"}
    workspace = Workspace(desk.place, "zh", str(desk.root / "ledger.db"))
    (path,) = desk.place.glob(f"forms/*/{desk.of.form.id}.yaml")
    added, problems = add_responses(desk.out, (path,), workspace, id="S-1", date="2026-11-26", place="", design="none")
    assert added is None and {*codes(problems)} == {"R111"}

    say = {(row["scan"], row["place"]): "".join(filled.answers[int(row["place"]), 0, 0]) for row in rows}
    first = next(iter(say))
    done, problems = desk.read(decided(desk.review / "review.csv", {**say, first: "-"}))
    assert done is not None and problems == []
    (row,) = table(desk.out)
    assert {name: row[name] for name in cells_of(filled, desk.of)} == {**cells_of(filled, desk.of), first[1]: ""}
    again = table(desk.review / "review.csv")
    assert [row["decision"] for row in again] == [*{**say, first: "-"}.values()]
    added, problems = add_responses(desk.out, (path,), workspace, id="S-1", date="2026-11-26", place="", design="none")
    assert added is not None


def test_some_decisions_leave_the_others_open(desk: Desk) -> None:
    write_scans(desk.scans, desk.of, 1, planted=0.1)
    desk.read()
    rows = table(desk.review / "review.csv")
    done, problems = desk.read(decided(desk.review / "review.csv", {(rows[0]["scan"], rows[0]["place"]): "-"}))
    assert done is not None and codes(problems) == ["O201"]
    assert (done.n_decided, done.n_open) == (1, len(rows) - 1)


def test_pages_of_every_kind_are_joined_by_the_number_and_handwriting_is_typed(desk_of_kinds: Desk) -> None:
    desk = desk_of_kinds
    filled, pages = sheet(desk.of, 3)
    area = next(area for area in desk.of.looked_for.sheet.areas if desk.of.looked_for.kinds[area.question, area.part] == "fill")
    page = pages[area.page - 1]
    scale = page.shape[1] / 210
    start = (int((area.x + 8) * scale), int((area.y + 6) * scale))
    cv2.putText(page, "CaO", start, cv2.FONT_HERSHEY_SIMPLEX, 1.2, 60, 3)
    for n in (2, 0, 3, 1):
        if n < len(pages):
            desk.put(f"mixed-{n}", [pages[n]])
    done, problems = desk.read()
    assert done is not None and codes(problems) == ["O201"]
    assert done.n_sheets == 1
    name = desk.of.looked_for.names[area.question, area.part]
    (row,) = table(desk.out)
    assert row["person"] == filled.number and row[name] == "???"
    rated = {entry.kind for entry in answer_places(desk.of.form)} & {"short", "essay"}
    assert rated and not any(desk.of.looked_for.names[place] in row for place, kind in desk.of.looked_for.kinds.items() if kind in rated)
    (asked,) = table(desk.review / "review.csv")
    areas = [one for one in desk.of.looked_for.sheet.areas if (one.question, one.part) == (area.question, area.part)]
    typed = ";".join(["CaO", *[""] * (len(areas) - 1)])
    done, problems = desk.read(decided(desk.review / "review.csv", {(asked["scan"], name): typed}))
    assert done is not None and problems == []
    (row,) = table(desk.out)
    assert {other: row[other] for other in cells_of(filled, desk.of)} == cells_of(filled, desk.of)
    assert row[name] == typed


def test_a_page_that_is_missing_or_there_twice_is_told(desk_of_kinds: Desk) -> None:
    desk = desk_of_kinds
    _, pages = sheet(desk.of, 3)
    desk.put("a", pages[:-1])
    done, problems = desk.read()
    assert done is not None and codes(problems) == ["O203"]
    gone = len(pages)
    lost = {desk.of.looked_for.names[box.question, box.part] for box in desk.of.looked_for.sheet.bubbles if box.page == gone and box.question > 0}
    (row,) = table(desk.out)
    assert lost and {row[name] for name in lost} == {"?"}
    typed = [name for place, name in desk.of.looked_for.names.items() if desk.of.looked_for.kinds[place] == "fill"]
    assert {row[name] for name in typed} == {"???"}
    desk.put("b", pages)
    done, problems = desk.read()
    assert done is not None and codes(problems) == ["O201", "O202"]
    rows = table(desk.review / "review.csv")
    assert {row["place"] for row in rows} == {"number"} and len(rows) == 2 * (len(pages) - 1)
    say = {(row["scan"], "number"): "drop" for row in rows if row["scan"].startswith("b-")}
    done, problems = desk.read(decided(desk.review / "review.csv", say))
    assert done is not None and codes(problems) == []


def test_one_number_on_two_sheets_is_never_guessed(desk: Desk) -> None:
    filled, (one,) = sheet(desk.of, 1)
    _, (other,) = sheet(desk.of, 2, filled=replace(sheet(desk.of, 2)[0], number=filled.number))
    desk.put("one", [one])
    desk.put("other", [other])
    done, problems = desk.read()
    assert done is not None and codes(problems) == ["O201", "O202"]
    assert {row["1"] for row in table(desk.out)} == {"?"}
    done, problems = desk.read(decided(desk.review / "review.csv", {("other-1.png#1", "number"): "202611260001"}))
    assert done is not None and problems == []
    assert [row["person"] for row in table(desk.out)] == sorted([filled.number, "202611260001"])


@pytest.mark.parametrize("number", ["12345678901", "123456 89012", "  3456789012"])
def test_a_number_with_a_digit_left_out_is_asked_about(desk: Desk, number: str) -> None:
    filled, _ = sheet(desk.of, 1)
    _, (picture,) = sheet(desk.of, 1, filled=replace(filled, number=number))
    desk.put("a", [picture])
    done, problems = desk.read()
    assert done is not None and codes(problems) == ["O201"]
    (row,) = table(desk.review / "review.csv")
    assert row["place"] == "number"
    assert [row["person"] for row in table(desk.out)] == [""]
    if number == "12345678901":
        done, problems = desk.read(digits=11)
        assert done is not None and problems == []


def test_every_bad_file_is_one_problem_and_good_sheets_are_read(desk: Desk, every_kind: Printed) -> None:
    write_scans(desk.scans, desk.of)
    _, (other, *_) = sheet(every_kind, 1)
    desk.put("other", [other])
    whole = (desk.scans / "other-1.png").read_bytes()
    (desk.scans / "cut.jpg").write_bytes(cv2.imencode(".jpg", other)[1].tobytes()[:300])
    (desk.scans / "empty.png").write_bytes(b"")
    (desk.scans / "text.pdf").write_bytes(b"%PDF-1.4\nnothing")
    (desk.scans / "text.tif").write_bytes(b"II*\0" + b"\xff" * 400)
    (desk.scans / "notes.txt").write_bytes(whole)
    cv2.imwrite(str(desk.scans / "white.png"), np.full((1500, 1100), 250, np.uint8))
    done, problems = desk.read()
    assert done is not None and done.n_sheets == 1
    told = {problem.span.path.split("#")[0]: problem.code for problem in problems}
    assert told == {
        "other-1.png": "O103", "cut.jpg": "O101", "empty.png": "O101", "text.pdf": "O101", "text.tif": "O101", "white.png": "O102",
    }  # fmt: skip
    rows = table(desk.review / "review.csv")
    done, problems = desk.read(decided(desk.review / "review.csv", {(row["scan"], "page"): "drop" for row in rows}))
    assert done is not None and codes(problems) == []


def test_a_sheet_of_a_paper_changed_since_is_refused(desk: Desk) -> None:
    stale = replace(desk.of.paper, digest="0badc0de")
    from qbank.omr.simulated import blank_pages

    old = replace(desk.of, paper=stale, blank=blank_pages(stale))
    write_scans(desk.scans, old)
    done, problems = desk.read()
    assert done is not None and codes(problems) == ["O103"]
    assert "0badc0de" in problem_message(problems[0], "en")
    assert not desk.out.exists()


def test_a_soiled_code_is_known_and_a_covered_one_needs_the_paper(desk: Desk) -> None:
    filled, (picture,) = sheet(desk.of, 1, Scanner(dpi=200))
    scale = picture.shape[1] / 210
    spot = lambda x, y, w, h, value: cv2.rectangle(  # noqa: E731
        picture, (int(x * scale), int(y * scale)), (int((x + w) * scale), int((y + h) * scale)), value, -1)  # fmt: skip
    spot(172, 21, 7, 6, 90)
    desk.put("soiled", [picture])
    done, problems = desk.read()
    assert done is not None and problems == []
    spot(167, 16, 24, 24, 200)
    desk.put("soiled", [picture])
    done, problems = desk.read()
    assert codes(problems) == ["O104"]
    done, problems = desk.read(paper=desk.of.form.id)
    assert done is not None and problems == []
    assert [row["person"] for row in table(desk.out)] == [filled.number]
    assert codes(desk.read(paper="nobody")[1]) == ["O108"]


def test_a_torn_corner_is_made_up_for(desk: Desk) -> None:
    filled, (picture,) = sheet(desk.of, 1, Scanner(dpi=150, turn=2))
    picture[-260:, -260:] = 255
    desk.put("torn", [picture])
    done, problems = desk.read()
    assert done is not None and problems == []
    (row,) = table(desk.out)
    assert {name: row[name] for name in cells_of(filled, desk.of)} == cells_of(filled, desk.of)


def test_decisions_that_fit_nothing_are_all_told_and_nothing_is_written(desk: Desk) -> None:
    write_scans(desk.scans, desk.of, 1, planted=0.1)
    desk.read()
    desk.out.unlink()
    rows = table(desk.review / "review.csv")
    head = ",".join(rows[0])
    scan, digest, place = rows[0]["scan"], rows[0]["digest"], rows[0]["place"]
    lines = [
        head, f"{scan},{digest},,,,{place},,,,X", f"{scan},{digest},,,,999,,,,A", f"gone.png#1,{digest},,,,1,,,,A",
        f"{scan},000000000000,,,,1,,,,A", f"{scan},{digest},,,,{place},,,,-", f"{scan},{digest},,,,number,,,,12 34",
    ]  # fmt: skip
    wrong = desk.root / "wrong.csv"
    wrong.write_text("\n".join(lines), "utf-8")
    done, problems = desk.read(wrong)
    assert done is None
    assert codes(problems) == ["O303", "O304", "O305", "O306", "O306", "O307"]
    assert [problem.span.line for problem in sorted(problems, key=lambda one: (one.code, one.span))] == [4, 5, 6, 2, 7, 3]
    assert not desk.out.exists()
    wrong.write_text("scan,place\n", "utf-8")
    assert codes(desk.read(wrong)[1]) == ["O302"]
    wrong.write_bytes(b"\x00\xff\x00")
    assert codes(desk.read(wrong)[1]) == ["O301"]


def test_a_clear_answer_can_be_overruled(desk: Desk) -> None:
    write_scans(desk.scans, desk.of, 1, planted=0.1)
    desk.read()
    rows = table(desk.review / "review.csv")
    scan, digest = rows[0]["scan"], rows[0]["digest"]
    clear = next(str(n) for n in range(1, 81) if str(n) not in {row["place"] for row in rows})
    told = desk.root / "told.csv"
    told.write_text(f"scan,digest,place,decision\n{scan},{digest},{clear},Ｄ\n", "utf-8")
    desk.read(told)
    assert table(desk.out)[0][clear] == "Ｄ"
    assert clear in {row["place"] for row in table(desk.review / "review.csv")}


def test_tiff_and_pdf_of_many_pages_are_read_page_by_page(desk_of_kinds: Desk) -> None:
    desk = desk_of_kinds
    _, pages = sheet(desk.of, 4)
    desk.scans.mkdir()
    (desk.scans / "all.tif").write_bytes(cv2.imencodemulti(".tiff", pages)[1].tobytes())
    done, problems = desk.read()
    assert done is not None and problems == []
    assert (done.n_pictures, done.n_sheets) == (len(pages), 1)
    first = desk.out.read_bytes()
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm draws the pages of a PDF")
    (desk.scans / "all.tif").unlink()
    (desk.scans / "all.pdf").write_bytes(pdf_of(pages))
    done, problems = desk.read()
    assert done is not None and problems == []
    assert desk.out.read_bytes() == first


def test_jpegs_inside_a_pdf_are_found_without_poppler(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _, pages = sheet(desk.of, 4)
    desk.scans.mkdir()
    (desk.scans / "all.pdf").write_bytes(pdf_of(pages))
    monkeypatch.setattr("qbank.omr.pictures.shutil.which", lambda name: None)
    done, problems = desk.read()
    assert done is not None and problems == [] and done.n_sheets == 1


def test_scans_without_grays_are_warned_about(desk: Desk) -> None:
    _, (picture,) = sheet(desk.of, 1)
    desk.put("a", [np.where(picture > 140, 255, 0).astype(np.uint8)])
    done, problems = desk.read()
    assert done is not None and done.n_sheets == 1
    assert [(problem.code, problem.severity) for problem in problems] == [("O109", "warning")]


def test_a_picture_of_millions_of_pixels_and_a_folder_without_any_are_problems(desk: Desk) -> None:
    assert codes(desk.read()[1]) == ["O106"]
    desk.scans.mkdir()
    assert codes(desk.read()[1]) == ["O107"]
    (desk.scans / "huge.png").write_bytes(huge_png(60_000))
    done, problems = desk.read()
    assert done is not None and codes(problems) == ["O101"]
    assert not desk.out.exists()


def huge_png(side: int) -> bytes:
    """Return a PNG of few bytes that says it is ``side`` pixels square."""
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_without_opencv_the_command_says_which_extra_to_add(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith(("qbank.omr", "qbank.workflow.scan"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cv2", None)
    monkeypatch.chdir(desk.root)
    with pytest.raises(SystemExit) as ended:
        main(["--lang", "en", "scan", "scans"])
    assert ended.value.code == 2
    assert "qbank[omr]" in capsys.readouterr().err


def test_same_scans_same_files(desk: Desk) -> None:
    write_scans(desk.scans, desk.of, 2, planted=0.1)
    desk.read()
    before = {path.relative_to(desk.root): path.read_bytes() for path in desk.root.rglob("*") if path.is_file()}
    desk.read()
    assert before == {path.relative_to(desk.root): path.read_bytes() for path in desk.root.rglob("*") if path.is_file()}


def pdf_of(pages: Sequence[np.ndarray]) -> bytes:  # type: ignore[type-arg]
    """Return a PDF as a scanner writes it: one JPEG a page."""
    body = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for page in pages:
        jpeg = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
        height, width = page.shape
        n = len(body) + 1
        kids.append(f"{n} 0 R")
        body += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {n + 1} 0 R /Resources << /XObject << /I {n + 2} 0 R >> >> >>".encode(),
            b"<< /Length 29 >>\nstream\nq 595 0 0 842 0 0 cm /I Do Q\n\nendstream",
            f"<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 8 "
            f"/Filter /DCTDecode /Length {len(jpeg)} >>\nstream\n".encode() + jpeg + b"\nendstream",
        ]
    body[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    out, places = b"%PDF-1.4\n", []
    for n, one in enumerate(body, start=1):
        places.append(len(out))
        out += f"{n} 0 obj\n".encode() + one + b"\nendobj\n"
    table_at = len(out)
    out += f"xref\n0 {len(body) + 1}\n0000000000 65535 f \n".encode() + b"".join(f"{at:010d} 00000 n \n".encode() for at in places)
    return out + f"trailer << /Size {len(body) + 1} /Root 1 0 R >>\nstartxref\n{table_at}\n%%EOF\n".encode()


def roster_of(desk: Desk, *persons: tuple[str, str], header: str = "准考证号,姓名,试卷") -> Path:
    """Write a list of candidates: number and paper."""
    path = desk.root / "assigned.csv"
    path.write_text("\n".join([header, *(f"{number},张三,{form}" for number, form in persons)]) + "\n", "utf-8")
    return path


def test_who_has_no_sheet_and_whose_sheet_nobody_expected_are_told(desk: Desk) -> None:
    """A number on no list is asked about; confirmed, it is only told."""
    first, second = (filled.number for filled in write_scans(desk.scans, desk.of, 2))
    mine = desk.of.form.id
    roster = roster_of(desk, (first, mine), ("000000000001", mine), ("000000000002", "of-another-room"))
    done, problems = desk.read(roster=roster)
    assert done is not None and (done.absent, done.unlisted) == (("000000000001",), (second,))
    assert codes(problems) == ["O201", "O401", "O402"]
    (absent,) = (problem for problem in problems if problem.code == "O401")
    assert (absent.span.line, absent.span.column) == (3, 1)
    (row,) = (row for row in table(desk.review / "review.csv") if row["place"] == "number")
    assert row["person"] == second and done.n_open == 1
    told = decided(desk.review / "review.csv", {(row["scan"], "number"): second})
    done, problems = desk.read(told, roster=roster)
    assert done is not None and done.n_open == 0 and codes(problems) == ["O401", "O402"]
    told = decided(desk.review / "review.csv", {(row["scan"], "number"): "000000000001"})
    done, problems = desk.read(told, roster=roster)
    assert done is not None and (done.absent, done.unlisted, problems) == ((), (), [])


def test_a_sheet_of_another_paper_than_the_list_gives_is_told_and_a_list_without_papers_is_for_all(desk: Desk) -> None:
    (number,) = (filled.number for filled in write_scans(desk.scans, desk.of, 1))
    done, problems = desk.read(roster=roster_of(desk, (number, ""), header="考号,姓名,备注"))
    assert done is not None and problems == [] and done.absent == ()
    done, problems = desk.read(roster=roster_of(desk, (number, "of-another-room")))
    assert done is not None and codes(problems) == ["O403"] and done.unlisted == ()
    done, problems = desk.read(roster=roster_of(desk, header="准考证号,姓名,试卷"))
    assert done is None and codes(problems) == ["H205"]
