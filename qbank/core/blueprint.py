"""The blueprint (组卷计划书): what a paper must be, before any rule is compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from qbank.core.ranking import RankingRule
from qbank.problem import Span

Purpose = Literal["exam", "practice", "competition"]
Order = Literal["domain", "grade", "facility", "random"]


@dataclass(frozen=True, slots=True)
class Section:
    """``items`` questions of one kind at ``marks_each``; ``instruction`` replaces the customary sentence.

    where : an expression that its items satisfy ; place : the span of a key of its text
    """

    title: str
    kind: str
    items: int
    marks_each: float
    instruction: str
    span: Span
    where: str = "True"
    place: Callable[..., Span] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One constraint as written: the word, its plain value, where it stands, and where its parts stand."""

    word: str
    value: Any
    span: Span
    place: Callable[..., Span]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """The plan of one family of parallel papers.

    weights_tolerance : marks by which a domain may differ from its weight, or None: no weights asked ; weights_table :
    (domain, marks) where the blueprint has weights of its own instead of the standard's ;
    order : by what questions follow each other within a section; None: by domain, and versions are free of it ;
    versions : how many of each paper are printed, with questions and options in another order ;
    max_nodes : branch-and-bound nodes after which the solver stops (never the clock) ; purpose : an ``exam`` draws
    live items only, ``practice`` released ones only, a ``competition`` as an exam does, and its results have ranks ; ranking : by which
    rule, None where nobody is ranked ; place : the span of a key of the text ; objective : as written,
    None for the usual one
    """

    name: str
    title: str
    bank: str
    level: int
    n_forms: int
    minutes: int
    marks: float
    cut: float
    seed: int
    sections: tuple[Section, ...]
    weights_tolerance: float | None
    rules: tuple[Rule, ...]
    objective: Rule | None
    max_nodes: int
    notices: tuple[str, ...]
    digest: str
    span: Span
    purpose: Purpose = "exam"
    weights_table: tuple[tuple[str, float], ...] = ()
    order: Order | None = None
    versions: int = 1
    ranking: RankingRule | None = None
    place: Callable[..., Span] | None = None
