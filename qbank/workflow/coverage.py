"""coverage: the bank against its standard, what papers use, and the writing commission as tables and stubs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from qbank.core.bank import Bank, settle
from qbank.core.blueprint import Blueprint
from qbank.files.bank import read_bank, shown_path
from qbank.files.blueprint import read_blueprint
from qbank.files.disk import write_text
from qbank.files.tables import Cell, write_csv, write_xlsx
from qbank.kinds.skeleton import item_skeleton
from qbank.lint.coverage import USUAL_PAPER, Coverage, Order, coverage, levels_with_items
from qbank.lint.graph import Prerequisites, prerequisite_findings, prerequisites
from qbank.lint.plan import Part
from qbank.messages import Language, text
from qbank.problem import Problem, Span, error, has_errors
from qbank.report.graph import GRAPHS
from qbank.workflow.new_item import next_id

USUAL_FORMS = 2


@dataclass(frozen=True, slots=True)
class Covered:
    """A bank and how it covers its standard, level by level; ``declared`` holds every id in its files."""

    bank: Bank
    declared: frozenset[str]
    levels: tuple[Coverage, ...]
    prerequisites: Prerequisites


def cover(
    root: Path, *, level: int | None = None, n_forms: int | None = None, blueprint: Path | None = None,
    premium: bool | None = None,
) -> tuple[Covered | None, list[Problem]]:  # fmt: skip
    """Return the coverage of a bank at one level or at all that have items; nothing where its files have errors."""
    if not root.is_dir():
        return None, [error("B004", Span(shown_path(root)))]
    source, problems = read_bank(root)
    plan: Blueprint | None = None
    if blueprint is not None:
        plan, wrong = read_blueprint(blueprint)
        problems += wrong
    problems = [problem for problem in problems if problem.severity == "error"]
    if source.bank is None or has_errors(problems):
        return None, problems
    bank = settle(source.bank)
    asked = level if level is not None else plan.level if plan else None
    if asked is not None and asked not in bank.standard.levels:
        listed = ", ".join(map(str, bank.standard.levels))
        return None, [error("G102", bank.standard.span, level=asked, levels=listed)]
    if plan and plan.level != asked:
        return None, [error("G103", plan.span, level=plan.level, asked=asked)]
    parts = tuple(Part(entry.kind, entry.items, entry.marks_each) for entry in plan.sections) if plan else USUAL_PAPER
    n = n_forms or (plan.n_forms if plan else USUAL_FORMS)
    levels = [asked] if asked is not None else levels_with_items(bank)
    found = tuple(coverage(bank, one, n_forms=n, parts=parts, premium=premium or None) for one in levels)
    graph = prerequisites(bank.standard)
    for one in levels:
        problems += [entry for entry in prerequisite_findings(bank, graph, one) if entry not in problems]
    return Covered(bank, source.declared, found, graph), problems


def write_graph(covered: Covered, path: Path, language: Language) -> list[Problem]:
    """Draw the prerequisites of the standard in the manner that the file's ending names."""
    draw = GRAPHS.get(path.suffix.lower())
    if draw is None:
        return [error("G108", Span(shown_path(path)), allowed=", ".join(GRAPHS))]
    title = text(language, "cli.graph.title", bank=covered.bank.title)
    write_text(path, draw(covered.bank.standard, title, language))
    return []


def commission(covered: Covered) -> list[tuple[int, Order]]:
    """Return all orders with their levels."""
    return [(found.level, order) for found in covered.levels for order in found.orders]


def commission_table(covered: Covered, language: Language) -> tuple[list[str], list[list[Cell]]]:
    """Return header and rows of the writing commission."""
    names = ("level", "domain", "domain_title", "competency", "competency_title", "importance", "kind", "grade",
             "count", "live", "prepared")  # fmt: skip
    standard = covered.bank.standard
    titles = {domain.code: domain.title for domain in standard.domains}
    rows: list[list[Cell]] = []
    for found in covered.levels:
        for order in found.orders:
            point = standard.competencies.get(order.competency)
            live, prepared = found.points.get(order.competency, (0, 0))
            rows.append([
                found.level, order.domain, titles.get(order.domain, ""), order.competency, point.title if point else "",
                point.importance if point else "", kind_word(order.kind, language), order.grade, order.n, live, prepared,
            ])  # fmt: skip
    return [text(language, f"cli.coverage.{name}") for name in names], rows


def kind_word(kind: str, language: Language) -> str:
    """Return the word for a kind of item."""
    return text(language, f"cli.coverage.kind.{kind}")


def write_commission(covered: Covered, path: Path, language: Language) -> None:
    """Write the commission as XLSX where the file is called so, else as CSV."""
    header, rows = commission_table(covered, language)
    if path.suffix.lower() == ".xlsx":
        write_xlsx(path, text(language, "cli.coverage.sheet"), header, rows)
    else:
        write_csv(path, header, rows)


def write_stubs(covered: Covered, path: Path) -> tuple[int, list[Problem]]:
    """Write a stub for each item of the commission and return how many; a file that exists is left alone."""
    if path.exists():
        return 0, [error("G104", Span(shown_path(path)))]
    stubs = stub_texts(covered.bank, covered.declared, commission(covered))
    if stubs:
        head = text(covered.bank.language, "cli.coverage.stubs_head", n=len(stubs))
        write_text(path, f"# {head}\nitems:\n" + "\n".join(stubs))
    return len(stubs), []


def stub_texts(bank: Bank, declared: Collection[str], orders: Sequence[tuple[int, Order]]) -> list[str]:
    """Return the stub of every ordered item as an entry of ``items:``, ids going on in the bank's own pattern."""
    taken = {*declared}
    stubs: list[str] = []
    for level, order in orders:
        point = bank.standard.competencies.get(order.competency)
        for _ in range(order.n if point else 0):
            id = next_id(bank, taken, order.competency, level)
            taken.add(id)
            stubs.append(
                item_skeleton(
                    order.kind, bank.language, id=id, competency=order.competency, title=point.title if point else "",
                    level=level, grade=order.grade,
                )
            )
    return stubs
