"""The pages on the kinds of item: every example passes check, every answer earns what the table beside it says."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from qbank.kinds import KINDS
from tests.files.sound import SOUND, sound_bank

ROOT = Path(__file__).resolve().parents[2]
PAGES = {language: (ROOT / "docs" / language / "kinds.md").read_text("utf-8") for language in ("zh", "en")}
HEAD = "defaults: {level: 4, competency: A-001, grade: 2, cognitive: apply, seconds: 60, status: draft}\nitems:\n"
REFUSED = {"不收", "refused"}
BLOCK = re.compile(r"^```yaml\n(.*?)^```\n(.*?)(?=^```yaml|\Z)", re.MULTILINE | re.DOTALL)
EXAMPLES = [
    pytest.param(text, after, id=f"{language}-{re.findall('kind: (.*)', text)[0]}")
    for language, page in PAGES.items()
    for text, after in BLOCK.findall(page)
]
TABLE = re.compile(r"^\| (?:考生写|填入的分数|written|awarded) \|.*\n\|.*\n((?:\|.*\n)+)", re.MULTILINE)


@pytest.mark.parametrize("language", PAGES)
def test_every_kind_has_a_section_with_an_example(language: str) -> None:
    headings = [line.split()[1] for line in PAGES[language].splitlines() if line.startswith("## ")]
    assert [word for word in headings if word in KINDS] == list(KINDS_IN_ORDER)
    assert [re.findall("kind: (.*)", text)[0] for text, _ in BLOCK.findall(PAGES[language])] == list(KINDS_IN_ORDER)


KINDS_IN_ORDER = (
    "single", "multiple", "true_false", "fill", "numeric", "short", "essay", "matching", "ordering", "case", "task",
)  # fmt: skip


def test_the_pages_know_all_kinds() -> None:
    assert set(KINDS_IN_ORDER) == set(KINDS)


@pytest.mark.parametrize(("text", "after"), EXAMPLES)
def test_an_example_passes_check_and_answers_earn_what_the_page_says(text: str, after: str, tmp_path: Path) -> None:
    source = HEAD + "".join(f"  {line}\n" if line else "\n" for line in text.splitlines())
    (item,) = sound_bank(tmp_path, {**SOUND, "items/a.yaml": source}).items.values()
    kind = KINDS[item.kind]
    rows = [row.strip("| \n").split(" | ") for found in TABLE.findall(after)[:1] for row in found.strip().splitlines()]
    assert rows or item.kind == "case"
    marked, (order, _) = item.body.marked(), kind.permutations(item)
    for written, marks in rows:
        label = kind.read(written.strip("`"), order, marked)
        earned = None if label is None else math.floor(kind.credit(marked, label) * item.marks * 2 + 1e-9) / 2
        assert earned == (None if marks in REFUSED else float(marks)), written
