"""The whole of assembly: pool → program → solution → papers with a certificate, or the rules that fall short."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.compile import comparison_points, compile_program, marks_per_item, read_rules
from qbank.assemble.constraints import Compiled
from qbank.assemble.layout import Heading, build_form, sections_by_rank
from qbank.assemble.pool import Pool, other_marks, pool_for, vocabulary
from qbank.assemble.program import Program
from qbank.assemble.solve import elastic, solve
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.form import Certificate, Form
from qbank.core.history import NO_HISTORY, History
from qbank.problem import Problem, error, has_errors, warning

STOP_AT = 0.01
"""Marks of expected score by which parallel papers may still differ when the solver stops."""
PASSES = 2
"""The cut's ability depends on the papers: the first pass finds it, the second compares the papers there."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """forms : empty where no paper can be built ; pool : what they were drawn from"""

    forms: tuple[Form, ...]
    pool: Pool


def assemble(
    blueprint: Blueprint, bank: Bank, history: History = NO_HISTORY, *, series: str = "1", as_of: str = "",
    title: str = "", subject: str = "",
) -> tuple[Assembly | None, list[Problem]]:  # fmt: skip
    """Return parallel papers with their certificate, or nothing and the rules that cannot hold.

    as_of : ISO date up to which past use counts ; title, subject : as printed on the papers. The same blueprint,
    bank, history and seed give the same papers in any process.
    """
    rules, problems = read_rules(blueprint, vocabulary(bank))
    if blueprint.level not in bank.standard.levels:
        levels = ", ".join(map(str, bank.standard.levels))
        problems.append(error("P108", blueprint.span, level=blueprint.level, levels=levels))
    if has_errors(problems):
        return None, problems
    pool = pool_for(blueprint, bank, history, past_uses(blueprint, history, as_of))
    if not pool.ids:
        status = "released" if blueprint.purpose == "practice" else "live"
        empty = error("A204", blueprint.span, level=blueprint.level, status=status)
        return None, [*problems, empty, *_of_other_marks(blueprint, bank)]
    shape = (blueprint.n_forms, len(pool.ids))
    chosen: NDArray[np.bool_] | None = None
    for _ in range(PASSES):
        points = comparison_points(blueprint, pool, chosen)
        program = compile_program(blueprint, rules, pool, bank.standard, points)
        solution = solve(program, seed=blueprint.seed, absolute_gap=STOP_AT, max_nodes=blueprint.max_nodes)
        if not solution.values.size:
            short = _shortages(program, blueprint) + _worn_out(pool, rules)
            return None, problems + short + _of_other_marks(blueprint, bank)
        chosen = solution.values[: shape[0] * shape[1]].reshape(shape) > 0.5
    assert chosen is not None
    calibrated = bool(pool.calibrated[chosen.any(axis=0)].all())
    # A difference between papers is never negative; the cost of a single paper, −information, always is.
    bound = max(solution.bound, 0.0) if blueprint.n_forms > 1 else solution.bound
    interval = judgement_interval(pool, chosen, marks_per_item(pool, blueprint))
    certificate = Certificate(
        objective=round(solution.objective, 6), bound=round(bound, 6), gap=round(solution.objective - bound, 6),
        violations=(),
        method=f"HiGHS, one thread, {solution.status}", basis="calibrated" if calibrated else "judged",
        interval=round(interval, 2),
    )  # fmt: skip
    if not calibrated:
        code = "A203" if blueprint.n_forms > 1 else "A207"
        problems.append(warning(code, blueprint.span, interval=f"{interval:.1f}"))
    heading = Heading(series, as_of, title, subject, history.digest)
    forms = tuple(
        build_form(
            blueprint, bank, pool, index, certificate, heading, positions=found,
            sections=sections_by_rank(blueprint, bank, pool, found), scored=np.ones(len(found), dtype=np.bool_),
        )
        for index, found in enumerate(map(np.flatnonzero, chosen))
    )  # fmt: skip
    return Assembly(forms, pool), problems + _mixed_rules(forms, blueprint)


def _mixed_rules(forms: tuple[Form, ...], blueprint: Blueprint) -> list[Problem]:
    """Return the sections in which not every question is credited by the same rule, so that no sentence can say it."""
    problems: dict[str, Problem] = {}
    for form in forms:
        for section, planned in zip(form.sections, blueprint.sections, strict=True):
            rules = sorted({str(entry.marked["credit"]) for entry in section.items if "credit" in entry.marked})
            if len(rules) > 1 and not section.instruction:
                problems.setdefault(section.title, warning("A210", planned.span, title=section.title, rules=", ".join(rules)))
    return list(problems.values())


def judgement_interval(pool: Pool, chosen: NDArray[np.bool_], marks: NDArray[np.float64]) -> float:
    """Return the half-width (95 %) of the difference between two papers' expected marks that is not yet known.

    The facility of every item is uncertain with its own SD; over two papers the variances add:
    ``1.96 √(Σ marks² sd²)``, the largest over all pairs of papers; of a single paper, that of its own expected marks.
    """
    variance = np.sort((chosen * (marks * pool.facility_sd) ** 2).sum(axis=1))[::-1]
    return float(1.96 * np.sqrt(variance[:2].sum()))


def past_uses(blueprint: Blueprint, history: History, as_of: str, *, same_day: bool = True) -> dict[str, int]:
    """Return how often each item was used in the months before a date that the exposure rule looks at.

    same_day : whether sittings of that very day count; an audit after the sitting leaves its own papers out
    """
    months = max((int(r.value.get("within_months", 24)) for r in blueprint.rules
                  if r.word == "exposure" and isinstance(r.value, dict)), default=24)  # fmt: skip
    since = months_before(as_of, months) if as_of else ""
    counts: dict[str, int] = {}
    for use in history.uses:
        if since <= use.date and (not as_of or use.date < as_of or (same_day and use.date == as_of)):
            counts[use.item] = counts.get(use.item, 0) + 1
    return counts


def months_before(date: str, months: int) -> str:
    """Return the ISO date that lies so many months earlier.

    >>> months_before("2026-11-23", 24)
    '2024-11-23'
    """
    year, month, day = (int(part) for part in date.split("-"))
    total = year * 12 + (month - 1) - months
    return f"{total // 12:04d}-{total % 12 + 1:02d}-{day:02d}"


def _shortages(program: Program, blueprint: Blueprint) -> list[Problem]:
    """Return the rules that cannot hold together and by how much each falls short."""
    relaxed = elastic(program)
    answer = solve(relaxed, seed=blueprint.seed, absolute_gap=0.5, max_nodes=200)
    if not answer.values.size:
        return [error("A202", blueprint.span)]
    soft = np.flatnonzero(~program.hard)
    slack = answer.values[program.cost.size :].reshape(2, soft.size)
    short: dict[str, float] = {}
    origin = {program.labels[row]: program.origins[row] for row in soft}
    for row, (below, above) in zip(soft, slack.T, strict=True):
        if below + above > 1e-6:
            short[program.labels[row]] = short.get(program.labels[row], 0.0) + float(below + above)
    return [
        error("A201", origin[label], rule=label, short=f"{amount:g}", forms=blueprint.n_forms)
        for label, amount in sorted(short.items(), key=lambda entry: (-entry[1], entry[0]))
    ]


def _worn_out(pool: Pool, rules: tuple[Compiled, ...]) -> list[Problem]:
    """Return how many items each exposure rule leaves out, where papers cannot be built."""
    uses = pool.columns.numbers["uses"]
    return [
        warning("A208", rule.span, rule=rule.label, n=int((uses >= rule.value.max_uses).sum()), pool=len(pool.ids))
        for rule in rules
        if rule.word == "exposure" and (uses >= rule.value.max_uses).any()
    ]


def _of_other_marks(blueprint: Blueprint, bank: Bank) -> list[Problem]:
    """Return how many items of each kind stay out because their own marks are not those of their section."""
    sections = {section.kind: section for section in blueprint.sections}
    return [
        warning("A209", sections[kind].span, kind=kind, n=n, marks=f"{sections[kind].marks_each:g}")
        for kind, n in other_marks(blueprint, bank).items()
    ]
