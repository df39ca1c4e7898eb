"""What holds for the project's own banks and blueprints, however many items they have: these read banks/, not the corpus."""

from __future__ import annotations

import random
import shutil
from functools import cache
from math import inf
from pathlib import Path

import pytest

from qbank.assemble import goals
from qbank.core.bank import Bank
from qbank.core.chemistry import rewrite_chemistry
from qbank.files.bank import read_bank
from qbank.files.blueprint import read_blueprint
from qbank.kinds import KINDS
from qbank.messages import problem_message
from qbank.problem import Problem, has_errors
from qbank.workflow.bank import check_bank, usable_bank
from qbank.workflow.coverage import cover
from qbank.workflow.export import Selection, export_bank
from qbank.workflow.interchange import ImportOptions, counts, import_file
from qbank.workflow.papers import assemble_papers, bank_root
from qbank.workflow.similar import similar_items
from qbank.workflow.workspace import Workspace
from tests.workflow.places import REPOSITORY

BANKS = sorted(path.parent for path in (REPOSITORY / "banks").glob("*/bank.yaml"))
BLUEPRINTS = sorted((REPOSITORY / "blueprints").glob("*.yaml"))
N_SAMPLE = 30
SEED = 20261126
NATIONAL = {"weights_agree", "points_2_per_weight", "points_total_200", "importance"}
"""what a framework must satisfy at each level that is examined: 权重一致, 点数, X/Y/Z"""

of_each_bank = pytest.mark.parametrize("root", BANKS, ids=lambda root: root.name)


def told(problems: list[Problem]) -> list[str]:
    """Return problems as a person would read them, notes left out."""
    return [f"{problem.span} {problem.code} {problem_message(problem, 'en')}" for problem in problems if problem.severity != "note"]


@cache
def bank_at(root: Path) -> Bank:
    bank, problems = usable_bank(root)
    assert bank is not None, told(problems)
    return bank


@of_each_bank
def test_check_finds_neither_errors_nor_warnings(root: Path) -> None:
    source, problems = check_bank(root)
    assert source.bank is not None and told(problems) == []


@of_each_bank
def test_every_chemical_formula_can_be_set(root: Path) -> None:
    """One that cannot keeps the whole bank from being exported as QTI, be it only in a rationale."""
    refused = []
    for path in sorted(root.rglob("*.yaml")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                rewrite_chemistry(line)
            except ValueError as error:
                refused.append(f"{path.relative_to(root)}:{number}: {error}")
    assert refused == []


@of_each_bank
def test_no_item_is_another_in_other_words(root: Path) -> None:
    found, problems = similar_items(root, threshold=0.5)
    assert found is not None and told(problems) == []
    assert found.pairs == ()


@of_each_bank
def test_the_framework_satisfies_the_national_rules_at_every_level_that_has_items(root: Path) -> None:
    found, problems = cover(root)
    asked_of_all = [problem for problem in problems if problem.code != "G107"]  # some levels hold one paper, not every point
    assert found is not None and told(asked_of_all) == []
    levels = {item.level for item in found.bank.items.values()}
    checks = [(one.level, check) for one in found.levels if one.level in levels for check in one.checks if check.name in NATIONAL]
    assert {level for level, _ in checks} == levels
    assert [(level, check.name, check.figure, check.gaps) for level, check in checks if check.verdict != "ok"] == []


@pytest.mark.parametrize("format", ["qti3", "qti21", "moodle"])
@of_each_bank
def test_a_sample_comes_back_from_an_exchange_format_as_it_was(root: Path, format: str, tmp_path: Path) -> None:
    bank = bank_at(root)
    ids = sorted(id for id in bank.items if format != "moodle" or not bank.items[id].stimulus)  # shared stimuli: test_stimuli
    sample = random.Random(SEED).sample(ids, min(N_SAMPLE, len(ids)))
    done = export_bank(root, format, Selection(where=f"id in {sample}"), tmp_path / "out")
    assert done.path is not None, told(done.problems)
    left = {dict(problem.facts)["id"] for problem in done.problems if problem.code == "I202"}
    assert done.n_items + len(left) == len(sample)
    assert format == "moodle" or left <= {id for id in sample if bank.items[id].template}
    assert counts(import_file(done.path, root, ImportOptions(), dry=True)) == {
        "new": 0, "updated": 0, "unchanged": done.n_items, "refused": 0,
    }  # fmt: skip
    fresh = tmp_path / root.name
    shutil.copytree(root, fresh, ignore=shutil.ignore_patterns("items", "media"))
    plan = import_file(done.path, fresh, ImportOptions(), dry=False)
    assert not has_errors(plan.problems), told(plan.problems)
    source, problems = read_bank(fresh)
    assert source.bank is not None and {problem.code for problem in problems if problem.severity == "error"} <= {"Q111"}  # enemies left behind
    assert dict(source.bank.fingerprints) == {id: bank.fingerprints[id] for id in sample if id not in left}


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_a_blueprint_is_sound_and_its_papers_can_be_built(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(goals, "STOP_AT", inf)  # any papers that break no rule will do, however unlike each other
    blueprint, problems = read_blueprint(path)
    assert blueprint is not None and told(problems) == []
    assert bank_root(blueprint, path).resolve() in BANKS
    workspace = Workspace(REPOSITORY, "en", str(tmp_path / "ledger.db"))
    made, problems = assemble_papers(path, workspace, as_of="2026-11-26", into=tmp_path / "forms")
    assert made is not None and not has_errors(problems), told(problems)
    assert len(made.forms) >= blueprint.n_forms


def test_together_they_show_every_kind_of_item() -> None:
    assert {item.kind for root in BANKS for item in bank_at(root).items.values()} == set(KINDS)
