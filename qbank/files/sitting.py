"""sitting.yaml: which papers, when, where, and by which design they were given out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field

from qbank.core.authored import Authored, Many, WrittenText
from qbank.core.scoring_rules import ScoringRules
from qbank.files.bank import read_node, shown_path
from qbank.files.scoring_rules import wrong_penalties
from qbank.files.shape import shape
from qbank.files.standard import Code
from qbank.problem import Problem

SITTING_FILE = "sitting.yaml"


class SittingText(Authored):
    """The whole file; what the command line says wins over it.

    aliases : what stands in the answers for a paper → its id ; mapping : the file beside it that says how the answers
    are read ; scoring : how answers are marked, as the rules of scoring have it
    """

    sitting: Code | None = None
    date: Annotated[WrittenText, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    place: WrittenText = ""
    design: Literal["spiralled", "anchor", "none"] = "none"
    cut: Annotated[float, Field(ge=0)] | None = None
    forms: Many[WrittenText] = ()
    aliases: dict[WrittenText, WrittenText] = Field(default_factory=dict)
    mapping: WrittenText = ""
    scoring: ScoringRules | None = None


def read_sitting_text(path: Path) -> tuple[SittingText | None, list[Problem]]:
    """Return the declaration, or nothing and what is wrong with it."""
    shown = shown_path(path)
    node, problems = read_node(path, shown)
    if node is None:
        return None, problems
    text, wrong = shape(SittingText, node, shown)
    if text is not None and text.scoring is not None:
        wrong += wrong_penalties(text.scoring, node, ("scoring",), shown)
    return text, problems + wrong


def sitting_text(*, sitting: str, date: str, place: str, design: str, forms: tuple[str, ...]) -> str:
    """Return a sitting.yaml."""
    head = {"sitting": sitting, "date": date, "place": place, "design": design, "forms": list(forms)}
    return yaml.safe_dump(head, allow_unicode=True, sort_keys=False)
