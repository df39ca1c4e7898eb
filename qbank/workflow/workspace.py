"""The folder that work happens in: settings, ledger, papers."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from qbank.core.analysis_rules import AnalysisRules
from qbank.core.authored import Authored, WrittenText
from qbank.core.print_rules import PrintRules
from qbank.core.scoring_rules import ScoringRules
from qbank.files.bank import read_node, shown_path
from qbank.files.shape import shape
from qbank.messages import Language, locale_language
from qbank.problem import Problem

if TYPE_CHECKING:
    from qbank.ledger import Ledger

SETTINGS_FILE = "qbank.yaml"
DATABASE_VARIABLE = "QBANK_DATABASE"
"""Names the ledger instead of qbank.yaml: a URL with its password need not stand in a file."""


class WorkspaceText(Authored):
    """qbank.yaml."""

    workspace: WrittenText = ""
    language: Literal["zh", "en"] | None = None
    database: WrittenText = ""
    scoring: ScoringRules | None = None
    analysis: AnalysisRules | None = None
    print: PrintRules | None = None


@dataclass(frozen=True, slots=True)
class Workspace:
    """root : where qbank.yaml stands, or the working directory ; database : path or URL ; scoring, analysis,
    print : what qbank.yaml says of them"""

    root: Path
    language: Language
    database: str
    scoring: ScoringRules = field(default_factory=ScoringRules)
    analysis: AnalysisRules = field(default_factory=AnalysisRules)
    print: PrintRules = field(default_factory=PrintRules)

    @property
    def forms(self) -> Path:
        """Return the folder of all papers."""
        return self.root / "forms"

    def open(self, *, who: str = "") -> Ledger:
        """Return the ledger, made where it is missing; ``who`` acts, or the user of the system."""
        from qbank.ledger import open_ledger  # loads for a fifth of a second

        return open_ledger(self.database, who=who)

    def has_ledger(self) -> bool:
        """Return whether a ledger exists already."""
        return "://" in self.database or Path(self.database).exists()


def find_workspace(start: Path, language: Language | None = None) -> tuple[Workspace, list[Problem]]:
    """Return the workspace around a folder: the nearest qbank.yaml upwards, or the folder itself.

    The ledger is what the environment's QBANK_DATABASE says, else ``database`` of qbank.yaml, else ``ledger.db``; a path
    is relative to the workspace.
    """
    root = next((folder for folder in (start, *start.parents) if (folder / SETTINGS_FILE).is_file()), None)
    settings = WorkspaceText()
    problems: list[Problem] = []
    if root is not None:
        path = root / SETTINGS_FILE
        node, problems = read_node(path, shown_path(path))
        if node is not None:
            found, wrong = shape(WorkspaceText, node, shown_path(path))
            settings, problems = found or settings, problems + wrong
            if settings.scoring is not None and settings.scoring.penalty:
                from qbank.files.scoring_rules import (
                    wrong_penalties,  # knows all kinds of items, which takes a while
                )

                problems += wrong_penalties(settings.scoring, node, ("scoring",), shown_path(path))
            if settings.analysis is not None:
                from qbank.files.analysis_rules import wrong_thresholds

                problems += wrong_thresholds(settings.analysis, node, ("analysis",), shown_path(path))
    root = root or start
    database = os.environ.get(DATABASE_VARIABLE) or settings.database or "ledger.db"
    if "://" not in database:
        database = str(root / database)
    rules = settings.scoring or ScoringRules()
    return Workspace(root, language or settings.language or locale_language(), database, rules, settings.analysis or AnalysisRules(), settings.print or PrintRules()), problems
