"""Scoring rules as people write them: ``scoring:`` in a file, or a file of their own."""

from __future__ import annotations

from pathlib import Path

from qbank.core.scoring_rules import ScoringRules
from qbank.files.paths import read_node, shown_path
from qbank.files.shape import did_you_mean, shape
from qbank.files.yaml_text import Mapping, Node, locate
from qbank.kinds import KINDS
from qbank.kinds.kind import no_other_keys
from qbank.problem import Problem, Span, error


def read_rules(path: Path) -> tuple[ScoringRules | None, list[Problem]]:
    """Return the rules of a file, or nothing and what is wrong with it; they may stand below ``scoring:``."""
    shown = shown_path(path)
    node, problems = read_node(path, shown)
    if node is None:
        return None, problems
    inner: Node = node
    steps: tuple[str, ...] = ()
    if isinstance(node, Mapping) and list(node.entries) == ["scoring"]:
        inner, steps = node.entries["scoring"], ("scoring",)
    rules, wrong = shape(ScoringRules, inner, shown)
    if rules is not None:
        wrong += wrong_penalties(rules, node, steps, shown)
    return (None if wrong else rules), problems + wrong


def wrong_penalties(rules: ScoringRules, node: Node, steps: tuple[str, ...], path: str) -> list[Problem]:
    """Return the kinds that a penalty names and that cannot have one: unknown ones, and those that people mark."""
    known = [word for word, kind in KINDS.items() if kind.keys is not no_other_keys]
    return [
        error(
            "M113", Span(path, *locate(node, (*steps, "penalty", word), key=True)), kind=word, known=", ".join(known),
            suggestion=did_you_mean(word, known),
        )
        for word in rules.penalty
        if word not in known
    ]  # fmt: skip
