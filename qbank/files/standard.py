"""standard.yaml → `Standard`: domains flattened with their paths, competencies by code."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from qbank.core.authored import Authored, FilledText, Many, WrittenText
from qbank.core.standard import Competency, Domain, Importance, Occupation, Standard
from qbank.files.shape import shape
from qbank.files.yaml_text import Node, locate
from qbank.problem import Problem, Span, error

MAX_DOMAIN_DEPTH = 6
Level = Annotated[int, Field(ge=1, le=5)]
LevelWord = Literal["1", "2", "3", "4", "5"]
Code = Annotated[WrittenText, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]


class OccupationText(Authored):
    """The ``occupation:`` entry."""

    code: Code
    title: FilledText
    trade: WrittenText = ""
    edition: WrittenText = ""
    aliases: Many[WrittenText] = ()


class CompetencyText(Authored):
    """One entry of ``competencies:``."""

    code: Code
    title: FilledText
    importance: Importance = "X"
    levels: Annotated[Many[Level], Field(min_length=1)]
    requires: Many[WrittenText] = ()


class DomainText(Authored):
    """One entry of ``domains:``; a node holds either further domains or competencies."""

    code: Code
    title: FilledText
    weight: dict[LevelWord, Annotated[float, Field(ge=0, le=100)]] = Field(default_factory=dict)
    domains: Many[DomainText] = ()
    competencies: Many[CompetencyText] = ()


class StandardText(Authored):
    """The whole file."""

    occupation: OccupationText
    official: bool
    levels: Annotated[Many[Level], Field(min_length=1)]
    domains: Annotated[Many[DomainText], Field(min_length=1)]


class _Flat:
    """The tree on its way to two flat tables."""

    def __init__(self, node: Node, path: str) -> None:
        self.node, self.path = node, path
        self.domains: dict[str, Domain] = {}
        self.competencies: dict[str, Competency] = {}
        self.problems: list[Problem] = []

    def span(self, *steps: int | str, key: bool = False) -> Span:
        return Span(self.path, *locate(self.node, steps, key=key))


def read_standard(node: Node, path: str) -> tuple[Standard | None, list[Problem]]:
    """Return the standard, or nothing and everything that is wrong with its text."""
    text, problems = shape(StandardText, node, path)
    if text is None:
        return None, problems
    flat = _Flat(node, path)
    for index, entry in enumerate(text.domains):
        _add_domain(flat, entry, _root_path(entry.code), ("domains", index))
    occupation = Occupation(
        text.occupation.code, text.occupation.title, text.occupation.trade, text.occupation.edition,
        text.occupation.aliases,
    )  # fmt: skip
    standard = Standard(
        occupation, text.official, text.levels, tuple(flat.domains.values()), flat.competencies, flat.span("domains")
    )
    return standard, flat.problems


def _root_path(code: str) -> tuple[str, ...]:
    """Return the path of a domain that stands at the top of the file: its code's own prefixes.

    >>> _root_path("B-C-C")
    ('B', 'B-C', 'B-C-C')
    """
    parts = code.split("-")
    return tuple("-".join(parts[:depth]) for depth in range(1, len(parts) + 1))


def _add_domain(flat: _Flat, text: DomainText, path: tuple[str, ...], steps: tuple[int | str, ...]) -> None:
    span = flat.span(*steps, "code")
    if text.code in flat.domains:
        first = flat.domains[text.code].span
        flat.problems.append(error("T104", span, code=text.code, line=first.line, related=(first,)))
        return
    if len(path) > MAX_DOMAIN_DEPTH:
        flat.problems.append(error("T107", span, code=text.code, most=MAX_DOMAIN_DEPTH))
    if text.domains and (text.competencies or text.weight):
        which = "competencies" if text.competencies else "weight"
        flat.problems.append(error("T106", flat.span(*steps, which, key=True), code=text.code, key=which))
    weights = {int(level): weight for level, weight in text.weight.items()}
    flat.domains[text.code] = Domain(text.code, text.title, path, weights, not text.domains, span)
    for index, child in enumerate(text.domains):
        _add_domain(flat, child, (*path, child.code), (*steps, "domains", index))
    for index, entry in enumerate(text.competencies):
        place = flat.span(*steps, "competencies", index, "code")
        if entry.code in flat.competencies:
            first = flat.competencies[entry.code].span
            flat.problems.append(error("T104", place, code=entry.code, line=first.line, related=(first,)))
            continue
        flat.competencies[entry.code] = Competency(
            entry.code, entry.title, entry.importance, entry.levels, entry.requires, text.code, place
        )


