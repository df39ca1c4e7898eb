"""The audit as tables: the papers one by one, every measure, every rule, the certificate, the versions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qbank.assemble.lines import Spread, line_name, rule_name, spread
from qbank.assemble.verify import Check
from qbank.core.form import form_digest, form_items
from qbank.report.blocks import Block, Cell, Column, Fact, Facts, Table, Text, shown
from qbank.report.papers.overlap import shared_items
from qbank.report.papers.words import Side, basis, gives_parts
from qbank.report.sitting.words import columns_of


def summary_blocks(side: Side) -> tuple[Block, ...]:
    """Return how alike the papers are at the cut, what that rests on, and the papers one by one."""
    t, audit = side.t, side.audit
    at = audit.measured.at_cut
    held = sum(check.holds for check in audit.checks)
    under = t("under_theta", theta=shown(float(at.theta[0]), "signed", 2))
    facts = [
        Fact("n_papers", t("n_papers"), len(side.forms), "integer"),
        Fact("rules", t("rules_held"), f"{held} / {len(audit.checks)}"),
    ]
    if len(side.forms) > 1:
        score, information = at.expected_score[:, 0], at.information[:, 0]
        apart = float((information.max() - information.min()) / information.mean()) if information.any() else math.nan
        shared = max(n for a, row in enumerate(shared_items(side.forms)) for b, n in enumerate(row) if a != b)
        facts += [
            Fact("score_apart", t("score_apart"), float(score.max() - score.min()), "number", 2, under),
            Fact("information_apart", t("information_apart"), apart, "percent", 2, under),
            Fact("most_shared", t("most_shared"), shared, "integer"),
        ]
        if audit.basis != "calibrated":
            facts.append(Fact("interval", t("interval"), f"±{audit.interval:.1f}", note=t("under_interval")))
    facts.append(Fact("sem", t("sem_at_most" if gives_parts(side) else "sem_at_cut"), float(at.sem[:, 0].mean()), "number", 2, under))
    blocks: list[Block] = [Facts("summary", tuple(facts))]
    blocks.append(Text(basis(side, "basis_text"), "plain" if audit.basis == "calibrated" else "warning"))
    broken = [check for check in audit.checks if not check.holds]
    if broken:
        blocks.append(Text(t("broken", n=len(broken)), "warning"))
    return (*blocks, _papers(side))


def _papers(side: Side) -> Table:
    at, measured = side.audit.measured.at_cut, side.audit.measured
    lines = {name: values for name, values, _ in side.audit.lines}
    specs = [("form", "text", 0), ("items", "integer", 0), ("expected_mean", "number", 2), ("score_at_cut", "number", 2)]
    known = bool(math.isfinite(float(at.score_error.max(initial=0.0))))
    if known:
        specs.append(("score_error", "number", 2))
    specs += [("information_at_cut", "number", 2), ("sem_at_cut", "number", 2), ("cut_ability", "signed", 2),
              ("seconds", "integer", 0), ("calibrated", "integer", 0), ("rules", "text", 0)]  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for n, form in enumerate(side.forms):
        checks = [check for check in side.audit.checks if check.form == form.id]
        row: list[Cell] = [form.id, len(form_items(form)), _value(lines, "expected mean", n), float(at.expected_score[n, 0])]
        if known:
            row.append(1.96 * float(at.score_error[n, 0]))
        row += [
            float(at.information[n, 0]), float(at.sem[n, 0]), float(measured.cut_ability[n]),
            _value(lines, "seconds", n), _value(lines, "calibrated items", n),
            f"{sum(check.holds for check in checks)} / {len(checks)}",
        ]  # fmt: skip
        rows.append(tuple(row))
    columns = columns_of(side.t, *specs)  # type: ignore[arg-type]
    notes = (side.t("note_papers", theta=shown(float(at.theta[0]), "signed", 2)),)
    return Table("papers", side.t("table_papers"), columns, tuple(rows), notes, sortable=side.many)


def _value(lines: dict[str, tuple[float, ...]], name: str, n: int) -> float:
    return lines[name][n] if name in lines else math.nan


def measure_table(side: Side) -> Table:
    """Return the lines of the audit: a column a paper; of many papers their spread, the columns in the data only."""
    rows: list[tuple[Cell, ...]] = []
    for name, values, target in side.audit.lines:
        found = spread(values, target)
        middle: tuple[Cell, ...] = _spread_cells(side, found) if side.many else ()
        title = side.meta.domains.get(name.removeprefix("domain "), "") if name.startswith("domain ") else ""
        rows.append((f"{line_name(name, side.language)} {title}".rstrip(), target, *middle, *values))
    columns = [Column("measure", side.t("col_measure")), Column("standard", side.t("col_standard"), "short")]
    if side.many:
        columns += [Column(name, side.t(f"col_{name}"), "short") for name in ("low", "median", "high")]
        columns.append(Column("furthest", side.t("col_furthest")))
    columns += [Column(form.id, form.id, "short", data_only=side.many) for form in side.forms]
    return Table("measures", side.t("table_measures"), tuple(columns), tuple(rows))


def _spread_cells(side: Side, found: Spread) -> tuple[Cell, ...]:
    furthest = "" if found.furthest is None else side.forms[found.furthest].id
    return (found.low, found.median, found.high, furthest)


def rule_table(side: Side) -> Table:
    """Return a row a rule: what is allowed, what was found from the lowest paper to the highest, on how many it holds."""
    columns = columns_of(
        side.t, ("rule", "prose", 0), ("allowed_low", "short", 0), ("allowed_high", "short", 0), ("found_low", "short", 0),
        ("found_high", "short", 0), ("held", "text", 0), ("broken_on", "prose", 0),
    )  # fmt: skip
    by_rule: dict[str, list[Check]] = {}
    for check in side.audit.checks:
        by_rule.setdefault(check.rule, []).append(check)
    rows = tuple(_rule_row(rule_name(rule, side.language), checks) for rule, checks in by_rule.items())
    return Table("rules", side.t("table_rules"), columns, rows, (side.t("note_rules"),))


def _rule_row(rule: str, checks: Sequence[Check]) -> tuple[Cell, ...]:
    found = [check.found for check in checks]
    broken = [check.form for check in checks if not check.holds]
    named = ", ".join(broken[:5]) + (" …" if len(broken) > 5 else "")
    return (
        rule, min(check.low for check in checks), max(check.high for check in checks), min(found), max(found),
        f"{len(checks) - len(broken)} / {len(checks)}", named,
    )  # fmt: skip


def certificate_table(side: Side) -> Table:
    """Return what the solver proved of the papers, one row for those that were made together; of a family, what its code
    proves and what the audit counted."""
    if all(form.certificate.method == "family" for form in side.forms):
        return _family_table(side)
    columns = columns_of(
        side.t, ("papers", "prose", 0), ("objective", "number", 4), ("bound", "number", 4), ("gap", "number", 4),
        ("violations", "integer", 0), ("method", "prose", 0), ("basis", "prose", 0),
    )  # fmt: skip
    groups: dict[object, list[str]] = {}
    for form in side.forms:
        groups.setdefault(form.certificate, []).append(form.id)
    rows = []
    for form in side.forms:
        ids = groups.pop(form.certificate, [])
        if ids:
            c = form.certificate
            named = side.t("list_comma").join(ids[:4]) + (f" … ({len(ids)})" if len(ids) > 4 else "")
            rows.append((named, c.objective, c.bound, c.gap, len(c.violations), c.method, side.t(f"word_{c.basis}")))
    return Table("certificate", side.t("table_certificate"), columns, tuple(rows), (side.t("note_certificate"),))


def _family_table(side: Side) -> Table:
    columns = columns_of(
        side.t, ("papers", "prose", 0), ("overlap_proven", "integer", 0), ("overlap_found", "integer", 0),
        ("held", "text", 0), ("violations", "integer", 0), ("basis", "prose", 0),
    )  # fmt: skip
    ids = [form.id for form in side.forms]
    named = side.t("list_comma").join(ids[:4]) + (f" … ({len(ids)})" if len(ids) > 4 else "")
    most = max((n for row, shared in enumerate(shared_items(side.forms)) for n in shared[row + 1 :]), default=math.nan)
    checks, first = side.audit.checks, side.forms[0]
    held = sum(check.holds for check in checks)
    proven = first.family.overlap if first.family is not None else math.nan
    row: tuple[Cell, ...] = (
        named, proven, most, f"{held:,} / {len(checks):,}", len(checks) - held, side.t(f"word_{first.certificate.basis}"),
    )  # fmt: skip
    return Table("certificate", side.t("table_family_certificate"), columns, (row,), (side.t("note_family_certificate"),))


def version_table(side: Side) -> Table:
    """Return digests of the papers and of all that they rest on."""
    columns = columns_of(side.t, ("what", "text", 0), ("name", "text", 0), ("version", "text", 0))
    rows = tuple((side.t("paper"), form.id, form_digest(form)) for form in side.forms)
    named = tuple((side.t(f"what_{what}"), name, version) for what, name, version in side.meta.versions)
    return Table("versions", side.t("table_versions"), columns, (*named, *rows))
