"""The cells of a report → answers as one writes them on paper, or marks of the paper."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from qbank.core.form import FormItem, answer_places, full_marks
from qbank.files.answers.moodle.columns import squeezed
from qbank.files.answers.moodle.questions import item_of_number
from qbank.files.answers.moodle.report import BLANK, Report
from qbank.files.answers.placed import WORDS
from qbank.files.answers.plain_texts import TextsOf, pairs, plain_form, several
from qbank.kinds import KINDS

_TRUTH = {"true": "true", "wahr": "true", "vrai": "true", "verdadero": "true", "对": "true", "正确": "true", "是": "true", "√": "true",
          "false": "false", "falsch": "false", "faux": "false", "falso": "false", "错": "false", "错误": "false", "否": "false",
          "×": "false"}  # fmt: skip
_MARKS = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,7})?")
_GRADES_TO_COME = frozenset({"requiresgrading", "需要评分", "等待评分", "bewertungnotwendig", "nochnichtbewertet", "nécessiteévaluation"})


def answers_by_item(
    report: Report, asked: Mapping[int, int], items: Mapping[int, list[str] | None], papers: list[int], *, marks: bool
) -> dict[str, list[str]]:
    """Return by item the answers of all rows as kinds read them."""
    unknown = [number for number, rows in items.items() if rows is None]
    numbered: dict[int, dict[int, FormItem] | None] = {}
    if unknown:
        numbered = {paper: item_of_number(report, asked, report.forms[paper]) for paper in dict.fromkeys(papers)}
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
    report: Report, cells: Mapping[str, Sequence[str]], places: Sequence[Mapping[str, FormItem]], papers: Sequence[int]
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


def _answer(report: Report, n: int, row: int, column: int, place: FormItem, text: str) -> str:
    """Return a response as one writes it on paper, with the item's own letters."""
    if text in BLANK:
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


def _read(report: Report, place: FormItem, text: str) -> str | None:
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


def _marks(report: Report, n: int, row: int, column: int, place: FormItem, text: str, most: float) -> str:
    """Return the marks of a question, brought from those of the quiz to those of the paper."""
    if text in BLANK:
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
