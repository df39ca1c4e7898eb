"""history."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from qbank.cli.output import HelpCommand, common, finish, here, shown, working
from qbank.messages import Language, text
from qbank.workflow.workspace import Workspace


@click.command(cls=HelpCommand)
@click.argument("item", required=False)
@click.option("--all", "all_", is_flag=True)
@click.option("--to", "formats", multiple=True, type=click.Choice(["html", "svg", "pdf"]))
@click.option("--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False), default=None)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=None)
@common
def history(
    item: str | None, all_: bool, formats: tuple[str, ...], csv_file: Path | None, out: Path | None, lang: str | None, as_json: bool
) -> None:  # fmt: skip
    workspace = here(lang)
    if item and all_:
        raise click.UsageError(text(workspace.language, "cli.history.one_or_all"))
    if not item and "svg" in formats:
        raise click.BadParameter(text(workspace.language, "cli.history.no_picture"), param_hint="--to")
    folder = out or workspace.root / "history"
    if item:
        _one(item, workspace, formats, csv_file, folder, as_json=as_json)
    else:
        _all(workspace, formats, csv_file, folder, as_json=as_json)


def _one(item: str, workspace: Workspace, formats: tuple[str, ...], csv_file: Path | None, folder: Path, *, as_json: bool) -> None:
    from qbank.files.disk import write_text
    from qbank.workflow.history import history_of_item
    from qbank.workflow.history_files import history_csv, write_history

    language = workspace.language
    data, problems = history_of_item(item, workspace)
    if data is None:
        finish(problems, language, as_json=as_json)
        return
    files = list(write_history(data, formats, folder, language)) if formats else []
    if csv_file is not None:
        write_text(csv_file, history_csv(data, language), bom=True)
        files.append(csv_file)
    if not as_json:
        for line in _lines(data, language):
            click.echo(line)
        _say_files(files, language)
    result = _record(data, language) | {"files": [str(path) for path in files]} if as_json else None
    finish(problems, language, as_json=as_json, result=result)


def _all(workspace: Workspace, formats: tuple[str, ...], csv_file: Path | None, folder: Path, *, as_json: bool) -> None:
    from qbank.cli.blocks import block_lines
    from qbank.files.disk import write_text
    from qbank.report import csv_text
    from qbank.report.history import control_report
    from qbank.report.history.tables import flags_table
    from qbank.report.history.words import texts
    from qbank.workflow.control import control_of
    from qbank.workflow.history_files import write_report

    language = workspace.language
    with working(language, "cli.history.working"):
        found = control_of(workspace)
    report = control_report(found.flags, found.levels, found.n_items, found.n_points, language)
    files = list(write_report(report, formats, folder / "items")) if formats else []
    if csv_file is not None:
        write_text(csv_file, csv_text(flags_table(found.flags, texts(language))), bom=True)
        files.append(csv_file)
    if not as_json:
        for line in block_lines(report.blocks, without=("sittings", "methods")):
            click.echo(line)
        if found.flags:
            click.echo(text(language, "cli.history.one_item", item=found.flags[0].item))
        _say_files(files, language)
    result = {
        "flags": [asdict(flag) for flag in found.flags], "levels": [asdict(level) for level in found.levels],
        "items": found.n_items, "points": found.n_points, "files": [str(path) for path in files],
    }  # fmt: skip
    finish([], language, as_json=as_json, result=result)


def _say_files(files: list[Path], language: Language) -> None:
    for path in files:
        click.echo(text(language, "cli.history.wrote", path=shown(path)))


def _lines(data: Any, language: Language) -> list[str]:
    from qbank.cli.blocks import block_lines, sparkline
    from qbank.report.history import history_report

    report = history_report(data, language)
    lines = [report.title]
    for history, chart in ((data.history, data.chart), *data.parts):
        values = [use.facility for use in history.uses]
        there = [value for value in values if math.isfinite(value)]
        if len(there) > 1:
            facts = {"item": history.item, "low": f"{min(there):.3f}", "high": f"{max(there):.3f}"}
            lines.append(f"{text(language, 'cli.history.facility', **facts)}  {sparkline(values)}")
        own = [entry.location for entry in chart.estimates if math.isfinite(entry.location)]
        if len(own) > 1:
            facts = {"item": history.item, "low": f"{min(own):.2f}", "high": f"{max(own):.2f}"}
            lines.append(f"{text(language, 'cli.history.b', **facts)}  {sparkline(own)}")
    return [*lines, *block_lines(report.blocks, without=("methods",))]


def _record(data: Any, language: Language) -> dict[str, Any]:
    """Return an item's history as plain data, chart and rules with every sitting."""
    record = _item_record(data.history, data.chart, language)
    record["flags"] = [asdict(flag) for flag in data.flags]
    record["present"] = data.present
    record["parts"] = [_item_record(part, chart, language) for part, chart in data.parts]
    return record


def _item_record(history: Any, found: Any, language: Language) -> dict[str, Any]:
    from qbank.report.history.charts import pooled_b
    from qbank.report.history.words import raised_record, texts

    chart, spoken = found.chart, found.signals
    uses = []
    for n, use in enumerate(history.uses):
        uses.append(
            asdict(use)
            | {name: float(getattr(found, name)[n]) for name in ("low", "high")}
            | {name: float(getattr(chart, name)[n]) for name in ("centre", "lower", "upper", "z")}
            | {"outside": bool(chart.outside[n]), "apart": bool(found.apart[n]), "signals": [s for s in ("beyond", "two_of_three", "run", "differ") if getattr(spoken, s)[n]]}
        )
    revisions = []
    for n, revision in enumerate(history.revisions):
        b, error = pooled_b(history, found, revision.fingerprint)
        slope = {name: float(getattr(found.trend, name)[n]) if n < found.trend.n.size else None for name in ("slope", "error", "z")}
        centre = next((use["centre"] for use in uses if use["fingerprint"] == revision.fingerprint and math.isfinite(use["centre"])), None)
        revisions.append(asdict(revision) | {"centre": centre, "b": b, "b_error": error, "trend": slope})
    return {
        "item": history.item, "n_seen": history.n_seen, "papers": list(history.papers), "uses": uses, "revisions": revisions,
        "scale": history.scale,
        "estimates": [asdict(entry) | {"in_chart": entry in found.estimates, "pooled": _pooled(entry, found)} for entry in history.estimates],
        "raised": [raised_record(flag, texts(language)) for flag in history.flags],
        "decisions": [asdict(decision) for decision in history.decisions],
        "planned": [asdict(plan) for plan in history.planned],
    }  # fmt: skip


def _pooled(entry: Any, found: Any) -> bool:
    """Return whether an estimate counts in a pooled b: made anew on the present scale, by persons who did not know the item."""
    return entry in found.estimates and not bool(found.apart_b[found.estimates.index(entry)])
