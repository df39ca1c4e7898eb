"""qbank review: the queue of a sitting with a planted wrong key, before and after it is decided about."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from qbank.cli.__main__ import main
from qbank.files.disk import write_text
from tests.workflow.places import SITTING, Place, added


@pytest.fixture
def run(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    monkeypatch.chdir(place.root)

    def call(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return call


def test_the_queue_leads_with_the_wrong_key_and_its_command_settles_it(run, place: Place) -> None:  # type: ignore[no-untyped-def]
    added(place)
    status, out, _ = run("--lang", "en", "review", SITTING, "--limit", "2", "--json", "--csv", "r.csv", "--xlsx", "r.xlsx")
    found = json.loads(out)["result"]
    first = found["reviews"][0]
    assert (status, first["item"], first["codes"][0], len(found["reviews"])) == (0, place.miskeyed, "miskey", 2)
    assert (first["action"], first["named"]) == ("rekey", place.simulated.right)
    assert first["command"] == f'qbank decide {SITTING} {place.miskeyed} rekey {place.simulated.right} --why "…"'
    rows = list(csv.reader(Path("r.csv").read_text("utf-8-sig").splitlines()))
    assert len(rows) == 3 and rows[1][1] == place.miskeyed and Path("r.xlsx").read_bytes()[:2] == b"PK"
    status, _, _ = run("decide", SITTING, place.miskeyed, "credit", "--why", "two prints", "--who", "wang")
    assert status == 0
    status, out, _ = run("--lang", "en", "review", SITTING, "--item", place.miskeyed)
    assert status == 0 and "credit (marks to all)" in out and "wang" in out and "two prints" in out
    status, out, _ = run("--lang", "en", "review", SITTING, "--undecided")
    assert status == 0 and place.miskeyed not in out


def test_an_unknown_sitting_and_an_unknown_item_end_with_1(run, place: Place) -> None:  # type: ignore[no-untyped-def]
    status, _, err = run("--lang", "en", "review", SITTING)
    assert status == 1 and SITTING in err and ": error " in err  # before any answers are there
    added(place)
    status, _, err = run("--lang", "en", "review", SITTING, "--item", place.miskeyed + "9")
    assert status == 1 and place.miskeyed in err


def test_a_file_that_cannot_be_written_ends_with_2(run, place: Place) -> None:  # type: ignore[no-untyped-def]
    added(place)
    write_text(Path("there"), "a file")
    assert run("review", SITTING, "--limit", "1", "--csv", "there/r.csv")[0] == 2
