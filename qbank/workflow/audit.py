"""The report of an audit, written in the format that each file's ending names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from qbank import __version__
from qbank.core.standard import domain_titles
from qbank.files.disk import write_bytes
from qbank.messages import Language, text
from qbank.report.blocks import Report, Table
from qbank.report.export import csv_text, to_csv, to_json
from qbank.report.html import to_html
from qbank.report.papers import MAIN_FIGURES, PapersMeta, papers_data, papers_note, papers_report
from qbank.report.pdf import to_pdf
from qbank.report.poster import poster, to_png
from qbank.workflow.papers import Audited

Writer = Callable[[Report, tuple[Table, ...], str], dict[str, bytes]]
"""(report, tables too long for a page, what the papers rest on) → bytes by what is added to the file's stem"""


def write_reports(found: Audited, files: tuple[Path, ...], language: Language) -> tuple[Path, ...]:
    """Write the report once for every file, and return all that was written."""
    meta = papers_meta(found, language)
    report = papers_report(found.audit, found.forms, meta, language)
    data = papers_data(found.audit, found.forms, meta, language)
    note = papers_note(found.audit, found.forms, meta, language)
    written = []
    for file in files:
        for added, content in WRITERS[file.suffix.lower()](report, data, note).items():
            path = file.with_name(f"{file.stem}{added}{file.suffix}")
            write_bytes(path, content)
            written.append(path)
    return tuple(written)


def papers_meta(found: Audited, language: Language) -> PapersMeta:
    """Return what the report says of the papers that the audit does not know."""
    blueprint, bank = found.setting.blueprint, found.setting.bank
    form = found.forms[0]
    versions = (
        ("blueprint", blueprint.name, form.blueprint_digest), ("bank", bank.name, form.bank_digest),
        ("statistics", form.as_of, form.statistics_digest), ("program", "qbank", __version__),
    )  # fmt: skip
    title = text(language, "comparison.title", name=form.title or blueprint.title or blueprint.name)
    return PapersMeta(title, domain_titles(bank.standard), blueprint.weights_tolerance, versions)


def _html(report: Report, _data: tuple[Table, ...], _note: str) -> dict[str, bytes]:
    return {"": to_html(report).encode()}


def _pdf(report: Report, _data: tuple[Table, ...], _note: str) -> dict[str, bytes]:
    return {"": to_pdf(report)}


def _json(report: Report, _data: tuple[Table, ...], _note: str) -> dict[str, bytes]:
    return {"": to_json(report).encode()}


def _svg(report: Report, _data: tuple[Table, ...], note: str) -> dict[str, bytes]:
    return {"": poster(report, MAIN_FIGURES, note).encode()}


def _png(report: Report, _data: tuple[Table, ...], note: str) -> dict[str, bytes]:
    return {"": to_png(poster(report, MAIN_FIGURES, note))}


def _csv(report: Report, data: tuple[Table, ...], _note: str) -> dict[str, bytes]:
    """Return the lines of the audit under the file's own name, the other tables with theirs; a mark for spreadsheets first."""
    tables = to_csv(report) | {table.name: csv_text(table) for table in data}
    tables = {"": tables.pop("measures")} | {f"-{name}": table for name, table in tables.items()}
    return {added: table.encode("utf-8-sig") for added, table in tables.items()}


WRITERS: Mapping[str, Writer] = {".html": _html, ".pdf": _pdf, ".json": _json, ".svg": _svg, ".png": _png, ".csv": _csv}
"""ending of the file → how the report is written"""
