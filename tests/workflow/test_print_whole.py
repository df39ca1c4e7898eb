"""Printing several papers is all or nothing: where one cannot be printed, no file of any is written, and all is told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from qbank.files import staged
from qbank.files.disk import write_text
from qbank.render import tagged_room
from tests.workflow.test_print_bad_input import TORN, Desk, desk, shop, status_of

__all__ = ["desk", "shop"]

FORMS = {
    "pdf": (), "docx": (), "html": (), "txt": (), "qti3": (), "qti21": (), "json": (), "exam": ("--roster",),
    "pdf of rooms": ("--roster",), "accessible pdf": ("--roster", "--accessible"), "docx with lists": ("--roster",),
}  # fmt: skip


def assembled(desk: Desk, series: str) -> Path:
    """Assemble one paper; returns its file."""
    assert desk.run("assemble", "blueprints/example.yaml", "--forms", "1", "--series", series)[0] == 0
    return desk.root / f"forms/example/example-{series}-A.yaml"


def register(desk: Desk, *files: Path) -> None:
    """Write a list of persons, one for each paper."""
    rows = [f"{n},Person {n},01,{n},{file.stem}" for n, file in enumerate(files, start=1)]
    write_text(desk.root / "roster.csv", "\n".join(["number,name,room,seat,form", *rows, ""]))


def one_of_two_outdated(desk: Desk, stem: str = "Water boils at ____ °C at sea level.") -> Path:
    """Assemble a paper, change an item of it, assemble another; returns the file of the first, which is F103 now."""
    first = assembled(desk, "2")
    desk.stem(stem)
    register(desk, assembled(desk, "1"), first)
    write_text(desk.root / "out/kept.txt", "kept")
    return first


def print_words(form: str) -> list[str]:
    to = next(
        word
        for word in form.split()
        if word in ("pdf", "docx", "html", "txt", "qti3", "qti21", "json", "exam")
    )
    more = ["--roster", "roster.csv"] if "--roster" in FORMS[form] else []
    return [
        "print",
        "forms/example",
        "--out",
        "out",
        "--to",
        to,
        *more,
        *(["--accessible"] if "--accessible" in FORMS[form] else []),
    ]


@pytest.mark.parametrize("form", FORMS)
def test_where_one_paper_cannot_be_printed_no_file_of_any_is_written(form: str, desk: Desk) -> None:
    first = one_of_two_outdated(desk)
    status, found = desk.run(*print_words(form))
    assert (status, [code for code, _, _ in found]) == (1, ["F103"])
    assert [path.name for path in (desk.root / "out").iterdir()] == ["kept.txt"]
    first.unlink()
    register(desk, desk.root / "forms/example/example-1-A.yaml")
    assert desk.run(*print_words(form)) == (0, [])
    assert len(list((desk.root / "out").iterdir())) > 1


@pytest.mark.parametrize("form", ["pdf", "docx", "pdf of rooms", "accessible pdf"])
def test_what_is_wrong_with_each_paper_is_told_at_once(form: str, desk: Desk) -> None:
    desk.media("torn.png", TORN)  # which only the drawing of it finds out
    one_of_two_outdated(desk, "Water boils at ____ °C.\n![a kettle](media/torn.png)")
    status, found = desk.run(*print_words(form))
    assert (status, [code for code, _, _ in found]) == (1, ["F103", "F109"])
    assert [path.name for path in (desk.root / "out").iterdir()] == ["kept.txt"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_stopped_in_the_middle_the_print_leaves_what_was_there(
    stop: BaseException, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(desk, assembled(desk, "1"), assembled(desk, "2"))
    write_text(desk.root / "out/kept.txt", "kept")
    usual, calls = staged.Staged.put, []

    def put(self: staged.Staged, folder: Path, files: Mapping[str, bytes]) -> None:
        calls.append(files)
        if len(calls) == 2:
            raise stop
        usual(self, folder, files)

    monkeypatch.setattr(staged.Staged, "put", put)
    assert status_of(*print_words("html")) == 2
    assert len(calls) == 2
    assert [path.name for path in (desk.root / "out").iterdir()] == ["kept.txt"]


def test_accessible_papers_are_for_rooms_and_a_room_too_large_for_one_file_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(desk, assembled(desk, "1"))
    for words in (["--accessible"], ["--accessible", "--to", "docx", "--roster", "roster.csv"]):
        assert status_of("print", "forms/example", "--out", "out", *words) == 2
        assert "--roster" in desk.capsys.readouterr().err
    monkeypatch.setattr(tagged_room, "MOST_OBJECTS", 100)
    status, found = desk.run(*print_words("accessible pdf"))
    assert (status, [code for code, _, _ in found]) == (1, ["Z910"])
    assert "at most 0" in desk.said[0]
    assert not (desk.root / "out").exists()


def test_a_paper_that_cannot_be_read_does_not_hide_what_is_wrong_with_the_others(desk: Desk) -> None:
    first = one_of_two_outdated(desk)
    unread = first.with_name("example-3-A.yaml")
    write_text(unread, first.read_text("utf-8").replace("sections:", "sectoins:", 1))
    for form in ("html", "pdf of rooms", "exam"):
        status, found = desk.run(*print_words(form))
        assert status == 1
        assert "F103" in [code for code, _, _ in found]
        assert any(path.endswith("example-3-A.yaml") for _, path, _ in found)
        assert [path.name for path in (desk.root / "out").iterdir()] == ["kept.txt"]
