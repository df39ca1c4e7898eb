"""Several files at once: all or none, whatever stops the program."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from qbank.files import staged as module
from qbank.files.staged import PREFIX, STALE_SECONDS, Staged


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_nothing_is_there_before_the_end_and_everything_after_it(tmp_path: Path) -> None:
    with Staged() as staged:
        staged.put(tmp_path / "a/b", {"1.txt": b"one", "2.txt": b"two"})
        staged.put(tmp_path / "c", {"3.txt": b"three"})
        assert not list(tmp_path.rglob("*.txt"))
        paths = staged.commit()
    assert [path.read_bytes() for path in paths] == [b"one", b"two", b"three"]
    assert names(tmp_path) == ["a/b/1.txt", "a/b/2.txt", "c/3.txt"]
    assert not list(tmp_path.rglob(f"{PREFIX}*"))


def test_left_without_commit_or_by_an_error_no_file_and_no_folder_is_left(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    with Staged() as staged:
        staged.put(tmp_path / "new/deep", {"1.txt": b"one"})
        staged.put(tmp_path / "old", {"2.txt": b"two"})
    with pytest.raises(KeyboardInterrupt), Staged() as staged:
        staged.put(tmp_path / "new/deep", {"1.txt": b"one"})
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.rglob("*")] == ["old"]


def test_a_folder_that_others_filled_meanwhile_is_left_to_them(tmp_path: Path) -> None:
    with Staged() as staged:
        staged.put(tmp_path / "new", {"1.txt": b"one"})
        (tmp_path / "new/other.txt").write_bytes(b"other")
    assert names(tmp_path) == ["new/other.txt"]


@pytest.mark.parametrize("links", [True, False])
def test_where_one_file_cannot_be_put_there_those_before_are_as_they_were(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "1.txt").write_bytes(b"before")
    usual = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target.name == "3.txt":
            raise PermissionError(13, "in use", str(target))
        return usual(self, target)

    def without_links(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(Path, "replace", refuse)
    if not links:
        monkeypatch.setattr(os, "link", without_links)
    with pytest.raises(PermissionError), Staged() as staged:
        staged.put(tmp_path, {"1.txt": b"one", "2.txt": b"two", "3.txt": b"three"})
        staged.commit()
    assert names(tmp_path) == ["1.txt"]
    assert (tmp_path / "1.txt").read_bytes() == b"before"


def test_a_folder_in_the_place_of_a_file_stops_before_anything_is_put_there(tmp_path: Path) -> None:
    (tmp_path / "2.txt").mkdir()
    with pytest.raises(IsADirectoryError), Staged() as staged:
        staged.put(tmp_path, {"1.txt": b"one", "2.txt": b"two"})
        staged.commit()
    assert names(tmp_path) == []


def test_the_last_of_two_files_of_one_name_counts(tmp_path: Path) -> None:
    with Staged() as staged:
        staged.put(tmp_path, {"1.txt": b"one"})
        staged.put(tmp_path, {"1.txt": b"uno"})
        assert staged.commit() == (tmp_path / "1.txt",)
    assert (tmp_path / "1.txt").read_bytes() == b"uno"


def test_what_a_killed_program_left_is_cleared_a_day_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / f"{PREFIX}abc"
    left.mkdir()
    (left / "0.new").write_bytes(b"half")
    for seconds, there in ((0, True), (STALE_SECONDS + 60, False)):
        now = left.stat().st_mtime + seconds
        monkeypatch.setattr(module.time, "time", lambda now=now: now)
        with Staged() as staged:
            staged.put(tmp_path, {"1.txt": b"one"})
            staged.commit()
        assert left.exists() is there
