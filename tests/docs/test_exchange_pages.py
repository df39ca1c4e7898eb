"""The tables of the manual say what the formats hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbank.files.interchange import FORMAT_KINDS
from qbank.kinds import KINDS

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize(("language", "yes"), [("zh", "是"), ("en", "yes")])
def test_the_manual_says_which_format_holds_which_kind(language: str, yes: str) -> None:
    page = (DOCS / language / "exchange.md").read_text("utf-8")
    table = page.split("<!-- formats -->")[1].split("<!-- end -->")[0].strip()
    cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.split("\n")]
    formats = cells[0][1:]
    assert formats == list(FORMAT_KINDS)
    told = {format: {row[0] for row in cells[2:] if row[n] == yes} for n, format in enumerate(formats, start=1)}
    assert told == {format: set(kinds) for format, kinds in FORMAT_KINDS.items()}
    assert [row[0] for row in cells[2:]] == [*KINDS, "template"]
