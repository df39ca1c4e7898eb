"""blueprints/*.yaml → `Blueprint`; the words under ``constraints:`` are checked by the table that owns them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from qbank.core.authored import Authored, FilledText, Many, WrittenText
from qbank.core.blueprint import Blueprint, Order, Purpose, Rule, Section
from qbank.core.item import digest
from qbank.core.ranking import By, First, RankingRule, TieRule
from qbank.files.bank import shown_path
from qbank.files.disk import read_text
from qbank.files.items import Marks
from qbank.files.shape import did_you_mean, kind_of, shape
from qbank.files.standard import Code, Level
from qbank.files.unseen import unseen_characters
from qbank.files.yaml_text import Mapping, Node, Sequence, locate, parse_yaml, plain
from qbank.kinds import KINDS
from qbank.problem import Problem, Span, error

MAX_NODES = 2000
MAX_VERSIONS = 8
MAX_TIES = 12
MAX_AWARDS = 9


class SectionText(Authored):
    """One entry of ``sections:``."""

    title: FilledText
    kind: str
    items: Annotated[int, Field(ge=1, le=1000)]
    marks_each: Marks
    where: WrittenText = "True"
    instruction: WrittenText = ""


class WeightsText(Authored):
    """``weights:``: the standard's, or marks by domain in a table; and how far a paper may stray, in marks."""

    source: Annotated[Literal["standard", "table"], Field(alias="from")]
    table: Annotated[dict[Code, Annotated[float, Field(ge=0, le=1000)]], Field(default_factory=dict)]
    tolerance: Annotated[float, Field(ge=0, le=100)] = 1.0


class SolverText(Authored):
    """``solver:``: a node count; there is no time limit on purpose."""

    max_nodes: Annotated[int, Field(ge=1)] = MAX_NODES


class TieText(Authored):
    """One entry of ``ranking: ties:``: marks of the items that satisfy an expression, of a section, or a time."""

    marks: FilledText | None = None
    section: FilledText | None = None
    time: FilledText | None = None
    first: First | None = None
    title: WrittenText = ""


class RankingText(Authored):
    """``ranking:``: what is compared where totals are equal, in this order; prizes of each class, best first."""

    ties: Annotated[Many[TieText], Field(max_length=MAX_TIES)] = ()
    awards: Annotated[Many[Annotated[int, Field(ge=1, le=1_000_000)]], Field(max_length=MAX_AWARDS)] = ()


class BlueprintText(Authored):
    """The whole file."""

    blueprint: Code
    title: WrittenText = ""
    bank: FilledText
    purpose: Purpose = "exam"
    level: Level
    forms: Annotated[int, Field(ge=1, le=1000)] = 1
    versions: Annotated[int, Field(ge=1, le=MAX_VERSIONS)] = 1
    order: Order | None = None
    minutes: Annotated[int, Field(ge=1, le=1440)]
    marks: Annotated[float, Field(gt=0)]
    cut: Annotated[float, Field(ge=0)]
    seed: Annotated[int, Field(ge=0)] = 1
    sections: Annotated[Many[SectionText], Field(min_length=1)]
    weights: WeightsText | None = None
    constraints: Many[Any] = ()
    objective: Any = None
    solver: SolverText = SolverText()
    ranking: RankingText | None = None
    notices: Many[FilledText] = ()


def read_blueprint(path: Path) -> tuple[Blueprint | None, list[Problem]]:
    """Return the blueprint, or nothing and what is wrong with its text."""
    shown = shown_path(path)
    source, problems = read_text(path, shown)
    if source is None:
        return None, problems
    node, problems = parse_yaml(source, shown)
    if node is None:
        return None, problems
    problems += unseen_characters(node, source, shown)
    text, wrong = shape(BlueprintText, node, shown)
    rules, more = _rules(node, shown)
    problems += wrong + more
    if text is None:
        return None, problems
    problems += _sections_and_marks(text, node, shown) + _ranking_problems(text, node, shown)
    return Blueprint(
        name=text.blueprint, title=text.title, bank=text.bank, level=text.level, n_forms=text.forms,
        minutes=text.minutes, marks=text.marks, cut=text.cut, seed=text.seed,
        sections=tuple(
            Section(
                entry.title, entry.kind, entry.items, entry.marks_each, entry.instruction,
                Span(shown, *locate(node, ("sections", index))), entry.where,
                partial(_place, node, shown, "sections", index),
            )
            for index, entry in enumerate(text.sections)
        ),
        weights_tolerance=text.weights.tolerance if text.weights else None,
        rules=rules,
        objective=_objective(node, shown),
        max_nodes=text.solver.max_nodes,
        weights_table=tuple((code, float(marks)) for code, marks in text.weights.table.items()) if text.weights else (),
        notices=text.notices, digest=digest(source), span=Span(shown, 1, 1), purpose=text.purpose,
        place=partial(_place, node, shown),
        order=text.order, versions=text.versions, ranking=_ranking(text),
    ), problems  # fmt: skip


BY: Final[tuple[By, ...]] = ("marks", "section", "time")
"""The keys of a tie-break, of which each has one."""


def _ranking(text: BlueprintText) -> RankingRule | None:
    """Return the rule of ranking; of a competition without one, that equal totals share a rank."""
    if text.ranking is None:
        return RankingRule() if text.purpose == "competition" else None
    ties = [
        TieRule(by, value, tie.first or ("lower" if by == "time" else "higher"), tie.title, at)
        for at, tie in enumerate(text.ranking.ties)
        for by in BY
        if (value := getattr(tie, by)) is not None
    ]
    return RankingRule(tuple(ties), tuple(int(n) for n in text.ranking.awards))


def _ranking_problems(text: BlueprintText, node: Node, path: str) -> list[Problem]:
    """Return the tie-breaks that say nothing, or two things, or name no section, and ranks for nobody."""
    if text.ranking is None:
        return []
    problems: list[Problem] = []
    if text.purpose == "practice":
        problems.append(error("P191", Span(path, *locate(node, ("ranking",), key=True))))
    titles = [section.title for section in text.sections]
    for at, tie in enumerate(text.ranking.ties):
        said = [by for by in BY if getattr(tie, by) is not None]
        if len(said) != 1:
            problems.append(error("P190", Span(path, *locate(node, ("ranking", "ties", at))), allowed=", ".join(BY), found=", ".join(said)))
        elif tie.section is not None and tie.section not in titles:
            span = Span(path, *locate(node, ("ranking", "ties", at, "section")))
            problems.append(error("P110", span, section=tie.section, sections=", ".join(titles)))
    return problems


def _rules(node: Node, path: str) -> tuple[tuple[Rule, ...], list[Problem]]:
    entries = node.entries.get("constraints") if isinstance(node, Mapping) else None
    if not isinstance(entries, Sequence):
        return (), []
    rules: list[Rule] = []
    problems: list[Problem] = []
    for entry in entries.entries:
        span = Span(path, entry.line, entry.column)
        if not isinstance(entry, Mapping) or len(entry.entries) != 1:
            problems.append(error("P102", span, found=kind_of(entry)))
            continue
        ((word, value),) = entry.entries.items()
        rules.append(Rule(word, plain(value), Span(path, *entry.keys[word]), partial(_place, value, path)))
    return tuple(rules), problems


def _objective(node: Node, path: str) -> Rule | None:
    value = node.entries.get("objective") if isinstance(node, Mapping) else None
    if value is None or not isinstance(node, Mapping):
        return None
    return Rule("objective", plain(value), Span(path, *node.keys["objective"]), partial(_place, value, path))


def _place(node: Node, path: str, *steps: int | str, key: bool = False, inside: bool = False) -> Span:
    return Span(path, *locate(node, steps, key=key, inside=inside))


def _sections_and_marks(text: BlueprintText, node: Node, path: str) -> list[Problem]:
    problems: list[Problem] = []
    if text.weights and (text.weights.source == "table") != bool(text.weights.table):
        problems.append(error("P133", Span(path, *locate(node, ("weights", "from"))), source=text.weights.source))
    for index, section in enumerate(text.sections):
        if section.kind not in KINDS:
            span = Span(path, *locate(node, ("sections", index, "kind")))
            suggestion = did_you_mean(section.kind, KINDS)
            problems.append(
                error("S105", span, key="kind", found=section.kind, allowed=", ".join(KINDS), suggestion=suggestion)
            )
    total = sum(section.items * section.marks_each for section in text.sections)
    if abs(total - text.marks) > 1e-9:
        span = Span(path, *locate(node, ("marks",)))
        problems.append(error("P103", span, marks=f"{text.marks:g}", total=f"{total:g}"))
    if text.cut > text.marks:
        span = Span(path, *locate(node, ("cut",)))
        problems.append(error("P104", span, cut=f"{text.cut:g}", marks=f"{text.marks:g}"))
    return problems
