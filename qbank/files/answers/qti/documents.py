"""Documents of results → persons, and the last result of each of their items."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from qbank.files.answers.reading import Reading
from qbank.problem import Problem, Span, error

ROOT = "assessmentResult"
_NOT_ANSWERS = frozenset({"numAttempts", "duration", "completionStatus"})
_PERSON = frozenset({"candidateid", "candidatenumber", "candidate", "person", "personid", "sourcedid", "userid", "user", "login",
                     "loginid", "studentid", "考号", "准考证号", "考生号", "考生编号"})  # fmt: skip
_NAME = frozenset({"candidatename", "name", "fullname", "姓名", "考生姓名"})


@dataclass(slots=True)
class ItemResult:
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
class PersonResults:
    """One assessmentResult: who, which paper, and the last result of each item by its identifier."""

    path: str
    line: int
    number: str = ""
    paper: str = ""
    about: dict[str, str] = field(default_factory=dict)
    results: dict[str, tuple[int, ItemResult]] = field(default_factory=dict)


def _local(node: Any) -> str:
    tag = node.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _children(node: Any, name: str) -> Iterator[Any]:
    return (child for child in node if _local(child) == name)


def _line(node: Any) -> int:
    return int(node.sourceline or 1)


def persons_of(root: Any, name: str, reading: Reading, persons: list[PersonResults], *, alone: bool) -> list[Problem]:
    """Add the persons of a document, and return what is wrong with it."""
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


def _person(node: Any, path: str, reading: Reading) -> PersonResults:
    person = PersonResults(path, _line(node))
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


def _who(context: Any, person: PersonResults, reading: Reading) -> None:
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


def _result(node: Any) -> ItemResult:
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
    return ItemResult(
        _line(node), (node.get("sessionStatus") or "final").strip(), outcomes.get("COMPLETIONSTATUS", ""),
        tuple(values) if any(values) else (), bool(responses), outcomes.get("SCORE", ""), outcomes.get("MAXSCORE", ""),
        (node.get("datestamp") or "").strip(),
    )  # fmt: skip
