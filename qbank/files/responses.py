"""Answer files → `Responses`: CSV in UTF-8 or GB18030, one row a person; every cell that does not fit is reported.

A column is called by an item's id or its printed number; a part of a case by ``CASE.1`` or ``8.1``. Where people rate
(short answers, essays, tasks) it holds the marks that they awarded. A blank is an omitted answer; blanks from after the
last answer to the end of the paper are not reached, except the first of them, which the person is taken to have looked
at. A ``status`` column may say absent (缺考), void (作废) or withheld (违纪).
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from qbank.core.form import Form, FormItem, answer_names, answer_places
from qbank.core.responses import NOT_REACHED, NOT_SEEN, OMITTED, STANDINGS, Responses, Standing
from qbank.files.bank import shown_path
from qbank.files.disk import BOM
from qbank.kinds import KINDS
from qbank.kinds.kind import folded
from qbank.problem import Problem, Span, error

GROUP_COLUMNS = ("site", "room", "seat", "group", "batch", "sex", "team")
PERSON_COLUMNS = ("person", "form", "status", *GROUP_COLUMNS)
STATUS: dict[str, Standing] = {
    "": "present", "present": "present", "absent": "absent", "缺考": "absent", "void": "void", "作废": "void",
    "withheld": "withheld", "违纪": "withheld",
}  # fmt: skip
MAX_PROBLEMS = 200


def decode(data: bytes) -> str | None:
    """Return the text of UTF-8 or GB18030 bytes, or None where it is neither.

    >>> decode("考号".encode("gb18030"))
    '考号'
    """
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding).removeprefix(BOM)
        except UnicodeDecodeError:
            continue
    return None


def read_responses(
    path: Path, forms: tuple[Form, ...], sitting: str
) -> tuple[Responses | None, str, list[Problem]]:
    """Return the answers, the digest of the file, and everything in it that does not fit."""
    shown = shown_path(path)
    try:
        data = path.read_bytes()
    except OSError as fault:
        return None, "", [error("Y011", Span(shown), detail=fault.strerror or str(fault))]
    text = decode(data)
    if text is None or "\x00" in text:
        return None, "", [error("R101", Span(shown))]
    sheet = _Sheet(shown, forms)
    try:
        rows = list(_rows(text))
    except csv.Error as fault:
        return None, "", [error("R102", Span(shown), detail=str(fault))]
    if not rows:
        return None, "", [error("R103", Span(shown))]
    sheet.read_header(rows[0][1])
    if not sheet.problems:
        for line, row in rows[1:]:
            sheet.read_row(line, row)
            if len(sheet.problems) >= MAX_PROBLEMS:
                sheet.problems.append(error("R113", Span(shown, line, 1), most=MAX_PROBLEMS))
                break
        if not sheet.persons and not sheet.problems:
            sheet.problems.append(error("R103", Span(shown)))
    digest = hashlib.sha256(data).hexdigest()
    return (None if sheet.problems else sheet.responses(sitting)), digest, sheet.problems


def _rows(text: str) -> list[tuple[int, list[str]]]:
    delimiter = "\t" if "\t" in text.split("\n", 1)[0] else ","
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]


class _Sheet:
    """An answer sheet while it is read: header first, then row by row."""

    def __init__(self, path: str, forms: tuple[Form, ...]) -> None:
        self.path, self.forms = path, forms
        self.problems: list[Problem] = []
        self.form_names = [form.id for form in forms]
        self.places: list[tuple[FormItem, ...]] = [answer_places(form) for form in forms]
        self.numbers = [answer_names(form) for form in forms]
        order: dict[str, FormItem] = {}
        for places in self.places:
            for entry in places:
                order.setdefault(entry.id, entry)
        self.items = tuple(order)
        self.column_of = {id: index for index, id in enumerate(self.items)}
        self.labels: list[dict[str, int]] = [_first_labels(entry) for entry in order.values()]
        self.header: list[str] = []
        self.by_position = False
        self.persons: dict[str, int] = {}
        self.person_form: list[int] = []
        self.groups: list[dict[str, str]] = []
        self.standing: list[int] = []
        self.answers: list[np.ndarray[tuple[int], np.dtype[np.int16]]] = []

    def wrong(self, code: str, line: int, column: int, **facts: str | int) -> None:
        self.problems.append(error(code, Span(self.path, line, column + 1), related=(), **facts))

    def read_header(self, row: Sequence[str]) -> None:
        names = [folded(cell) for cell in row]
        self.header = [name.casefold() if name.casefold() in PERSON_COLUMNS else name for name in names]
        positions = list(dict.fromkeys(number for numbers in self.numbers for number in numbers))
        self.by_position = len({*positions} & {*names}) > len({*self.items} & {*names})
        asked = positions if self.by_position else self.items
        known = {*PERSON_COLUMNS, *asked}
        for column, name in enumerate(self.header):
            if self.header.index(name) != column:
                self.wrong("R105", 1, column, name=name)
            elif name not in known:
                near = difflib.get_close_matches(name[:100], [*PERSON_COLUMNS, *asked], n=1)
                self.wrong("R104", 1, column, name=name, suggestion=near[0] if near else "")
        if "person" not in self.header:
            self.wrong("R106", 1, 0, name="person")
        if "form" not in self.header and len(self.forms) > 1:
            self.wrong("R106", 1, 0, name="form")
        if missing := sorted({*asked} - {*self.header}, key=lambda name: (len(name), name)):
            self.wrong("R107", 1, 0, names=", ".join(missing[:5]), n=len(missing))

    def read_row(self, line: int, row: Sequence[str]) -> None:
        if len(row) != len(self.header):
            self.wrong("R108", line, min(len(row), len(self.header)), found=len(row), expected=len(self.header))
            return
        cells = dict(zip(self.header, row, strict=True))
        person = folded(cells["person"])
        if not person or person in self.persons:
            self.wrong("R109", line, self.header.index("person"), person=person, first=self.persons.get(person, 0))
            return
        self.persons[person] = line
        form = self._form_of(cells, line)
        status = STATUS.get(folded(cells.get("status", "")).casefold())
        if status is None:
            self.wrong("R112", line, self.header.index("status"), found=cells["status"])
        if form is None or status is None:
            return
        self.person_form.append(form)
        self.groups.append({name: folded(cells[name]) for name in GROUP_COLUMNS if name in cells})
        self.standing.append(STANDINGS.index(status))
        self.answers.append(self._answers(cells, form, line))

    def _form_of(self, cells: dict[str, str], line: int) -> int | None:
        if "form" not in cells:
            return 0
        name = folded(cells["form"])
        if name in self.form_names:
            return self.form_names.index(name)
        self.wrong("R110", line, self.header.index("form"), form=name, forms=", ".join(self.form_names))
        return None

    def _answers(self, cells: dict[str, str], form: int, line: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
        answer = np.full(len(self.items), NOT_SEEN, dtype=np.int16)
        places = self.places[form]
        names = self.numbers[form] if self.by_position else [entry.id for entry in places]
        written = [cells[name].strip() for name in names]
        last = max((index for index, text in enumerate(written) if text), default=-1)
        for index, (entry, name, text) in enumerate(zip(places, names, written, strict=True)):
            column = self.column_of[entry.id]
            if not text:
                answer[column] = NOT_REACHED if index > last + 1 else OMITTED
                continue
            label = KINDS[entry.kind].read(text, entry.order, entry.marked)
            if label is None:
                self.wrong("R111", line, self.header.index(name), found=text, item=entry.id,
                           person=cells["person"], form=f"answer {entry.kind}")  # fmt: skip
                continue
            answer[column] = self.labels[column].setdefault(label, len(self.labels[column]))
        for name, text in cells.items():
            if text.strip() and name not in PERSON_COLUMNS and name not in names:
                self.wrong("R114", line, self.header.index(name), item=name, form=self.form_names[form])
        return answer

    def responses(self, sitting: str) -> Responses:
        answer = np.array(self.answers, dtype=np.int16).reshape(len(self.persons), len(self.items))
        answer.flags.writeable = False
        present = [name for name in GROUP_COLUMNS if name in self.header]
        return Responses(
            sitting=sitting, persons=tuple(self.persons), items=self.items, answer=answer,
            labels=tuple(tuple(labels) for labels in self.labels), forms=tuple(self.form_names),
            form=np.array(self.person_form, dtype=np.int16),
            groups=tuple((name, tuple(entry[name] for entry in self.groups)) for name in present),
            standing=np.array(self.standing, dtype=np.int8),
        )  # fmt: skip


def _first_labels(entry: FormItem) -> dict[str, int]:
    """Return the labels that an item starts with: its letters, or what its kind offers."""
    kind = KINDS[entry.kind]
    letters = sorted(entry.order) if kind.one_letter else kind.answers(entry.marked)
    return {label: index for index, label in enumerate(letters)}
