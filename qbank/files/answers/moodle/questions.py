"""Which item a question of a quiz is, by its text or its number, and which paper a row is of."""

from __future__ import annotations

from collections.abc import Mapping

from qbank.core.form import Form, FormItem, answer_places, papers_of
from qbank.files.answers.moodle.report import BLANK, Report
from qbank.files.answers.placed import (
    told_of,
)
from qbank.files.answers.plain_texts import TextsOf
from qbank.files.answers.reading import Reading
from qbank.files.interchange.moodle_writer import MOODLE_KINDS
from qbank.kinds.answer_texts import STEM
from qbank.messages.lists import some


def items_asked(report: Report, asked: Mapping[int, int], reading: Reading) -> dict[int, list[str] | None]:
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


def _by_text(report: Report, column: int, stems: TextsOf, ids: Mapping[str, str]) -> list[str]:
    texts = report.texts_of(column)
    known: dict[str, str] = {}
    found = []
    for row in report.rows:
        text = texts[row]
        if text not in known:
            known[text] = "" if text.strip() in BLANK else stems.name(text) or ids.get(text.strip().casefold(), "")
            if not known[text] and text.strip() not in BLANK:
                header = report.table.header[column]
                report.wrong("R313", row, column, found=" ".join(text.split())[:80], nearest=stems.nearest(text), header=header)
        found.append(known[text])
    return found


def papers_sat(report: Report, items: Mapping[int, list[str] | None], reading: Reading) -> list[int]:
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
            report.wrong("R306", row, column or 0, found=word, forms=some(ids, most=8))
        papers.append(fitting[0] if fitting else 0)
    return papers


def item_of_number(report: Report, asked: Mapping[int, int], form: Form) -> dict[int, FormItem] | None:
    """Return the place behind each number of a quiz: of all questions, or of those that Moodle can hold."""
    places = answer_places(form)
    own = [place for entry in (e for s in form.sections for e in s.items) if not entry.parts for place in (entry,)
           if entry.kind in MOODLE_KINDS]  # fmt: skip
    for those in (places, tuple(own)):
        if len(those) == len(asked):
            return {number: those[n] for n, number in enumerate(sorted(asked))}
    report.wrong("R311", -1, next(iter(asked.values())), columns=len(asked), places=len(places))
    return None
