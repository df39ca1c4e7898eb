"""The page on combining sittings: its commands print what it shows, before and after release, in both languages."""

from __future__ import annotations

import contextlib
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from qbank.cli.__main__ import main
from tests.docs.test_analysis_pages import BLOCK, LANGUAGES, assert_told, page
from tests.workflow.examinations import drawn, released, sat, workspace_at

IDS = ("2026-11-theory", "2026-11-practice", "2026-11-review")


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_print_what_the_page_shows(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = workspace_at(tmp_path, language)
    sheets = drawn(240, seed=4)
    theory, practice, review = (sheets[part] for part in ("theory", "practice", "review"))
    practice[3] = replace(practice[3], marks=(), status="absent")
    practice[4], practice[5] = replace(practice[4], status="void"), replace(practice[5], status="withheld")
    for part, sheets_of, id in (("theory", theory, IDS[0]), ("practice", practice[:-6], IDS[1]), ("review", review[2:], IDS[2])):
        sat(workspace, part, sheets_of, id=id)
    blocks = BLOCK.findall(page(language, "combine"))
    before, after, weighted, wrong = (body for kind, body in blocks if not kind)
    monkeypatch.chdir(tmp_path)
    for n, body in enumerate((before, after, weighted, wrong)):
        if n == 1:
            released(workspace, *IDS)
        command, *lines = body.rstrip().split("\n")
        capsys.readouterr()
        with contextlib.suppress(SystemExit):
            main(shlex.split(command)[2:])
        told = capsys.readouterr()
        assert_told(lines, [line.rstrip() for line in (told.out + told.err).rstrip().split("\n")])
    (listed,) = (body for kind, body in blocks if kind == "csv")
    assert (tmp_path / "combined.csv").read_text("utf-8-sig").replace("\r", "").startswith(listed)


def test_both_languages_say_the_same_in_the_same_order() -> None:
    pages = [page(language, "combine") for language in LANGUAGES]
    commands = [re.sub(r"--names \S+", "", "\n".join(re.findall(r"^\$ .*", text, re.MULTILINE))) for text in pages]
    headings = [len(re.findall(r"^#+ ", text, re.MULTILINE)) for text in pages]
    rows = [len(re.findall(r"^\|", text, re.MULTILINE)) for text in pages]
    assert (commands[0], headings[0], rows[0]) == (commands[1], headings[1], rows[1])
