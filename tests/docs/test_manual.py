"""The generated pages are up to date and the pages name only verbs and files that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from qbank.cli.__main__ import VERBS
from qbank.messages import group_texts

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def test_generated_pages_are_those_that_the_sources_give() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "build_docs.py", "--check"], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_name_verbs_that_exist(page: Path) -> None:
    named = set(re.findall(r"^(?: {4}|\$ )qbank (?:--lang \w+ )?([a-z-]+)", page.read_text("utf-8"), re.MULTILINE))
    assert named <= set(VERBS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files(page: Path) -> None:
    prose = re.sub(r"(`+)[^`].*?\1", "", page.read_text("utf-8"), flags=re.DOTALL)  # a picture in an example is no link
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose)
    assert [link for link in links if not (page.parent / link).exists()] == []


TOLD = re.compile(r"(?:error|warning|note) ([A-Z]\d{3}) ([^`\n]+)(?:\n +(?:hint|提示)[:：] *([^`\n]+))?")


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.parent.name in ("zh", "en")],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_problems_are_told_in_the_words_of_the_catalogue(page: Path) -> None:
    texts = group_texts("zh" if page.parent.name == "zh" else "en", "problem")
    stale = [
        (code, said)
        for code, message, hint in TOLD.findall(page.read_text("utf-8"))
        for name, said in ((code, message), (f"{code}.hint", hint))
        if said and not any(re.fullmatch(fields_as_anything(text), said.strip().rstrip("）)"), re.DOTALL) for text in ways(texts[name]))
    ]
    assert stale == []


def ways(template: str) -> tuple[str, str]:
    """Return a template, and what is left of it where nothing is near that could be suggested."""
    return template, re.sub(r"[^.;；。，,]*\{suggestion\}[^;；。]*$", "", template).rstrip("；; ，,")


def fields_as_anything(template: str) -> str:
    """Return an expression for a template's texts; what a page cuts short with … is anything too."""
    return ".*".join(re.escape(part) for part in re.split(r"\{[^{}]*\}", template.rstrip("）)")))
