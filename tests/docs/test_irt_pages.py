"""The pages on qbank.irt: every example runs, in the order of the page, and prints what stands below it."""

from __future__ import annotations

import ast
import contextlib
import io
import re
from functools import cache
from pathlib import Path

import pytest

from qbank import irt

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {language: (DOCS / language / "irt.md").read_text("utf-8") for language in ("zh", "en")}
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLES = {language: EXAMPLE.findall(page) for language, page in PAGES.items()}


@cache
def printed() -> tuple[str, ...]:
    """Return what each example prints after those before it."""
    found, names = [], {}
    for code, _ in EXAMPLES["en"]:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(code, "docs/en/irt.md", "exec"), names)
        found.append(out.getvalue())
    return tuple(found)


@pytest.mark.parametrize("language", PAGES)
def test_every_example_says_what_it_prints(language: str) -> None:
    assert len(EXAMPLES[language]) == PAGES[language].count("```python") > 0


def test_both_pages_have_the_same_examples() -> None:
    trees = [[ast.dump(ast.parse(code)) for code, _ in EXAMPLES[language]] for language in ("zh", "en")]
    assert trees[0] == trees[1]


@pytest.mark.parametrize(
    ("language", "place"), [(language, n) for language in PAGES for n in range(len(EXAMPLES[language]))]
)
def test_an_example_prints_what_stands_below_it(language: str, place: int) -> None:
    code, told = EXAMPLES[language][place]
    assert printed()[place].rstrip() == told.rstrip(), code


@pytest.mark.parametrize("language", PAGES)
def test_links_within_a_page_lead_to_its_headings(language: str) -> None:
    page = PAGES[language]
    headings = {
        line.lstrip("# ").lower().replace(" ", "-") for line in page.splitlines() if line.startswith("#")
    }
    assert set(re.findall(r"\]\(#([^)]*)\)", page)) <= headings


@pytest.mark.parametrize("language", PAGES)
def test_a_page_names_only_what_there_is(language: str) -> None:
    assert set(re.findall(r"\birt\.(\w+)", PAGES[language])) - {"md"} <= set(irt.__all__)
