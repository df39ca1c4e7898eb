"""Marks by rater and step (评分记录表) → the marks of each person's rated items, and the single ratings.

Long (person, item, step, rater, marks: one row a mark), wide (``TASK-1.step2@rater``: one row a person), or a sheet for
each rater with rows of persons and columns of steps; a column 否定项 makes a task 0. A blank is not yet marked, which is
neither 0 nor anything else.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from qbank.core.form import Form, answer_places, papers_of
from qbank.core.ratings import Ratings
from qbank.core.responses import NOT_MARKED, NOT_SEEN, OMITTED, STANDINGS, Responses, Standing, plain_number
from qbank.files.answers.header import GROUP_ROLES, WORDS, plain_title
from qbank.files.answers.intake import Intake
from qbank.files.answers.papers import form_words, plain_word
from qbank.files.answers.papers import papers_of as places_of
from qbank.files.answers.persons import STATUS
from qbank.files.answers.placed import holds_otherwise, is_ignored, texts_of, told_of
from qbank.files.answers.rating_columns import (
    RatedItem,
    RatingColumn,
    column_of,
    item_of,
    names_of_items,
    rated_items,
    step_of,
)
from qbank.files.answers.reading import Reading, as_settings
from qbank.files.answers.table import AnswerTable
from qbank.kinds.kind import folded
from qbank.kinds.ratings import VETO_STEP, WHOLE, Awarded, RaterRule, award, rule_settings
from qbank.kinds.task import VETO, VETO_WORDS
from qbank.problem import Problem, Span, error, warning

MAX_PROBLEMS = 200
ONE_RATER = "1"
"""Who rated where the file names nobody."""
_MARKS = re.compile(r"\+?(\d{1,4}(?:[.．]\d{1,4})?|[.．]\d{1,4})(?:分|marks?|points?)?", re.IGNORECASE)
_BLANK = frozenset({"", "-", "—", "–", "/", "未评", "待评"})
_NOTHING_DONE = frozenset({"缺考", "未做", "未考", "弃权", "弃考", "absent", "none", "notattempted"})
_YES = frozenset({"√", "✓", "✔", "1", "是", "有", "y", "yes", "true", "t", "veto", "对"})
_NO = frozenset({"", "×", "✗", "x", "0", "否", "无", "n", "no", "false", "f", "-"})

Cell = tuple[int, int, int]
"""Table, row and column of the frame."""


@dataclass(slots=True)
class _Marks:
    """What stands in the tables, gathered row by row."""

    tables: Sequence[AnswerTable]
    forms: tuple[Form, ...]
    items: dict[str, RatedItem]
    names: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    persons: dict[str, int] = field(default_factory=dict)
    rows: list[Cell] = field(default_factory=list)
    about: list[dict[str, str]] = field(default_factory=list)
    given: dict[tuple[int, str, str, str], tuple[float, Cell]] = field(default_factory=dict)
    nothing_done: set[tuple[int, str]] = field(default_factory=set)

    def wrong(self, code: str, cell: Cell, *related: Cell, **facts: object) -> None:
        """Note an error at a cell."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(error(code, self.span(cell), related=tuple(map(self.span, related)), **facts))
        elif len(self.problems) == MAX_PROBLEMS:
            self.problems.append(error("R340", self.span(cell), most=MAX_PROBLEMS))

    def span(self, cell: Cell) -> Span:
        """Return where a cell stands in its file."""
        return self.tables[cell[0]].span(cell[1], cell[2])

    def near(self, word: str, known: Sequence[str]) -> str:
        """Return the known word that looks most like one."""
        found = difflib.get_close_matches(word[:100], known, n=1)
        return found[0] if found else ""


def take_in_ratings(
    tables: Sequence[AnswerTable], forms: tuple[Form, ...], sitting: str, reading: Reading, *,
    rule: RaterRule | None = None, known: Mapping[str, str] | None = None, digest: str = "",
) -> tuple[Intake | None, list[Problem]]:  # fmt: skip
    """Return the marks that the raters' rule makes of their ratings, with the ratings, or everything that does not fit.

    tables : the sheets of one file ; known : number of a person → the paper that other files of the sitting give, None
    where there are none yet; whoever is not among them did not sit
    """
    items = rated_items(forms)
    if not items:
        return None, [error("R333", Span(tables[0].path if tables else ""), forms=", ".join(form.id for form in forms))]
    marks = _Marks(tables, forms, items, names_of_items(forms, items))
    for number, table in enumerate(tables):
        _read_sheet(marks, number, table, reading, several=len(tables) > 1)
    if not marks.persons and not marks.problems:
        marks.problems.append(error("R103", tables[0].span(-1, 0)))
    papers = {plain_number(number): form for number, form in (known or {}).items()}
    if known is not None:
        _only_those_who_sat(marks, papers)
    form = _forms_of_persons(marks, papers, reading)
    if marks.problems:
        return None, marks.problems
    _totals_as_sums(marks)
    if marks.problems:
        return None, marks.problems
    return _intake(marks, form, sitting, reading, rule or RaterRule(), digest)


def _read_sheet(marks: _Marks, number: int, table: AnswerTable, reading: Reading, *, several: bool) -> None:
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
        if not person and all(_blank(cells[n][row]) for n, _ in held):
            continue  # an empty line of a form, perhaps signed below
        if not person:
            marks.wrong("R109", (number, row, roles["person"]), person="", first=0)
            continue
        index = _person(marks, person, (number, row, roles["person"]))
        about = {role: folded(cells[n][row]) for role, n in roles.items()}
        for role, word in about.items():
            if word:
                marks.about[index].setdefault(role, word)
        _read_row(marks, (number, row, 0), index, about, [(n, column, cells[n][row]) for n, column in held], rater, roles)


def _columns(
    marks: _Marks, number: int, table: AnswerTable, reading: Reading, own: str
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
_IGNORED = re.compile(r"备注|签名|签字|日期|评分日期|扣分|扣分原因|配分|满分|max|full|date|remarks?|notes?|signature")
_ROLE_OF = {plain_title(word): role for role in (*_PERSON_ROLES,) for word in WORDS[role]}


def _person_role(header: str) -> str:
    return _ROLE_OF.get(plain_title(header), "")


def _blank(cell: str) -> bool:
    return folded(cell) in _BLANK


def _person(marks: _Marks, person: str, cell: Cell) -> int:
    index = marks.persons.setdefault(person, len(marks.persons))
    if index == len(marks.rows):
        marks.rows.append(cell)
        marks.about.append({})
    return index


def _read_row(
    marks: _Marks, at: Cell, person: int, about: Mapping[str, str], held: Sequence[tuple[int, RatingColumn, str]],
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
            if not _blank(text):
                marks.wrong("R322", cell, found=step, item=here, n=len(marks.items[here].steps), suggestion="")
            continue
        _note(marks, cell, (person, here, step, column.rater or about.get("rater") or rater), text)


def _note(marks: _Marks, cell: Cell, key: tuple[int, str, str, str], text: str) -> None:
    person, id, step, rater = key
    item, word = marks.items[id], folded(text)
    squeezed = re.sub(r"\s+", "", word)
    if step == VETO_STEP:
        answer = squeezed.casefold()
        if answer not in _YES and answer not in _NO and squeezed.upper() not in VETO_WORDS:
            marks.wrong("R324", cell, found=text, item=id, rater=rater)
            return
        if not answer:
            return
        value = float(answer not in _NO)
    elif squeezed.upper() in VETO_WORDS and item.kind == "task":
        key, value = (person, id, VETO_STEP, rater), 1.0
    elif squeezed.casefold() in _NOTHING_DONE:
        marks.nothing_done.add((person, id))
        return
    elif squeezed in _BLANK:
        value = float("nan")
    else:
        match = _MARKS.fullmatch(squeezed)
        if match is None:
            marks.wrong("R324", cell, found=text, item=id, rater=rater)
            return
        value = float(match.group(1))
        most = item.full if step == WHOLE else item.steps[int(step) - 1].most
        if value > most:
            marks.wrong("R323", cell, found=f"{value:g}", most=f"{most:g}", item=id, step=step or "whole marks", rater=rater)
            return
    before = marks.given.get(key)
    if key[2] == VETO_STEP:  # said twice it is said
        marks.given[key] = (max(value, before[0] if before else 0.0), cell)
    elif before is not None and not np.isnan(before[0]) and not np.isnan(value):
        marks.wrong("R325", cell, before[1], rater=rater, item=id, step=step or "whole marks", line=marks.span(before[1]).line)
    elif before is None or np.isnan(before[0]):
        marks.given[key] = (value, cell)


def _totals_as_sums(marks: _Marks) -> None:
    """Hold a rater's total against the sum of the steps, and keep only one of the two."""
    for key, (total, cell) in list(marks.given.items()):
        person, id, step, rater = key
        steps = marks.items[id].steps
        if step != WHOLE or not steps:
            continue
        given = [marks.given.get((person, id, str(n), rater), (float("nan"), cell))[0] for n in range(1, len(steps) + 1)]
        if all(np.isnan(one) for one in given):
            continue
        if not np.isnan(total) and not any(np.isnan(one) for one in given) and abs(total - sum(given)) > 1e-6:
            marks.wrong("R328", cell, total=f"{total:g}", sum=f"{sum(given):g}", item=id, rater=rater)
        del marks.given[key]


def _only_those_who_sat(marks: _Marks, known: Mapping[str, str]) -> None:
    numbers = list(known)
    for number, index in marks.persons.items():
        if plain_number(number) not in known:
            near = marks.near(plain_number(number), numbers)
            marks.wrong("R329", marks.rows[index], person=number, n=len(numbers), suggestion=near)


def _forms_of_persons(marks: _Marks, known: Mapping[str, str], reading: Reading) -> list[int]:
    """Return each person's paper: as the file says, as other files of the sitting say, or the only one with the items."""
    ids = [form.id for form in marks.forms]
    papers = papers_of(marks.forms)[1]
    holding = {id: [n for n, form in enumerate(marks.forms) if any(p.id == id for p in answer_places(form))] for id in marks.items}
    words = form_words(places_of(marks.forms), reading.forms)
    had: dict[int, set[str]] = {}
    for person, id, _, _ in marks.given:
        had.setdefault(person, set()).add(id)
    found = []
    for number, index in marks.persons.items():
        said = marks.about[index].get("form", "") or known.get(plain_number(number), "")
        if said:
            if plain_word(said) not in words:
                marks.wrong("R110", marks.rows[index], form=said, forms=", ".join(ids))
            found.append(words.get(plain_word(said), 0))
            continue
        fitting = [n for n in range(len(ids)) if all(n in holding[id] for id in had.get(index, ()))]
        if not fitting or len({papers[n] for n in fitting}) > 1:
            marks.wrong("R330", marks.rows[index], person=number, forms=", ".join(ids))
        found.append(fitting[0] if fitting else 0)
    for person, id, step, rater in marks.given:
        if found[person] not in holding[id]:
            cell = marks.given[person, id, step, rater][1]
            if not np.isnan(marks.given[person, id, step, rater][0]):
                marks.wrong("R114", cell, item=id, form=ids[found[person]])
    return found


def _intake(
    marks: _Marks, form: list[int], sitting: str, reading: Reading, rule: RaterRule, digest: str
) -> tuple[Intake | None, list[Problem]]:
    ids = [id for id in marks.items if any(key[1] == id for key in marks.given) or any(i == id for _, i in marks.nothing_done)]
    position = {id: n for n, id in enumerate(ids)}
    ratings = _ratings(marks, position, form)
    steps = {n: tuple(step.most for step in marks.items[id].steps) for id, n in position.items()}
    awarded = award(ratings, len(marks.persons), steps, {n: marks.items[id].full for id, n in position.items()}, rule)
    answer, labels = _answers(marks, ids, form, awarded)
    status = [_standing(marks, index, reading) for index in range(len(marks.persons))]
    if marks.problems:
        return None, marks.problems
    groups = [
        (role, tuple(about.get(role, "") for about in marks.about))
        for role in ("site", "room", "seat", "group", "batch", "sex", "team") if any(role in about for about in marks.about)
    ]  # fmt: skip
    responses = Responses(
        sitting=sitting, persons=tuple(marks.persons), items=tuple(ids), answer=answer, labels=labels,
        forms=tuple(one.id for one in marks.forms), form=np.array(form, dtype=np.int16), groups=tuple(groups),
        standing=np.array([STANDINGS.index(word) for word in status], dtype=np.int8),
    )  # fmt: skip
    settings = {**as_settings(reading), "format": "ratings", "raters": rule_settings(rule)}
    names, documents = (_about(marks, role) for role in ("name", "document"))
    return Intake(responses, ratings, names, documents, digest, settings), _warnings(marks, ids, awarded, answer, status, rule)


def _about(marks: _Marks, role: str) -> tuple[str, ...]:
    return tuple(about.get(role, "") for about in marks.about) if any(role in about for about in marks.about) else ()


def _standing(marks: _Marks, index: int, reading: Reading) -> Standing:
    word = plain_word(marks.about[index].get("status", ""))
    own = {plain_word(one): status for status in STANDINGS for one in (*STATUS[status], *reading.words.get(status, ()))}
    if word not in own:
        marks.wrong("R112", marks.rows[index], found=marks.about[index]["status"])
    return own.get(word, "present")


def _ratings(marks: _Marks, position: Mapping[str, int], form: list[int]) -> Ratings:
    keys = sorted(marks.given, key=lambda key: marks.given[key][1])
    raters = {rater: n for n, rater in enumerate(dict.fromkeys(key[3] for key in keys))}
    words = {WHOLE, VETO_STEP, *(key[2] for key in keys)}
    steps = sorted(words, key=lambda word: (word == VETO_STEP, int(word) if word.isdecimal() else 0))
    number = {word: n for n, word in enumerate(steps)}
    rated = {(person, id, rater) for (person, id, _, rater), (value, _) in marks.given.items() if not np.isnan(value)}
    kept = [key for key in keys if (key[0], key[1], key[3]) in rated]  # of whom nothing is marked is no rater of this
    columns = np.array([[key[0], position[key[1]], number[key[2]], raters[key[3]]] for key in kept], dtype=np.int32)
    columns = columns.reshape(len(kept), 4)
    values = np.array([marks.given[key][0] for key in kept], dtype=np.float64)
    return Ratings(columns[:, 0], columns[:, 1], columns[:, 2], columns[:, 3], values, tuple(steps), tuple(raters))


def _answers(
    marks: _Marks, ids: Sequence[str], form: list[int], awarded: Awarded
) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.int16]], tuple[tuple[str, ...], ...]]:
    """Return what the raters' marks are as answers: the label of an item that people mark is its marks."""
    n = len(marks.persons)
    answer = np.full((n, len(ids)), NOT_MARKED, dtype=np.int16)
    labels: list[tuple[str, ...]] = []
    for column, id in enumerate(ids):
        known: dict[str, int] = {}
        for person in range(n):
            value = awarded.marks[person, column]
            if awarded.veto[person, column]:
                word = VETO if marks.items[id].kind == "task" else "0"
            elif not np.isnan(value):
                word = f"{value:.10g}"
            else:
                continue
            answer[person, column] = known.setdefault(word, len(known))
        labels.append(tuple(known))
        holding = np.array([any(place.id == id for place in answer_places(one)) for one in marks.forms])
        answer[~holding[np.array(form, dtype=np.int64)], column] = NOT_SEEN
    for person, id in marks.nothing_done:
        column = ids.index(id)
        if answer[person, column] == NOT_MARKED:
            answer[person, column] = OMITTED
    answer.flags.writeable = False
    return answer, tuple(labels)


def _warnings(
    marks: _Marks, ids: Sequence[str], awarded: Awarded, answer: np.ndarray[tuple[int, int], np.dtype[np.int16]],
    status: Sequence[Standing], rule: RaterRule,
) -> list[Problem]:  # fmt: skip
    """Return whose raters are too far apart, who saw a veto alone, and who still waits for marks."""
    numbers = list(marks.persons)
    found = []
    for one in awarded.disputes:
        if not one.settled:
            given = ", ".join(f"{rater} {total:g}" for rater, total in zip(one.raters, one.totals, strict=True))
            code = "R326" if len(one.raters) < 3 else "R334"
            found.append(warning(code, marks.span(marks.rows[one.person]), person=numbers[one.person], item=ids[one.item],
                                 given=given, limit=f"{rule.gap_limit * one.full:g}", share=f"{rule.gap_limit:.0%}"))  # fmt: skip
    for person, item in awarded.split_vetoes:
        found.append(warning("R335", marks.span(marks.rows[person]), person=numbers[person], item=ids[item]))
    sat = np.array([word == "present" for word in status])
    waiting = np.flatnonzero(((answer == NOT_MARKED).any(axis=1)) & sat)
    if waiting.size:
        rows = ", ".join(str(marks.span(marks.rows[person]).line) for person in waiting[:5])
        more = ", …" if waiting.size > 5 else ""
        found.append(warning("R327", marks.span(marks.rows[int(waiting[0])]), n=waiting.size, rows=rows + more))
    return found
