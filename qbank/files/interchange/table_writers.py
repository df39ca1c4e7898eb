"""Items → CSV and XLSX in the delivered bank's header, and the template to fill in."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Mapping, Sequence

from qbank.files.interchange.answers import KIND_TITLES
from qbank.files.interchange.columns import POINT_COLUMNS, TITLES, number_cell
from qbank.files.interchange.outgoing import Outgoing, history, left_out
from qbank.files.interchange.row_cells import cells_of
from qbank.files.interchange.spreadsheet import HELP_SHEETS, guarded
from qbank.problem import Problem

MAX_CELL = 32_767
"""What a cell of XLSX can hold."""
NUMERIC = frozenset({"grade", "congruence", "marks", "seconds", "level", "lines", "tolerance"})
FIRST = ("source_id", "kind", "stem", "answer")
MIDDLE = ("grade", "congruence", "marks", "rationale", "reference", "id", "competency", "level")
"""Columns that are always written; the others only where an item has something for them."""
TEMPLATE_SHEETS = ("试题", *HELP_SHEETS)


def table_of(items: Sequence[Outgoing]) -> tuple[list[str], list[list[str]]]:
    """Return the keys of the columns, and a row of cells for each item."""
    rows = [_cells(one) for one in items]
    used = {key for row in rows for key, cell in row.items() if cell}
    options = sorted({f"option.{letter}" for letter in "ABCDE"} | {key for key in used if key.startswith("option.")})
    points = [f"point.{n}" for n in range(1, len(POINT_COLUMNS) + 1) if n <= 3 or f"point.{n}" in used]
    rest = [key for key in TITLES if key in used and key not in (*FIRST, *MIDDLE)]
    columns = [*FIRST, *options, *points, *MIDDLE, *rest]
    return columns, [[row.get(key, "") for key in columns] for row in rows]


def title_of(key: str) -> str:
    """Return a column's title.

    >>> title_of("option.A"), title_of("point.2"), title_of("stem")
    ('选项A', '知识点二级', '题干')
    """
    word, _, part = key.partition(".")
    if part:
        return f"选项{part}" if word == "option" else POINT_COLUMNS[int(part) - 1]
    return TITLES[key]


def _cells(one: Outgoing) -> dict[str, str]:
    item = one.item
    head = {
        "id": item.id, "source_id": item.source_id, "kind": KIND_TITLES.get(item.kind, item.kind),
        "competency": item.competency, "status": item.status,
    }  # fmt: skip
    points = one.points[-len(POINT_COLUMNS) :]
    head |= {f"point.{n}": point for n, point in enumerate(points, start=1)}
    return cells_of(head, one.entries)


def write_csv(items: Sequence[Outgoing]) -> tuple[bytes, list[Problem]]:
    """Return a table in UTF-8 with a mark, so that spreadsheets read Chinese; no cell can act as a formula."""
    columns, rows = table_of(items)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([title_of(key) for key in columns])
    writer.writerows([[guarded(cell) for cell in row] for row in rows])
    return ("\ufeff" + buffer.getvalue()).encode("utf-8"), history(items, "csv")


def write_xlsx(items: Sequence[Outgoing]) -> tuple[bytes, list[Problem]]:
    """Return a workbook whose texts are texts, whatever they look like."""
    fitting, problems = [], history(items, "xlsx")
    for one in items:
        if any(len(cell) > MAX_CELL for cell in _cells(one).values()):
            problems.append(left_out(one, "xlsx", "cell"))
        else:
            fitting.append(one)
    columns, rows = table_of(fitting)
    typed = [
        [_typed(key, cell) for key, cell in zip(columns, row, strict=True)] for row in rows
    ]
    return write_book({TEMPLATE_SHEETS[0]: ([title_of(key) for key in columns], typed)}), problems


def _typed(key: str, cell: str) -> str | float:
    value = number_cell(cell) if key in NUMERIC else None
    return cell if value is None else value


def write_book(
    sheets: Mapping[str, tuple[Sequence[str], Sequence[Sequence[str | float]]]], choices: Sequence[str] = ()
) -> bytes:
    """Return a workbook: sheet → (titles, rows). Equal content gives equal bytes.

    choices : what the second column of the first sheet may hold
    """
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"created": datetime.datetime(2000, 1, 1)})
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    words = book.add_format({"text_wrap": True, "valign": "top"})
    words.set_quote_prefix()
    number = book.add_format({"valign": "top"})
    for index, (name, (titles, rows)) in enumerate(sheets.items()):
        page = book.add_worksheet(name)
        page.write_row(0, 0, titles, bold)
        page.freeze_panes(1, 0)
        for column, title in enumerate(titles):
            page.set_column(column, column, 40 if title in ("题干", "解析", "说明", "鉴定范围") else 14)
        for line, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    if cell:
                        page.write_string(line, column, cell, words)
                else:
                    page.write_number(line, column, cell, number)
        if choices and index == 0:
            page.data_validation(1, 1, 2000, 1, {"validate": "list", "source": list(choices), "ignore_blank": True})
    book.close()
    return buffer.getvalue()


def template_book(points: Sequence[Sequence[str]], explanations: Sequence[Sequence[str]]) -> bytes:
    """Return the workbook to fill in: the header, the bank's competencies, what each column means.

    points : rows of code, title, domains, importance, levels ; explanations : rows of column, required or not, meaning
    """
    options = [f"option.{letter}" for letter in "ABCDE"]
    columns = ["source_id", "kind", "stem", "answer", *options, "competency", *MIDDLE[:5], "level", "cognitive", "seconds",
               "tags", "author", "misconception", "credit", "tolerance", "unit", "rubric"]  # fmt: skip
    return write_book(
        {
            TEMPLATE_SHEETS[0]: ([title_of(key) for key in columns], []),
            TEMPLATE_SHEETS[1]: (["代码", "鉴定点", "鉴定范围", "重要程度", "级别"], points),
            TEMPLATE_SHEETS[2]: (["列", "是否必填", "说明"], explanations),
        },
        choices=list(KIND_TITLES.values())[:9],
    )
