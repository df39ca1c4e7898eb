"""A sheet of marks, read row by row: long, wide, or one rater's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from qbank.files.answers.header import GROUP_ROLES, WORDS, plain_title
from qbank.files.answers.placed import holds_otherwise, is_ignored, texts_of, told_of
from qbank.files.answers.ratings.columns import (
    RatingColumn,
    column_of,
    item_of,
    step_of,
)
from qbank.files.answers.ratings.marks import Cell, Marks, is_blank, note_mark
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.kinds.kind import folded
from qbank.kinds.ratings import VETO_STEP, WHOLE

ONE_RATER = "1"
"""Who rated where the file names nobody."""


def read_sheet(marks: Marks, number: int, table: AnswerTable, reading: Reading, *, several: bool) -> None:
    """Add all marks of a sheet to those of its file."""
    own = item_of(table.sheet, marks.names) or (next(iter(marks.items)) if len(marks.items) == 1 else "")
    columns = _columns(marks, number, table, reading, own)
    roles = {column.role: n for n, column in enumerate(columns) if column is not None and column.role != "marks"}
    if None in columns:
        return
    if "person" not in roles:
        marks.wrong("R106", (number, -1, 0), name="person")
        return
    rater = table.sheet if several and table.sheet and not item_of(table.sheet, marks.names) else ONE_RATER
    cells = [texts_of(table, column) for column in range(table.frame.width)]
    held = [(n, column) for n, column in enumerate(columns) if column is not None and column.role == "marks"]
    if not held:
        marks.wrong("R106", (number, -1, 0), name="marks")
    marks.problems += holds_otherwise(table, [roles["person"], *(n for n, _ in held)])
    for row in range(table.frame.height):
        person = folded(cells[roles["person"]][row])
        if not person and all(is_blank(cells[n][row]) for n, _ in held):
            continue  # an empty line of a form, perhaps signed below
        if not person:
            marks.wrong("R226", (number, row, roles["person"]))
            continue
        index = _person(marks, person, (number, row, roles["person"]))
        about = {role: folded(cells[n][row]) for role, n in roles.items()}
        for role, word in about.items():
            if word:
                marks.about[index].setdefault(role, word)
        _read_row(marks, (number, row, 0), index, about, [(n, column, cells[n][row]) for n, column in held], rater, roles)


def _columns(
    marks: Marks, number: int, table: AnswerTable, reading: Reading, own: str
) -> list[RatingColumn | None]:
    found: list[RatingColumn | None] = []
    groups = {plain_title(name) for name in reading.groups}
    for n, header in enumerate(table.header):
        if is_ignored(reading, header) or _IGNORED.fullmatch(folded(header).casefold()) or not header.strip():
            found.append(RatingColumn("ignored"))
            continue
        word = told_of(reading, header)
        role = word if word in _PERSON_ROLES else "" if word else _person_role(header)
        if plain_title(header) in groups:
            role = "group"
        column = column_of(word or header, role, marks.names, marks.items, own)
        if column is None:
            ids = [f"{id}.step1" for id in marks.items]
            steps = [step.title for item in marks.items.values() for step in item.steps]
            known = [*ids, *steps, "person", "item", "step", "rater", "marks", "veto", "total"]
            marks.wrong("R331", (number, -1, n), name=header, suggestion=marks.near(folded(header), known))
        found.append(column)
    return found


_PERSON_ROLES = frozenset({"person", "name", "document", "form", "status", *GROUP_ROLES})
_IGNORED = re.compile(r"备注|签名|签字|日期|评分日期|扣分|扣分原因|配分|满分|max|full|date|remarks?|notes?|signature|题次|考生所写|no|written")
_ROLE_OF = {plain_title(word): role for role in (*_PERSON_ROLES,) for word in WORDS[role]}


def _person_role(header: str) -> str:
    return _ROLE_OF.get(plain_title(header), "")


def _person(marks: Marks, person: str, cell: Cell) -> int:
    index = marks.persons.setdefault(person, len(marks.persons))
    if index == len(marks.rows):
        marks.rows.append(cell)
        marks.about.append({})
    return index


def _read_row(
    marks: Marks, at: Cell, person: int, about: Mapping[str, str], held: Sequence[tuple[int, RatingColumn, str]],
    rater: str, roles: Mapping[str, int],
) -> None:  # fmt: skip
    """Note every mark of a row under person, item, step and rater."""
    item, step = "", None
    if "item" in about:
        item = item_of(about["item"], marks.names)
        if not item:
            marks.wrong("R321", (*at[:2], roles["item"]), found=about["item"],
                        suggestion=marks.near(about["item"], [*marks.items]))  # fmt: skip
            return
    for n, column, text in held:
        cell = (*at[:2], n)
        here = item or column.item
        if not here and len(marks.items) == 1:
            here = next(iter(marks.items))
        if not here:
            marks.wrong("R332", cell, items=", ".join(marks.items))
            return
        step = column.step if column.step is not None else WHOLE
        if "step" in about and column.step is None:
            step = step_of(about["step"], marks.items[here].steps) if about["step"] else WHOLE
            if step is None:
                marks.wrong("R322", (*at[:2], roles["step"]), found=about["step"], item=here, n=len(marks.items[here].steps),
                            suggestion=marks.near(about["step"], [one.title for one in marks.items[here].steps]))  # fmt: skip
                return
        if step not in (WHOLE, VETO_STEP) and int(step) > len(marks.items[here].steps):
            if not is_blank(text):
                marks.wrong("R322", cell, found=step, item=here, n=len(marks.items[here].steps), suggestion="")
            continue
        note_mark(marks, cell, (person, here, step, column.rater or about.get("rater") or rater), text)
