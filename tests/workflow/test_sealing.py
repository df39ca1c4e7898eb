"""seal, open, verify: who opens what with what, what the ledger has of it, and that nothing readable stays behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qbank.files.forms import read_form
from qbank.files.sealing.manifest import MANIFEST
from qbank.files.sealing.shares import Share, parse_share, share_rows
from qbank.files.sealing.unpack import private_folder
from qbank.ledger import LedgerError, entries, open_ledger, verify_ledger
from qbank.problem import Problem
from qbank.workflow.opening import Opened, WithWhat, open_package, verify_package
from qbank.workflow.sealing import Sealed, Sealing, make_key, manifest_sha256, seal_package
from qbank.workflow.sealing_parts import place_of
from qbank.workflow.workspace import Workspace
from tests.workflow.places import REPOSITORY, Place

TODAY = "2026-12-01"
PRINTED = {"x-paper.pdf": b"%PDF what is asked", "x-answer-sheet.pdf": b"%PDF sheet", "x-key.pdf": b"%PDF A B C", "x-marking-guide.pdf": b"%PDF points"}


@pytest.fixture
def at(tmp_path: Path) -> Workspace:
    """Return a workspace with printed papers and two keys, and an empty ledger."""
    for name, data in PRINTED.items():
        (tmp_path / "print").mkdir(exist_ok=True)
        (tmp_path / "print" / name).write_bytes(data)
    for name in ("li", "wang"):
        assert not make_key(str(tmp_path / name))[1]
    workspace = Workspace(tmp_path, "en", str(tmp_path / "ledger.db"))
    workspace.open().close()
    return workspace


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def seal(at: Workspace, **how: object) -> Sealed:
    settings = {"to": (str(at.root / "li.pub"),), "out": at.root / "exam.age", "sitting": "2026-11", "who": "zhao", **how}
    sealed, problems = seal_package([at.root / "print"], at, Sealing(**settings))  # type: ignore[arg-type]
    assert sealed is not None and problems == []
    return sealed


def open_it(at: Workspace, name: str, *, key: str = "li", shares: tuple[str, ...] = (), into: str = "out", today: str = TODAY) -> tuple[Opened | None, list[Problem]]:
    what = WithWhat((at.root / f"{key}.key",) if key else (), shares)
    return open_package(at.root / name, at.root / into, at, what, who="sun", today=today)


def actions(at: Workspace) -> list[tuple[str, str, str]]:
    ledger = open_ledger(at.database)
    try:
        assert verify_ledger(ledger)[1] == []
        return [(one.who, one.action, one.subject) for one in entries(ledger)]
    finally:
        ledger.close()


def left(at: Workspace) -> set[str]:
    """Return the names of everything in the workspace, hidden ones too, but not what the database keeps beside itself."""
    return {path.name for path in at.root.rglob("*") if not path.name.startswith("ledger.db")}


# ---------------------------------------------------------------------------------------------- keys apart


def test_papers_and_keys_are_two_archives(at: Workspace) -> None:
    sealed = seal(at)
    assert [(part.path.name, [file.name for file in part.manifest.files]) for part in sealed.parts] == [
        ("exam.papers.age", ["print/x-answer-sheet.pdf", "print/x-paper.pdf"]),
        ("exam.keys.age", ["print/x-key.pdf", "print/x-marking-guide.pdf"]),
    ]
    opened, problems = open_it(at, "exam.papers.age")
    assert opened is not None and problems == []
    assert {path.name for path in opened.folder.rglob("*.pdf")} == {"x-paper.pdf", "x-answer-sheet.pdf"}
    assert b"A B C" not in b"".join(path.read_bytes() for path in opened.folder.rglob("*") if path.is_file())


def test_who_opens_the_papers_need_not_open_the_keys(at: Workspace) -> None:
    seal(at, keys_to=(str(at.root / "wang.pub"),))
    assert codes(open_it(at, "exam.keys.age")[1]) == ["Z203"]
    opened, _ = open_it(at, "exam.keys.age", key="wang")
    assert opened is not None and opened.manifest.part == "keys"
    assert codes(open_it(at, "exam.papers.age", key="wang", into="b")[1]) == ["Z203"]


def test_one_archive_where_it_is_asked_for_or_where_there_is_one_kind(at: Workspace) -> None:
    assert [part.path.name for part in seal(at, together=True).parts] == ["exam.age"]
    sealed, problems = seal_package([at.root / "print" / "x-paper.pdf"], at, Sealing(to=(str(at.root / "li.pub"),), out=at.root / "p.age"))
    assert sealed is not None and problems == [] and [part.path.name for part in sealed.parts] == ["p.age"]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("a-1-A-paper.pdf", "papers"), ("a-1-A-key.docx", "keys"), ("a-marking-guide.html", "keys"), ("a-1-A-v2-version-map.pdf", "keys"), ("版本对照表.pdf", "keys"), ("a-answer-sheet.pdf", "papers"),
        ("a-task-record.pdf", "papers"), ("a.yaml", "keys"), ("a-qti3.zip", "keys"), ("A卷试卷.pdf", "papers"), ("A卷标准答案.pdf", "keys"),
        ("试卷答案.docx", "keys"), ("exam_key_v2.pdf", "keys"), ("monkey.pdf", None), ("keyboard-paper.pdf", "papers"), ("a.pdf", None), ("key.json", "keys"),
        ("rationales.pdf", "keys"), ("seating.xlsx", "papers"),
    ],
)  # fmt: skip
def test_the_archive_of_a_file_is_told_by_its_name(name: str, place: str | None) -> None:
    assert place_of(name) == place


def test_a_file_whose_name_says_nothing_is_told_and_can_be_declared(at: Workspace) -> None:
    (at.root / "a.pdf").write_bytes(b"?")
    how = Sealing(to=(str(at.root / "li.pub"),), out=at.root / "q.age")
    sealed, problems = seal_package([at.root / "a.pdf"], at, how)
    assert sealed is not None and [(p.code, p.severity) for p in problems] == [("Z111", "warning")]
    sealed, problems = seal_package([at.root / "print"], at, Sealing(to=how.to, out=at.root / "r.age", keys=(at.root / "a.pdf",)))
    assert sealed is not None and problems == [] and "a.pdf" in [file.name for file in sealed.parts[1].manifest.files]


# ---------------------------------------------------------------------------------------------- what the manifest says


def test_the_manifest_names_the_papers_with_bank_seed_and_engine(place: Place) -> None:
    at = Workspace(place.root, "zh", str(place.database))
    path = place.form_folder / f"{place.forms[0].id}.yaml"
    form, _ = read_form(path)
    assert form is not None
    (place.root / f"{form.id}-paper.pdf").write_bytes(b"%PDF")
    make_key(str(place.root / "li"))
    how = Sealing(to=(str(place.root / "li.pub"),), out=place.root / "exam.age", not_before="2026-12-01", who="zhao")
    sealed, problems = seal_package([place.root / f"{form.id}-paper.pdf", path], at, how)
    assert sealed is not None and problems == []
    for part in sealed.parts:
        (named,) = part.manifest.forms
        assert (named.form, named.bank_digest, named.seed, named.engine_version) == (form.id, form.bank_digest, form.seed, form.engine_version)
    assert [file.name for file in sealed.parts[1].manifest.files] == [path.name]
    path.write_text(path.read_text("utf-8").replace(f"title: {form.title}", "title: another", 1), "utf-8")
    _, problems = seal_package([path], at, Sealing(to=how.to, out=place.root / "other.age"))
    assert "F101" in codes(problems) and not (place.root / "other.age").exists()


def test_the_receipt_tells_nothing_of_what_is_inside(at: Workspace) -> None:
    sealed = seal(at, not_before="2026-12-01")
    said = sealed.receipt.read_text("utf-8")
    receipt = json.loads(said)
    assert receipt["packages"][0]["recipients"] == [(at.root / "li.pub").read_text("utf-8").strip()]
    for part in sealed.parts:
        inside = {*(file.name for file in part.manifest.files), *(file.sha256 for file in part.manifest.files), manifest_sha256(part.manifest)}
        assert {word for word in inside if word in said} == set()


# ---------------------------------------------------------------------------------------------- keys and shares


def test_a_new_key_is_for_its_owner_only_and_is_never_overwritten(at: Workspace) -> None:
    key = at.root / "li.key"
    before = key.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    made, problems = make_key(str(at.root / "li"))
    assert made is None and codes(problems) == ["Z104", "Z104"] and key.read_bytes() == before
    key.chmod(0o644)
    seal(at)
    opened, problems = open_it(at, "exam.papers.age")
    assert opened is not None and codes(problems) == ["Z212"]


def test_a_public_key_given_as_an_identity_is_not_called_a_private_key_that_others_can_read(at: Workspace) -> None:
    seal(at)
    (at.root / "li.key").write_bytes((at.root / "li.pub").read_bytes())
    (at.root / "li.key").chmod(0o644)
    opened, problems = open_it(at, "exam.papers.age")
    assert opened is None and codes(problems) == ["Z211"]


def test_any_two_of_three_shares_open_their_own_archive_only(at: Workspace) -> None:
    sealed = seal(at, to=(), shares=(2, 3))
    papers, keys = ([str(path) for path in part.shares if path.suffix == ".txt"] for part in sealed.parts)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for part in sealed.parts for path in part.shares)
    for number, pair in enumerate(((0, 1), (0, 2), (1, 2))):
        opened, problems = open_it(at, "exam.papers.age", key="", shares=tuple(papers[one] for one in pair), into=f"o{number}")
        assert opened is not None and problems == []
    for shares, wanted in (
        ([papers[0]], "Z133"), ([papers[0], papers[0]], "Z133"), (keys[:2], "Z135"), ([papers[0], keys[1]], "Z131"),
        (["lusab babad", papers[1]], "Z122"), ([str(at.root / "nowhere.txt"), papers[1]], "Y011"),
    ):  # fmt: skip
        opened, problems = open_it(at, "exam.papers.age", key="", shares=tuple(shares), into="never")
        assert opened is None and wanted in codes(problems)
    words = tuple(" ".join(line for line in Path(path).read_text("utf-8").splitlines() if not line.startswith("#")) for path in papers[:2])
    assert open_it(at, "exam.papers.age", key="", shares=words, into="by-words")[0] is not None
    assert not (at.root / "never").exists()


def test_a_forged_share_is_told_before_the_package_is_tried(at: Workspace) -> None:
    sealed = seal(at, to=(), shares=(2, 3), together=True)
    words = [path for path in sealed.parts[0].shares if path.suffix == ".txt"]
    share, _ = parse_share(words[0].read_text("utf-8"), "s")
    assert share is not None
    forged = "\n".join(" ".join(row) for row in share_rows(replace(share, data=bytes(32))))
    opened, problems = open_it(at, "exam.age", key="", shares=(forged, str(words[1])))
    assert opened is None and codes(problems) == ["Z134"]


def test_the_sheet_itself_is_read(at: Workspace) -> None:
    pytest.importorskip("cv2")
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm (poppler) is not installed: the sheet of a share is not read")
    sealed = seal(at, to=(), shares=(2, 2), together=True)
    sheets = tuple(str(path) for path in sealed.parts[0].shares if path.suffix == ".pdf")
    opened, problems = open_it(at, "exam.age", key="", shares=sheets)
    assert opened is not None and problems == []
    (at.root / "white.png").write_bytes((REPOSITORY / "docs/images/paper.png").read_bytes())
    assert codes(open_it(at, "exam.age", key="", shares=(str(at.root / "white.png"), sheets[0]), into="b")[1])[0] == "Z125"


@pytest.mark.parametrize("seed", [135, 255, 355])
def test_codes_that_one_reader_of_opencv_misses_are_read(tmp_path: Path, seed: int) -> None:
    pytest.importorskip("cv2")
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm (poppler) is not installed: the sheet of a share is not read")
    from qbank.render.share_sheet import share_sheet
    from qbank.workflow.share_picture import code_in

    drawn = np.random.default_rng(seed)
    rows = share_rows(Share(1, 2, 2, drawn.bytes(4), drawn.bytes(32)))
    sheet = tmp_path / "sheet.pdf"
    sheet.write_bytes(share_sheet(rows, 1, 2, 2, {"package": "exam.age"}, "en"))
    assert code_in(sheet).casefold().split() == [word for row in rows for word in row]


@pytest.mark.parametrize("word", ["age1xyz", "li", "AGE-SECRET-KEY-1QQQ", "nowhere.pub"])
def test_what_is_no_recipient_is_told_and_no_secret_is_repeated(at: Workspace, word: str) -> None:
    sealed, problems = seal_package([at.root / "print"], at, Sealing(to=(word,), out=at.root / "exam.age"))
    assert sealed is None and codes(problems) == ["Z101"] and "exam.papers.age" not in left(at)


def test_a_secret_key_for_a_recipient_is_refused_on_the_command_line_and_taken_from_its_file(at: Workspace) -> None:
    secret = (at.root / "li.key").read_text("utf-8").splitlines()[-1]
    _, problems = seal_package([at.root / "print"], at, Sealing(to=(secret,), out=at.root / "exam.age"))
    assert codes(problems) == ["Z102"] and secret not in str(problems)
    seal(at, to=(str(at.root / "li.key"),))
    assert open_it(at, "exam.papers.age")[0] is not None


# ---------------------------------------------------------------------------------------------- the ledger


def test_sealing_and_every_opening_are_in_the_trail_also_those_that_failed(at: Workspace) -> None:
    sealed = seal(at)
    open_it(at, "exam.papers.age")
    open_it(at, "exam.papers.age", key="wang", into="b")
    open_it(at, "exam.papers.age", key="", shares=("lusab babad",), into="b")
    package = at.root / "exam.papers.age"
    package.write_bytes(package.read_bytes()[:-1])
    open_it(at, "exam.papers.age", into="b")
    assert actions(at)[-6:] == [
        ("zhao", "package sealed", "2026-11"), ("zhao", "package sealed", "2026-11"), ("sun", "package opened", "2026-11"),
        ("sun", "package not opened", "2026-11"), ("sun", "package not opened", "2026-11"), ("sun", "package not opened", "2026-11"),
    ]  # fmt: skip
    ledger = open_ledger(at.database)
    rows = entries(ledger)[-4:]
    ledger.close()
    assert [row.facts.get("problems") for row in rows] == [None, ["Z203"], ["Z122"], ["Z205"]]
    assert rows[0].facts["sha256"] == rows[1].facts["sha256"] == sealed.parts[0].archive.sha256 != rows[3].facts["sha256"]
    assert rows[0].facts["identities"] == [(at.root / "li.pub").read_text("utf-8").strip()] and rows[0].facts["early"] is False
    assert "SECRET" not in str(rows)


def test_who_may_be_called_anything(at: Workspace) -> None:
    seal(at, who="张　三\t\udc80", sitting="2026\n11")
    opened, problems = open_it(at, "exam.papers.age")
    assert opened is not None and problems == []
    assert (opened.manifest.who, opened.manifest.sitting) == ("张　三  ", "2026 11")


def test_without_a_ledger_it_is_told_and_one_can_be_made(at: Workspace) -> None:
    seal(at)
    bare = Workspace(at.root, "en", str(at.root / "none.db"))
    opened, problems = open_it(bare, "exam.papers.age")
    assert opened is not None and not opened.recorded and codes(problems) == ["Z214"] and not (at.root / "none.db").exists()
    opened, problems = open_package(at.root / "exam.keys.age", at.root / "b", bare, WithWhat((at.root / "li.key",)), today=TODAY, make_ledger=True)
    assert opened is not None and opened.recorded and problems == []
    assert [action for _, action, _ in actions(bare)][-1] == "package opened"


def test_an_opening_that_cannot_be_recorded_is_none(at: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    seal(at)
    before = left(at)

    def fail(*_: object) -> None:
        raise LedgerError("locked", "ledger.db")

    monkeypatch.setattr("qbank.ledger.openings.record", fail)
    with pytest.raises(LedgerError):
        open_it(at, "exam.papers.age")
    with pytest.raises(LedgerError):
        seal(at, out=at.root / "second.age", shares=(2, 2))
    assert left(at) == before


def test_a_day_too_early_is_a_warning_and_on_record(at: Workspace) -> None:
    seal(at, not_before="2026-12-02")
    opened, problems = open_it(at, "exam.papers.age", today="2026-12-01")
    assert opened is not None and codes(problems) == ["Z213"]
    ledger = open_ledger(at.database)
    assert entries(ledger)[-1].facts["early"] is True
    ledger.close()
    assert codes(open_it(at, "exam.keys.age", into="b", today="2026-12-02")[1]) == []


def test_a_package_that_somebody_else_made_for_the_same_key_is_warned_of(at: Workspace) -> None:
    seal(at)
    other = Workspace(at.root / "other", "en", str(at.root / "other.db"))
    seal_package([at.root / "print" / "x-paper.pdf"], other, Sealing(to=(str(at.root / "li.pub"),), out=at.root / "fake.age"))
    opened, problems = open_it(at, "fake.age")
    assert opened is not None and codes(problems) == ["Z216"]


# ---------------------------------------------------------------------------------------------- nothing left behind


@pytest.mark.parametrize("how", ["cut", "flip", "wrong key"])
def test_a_package_that_does_not_open_leaves_nothing(at: Workspace, how: str) -> None:
    (at.root / "print" / "y-paper.pdf").write_bytes(os.urandom(300_000))
    seal(at)
    package = at.root / "exam.papers.age"
    data = bytearray(package.read_bytes())
    if how == "flip":
        data[-10] ^= 1
    package.write_bytes(data[:-10] if how == "cut" else data)
    before = left(at)
    opened, problems = open_it(at, "exam.papers.age", key="wang" if how == "wrong key" else "li")
    assert opened is None and problems and left(at) == before


def test_nothing_is_overwritten(at: Workspace) -> None:
    seal(at)
    data = (at.root / "exam.keys.age").read_bytes()
    _, problems = seal_package([at.root / "print"], at, Sealing(to=(str(at.root / "li.pub"),), out=at.root / "exam.age"))
    assert codes(problems) == ["Z104"] * 3 and (at.root / "exam.keys.age").read_bytes() == data
    (at.root / "out").mkdir()
    (at.root / "out" / "mine.txt").write_text("x", "utf-8")
    assert codes(open_it(at, "exam.papers.age")[1]) == ["Z217"]
    assert [path.name for path in (at.root / "out").iterdir()] == ["mine.txt"]


def test_a_missing_archive_is_told_with_those_beside_it(at: Workspace) -> None:
    seal(at)
    _, problems = open_it(at, "exam.age")
    assert codes(problems) == ["Z201"] and dict(problems[0].facts)["detail"] == "exam.papers.age, exam.keys.age"


WAITING = """
import sys, time
from pathlib import Path
from qbank.files.sealing.unpack import private_folder
with private_folder(Path(sys.argv[1])) as inside:
    (inside / "plain.txt").write_text("what is asked")
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_process_that_is_asked_to_end_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    process = subprocess.Popen([sys.executable, "-c", WAITING, str(tmp_path / "out")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(REPOSITORY)})
    assert process.stdout is not None
    with process.stdout as out:
        assert out.readline() == b"ready\n"
        assert [path.stat().st_mode & 0o077 for path in tmp_path.iterdir()] == [0]
        process.send_signal(number)
        assert process.wait(timeout=30) != 0
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------------------- verify


def test_an_opened_folder_is_verified_file_by_file(at: Workspace) -> None:
    seal(at)
    opened, _ = open_it(at, "exam.papers.age")
    assert opened is not None
    checked, problems = verify_package(opened.folder, at, WithWhat())
    assert checked is not None and checked.against == ("manifest", "ledger") and problems == []
    shutil.copy(opened.folder / MANIFEST, at.root / "kept.json")
    paper = opened.folder / "print" / "x-paper.pdf"
    paper.write_bytes(paper.read_bytes().swapcase())
    (opened.folder / "print" / "more.pdf").write_bytes(b"")
    (opened.folder / "print" / "x-answer-sheet.pdf").unlink()
    _, problems = verify_package(opened.folder, at, WithWhat(), at.root / "kept.json")
    assert sorted(codes(problems)) == ["Z301", "Z302", "Z303"]


def test_a_manifest_that_was_changed_with_its_files_is_found(at: Workspace) -> None:
    seal(at)
    opened, _ = open_it(at, "exam.papers.age")
    assert opened is not None
    own = opened.folder / MANIFEST
    shutil.copy(own, at.root / "kept.json")
    own.write_text(own.read_text("utf-8").replace("zhao", "qian"), "utf-8")
    assert codes(verify_package(opened.folder, at, WithWhat())[1]) == ["Z310"]
    assert codes(verify_package(opened.folder, at, WithWhat(), at.root / "kept.json")[1]) == ["Z311"]
    own.unlink()
    assert codes(verify_package(opened.folder, at, WithWhat())[1]) == ["Z305"]
    assert codes(verify_package(opened.folder, at, WithWhat(), at.root / "kept.json")[1]) == []


def test_a_package_is_verified_by_receipt_ledger_and_key_and_nothing_is_written(at: Workspace) -> None:
    seal(at)
    before = left(at)
    package = at.root / "exam.papers.age"
    checked, problems = verify_package(package, at, WithWhat())
    assert checked is not None and checked.against == ("receipt", "ledger") and problems == []
    checked, problems = verify_package(package, at, WithWhat((at.root / "li.key",)))
    assert checked is not None and checked.against == ("manifest", "receipt", "ledger") and problems == []
    assert checked.manifest is not None and left(at) == before
    data = bytearray(package.read_bytes())
    data[-1] ^= 1
    package.write_bytes(data)
    assert codes(verify_package(package, at, WithWhat())[1]) == ["Z306", "Z306"]
    assert codes(verify_package(package, at, WithWhat((at.root / "li.key",)))[1]) == ["Z205", "Z306", "Z306"]
    bare = Workspace(at.root, "en", str(at.root / "none.db"))
    (at.root / "exam.seal.json").rename(at.root / "kept.json")
    assert codes(verify_package(package, bare, WithWhat())[1]) == ["Z307"]
    assert codes(verify_package(package, bare, WithWhat(), at.root / "kept.json")[1]) == ["Z306"]
    shutil.copy(package, at.root / "renamed.age")
    assert codes(verify_package(at.root / "renamed.age", bare, WithWhat(), at.root / "kept.json")[1]) == ["Z308"]
    assert codes(verify_package(package, bare, WithWhat(), at.root / "li.pub")[1]) == ["Z309"]


def test_shares_are_words_of_one_key_of_each_archive(at: Workspace) -> None:
    sealed = seal(at, shares=(2, 3))
    marks = []
    for part in sealed.parts:
        found = [parse_share(path.read_text("utf-8"), "s")[0] for path in part.shares if path.suffix == ".txt"]
        assert [share.number for share in found if share is not None] == [1, 2, 3]
        marks.append({share.key.hex() for share in found if share is not None})
        assert marks[-1] == {part.archive.share_key}
    assert marks[0] != marks[1]
    assert open_it(at, "exam.papers.age")[0] is not None  # the recipient opens it without any share


# ---------------------------------------------------------------------------------------------- killed half-way

KILLED = """
import os, signal, sys
from pathlib import Path
from qbank.files.sealing.unpack import private_folder
with private_folder(Path(sys.argv[1])) as folder:
    (folder / "paper.pdf").write_bytes(b"what is asked")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name != "posix", reason="folders are held by locks of POSIX")
def test_what_a_killed_opening_left_is_deleted_by_the_next_and_one_that_runs_is_left_alone(at: Workspace) -> None:
    seal(at)
    for name in ("out", "other"):
        done = subprocess.run([sys.executable, "-c", KILLED, at.root / name], cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, check=False)
        assert done.returncode == -signal.SIGKILL
    (at.root / ".out.opening-mine").write_text("a file of somebody", "utf-8")
    (at.root / "kept").mkdir()
    (at.root / ".out.opening-link").symlink_to(at.root / "kept")
    (at.root / "kept" / "x").write_text("x", "utf-8")
    with private_folder(at.root / "out") as running:
        (running / "paper.pdf").write_bytes(b"what is asked")
        opened, problems = open_it(at, "exam.papers.age")
        assert opened is not None and codes(problems) == ["Z218"]
        assert dict(problems[0].facts) == {"n": "1"} and problems[0].span.path.rpartition("/")[2].startswith(".out.opening-")
        assert (running / "paper.pdf").is_file()
    assert {name for name in left(at) if name.startswith(".out.opening-")} == {".out.opening-mine", ".out.opening-link"}
    assert (at.root / "kept" / "x").is_file() and any(name.startswith(".other.opening-") for name in left(at))
