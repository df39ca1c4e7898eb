"""QTI Results Reporting (1EdTech, versions 2.1, 2.2 and 3.0) → answers: what each person chose, or only the marks.

One ``assessmentResult`` a person, alone in a file, in a folder, in a ZIP archive or several in one file. Namespaces are
passed over: the three versions say the same. An answer is kept as it was given where the item is one of ours that a
program can mark; of items that people mark, and where no answer was exported, the outcome SCORE is.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from qbank.core.form import Form, FormItem, answer_names, answer_places, full_marks, papers_of
from qbank.files.answers.intake import Intake, take_in
from qbank.files.answers.packed_xml import Documents, xml_documents
from qbank.files.answers.placed import WORDS, in_places, near_word, not_marked, unpermuted
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.files.interchange.xml_tree import parse_xml
from qbank.kinds import KINDS
from qbank.problem import Problem, Span, error, warning

ROOT = "assessmentResult"
MAX_PROBLEMS = 200
_NOT_ANSWERS = frozenset({"numAttempts", "duration", "completionStatus"})
_PERSON = frozenset({"candidateid", "candidatenumber", "candidate", "person", "personid", "sourcedid", "userid", "user", "login",
                     "loginid", "studentid", "考号", "准考证号", "考生号", "考生编号"})  # fmt: skip
_NAME = frozenset({"candidatename", "name", "fullname", "姓名", "考生姓名"})
_CHOICE = re.compile(r"(?i:(?:simple)?choice|option|opt|answer|response|选项|i)?[\s_.:-]*([A-Ja-j])")
_PROMPT = re.compile(r"(?:prompt|source|row|p|m|i|题)?[\s_.:-]*(\d{1,2})", re.IGNORECASE)
_TRUTH = {"true": "true", "t": "true", "right": "true", "correct": "true", "1": "true", "√": "true", "对": "true", "正确": "true",
          "false": "false", "f": "false", "wrong": "false", "incorrect": "false", "0": "false", "×": "false", "错": "false",
          "错误": "false"}  # fmt: skip


@dataclass(slots=True)
class _Result:
    """One item of one person: the values of the response, SCORE and MAXSCORE as text ("" for none), the status."""

    line: int
    status: str
    completion: str
    values: tuple[str, ...]
    has_response: bool
    score: str
    most: str
    stamp: str


@dataclass(slots=True)
class _Person:
    """One assessmentResult: who, which paper, and the last result of each item by its identifier."""

    path: str
    line: int
    number: str = ""
    paper: str = ""
    about: dict[str, str] = field(default_factory=dict)
    results: dict[str, tuple[int, _Result]] = field(default_factory=dict)


def looks_like_results(data: bytes) -> bool:
    """Return whether bytes begin as an XML document of results.

    >>> looks_like_results(b'<?xml version="1.0"?><assessmentResult xmlns="http://www.imsglobal.org/xsd/imsqti_result_v2p1">')
    True
    """
    head = data[:4000].replace(b"\x00", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    return head.lstrip().startswith(b"<") and ROOT.encode() in head


def read_qti_results(
    path: Path, forms: tuple[Form, ...], sitting: str, *, reading: Reading
) -> tuple[Intake | None, list[Problem]]:
    """Return the answers of all results of a file, folder or archive, or everything in them that does not fit."""
    documents, problems = xml_documents(path)
    if problems:
        return None, problems
    return parse_results(documents, forms, sitting, reading=reading)


def parse_results(
    documents: Documents, forms: tuple[Form, ...], sitting: str, *, reading: Reading
) -> tuple[Intake | None, list[Problem]]:
    """Return the answers in some XML documents, each with its name."""
    persons: list[_Person] = []
    problems: list[Problem] = []
    for name, data in documents:
        root, wrong = parse_xml(data, name)
        problems += [error("R310", one.span, detail=dict(one.facts).get("detail") or dict(one.facts).get("what", "")) for one in wrong]
        if root is not None:
            problems += _read_document(root, name, reading, persons, alone=len(documents) == 1)
        if len(problems) >= MAX_PROBLEMS:
            problems.append(error("R340", problems[-1].span, most=MAX_PROBLEMS))
            break
    if not persons and not problems:
        problems.append(error("R303", Span(documents[0][0] if documents else "")))
    if problems:
        return None, problems
    digest = hashlib.sha256()
    for name, data in documents:
        digest.update(f"{name.rpartition('/')[2]}\n{len(data)}\n".encode("utf-8", "surrogatepass"))
        digest.update(data)
    return _take_in(persons, forms, sitting, reading, digest.hexdigest())


def _local(node: Any) -> str:
    tag = node.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _children(node: Any, name: str) -> Iterator[Any]:
    return (child for child in node if _local(child) == name)


def _line(node: Any) -> int:
    return int(node.sourceline or 1)


def _read_document(root: Any, name: str, reading: Reading, persons: list[_Person], *, alone: bool) -> list[Problem]:
    found = [root] if _local(root) == ROOT else [node for node in root.iter() if _local(node) == ROOT]
    if not found:
        manifest = _local(root) == "manifest" and not alone
        return [] if manifest else [error("R301", Span(name, _line(root), 1), found=_local(root)[:60])]
    problems = []
    for node in found:
        person = _person(node, name, reading)
        persons.append(person)
        if not person.number:
            problems.append(error("R304", Span(name, person.line, 1)))
    return problems


def _person(node: Any, path: str, reading: Reading) -> _Person:
    person = _Person(path, _line(node))
    for context in _children(node, "context"):
        _who(context, person, reading)
    for test in _children(node, "testResult"):
        person.paper = (test.get("identifier") or "").strip()
    by_place = reading.columns.get("sequenceIndex") in ("item", "position")
    for item in _children(node, "itemResult"):
        identifier = (item.get("identifier") or "").strip()
        if by_place and (item.get("sequenceIndex") or "").strip():
            identifier = str(item.get("sequenceIndex")).strip()
        result = _result(item)
        before = person.results.get(identifier)
        if before is None or result.stamp >= before[1].stamp:
            person.results[identifier] = (len(person.results), result)
    return person


def _who(context: Any, person: _Person, reading: Reading) -> None:
    """Note number, name and groups: what the mapping file says, else sourcedId, else what is called as such."""
    called = {}
    for one in _children(context, "sessionIdentifier"):
        source = (one.get("sourceID") or one.get("sourceId") or one.get("sourcedId") or "").strip()
        called[source] = (one.get("identifier") or "").strip()
    sourced = (context.get("sourcedId") or "").strip()
    for source, word in called.items():
        if role := reading.columns.get(source, ""):
            person.about[role] = word
    person.number = person.about.pop("person", "") or sourced
    for source, word in called.items():
        plain = re.sub(r"[^\w]", "", source.rpartition("/")[2].rpartition("#")[2]).replace("_", "").casefold()
        if plain in _NAME:
            person.about.setdefault("name", word)
        elif plain in _PERSON and not person.number:
            person.number = word
    if not person.number and len(called) == 1:
        person.number = next(iter(called.values()))


def _values(node: Any) -> list[tuple[str, str]]:
    """Return the values of a variable, each with the field that a record calls it by."""
    return [((one.get("fieldIdentifier") or "").strip(), "".join(one.itertext()).strip()) for one in _children(node, "value")]


def _result(node: Any) -> _Result:
    outcomes: dict[str, str] = {}
    responses: dict[str, list[str]] = {}
    for child in node:
        kind, identifier = _local(child), (child.get("identifier") or "").strip()
        if kind == "outcomeVariable":
            outcomes[identifier.upper()] = next((word for _, word in _values(child)), "")
        elif kind == "responseVariable" and identifier not in _NOT_ANSWERS:
            given = [pair for response in _children(child, "candidateResponse") for pair in _values(response)]
            named = dict(pair for pair in given if pair[0])
            whole = named.get("stringValue") or named.get("floatValue") or named.get("integerValue")
            responses[identifier] = [whole] if whole else [word for _, word in given if word]
    values = responses.get("RESPONSE") if len(responses) > 1 and responses.get("RESPONSE") else None
    if values is None:
        values = [word for words in responses.values() for word in (words or [""])]
    return _Result(
        _line(node), (node.get("sessionStatus") or "final").strip(), outcomes.get("COMPLETIONSTATUS", ""),
        tuple(values) if any(values) else (), bool(responses), outcomes.get("SCORE", ""), outcomes.get("MAXSCORE", ""),
        (node.get("datestamp") or "").strip(),
    )  # fmt: skip


def _take_in(
    persons: list[_Person], forms: tuple[Form, ...], sitting: str, reading: Reading, digest: str
) -> tuple[Intake | None, list[Problem]]:
    names = _Names(forms, reading)
    problems = names.unknown(persons)
    papers = [_paper(person, names, reading) for person in persons]
    for person, paper in zip(persons, papers, strict=True):
        if paper < 0:
            problems.append(error("R306", Span(person.path, person.line, 1), found=person.paper[:60], forms=", ".join(names.forms)))
    if problems:
        return None, problems[:MAX_PROBLEMS]
    sheet = _Sheet(persons, papers, forms, names)
    columns = {id: sheet.column(id) for id in names.items if any(id in sheet.on_paper[paper] for paper in papers)}
    if sheet.problems:
        return None, sheet.problems[:MAX_PROBLEMS]
    roles = [role for role in ("name", "document", "site", "room", "seat", "group", "batch", "sex", "team")
             if any(role in person.about for person in persons)]  # fmt: skip
    frame = pl.DataFrame(
        {
            "person": [person.number for person in persons],
            "form": [forms[paper].id for paper in papers],
            "status": ["" if person.results else "absent" for person in persons],
            **{role: [person.about.get(role, "") for person in persons] for role in roles},
            **columns,
        },
        schema_overrides=dict.fromkeys(columns, pl.String),
    )
    table = AnswerTable(
        persons[0].path, "", frame, np.arange(1, len(persons) + 1, dtype=np.int64), tuple(range(1, frame.width + 1)), 0
    )
    own = replace(
        reading, layout="wide", scored=False, not_reached="never", columns={}, ignore=(), groups=(), forms={}, sheet="",
        words={name: (word,) for name, word in WORDS.items()}, scored_columns=tuple(sheet.scored),
    )  # fmt: skip
    intake, problems = take_in(table, unpermuted(forms), sitting, own)
    place = {name: n for n, name in enumerate(frame.columns)}
    lines = {(row, place[id]): line for (row, id), line in sheet.lines.items()}
    where = in_places(problems, table, lambda row, column: Span(
        persons[row].path, lines.get((row, column), persons[row].line), 1))  # fmt: skip
    if intake is None:
        return None, where
    settings = {**intake.settings, "format": "qti-results"}
    for key in ("words", "layout", "scored_columns"):
        settings.pop(key, None)
    if sheet.scored:
        settings["marks_only"] = sorted(sheet.scored)
    responses = not_marked(intake.responses, sheet.waiting)
    return replace(intake, responses=responses, digest=digest, settings=settings), where + _warnings(sheet)


def _warnings(sheet: _Sheet) -> list[Problem]:
    """Return that answers were never submitted, and that persons wait for marks."""
    found = []
    if sheet.unsubmitted:
        found.append(warning("R307", sheet.unsubmitted[0], n=len(sheet.unsubmitted)))
    if rows := sorted({row for row, _ in sheet.waiting}):
        spans = [Span(sheet.persons[row].path, sheet.persons[row].line, 1) for row in rows]
        found.append(warning("R338", spans[0], n=len(rows), items=", ".join(sorted({id for _, id in sheet.waiting})[:5])))
    return found


class _Names:
    """What the items and papers of a sitting are called in results."""

    def __init__(self, forms: tuple[Form, ...], reading: Reading) -> None:
        self.reading = reading
        self.forms = [form.id for form in forms]
        self.papers = papers_of(forms)[1]
        self.items = list(dict.fromkeys(place.id for form in forms for place in answer_places(form)))
        self.by_id = {id.casefold(): id for id in self.items}
        self.positions = [
            dict(zip(answer_names(form), (place.id for place in answer_places(form)), strict=True)) for form in forms
        ]
        self.holding = [{place.id for place in answer_places(form)} for form in forms]

    def item(self, identifier: str, paper: int) -> str:
        """Return the id behind an identifier: mapped, the id itself, or the printed number on a paper; "" for none."""
        word = self.reading.columns.get(identifier, identifier)
        for one in (word, re.sub(r"^(?:item|question|i|q)[\s_.:-]*", "", word, flags=re.IGNORECASE), word.lstrip("_")):
            if id := self.by_id.get(one.casefold()):
                return id
            if id := (self.positions[paper].get(one.replace("-", ".").replace("_", ".")) if paper >= 0 else None):
                return id
        return ""

    def unknown(self, persons: Sequence[_Person]) -> list[Problem]:
        """Return an error for each identifier that is no item on any paper, where it stands first."""
        every = dict.fromkeys(identifier for person in persons for identifier in person.results)
        wrong = {identifier for identifier in every if not any(self.item(identifier, n) for n in range(len(self.forms)))}
        if not wrong:
            return []
        count = Counter(identifier for person in persons for identifier in person.results if identifier in wrong)
        first: dict[str, Span] = {}
        for person in persons:
            for identifier, (_, result) in person.results.items():
                if identifier in wrong:
                    first.setdefault(identifier, Span(person.path, result.line, 1))
        return [
            error("R305", span, identifier=identifier[:100], n=count[identifier], suggestion=near_word(identifier, self.items))
            for identifier, span in first.items()
        ]


def _paper(person: _Person, names: _Names, reading: Reading) -> int:
    """Return the paper that a person sat: as it is called, as the mapping says, or the only one with the items; or −1."""
    said = reading.forms.get(person.paper, person.paper)
    if said in names.forms:
        return names.forms.index(said)
    if len(names.forms) == 1:
        return 0
    fitting = [
        n for n, holding in enumerate(names.holding) if all(names.item(one, n) in holding for one in person.results)
    ]
    # A version of a paper has the same questions: which of them it was changes no answer.
    return fitting[0] if fitting and person.results and len({names.papers[n] for n in fitting}) == 1 else -1


class _Sheet:
    """The answers of all persons as a table is made of them, column by column."""

    def __init__(self, persons: list[_Person], papers: list[int], forms: tuple[Form, ...], names: _Names) -> None:
        self.persons, self.papers = persons, papers
        self.on_paper = names.holding
        self.places: list[dict[str, FormItem]] = [{place.id: place for place in answer_places(form)} for form in forms]
        self.results: list[dict[str, _Result]] = []
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

    def cell(self, row: int, place: FormItem | None, result: _Result | None, *, by_marks: bool) -> str:
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

    def marks(self, row: int, place: FormItem, result: _Result) -> str:
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


def answer_text(place: FormItem, values: Sequence[str]) -> str:
    """Return the values of a response as one writes the answer on paper, with the item's own letters.

    >>> item = FormItem("Q", "multiple", "", "CADB", 1, {"key": "AC"}, "", "")
    >>> answer_text(item, ["choiceA", "C"]), answer_text(replace(item, kind="matching"), ["P1 B", "P2 choice_A"])
    ('A C', '1-B 2-A')
    """
    kind = place.kind
    if kind == "true_false":
        return _TRUTH.get(values[0].casefold(), _TRUTH.get(re.sub(r"^.*[_:.-]", "", values[0]).casefold(), values[0]))
    if kind == "matching":
        return " ".join(_pair(value) for value in values)
    if place.order or KINDS[kind].one_letter:
        return " ".join(_letter(value) for value in values)
    return ";".join(values)


def _letter(value: str) -> str:
    match = _CHOICE.fullmatch(value)
    return match.group(1).upper() if match else value


def _pair(value: str) -> str:
    first, _, second = value.partition(" ")
    match = _PROMPT.fullmatch(first)
    if match:
        return f"{match.group(1)}-{_letter(second.strip())}"
    match = _PROMPT.fullmatch(second.strip())
    return f"{match.group(1)}-{_letter(first)}" if match else value

