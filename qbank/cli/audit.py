"""audit: finished papers counted again, side by side, as a table and as a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qbank.assemble.lines import MANY, line_name, spread
from qbank.cli.certificate import certificate_lines, certificate_record
from qbank.cli.output import HelpCommand, common, finish, here, shown, table, working
from qbank.messages import Language, text
from qbank.workflow.papers import audit_papers

if TYPE_CHECKING:
    from qbank.assemble import Audit

FILE = click.Path(path_type=Path)
FORMATS = (".html", ".pdf", ".svg", ".png", ".json", ".csv")


def report_file(_ctx: click.Context, _param: click.Parameter, values: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return the files as they were given, or refuse an ending that no report has."""
    for value in values:
        if value.suffix.lower() not in FORMATS:
            raise click.BadParameter(f"{value}: {' '.join(FORMATS)}")
    return values


@click.command(cls=HelpCommand)
@click.argument("forms", nargs=-1, required=True, type=FILE)
@click.option("--blueprint", type=FILE, default=None)
@click.option("--report", "reports", type=FILE, multiple=True, callback=report_file, metavar="FILE")
@common
def audit(
    forms: tuple[Path, ...], blueprint: Path | None, reports: tuple[Path, ...], lang: str | None, as_json: bool
) -> None:
    workspace = here(lang)
    language = workspace.language
    found, problems = audit_papers(forms, workspace, blueprint)
    result = None
    written: tuple[Path, ...] = ()
    if found is not None:
        if reports:
            from qbank.workflow.audit import write_reports

            with working(language, "cli.audit.drawing"):
                written = write_reports(found, reports, language)
        result = audit_record(found.audit) | {
            "versions": dict(found.versions), "reports": [str(path) for path in written],
            "certificates": {form.id: certificate_record(form.certificate) for form in found.forms},
        }  # fmt: skip
        if not as_json:
            click.echo(audit_table(found.audit, language))
            proved = {form.certificate for form in found.forms}
            if len(proved) == 1 and found.forms[0].certificate.goal:
                checks = found.audit.checks
                lines = certificate_lines(
                    found.forms[0].certificate, language, n_papers=len(found.forms), n_checks=len(checks),
                    n_broken=sum(not check.holds for check in checks),
                )  # fmt: skip
                click.echo("\n".join(["", *lines]))
            for path in written:
                click.echo(text(language, "cli.audit.wrote", path=shown(path)))
    finish(problems, language, as_json=as_json, result=result)


def audit_record(found: Audit) -> dict[str, Any]:
    """Return the audit as plain data, with what the papers measure at the cut."""
    at = found.measured.at_cut
    return {
        "forms": found.forms, "basis": found.basis, "interval": found.interval,
        "checks": [
            {"form": c.form, "rule": c.rule, "found": c.found, "low": str(c.low), "high": str(c.high), "holds": c.holds}
            for c in found.checks
        ],
        "lines": [{"name": name, "values": values, "target": target} for name, values, target in found.lines],
        "at_cut": {
            "theta": float(at.theta[0]), "expected_score": at.expected_score[:, 0].tolist(),
            "information": at.information[:, 0].tolist(), "sem": at.sem[:, 0].tolist(),
            "cut_ability": found.measured.cut_ability.tolist(),
        },
    }  # fmt: skip


def audit_table(found: Audit, language: Language) -> str:
    """Return the papers side by side, how many rules hold, and what parallelism rests on."""
    body = _many(found, language) if len(found.forms) >= MANY else _few(found, language)
    held = sum(check.holds for check in found.checks)
    lines = [body, "", text(language, "cli.audit.rules", held=held, n=len(found.checks))]
    if len(found.forms) > 1:
        lines.append(text(language, f"cli.audit.{found.basis}", interval=f"{found.interval:.1f}"))
    return "\n".join(lines)


def _few(found: Audit, language: Language) -> str:
    """Return a column a paper and a row for every pair."""
    header = [text(language, "cli.audit.measure"), *found.forms, text(language, "cli.audit.target")]
    rows = [
        [line_name(name, language), *(_short(value) for value in values), "" if target is None else _short(target)]
        for name, values, target in found.lines
    ]
    rows += [
        [f"{text(language, 'cli.audit.overlap')} {check.form}", _short(check.found), *[""] * len(found.forms)]
        for check in _shared(found)
    ]
    return table(header, rows)


def _many(found: Audit, language: Language) -> str:
    """Return lowest, median, highest and the paper that is furthest from the standard, else from the median."""
    columns = ("measure", "target", "low", "median", "high", "furthest")
    header = [text(language, f"cli.audit.{name}") for name in columns]
    shared = _shared(found)
    lines = [(line_name(name, language), values, target, found.forms) for name, values, target in found.lines]
    if shared:
        pairs = tuple(check.form for check in shared)
        lines.append((text(language, "cli.audit.overlap_pairs"), tuple(check.found for check in shared), None, pairs))
    rows = []
    for name, values, target, owners in lines:
        of = spread(values, target)
        rows.append([
            name, "" if target is None else _short(target), *(_short(value) for value in (of.low, of.median, of.high)),
            "" if of.furthest is None else owners[of.furthest],
        ])  # fmt: skip
    return table(header, rows)


def _shared(found: Audit) -> list[Any]:
    return [check for check in found.checks if check.rule == "overlap"]


def _short(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"
