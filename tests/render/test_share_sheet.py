"""The sheet of a share: its words in print and in the code, in both languages, whatever the package is called."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from qbank.files.sealing.shares import Share, parse_share, share_rows
from qbank.messages import LANGUAGES, Language, text
from qbank.render.share_sheet import share_sheet

SHARE = Share(2, 3, 5, b"abcd", bytes(range(32)))
FACTS = {"package": "exam.papers.age", "part": "papers", "sitting": "2026-11", "not_before": "", "who": "li"}


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_and_what_they_open_stand_on_one_page(language: Language, tmp_path: Path) -> None:
    (tmp_path / "s.pdf").write_bytes(share_sheet(share_rows(SHARE), 2, 3, 5, FACTS, language))
    done = subprocess.run(["pdftotext", "-layout", tmp_path / "s.pdf", "-"], capture_output=True, check=True, encoding="utf-8")
    said = done.stdout
    assert said.count("\f") == 1
    for row in share_rows(SHARE):
        assert " ".join(row) in " ".join(said.split())
    title = text(language, "share.title", number=2, k=3, n=5)
    assert "".join(title.split()) in "".join(said.split()) and "exam.papers.age" in said
    assert text(language, "share.not_before") not in said  # nothing was said of it


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_says_the_same_words(language: Language, tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    from qbank.workflow.share_picture import code_in

    (tmp_path / "s.pdf").write_bytes(share_sheet(share_rows(SHARE), 2, 3, 5, FACTS, language))
    assert parse_share(code_in(tmp_path / "s.pdf"), "s") == (SHARE, [])


def test_the_sheet_is_the_same_each_time_and_a_name_without_glyphs_does_not_stop_it() -> None:
    first, second = (share_sheet(share_rows(SHARE), 2, 3, 5, FACTS, "en") for _ in range(2))
    assert first == second
    assert share_sheet(share_rows(SHARE), 2, 3, 5, {**FACTS, "who": "\U0001f511", "package": "x\U0001f511.age"}, "zh").startswith(b"%PDF")
