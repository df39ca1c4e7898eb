"""Every table of a report is the same in JSON, CSV, the workbook and the page: titles, order, numbers."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html

from qbank.analysis import AnalysisSettings, SittingAnalysis, SittingData, Thresholds, Tiers, analyse
from qbank.files.tables import write_workbook
from qbank.messages import LANGUAGES
from qbank.report import ItemCard, Report, Table, data_tables, sitting_report, to_csv, to_html, to_json
from qbank.report.blocks import MISSING, Column, plain, walk
from qbank.workflow.report_sheets import report_sheets
from tests.analysis.simulated import simulated_sitting
from tests.report.test_sitting_report import META, item_texts
from tests.undrawn import empty_drawings

WHOLE = {
    "rates", "reliability", "coefficients", "items", "options", "thresholds", "versions", "withheld", "dif_site", "papers",
    "subscores", "held",
}  # fmt: skip
"""Tables that the report of these tests holds at least: every topic of it was computed"""
UNSAFE = ("=", "+", "-", "@")


def sitting() -> SittingData:
    """Return a sitting of two papers with groups, sections, a wrong key, an item nobody answered and one all had right."""
    data = simulated_sitting(n_persons=240, n_items=8, miskeyed=(3,), seed=3)
    parts = tuple(("一", "=二")[n % 2] for n in range(data.n_items))
    return replace(data, strata=(("section", parts),))


@cache
def analysis() -> SittingAnalysis:
    tiers = Tiers(dif_from=100, dif_focal_from=40)
    return analyse(sitting(), design="spiralled", settings=AnalysisSettings(Thresholds(tiers=tiers)))


@pytest.fixture(scope="module", params=LANGUAGES)
def report(request: pytest.FixtureRequest) -> Report:
    return sitting_report(analysis(), META, item_texts(sitting()), request.param)


def in_json(report: Report) -> list[tuple[str, dict[str, Any]]]:
    """Return the tables of the JSON in their order, each with the item in whose card it stands, or ""."""

    def inside(block: Any, item: str) -> Any:
        if isinstance(block, list):
            for part in block:
                yield from inside(part, item)
        elif isinstance(block, dict):
            if block.get("type") == "table":
                yield item, block
            elif block.get("type") != "figure":
                for part in block.values():
                    yield from inside(part, block.get("item", item))

    return list(inside(json.loads(to_json(report)), ""))


def same(cell: Any, written: str) -> bool:
    """Return whether the text of a data file is the value of the JSON, number for number and letter for letter."""
    if cell is None:
        return written == ""
    if isinstance(cell, bool):
        return written.lower() in (str(cell).lower(), str(float(cell)), str(int(cell)))
    if isinstance(cell, int | float):
        return float(written) == pytest.approx(cell, rel=1e-15, abs=0)  # a workbook holds sixteen digits
    words = " ".join(cell) if isinstance(cell, list) else cell
    return written in (words, f"'{words}" if words.startswith(UNSAFE) else words)


def tables_of(report: Report) -> list[Table]:
    return [block for block in walk(report.blocks) if isinstance(block, Table)]


def test_the_report_of_these_tests_holds_every_topic(report: Report) -> None:
    names = [table.name for table in data_tables(report)]
    assert set(names) >= WHOLE, WHOLE - set(names)
    assert len(names) == len(set(names)) and all(table.rows for table in tables_of(report))


def test_json_holds_every_table_with_its_title_columns_and_cells_in_order(report: Report) -> None:
    tables, found = tables_of(report), in_json(report)
    assert [block["name"] for _, block in found] == [table.name for table in tables]
    for table, (_, block) in zip(tables, found, strict=True):
        assert block["caption"] == table.caption and block["notes"] == list(table.notes)
        assert [(one["name"], one["title"]) for one in block["columns"]] == [(one.name, one.title) for one in table.columns]
        assert [list(row) for row in block["rows"]] == [[one.name for one in table.columns]] * len(table.rows)
        assert [list(row.values()) for row in block["rows"]] == [[plain(cell) for cell in row] for row in table.rows]


def joined(report: Report) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the JSON by table; those of the cards one after the other, led by the item."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for item, block in in_json(report):
        own = [{"item": item, **row} if item else row for row in block["rows"]]
        rows.setdefault(block["name"], []).extend(own)
    return rows


def test_csv_holds_the_numbers_of_the_json(report: Report) -> None:
    rows, files = joined(report), to_csv(report)
    assert list(files) == [table.name for table in data_tables(report)] and set(files) == set(rows)
    for name, text in files.items():
        header, *lines = csv.reader(io.StringIO(text, newline=""))
        assert len(lines) == len(rows[name]), name
        for line, row in zip(lines, rows[name], strict=True):
            assert set(row) <= set(header), name
            for column, written in zip(header, line, strict=True):
                assert same(row.get(column), written), (name, column, row.get(column), written)


def in_workbook(path: Path) -> dict[str, list[list[str]]]:
    """Return the rows of every sheet in their order, each cell as it is written, "" where there is none."""
    with zipfile.ZipFile(path) as parts:

        def tree(name: str) -> Any:
            return etree.fromstring(parts.read(f"xl/{name}.xml"))

        texts = ["".join(one.itertext()) for one in tree("sharedStrings")]
        names = [one.get("name") for one in tree("workbook").iter("{*}sheet")]
        return {name: rows_of(tree(f"worksheets/sheet{number}"), texts) for number, name in enumerate(names, 1)}


def rows_of(sheet: Any, texts: list[str]) -> list[list[str]]:
    rows = []
    for row in sheet.iter("{*}row"):
        cells = {place(one.get("r")): (one.get("t"), one.findtext("{*}v")) for one in row if one.find("{*}v") is not None}
        rows.append({column: texts[int(value)] if kind == "s" else value for column, (kind, value) in cells.items()})
    width = max(max(row) for row in rows) + 1
    return [[row.get(column, "") for column in range(width)] for row in rows]


def place(reference: str) -> int:
    """Return the column of a cell from 0: ``AB12`` → 27."""
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = 26 * number + ord(letter) - 64
    return number - 1


def test_the_workbook_holds_the_titles_and_numbers_of_the_json(report: Report, tmp_path: Path) -> None:
    rows = joined(report)
    write_workbook(tmp_path / "r.xlsx", report_sheets(report))
    book, tables = in_workbook(tmp_path / "r.xlsx"), data_tables(report)
    assert len(book) == len(tables)
    for (sheet, (header, *lines)), table in zip(book.items(), tables, strict=True):
        assert table.caption.startswith(re.sub(r" \d+$", "", sheet)), sheet
        assert header == [column.title for column in table.columns]
        assert len(lines) == len(rows[table.name])
        for line, row in zip(lines, rows[table.name], strict=True):
            for column, written in zip(table.columns, line, strict=True):
                assert same(row.get(column.name), written), (table.name, column.name, row.get(column.name), written)


NUMBER = re.compile(r"[−-]?[0-9,]+(\.[0-9]+)?%?")


def agrees(cell: Any, shown: str, column: Column) -> bool:
    """Return whether what the page shows is the value of the JSON to the last digit shown; read back by no code of the page."""
    if cell is None or cell in ("", []):
        return shown in (MISSING, "")
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return column.kind in ("badges", "rich") or shown == " ".join(str(cell).split())
    if shown.startswith(("<", "＜")):
        return 0 <= cell < float(shown[1:])
    assert NUMBER.fullmatch(shown), shown
    digits = len(shown.rstrip("%").partition(".")[2])
    value = float(shown.rstrip("%").replace(",", "").replace("−", "-"))
    scale = 100 if shown.endswith("%") else 1
    return abs(value - scale * cell) <= 0.5000001 * 10.0**-digits


def test_the_page_shows_the_titles_order_and_numbers_of_the_json(report: Report) -> None:
    page = html.fromstring(to_html(report, empty_drawings(report)))
    found = [one for one in page.iter("table") if one.find("caption") is not None]
    tables = tables_of(report)
    assert len(found) == len(tables)
    n_numbers = 0
    for element, table, (_, block) in zip(found, tables, in_json(report), strict=True):
        assert " ".join(element.find("caption").text_content().split()).startswith(table.caption)
        columns = [column for column in table.columns if not column.data_only]
        titles = [" ".join(one.text_content().split()) for one in element.find("thead").iter("th")]
        assert titles == [" ".join(column.title.split()) for column in columns]
        lines = element.find("tbody").findall("tr")
        assert len(lines) == len(block["rows"])
        for line, row in zip(lines, block["rows"], strict=True):
            for column, one in zip(columns, line, strict=True):
                shown = " ".join(one.text_content().split())
                assert agrees(row[column.name], shown, column), (table.name, column.name, row[column.name], shown)
                n_numbers += isinstance(row[column.name], int | float)
                if column.kind == "badges":
                    assert len(one.findall(".//*[@class]")) >= len(row[column.name])
    assert n_numbers > 500


def test_cards_stand_in_the_order_of_the_items(report: Report) -> None:
    cards = [block.item for block in walk(report.blocks) if isinstance(block, ItemCard)]
    assert list(dict.fromkeys(row["item"] for row in joined(report)["options"])) == cards
