"""The page on reading answer sheets: both languages say the same, in the words of the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qbank.messages import LANGUAGES, Language, text

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {language: (DOCS / language / "scan.md").read_text("utf-8") for language in LANGUAGES}


def test_both_languages_show_the_same() -> None:
    shapes = [
        (
            re.findall(r"^#+(?= )", page, re.MULTILINE),
            re.findall(r"^\$ (.*)$", page, re.MULTILINE),
            len(re.findall(r"^\|", page, re.MULTILINE)),
            re.findall(r"`(-?-?[a-z]+)`", page).count("drop"),
            sorted(re.findall(r"O\d{3}", page)),
        )
        for page in PAGES.values()
    ]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_command_says_is_what_it_says(language: Language) -> None:
    page = PAGES[language]
    facts = {"pictures": 31, "sheets": 30, "answers": 3000}
    lines = [text(language, "cli.scan.done", **facts), text(language, "cli.scan.decided", n=7)]
    for why, n in (("unclear", 4), ("outside", 3), ("damaged", 1)):
        lines.append(text(language, "cli.scan.doubt", why=text(language, f"cli.scan.why.{why}"), n=n))
    assert [line for line in lines if line not in page.split("\n")] == []
