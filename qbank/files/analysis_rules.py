"""Thresholds that contradict each other, at their place in the file."""

from __future__ import annotations

from qbank.core.analysis_rules import AnalysisRules, contradictions
from qbank.files.yaml_text import Node, locate
from qbank.problem import Problem, Span, error


def wrong_thresholds(rules: AnalysisRules, node: Node, steps: tuple[str, ...], path: str) -> list[Problem]:
    """Return an error for each pair in the wrong order, at the key that is written, of two the one that must be less.

    Where one of the two is not written its usual value counts, and the message says so.
    """
    problems = []
    for group, less, more in contradictions(rules):
        holder = getattr(rules, group)
        written = less if less in holder.model_fields_set else more
        other = more if written == less else less
        problems.append(
            error(
                "S111" if written == less else "S112", Span(path, *locate(node, (*steps, group, written))), key=written,
                found=_number(getattr(holder, written)), other=other, limit=_number(getattr(holder, other)),
                said="written" if other in holder.model_fields_set else "usual",
            )
        )  # fmt: skip
    return problems


def _number(value: float) -> str:
    return f"{value:g}"
