"""The report of a family: papers drawn from its file, compared by the statistics of today; no secret is needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qbank import __version__
from qbank.assemble.family.comparability import comparability
from qbank.assemble.family.papers import papers_of_family
from qbank.assemble.family.sampling import Sample, sample_papers
from qbank.assemble.family.showing import shared_items, shown_items
from qbank.assemble.pool import Pool, basis_of, make_pool
from qbank.core.blueprint import Blueprint
from qbank.core.family import Family, gathered
from qbank.files.blueprint import read_blueprint
from qbank.files.disk import write_bytes
from qbank.files.family import ENDING, family_digest, read_family
from qbank.files.paths import shown_path
from qbank.messages import Language
from qbank.problem import Problem, Span, error, has_errors
from qbank.report.blocks import Report
from qbank.report.export import csv_text, to_json
from qbank.report.family import FamilyFacts, family_data, family_report
from qbank.report.html import to_html
from qbank.report.pdf import to_pdf
from qbank.workflow.bank import history_of, usable_bank
from qbank.workflow.family import family_pool, unusable_items
from qbank.workflow.paper_files import blueprint_named
from qbank.workflow.papers import bank_root
from qbank.workflow.workspace import Workspace

COMPARED = 2_000
"""Papers whose curves and verdicts are compared."""
SHOWN = 100_000
"""Papers that tell how often each item is shown."""
NO_SECRET = bytes(32)
"""Stands for the secret where no paper is named by its number."""


@dataclass(frozen=True, slots=True)
class FamilyReported:
    """A family with what was found about its papers, and its report."""

    family: Family
    facts: FamilyFacts
    report: Report


def report_family(path: Path, workspace: Workspace, language: Language, *, compared: int = COMPARED) -> tuple[FamilyReported | None, list[Problem]]:
    """Return the report of a family file, or nothing and why: edited, of another blueprint or bank by now.

    Items that may no longer stand on a paper are left out, and so are the papers that show them.
    """
    family, problems = read_family(path)
    if family is None:
        return None, problems
    span = Span(shown_path(path))
    source = blueprint_named(family.blueprint, workspace)
    if source is None:
        return None, [*problems, error("F106", span, blueprint=family.blueprint)]
    blueprint, wrong = read_blueprint(source)
    problems += wrong
    if blueprint is None or has_errors(problems):
        return None, problems
    if blueprint.digest != family.blueprint_digest:
        problems.append(error("F606", blueprint.span, family=family.id))
    bank, wrong = usable_bank(bank_root(blueprint, source))
    problems += wrong
    if bank is None or has_errors(problems):
        return None, problems
    history = history_of(workspace, bank.name)
    unusable, wrong = unusable_items(family, bank, history, blueprint, span)
    problems += wrong
    digest = family_digest(family)
    papers = papers_of_family(family, digest, NO_SECRET, unusable)
    sample = sample_papers(papers.code, papers.translation, papers.sieve, SHOWN, family.seed)
    if not len(sample.words):
        return None, [*problems, error("F611", span, family=family.id)]
    pool = family_pool(family, bank, blueprint, history)
    kinds = frozenset(section.kind for section in blueprint.sections)
    eligible = make_pool(bank, history, level=blueprint.level, kinds=kinds, uses={})
    versions = (
        ("family", family.id, digest), ("blueprint", blueprint.name, blueprint.digest), ("bank", bank.name, bank.digest),
        ("statistics", family.as_of, history.digest), ("program", "qbank", __version__),
    )  # fmt: skip
    facts = _facts(family, blueprint, pool, sample, len(set(eligible.ids) | set(pool.ids)), versions, frozenset(unusable), compared)
    return FamilyReported(family, facts, family_report(facts, language)), problems


def _facts(
    family: Family, blueprint: Blueprint, pool: Pool, sample: Sample, n_eligible: int,
    versions: tuple[tuple[str, str, str], ...], unusable: frozenset[str], compared: int,
) -> FamilyFacts:  # fmt: skip
    position = {id: place for place, id in enumerate(pool.ids)}
    slots = [np.array([position.get(id, -1) for id in slot.ids], dtype=np.int64).reshape(-1, slot.size) for slot in family.slots]
    items = np.hstack([table[sample.words[:, slot]] for slot, table in enumerate(slots)])
    used = np.array(sorted(position[id] for slot in family.slots for id in slot.ids if id and id not in unusable))
    marks = np.array([blueprint.sections[slot.section].marks_each for slot in family.slots for _ in range(slot.size)], dtype=np.float64)
    chosen = np.sort(np.random.default_rng([family.seed, 6]).permutation(len(items))[:compared])
    shown = shown_items(items, used, every=sample.every)
    there = np.zeros(len(pool.ids), dtype=np.bool_)
    there[used] = True
    tried = (*(rule.label for rule in family.rules), *dict.fromkeys(pair.label for pair in family.apart))
    size, code = family.size, family.code
    return FamilyFacts(
        name=family.id, title=family.title, length=family.length, order=code.order, places=len(family.slots), agree=code.overlap,
        proof=code.proof, overlap=family.overlap, words=size.words, papers=size.papers, low=size.low, high=size.high,
        most=size.most, n_eligible=n_eligible, proven=gathered(family.proven), tried=gathered(tried), basis=basis_of(pool, there),
        answers=family.answers, pilot=family.pilot,
        comparability=comparability(pool, items[chosen], marks, blueprint.cut), shown=shown,
        ids=tuple(pool.ids[item] for item in shown.items), shared=shared_items(items, seed=family.seed), versions=versions,
    )  # fmt: skip


def write_family_report(found: FamilyReported, path: Path, folder: Path | None, language: Language) -> tuple[Path, ...]:
    """Write page, PDF, JSON, and the curves and exposures as CSV; beside the family file unless a folder is given."""
    into = path.parent if folder is None else folder
    base = path.name.removesuffix(ENDING) if path.name.endswith(ENDING) else path.stem
    made = {
        f"{base}-report.html": to_html(found.report).encode(), f"{base}-report.pdf": to_pdf(found.report),
        f"{base}-report.json": to_json(found.report).encode(),
    }  # fmt: skip
    made |= {f"{base}-{table.name}.csv": csv_text(table).encode("utf-8-sig") for table in family_data(found.facts, language)}
    for name, content in made.items():
        write_bytes(into / name, content)
    return tuple(into / name for name in made)
