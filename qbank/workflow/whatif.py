"""capacity, why: what a bank supports, and why an item is on a paper or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qbank.assemble.capacity import Capacity, capacity
from qbank.assemble.setting import Setting, make_setting
from qbank.assemble.sittings import Policy, play_policy
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.files.blueprint import read_blueprint
from qbank.files.tables import Cell as TableCell
from qbank.files.tables import write_csv
from qbank.messages import Language, text
from qbank.problem import Problem, has_errors
from qbank.workflow.bank import history_of, usable_bank
from qbank.workflow.papers import bank_root
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Supported:
    """What a bank supports by a blueprint: papers now, sittings to come."""

    setting: Setting
    capacity: Capacity
    policy: Policy


def count_papers(
    path: Path, workspace: Workspace, *, as_of: str, overlap: int = 0, most: int, every: int
) -> tuple[Supported | None, list[Problem]]:
    """Return how many papers and sittings the bank supports, or nothing and what is wrong with the blueprint."""
    setting, problems = _setting_of(path, workspace, as_of)
    if setting is None:
        return None, problems
    return Supported(setting, capacity(setting, overlap=overlap, most=most), play_policy(setting, every=every)), problems


def _setting_of(path: Path, workspace: Workspace, as_of: str) -> tuple[Setting | None, list[Problem]]:
    blueprint, bank, problems = _read(path)
    if blueprint is None or bank is None:
        return None, problems
    setting, wrong = make_setting(blueprint, bank, history_of(workspace), as_of=as_of)
    return (None if has_errors(problems) else setting), problems + wrong


def _read(path: Path) -> tuple[Blueprint | None, Bank | None, list[Problem]]:
    blueprint, problems = read_blueprint(path)
    if blueprint is None:
        return None, None, problems
    bank, wrong = usable_bank(bank_root(blueprint, path))
    return blueprint, bank, problems + wrong


def write_cells(found: Supported, path: Path, language: Language) -> None:
    """Write the cells with what they allow as CSV."""
    names = ("section", "domain", "domain_title", "grade", "have", "least", "used", "papers")
    titles = {domain.code: domain.title for domain in found.setting.bank.standard.domains}
    rows: list[list[TableCell]] = [
        [
            cell.section, cell.domain, titles.get(cell.domain, ""), cell.grade or None, cell.have, cell.least, cell.used,
            None if cell.papers < 0 else cell.papers,
        ]
        for cell in found.capacity.cells
    ]  # fmt: skip
    write_csv(path, [text(language, f"cli.capacity.{name}") for name in names], rows)
