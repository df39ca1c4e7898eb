"""Moodle's quiz reports → answers: responses, which are texts of options, or the marks of each question.

The reports are CSV, XLSX or JSON tables with headers in the language of the platform. Which item a question is tells
its text, where that was exported, else its number: the place on the paper. A dash or nothing is no answer.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from qbank.core.form import Form, FormItem, answer_places, full_marks, papers_of
from qbank.files.answers.header import plain_title
from qbank.files.answers.intake import Intake, take_in
from qbank.files.answers.moodle_columns import AVERAGES, FINISHED, MoodleColumn, moodle_column, squeezed
from qbank.files.answers.placed import (
    holds_otherwise,
    in_places,
    is_ignored,
    not_marked,
    texts_of,
    told_of,
    unpermuted,
)
from qbank.files.answers.plain_texts import Texts, TextsOf, pairs, plain_form, several
from qbank.files.answers.qti_results import WORDS
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.files.interchange.moodle_writer import MOODLE_KINDS
from qbank.kinds import KINDS
from qbank.kinds.answer_texts import STEM
from qbank.problem import Problem, Span, error, warning

MAX_PROBLEMS = 200
_BLANK = frozenset({"", "-", "–", "—"})
_TRUTH = {"true": "true", "wahr": "true", "vrai": "true", "verdadero": "true", "对": "true", "正确": "true", "是": "true", "√": "true",
          "false": "false", "falsch": "false", "faux": "false", "falso": "false", "错": "false", "错误": "false", "否": "false",
          "×": "false"}  # fmt: skip
_MARKS = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,7})?")
_GRADES_TO_COME = frozenset({"requiresgrading", "需要评分", "等待评分", "bewertungnotwendig", "nochnichtbewertet", "nécessiteévaluation"})


@dataclass(slots=True)
class _Report:
    """A report while it is read.

    rows : of the frame, those of persons ; cells : item → for each row the answer as kinds read it ; sources : (row,
    item) → column of the report
    """

    table: AnswerTable
    forms: tuple[Form, ...]
    texts: Texts
    columns: list[MoodleColumn]
    rows: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sources: dict[tuple[int, str], int] = field(default_factory=dict)
    waiting: list[tuple[int, str]] = field(default_factory=list)
    known: dict[tuple[str, str], str | None] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)
    _cells: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take the cells out of the frame once."""
        self._cells = [texts_of(self.table, column) for column in range(self.table.frame.width)]

    def wrong(self, code: str, row: int, column: int, **facts: object) -> None:
        """Note an error at a cell of the report."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(self.table.wrong(code, row, column, **facts))
        elif len(self.problems) == MAX_PROBLEMS:
            self.problems.append(self.table.wrong("R340", row, column, most=MAX_PROBLEMS))

    def of(self, role: str) -> dict[int, int]:
        """Return number of the question → column, for columns of a role."""
        found: dict[int, int] = {}
        for n, column in enumerate(self.columns):
            if column.role == role:
                found.setdefault(column.number, n)
        return found

    def texts_of(self, column: int) -> list[str]:
        """Return the cells of a column."""
        return self._cells[column]


def take_in_moodle(
    table: AnswerTable, forms: tuple[Form, ...], sitting: str, reading: Reading, texts: Texts, digest: str = ""
) -> tuple[Intake | None, list[Problem]]:
    """Return the answers of one of Moodle's reports, or everything in it that does not fit.

    texts : of the items' options, prompts and stems, from the bank; without them only marks can be read
    """
    columns = [_column(header, reading) for header in table.header]
    report = _Report(table, forms, texts, columns)
    person = _person_column(report)
    if person is None:
        return None, [table.wrong("R316", -1, 0)]
    _persons(report, person, reading)
    if not report.rows:
        return None, [table.wrong("R103", -1, 0)]
    asked = report.of("response") or report.of("marks")
    report.problems += holds_otherwise(table, [person, *asked.values()])
    items = _items(report, asked, reading)
    if report.problems:
        return None, report.problems
    papers = _papers(report, items, reading)
    if report.problems:
        return None, report.problems
    cells = _cells(report, asked, items, papers, marks=not report.of("response"))
    if report.problems:
        return None, report.problems
    return _taken(report, cells, papers, person, sitting, reading, digest)


def _column(header: str, reading: Reading) -> MoodleColumn:
    role = told_of(reading, header)
    if is_ignored(reading, header):
        return MoodleColumn("")
    if role in ("person", "form", "status", "name", "document", "site", "room", "seat", "group", "batch", "sex", "team"):
        return MoodleColumn(role)
    return moodle_column(header)


def _person_column(report: _Report) -> int | None:
    """Return the column that says who somebody is: as mapped, else the ID number, username or address that all have."""
    found = [report.of(role).get(0) for role in ("person", "idnumber", "username", "email")]
    known = [column for column in found if column is not None]
    for column in known:
        if sum(bool(text.strip()) for text in report.texts_of(column)) >= len(_attempts(report)):
            return column
    return known[0] if known else None


def _attempts(report: _Report) -> list[int]:
    """Return the rows of persons: not that of the average at the end, nor one of nothing."""
    answers = [report.texts_of(n) for n, column in enumerate(report.columns) if column.role in ("response", "marks")]
    names = [report.texts_of(n) for n, column in enumerate(report.columns) if column.role in ("last", "first", "full")]
    who = [report.texts_of(n) for n, column in enumerate(report.columns)
           if column.role in ("person", "idnumber", "username", "email", "state")]  # fmt: skip
    rows = []
    for row in range(report.table.frame.height):
        if any(squeezed(column[row]) in AVERAGES for column in names) and all(column[row].strip() in _BLANK for column in who):
            continue
        if any(column[row].strip() not in _BLANK for column in (*answers, *names, *who)):
            rows.append(row)
    return rows


def _persons(report: _Report, person: int, reading: Reading) -> None:
    numbers = report.texts_of(person)
    first: dict[str, int] = {}
    for row in _attempts(report):
        number = numbers[row].strip()
        if number and number in first:
            report.wrong("R318", row, person, person=number, first=report.table.span(first[number], 0).line)
            continue
        first.setdefault(number, row)
        report.rows.append(row)


def _items(report: _Report, asked: Mapping[int, int], reading: Reading) -> dict[int, list[str] | None]:
    """Return for each number of the quiz the item of every row, or None where its place on the paper tells it."""
    ids = {place.id.casefold(): place.id for form in report.forms for place in answer_places(form)}
    questions = report.of("question")
    stems = TextsOf({id: report.texts[id][STEM] for id in ids.values() if STEM in report.texts.get(id, {})})
    found: dict[int, list[str] | None] = {}
    for number, column in asked.items():
        header = report.table.header[column]
        mapped = ids.get(told_of(reading, header).casefold(), "")
        if mapped:
            found[number] = [mapped] * len(report.rows)
        elif number in questions and stems.texts:
            found[number] = _by_text(report, questions[number], stems, ids)
        else:
            found[number] = None
    return found


def _by_text(report: _Report, column: int, stems: TextsOf, ids: Mapping[str, str]) -> list[str]:
    texts = report.texts_of(column)
    known: dict[str, str] = {}
    found = []
    for row in report.rows:
        text = texts[row]
        if text not in known:
            known[text] = "" if text.strip() in _BLANK else stems.name(text) or ids.get(text.strip().casefold(), "")
            if not known[text] and text.strip() not in _BLANK:
                header = report.table.header[column]
                report.wrong("R313", row, column, found=" ".join(text.split())[:80], nearest=stems.nearest(text), header=header)
        found.append(known[text])
    return found


def _papers(report: _Report, items: Mapping[int, list[str] | None], reading: Reading) -> list[int]:
    """Return the paper of each row: as a column says, the only one, or the only one with the items."""
    ids = [form.id for form in report.forms]
    column = report.of("form").get(0)
    said = report.texts_of(column) if column is not None else []
    base = papers_of(report.forms)[1]
    holding = [{place.id for place in answer_places(form)} for form in report.forms]
    told = [rows for rows in items.values() if rows is not None]
    papers = []
    for n, row in enumerate(report.rows):
        word = reading.forms.get(said[row].strip(), said[row].strip()) if said else ""
        had = {rows[n] for rows in told} - {""}
        fitting = [ids.index(word)] if word in ids else [k for k in range(len(ids)) if not word and had <= holding[k]]
        if len(ids) == 1 and not word:
            fitting = [0]
        # By their texts the questions of a version are those of its base; by number they are not.
        alike = len({base[k] for k in fitting}) == 1 if len(told) == len(items) else len(fitting) == 1
        if not fitting or not alike:
            report.wrong("R306", row, column or 0, found=word, forms=", ".join(ids))
        papers.append(fitting[0] if fitting else 0)
    return papers


def _by_number(report: _Report, asked: Mapping[int, int], form: Form) -> dict[int, FormItem] | None:
    """Return the place behind each number of a quiz: of all questions, or of those that Moodle can hold."""
    places = answer_places(form)
    own = [place for entry in (e for s in form.sections for e in s.items) if not entry.parts for place in (entry,)
           if entry.kind in MOODLE_KINDS]  # fmt: skip
    for some in (places, tuple(own)):
        if len(some) == len(asked):
            return {number: some[n] for n, number in enumerate(sorted(asked))}
    report.wrong("R311", -1, next(iter(asked.values())), columns=len(asked), places=len(places))
    return None


def _cells(
    report: _Report, asked: Mapping[int, int], items: Mapping[int, list[str] | None], papers: list[int], *, marks: bool
) -> dict[str, list[str]]:
    """Return by item the answers of all rows as kinds read them."""
    unknown = [number for number, rows in items.items() if rows is None]
    numbered: dict[int, dict[int, FormItem] | None] = {}
    if unknown:
        numbered = {paper: _by_number(report, asked, report.forms[paper]) for paper in dict.fromkeys(papers)}
        if report.problems:
            return {}
    places = [{place.id: place for place in answer_places(form)} for form in report.forms]
    every = [id for id in dict.fromkeys(id for one in places for id in one) if any(id in places[paper] for paper in papers)]
    cells = {id: [WORDS["not_seen"] if id in places[paper] else "" for paper in papers] for id in every}
    for number, column in asked.items():
        texts, of_row = report.texts_of(column), items[number]
        for n, row in enumerate(report.rows):
            by_place = numbered.get(papers[n]) or {}
            id = of_row[n] if of_row is not None else by_place[number].id
            place = places[papers[n]].get(id)
            if place is None:
                if id:
                    report.wrong("R114", row, column, item=id, form=report.forms[papers[n]].id)
                continue
            if (n, id) in report.sources:
                if (id, "twice") not in report.told:
                    report.told.add((id, "twice"))
                    report.wrong("R105", -1, column, name=report.table.header[column])
                continue
            report.sources[n, id] = column
            most = report.columns[column].most
            text = texts[row].strip()
            cells[id][n] = _marks(report, n, row, column, place, text, most) if marks else _answer(report, n, row, column, place, text)
    _left_out(report, cells, places, papers)
    return cells


def _left_out(
    report: _Report, cells: Mapping[str, Sequence[str]], places: Sequence[Mapping[str, FormItem]], papers: Sequence[int]
) -> None:
    """Let what people mark wait where Moodle had none of it, and call for whatever else nobody was asked."""
    asked = {id for _, id in report.sources}
    missing = []
    for id in cells:
        kind = next(one[id].kind for one in places if id in one)
        if id not in asked and KINDS[kind].rated:
            report.waiting += [(n, id) for n, paper in enumerate(papers) if id in places[paper]]
        elif id not in asked:
            missing.append(id)
    if missing:
        report.wrong("R107", -1, 0, names=", ".join(missing[:5]), n=len(missing))


def _answer(report: _Report, n: int, row: int, column: int, place: FormItem, text: str) -> str:
    """Return a response as one writes it on paper, with the item's own letters."""
    if text in _BLANK:
        return WORDS["omitted"]
    if KINDS[place.kind].rated:
        report.waiting.append((n, place.id))
        return WORDS["omitted"]
    key = (place.id, text)
    if key not in report.known:
        report.known[key] = _read(report, place, text)
    found = report.known[key]
    if found is None:
        texts = report.texts.get(place.id, {})
        options = TextsOf({name: one for name, one in texts.items() if name.isalpha() and len(name) == 1})
        if not options.texts:
            if (place.id, "") not in report.told:
                report.told.add((place.id, ""))
                report.wrong("R315", row, column, items=place.id)
        else:
            report.wrong("R312", row, column, found=" ".join(text.split())[:80], item=place.id, nearest=options.nearest(text))
        return WORDS["omitted"]
    return found


def _read(report: _Report, place: FormItem, text: str) -> str | None:
    """Return what a response means, None where it is the text of no option."""
    if place.kind == "true_false":
        return _TRUTH.get(text.casefold(), text)
    if not place.order:
        return text
    texts = report.texts.get(place.id, {})
    options = TextsOf({name: one for name, one in texts.items() if name in place.order})
    if place.kind == "matching":
        found = pairs(text, TextsOf({name: one for name, one in texts.items() if name.isdecimal()}), options)
        return " ".join(found) if found else None
    if KINDS[place.kind].one_letter:
        if name := options.name(text):
            return name
    elif found := several(text, options):
        return " ".join(found)
    letters = re.split(r"[;,\s]+", text.upper())
    fits = all(len(letter) == 1 and letter in place.order for letter in letters)
    return " ".join(letters) if fits and not any(plain_form(one) == plain_form(text) for one in texts.values()) else None


def _marks(report: _Report, n: int, row: int, column: int, place: FormItem, text: str, most: float) -> str:
    """Return the marks of a question, brought from those of the quiz to those of the paper."""
    if text in _BLANK:
        return WORDS["omitted"]
    if squeezed(text) in _GRADES_TO_COME:
        report.waiting.append((n, place.id))
        return WORDS["omitted"]
    full = float(str(place.marked["most"])) if KINDS[place.kind].rated else full_marks(place)
    if not _MARKS.fullmatch(text):
        report.wrong("R308", row, column, item=place.id, found=text[:40])
        return WORDS["omitted"]
    value = float(text.replace(",", "."))
    if most > 0 and most != full:
        value = round(value * full / most * 1e4) / 1e4
    if value > full + 1e-6:
        report.wrong("R309", row, column, item=place.id, found=f"{value:g}", most=f"{full:g}")
    return f"{min(value, full):.10g}"


def _taken(
    report: _Report, cells: dict[str, list[str]], papers: list[int], person: int, sitting: str, reading: Reading, digest: str
) -> tuple[Intake | None, list[Problem]]:
    by_marks = not report.of("response")
    about, unfinished = _about(report, cells)
    at = {plain_title(name): n for n, name in reversed(list(enumerate(report.table.header)))}
    kept = {name: at[plain_title(name)] for name in reading.groups if plain_title(name) in at}
    columns = {
        "person": [report.texts_of(person)[row].strip() for row in report.rows],
        "form": [report.forms[paper].id for paper in papers], **about,
        **{name: [report.texts_of(column)[row] for row in report.rows] for name, column in kept.items()}, **cells,
    }  # fmt: skip
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    lines = np.arange(1, len(report.rows) + 1, dtype=np.int64)
    made = AnswerTable(report.table.path, "", frame, lines, tuple(range(1, frame.width + 1)), 0)
    own = replace(
        reading, layout="wide", scored=False, columns={}, ignore=(), groups=tuple(kept), forms={}, sheet="",
        words={name: (word,) for name, word in WORDS.items()},
        scored_columns=tuple(id for id in cells if by_marks and not KINDS[_kind(report.forms, id)].rated),
    )  # fmt: skip
    intake, problems = take_in(made, unpermuted(report.forms), sitting, own)
    names = list(columns)

    def place(row: int, column: int) -> Span:
        source = report.sources.get((row, names[column]) if column < len(names) else (row, ""), person)
        return report.table.span(report.rows[row], source)

    problems = in_places(problems, made, place)
    if intake is None:
        return None, problems
    settings = {**intake.settings, "format": "moodle-grades" if by_marks else "moodle-responses"}
    for key in ("words", "layout", "scored_columns"):
        settings.pop(key, None)
    if unfinished:
        states = ", ".join(f"{state} {n}" for state, n in Counter(state for _, state in unfinished).items())
        problems.append(warning("R314", report.table.span(unfinished[0][0], 0), n=len(unfinished), states=states))
    if report.waiting:
        row = report.rows[report.waiting[0][0]]
        waiting = sorted({id for _, id in report.waiting})
        problems.append(warning("R338", report.table.span(row, person), n=len({n for n, _ in report.waiting}), items=", ".join(waiting[:5])))
    responses = not_marked(intake.responses, report.waiting)
    return replace(intake, responses=responses, digest=digest, settings=settings), problems


def _kind(forms: tuple[Form, ...], id: str) -> str:
    return next(place.kind for form in forms for place in answer_places(form) if place.id == id)


def _about(report: _Report, cells: Mapping[str, Sequence[str]]) -> tuple[dict[str, list[str]], list[tuple[int, str]]]:
    """Return names, status and the like of each person, and the attempts that were not finished with their state."""
    found: dict[str, list[str]] = {}
    for role in ("name", "document", "site", "room", "seat", "group", "batch", "sex", "team"):
        if (column := report.of(role).get(0)) is not None:
            found[role] = [report.texts_of(column)[row] for row in report.rows]
    last, first, full = (report.of(role).get(0) for role in ("last", "first", "full"))
    if "name" not in found and full is not None:
        found["name"] = [report.texts_of(full)[row] for row in report.rows]
    elif "name" not in found and last is not None:
        given = report.texts_of(first) if first is not None else [""] * report.table.frame.height
        found["name"] = [_full_name(report.texts_of(last)[row].strip(), given[row].strip()) for row in report.rows]
    status, state = report.of("status").get(0), report.of("state").get(0)
    if status is not None:
        found["status"] = [report.texts_of(status)[row] for row in report.rows]
        return found, []
    unfinished = []
    found["status"] = []
    nothing = {*WORDS.values(), ""}
    waiting = {n for n, id in report.waiting if (n, id) in report.sources}
    for n, row in enumerate(report.rows):
        word = report.texts_of(state)[row].strip() if state is not None else "finished"
        blank = all(column[n] in nothing for column in cells.values()) and n not in waiting
        found["status"].append("absent" if word in _BLANK and blank else "")
        if word not in _BLANK and squeezed(word) not in FINISHED:
            unfinished.append((row, word[:40]))
    return found, unfinished


def _full_name(last: str, first: str) -> str:
    """Return a name in the order of its script.

    >>> _full_name("张", "三"), _full_name("Huber", "Eva")
    ('张三', 'Eva Huber')
    """
    return last + first if re.search(r"[一-鿿]", last + first) else f"{first} {last}".strip()


def json_table(data: bytes, name: str) -> tuple[AnswerTable | None, list[Problem]]:
    """Return the table of Moodle's JSON download: a list of records, one a person, perhaps inside another list."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        return None, [error("R317", Span(name, 1, 1), detail=str(fault)[:120])]
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
    records: list[dict[str, str]] = []
    lines: list[int] = []
    at = len(re.match(r"[\s\[]*", text).group())  # type: ignore[union-attr]
    line, counted = 1, 0
    while at < len(text) and text[at] == "{":
        line, counted = line + text.count("\n", counted, at), at
        try:
            record, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as fault:
            return None, [error("R317", Span(name, line, 1), detail=str(fault)[:120])]
        records.append({str(key): _word(value) for key, value in record.items()})
        lines.append(line)
        at += len(re.compile(r"[\s,\[\]]*").match(text, at).group())  # type: ignore[union-attr]
    if at < len(text) or not records:
        return None, [error("R317", Span(name, line, 1), detail=text[at : at + 20] or "[]")]
    headers = list(dict.fromkeys(key for record in records for key in record))
    frame = pl.DataFrame({key: [record.get(key, "") for record in records] for key in headers}, schema=dict.fromkeys(headers, pl.String))
    if not headers:
        return None, [error("R317", Span(name, 1, 1), detail="{}")]
    return AnswerTable(name, "", frame, np.array(lines, dtype=np.int64), (1,) * len(headers), 1), []


def _word(value: object) -> str:
    if value is None:
        return ""
    return str(value) if not isinstance(value, (dict, list)) else json.dumps(value, ensure_ascii=False)[:200]
