"""The results of all persons as the columns of a table: what was answered, or its marks."""

from __future__ import annotations

import re

from qbank.core.form import Form, FormItem, answer_places, full_marks
from qbank.files.answers.placed import WORDS
from qbank.files.answers.qti.answer_text import answer_text
from qbank.files.answers.qti.documents import ItemResult, PersonResults
from qbank.files.answers.qti.names import Names
from qbank.kinds import KINDS
from qbank.problem import Problem, Span, error


class Sheet:
    """The answers of all persons as a table is made of them, column by column."""

    def __init__(self, persons: list[PersonResults], papers: list[int], forms: tuple[Form, ...], names: Names) -> None:
        self.persons, self.papers = persons, papers
        self.on_paper = names.holding
        self.places: list[dict[str, FormItem]] = [{place.id: place for place in answer_places(form)} for form in forms]
        self.results: list[dict[str, ItemResult]] = []
        for person, paper in zip(persons, papers, strict=True):
            ordered = sorted(person.results.items(), key=lambda pair: pair[1][0])
            self.results.append({names.item(identifier, paper): result for identifier, (_, result) in ordered})
        self.lines: dict[tuple[int, str], int] = {}
        self.scored: list[str] = []
        self.problems: list[Problem] = []
        self.unsubmitted: list[Span] = []
        self.waiting: list[tuple[int, str]] = []

    def column(self, id: str) -> list[str]:
        """Return what goes into an item's column."""
        place = next(places[id] for places in self.places if id in places)
        kind = KINDS[place.kind]
        found = [results.get(id) for results in self.results]
        by_marks = kind.rated or not any(one.has_response and one.values for one in found if one is not None)
        by_marks = by_marks and (kind.rated or any(one.score for one in found if one is not None))
        if by_marks and not kind.rated:
            self.scored.append(id)
        cells = []
        for row, (result, paper) in enumerate(zip(found, self.papers, strict=True)):
            if result is not None:
                self.lines[row, id] = result.line
            cells.append(self.cell(row, self.places[paper].get(id), result, by_marks=by_marks))
        return cells

    def cell(self, row: int, place: FormItem | None, result: ItemResult | None, *, by_marks: bool) -> str:
        """Return the answer as the readers of kinds understand it, or the word for why there is none."""
        if place is None:
            return ""
        if result is None or (result.status == "initial" and not result.values):
            return WORDS["omitted" if result is not None and result.completion in ("unknown", "incomplete") else "not_reached"]
        if result.completion == "not_attempted" and not result.values:
            return WORDS["not_reached"]
        if result.status == "pendingSubmission" and result.values:
            self.unsubmitted.append(Span(self.persons[row].path, result.line, 1))
        if by_marks:
            return self.marks(row, place, result)
        return answer_text(place, result.values) if result.values else WORDS["omitted"]

    def marks(self, row: int, place: FormItem, result: ItemResult) -> str:
        """Return the marks of SCORE, brought from MAXSCORE to the full marks of the paper."""
        span = Span(self.persons[row].path, result.line, 1)
        if result.has_response and not result.values and result.score in ("", "0", "0.0"):
            return WORDS["omitted"]
        score, most = _number(result.score), _number(result.most)
        full = float(str(place.marked["most"])) if KINDS[place.kind].rated else full_marks(place)
        if score is None and (KINDS[place.kind].rated or result.status.startswith("pending")):
            self.waiting.append((row, place.id))
            return WORDS["omitted"]
        if score is None:
            self.problems.append(error("R308", span, item=place.id, found=result.score[:40]))
            return WORDS["omitted"]
        if most and most > 0 and most != full:
            score = round(score * full / most * 1e6) / 1e6
        if score > full + 1e-9:
            self.problems.append(error("R309", span, item=place.id, found=f"{score:g}", most=f"{full:g}"))
        return f"{max(score, 0.0):.10g}"


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[-+]?\d{1,9}(?:\.\d{1,12})?(?:[eE][-+]?\d)?", text, re.ASCII) else None
