"""The report of papers side by side: which blocks, in which order, in either language."""

from __future__ import annotations

from functools import partial

from qbank.assemble import Audit
from qbank.core.form import Form
from qbank.messages import Language
from qbank.report.blocks import Report, Section, Table, Text
from qbank.report.papers.content import content_blocks
from qbank.report.papers.curves import curve_blocks, curve_table
from qbank.report.papers.overlap import overlap_blocks, pair_table
from qbank.report.papers.tables import (
    certificate_table,
    measure_table,
    rule_table,
    summary_blocks,
    version_table,
)
from qbank.report.papers.words import PapersMeta, Side, basis, papers_text

MAIN_FIGURES = ("expected_score", "difference", "information", "sem")
"""What a picture of the papers shows."""
METHODS = ("method_score", "method_information", "method_sem", "method_error", "method_judged", "method_cut")


def papers_report(audit: Audit, forms: tuple[Form, ...], meta: PapersMeta, language: Language) -> Report:
    """Return summary, curves, content, overlap, every measure and rule, certificate and methods, in this order."""
    side = _side(audit, forms, meta, language)
    t = side.t
    blocks = (
        Section("summary", t("summary"), summary_blocks(side)),
        Section("curves", t("curves"), curve_blocks(side)),
        Section("content", t("content"), content_blocks(side)),
        Section("overlap", t("overlap"), overlap_blocks(side)),
        Section("measures", t("measures"), (measure_table(side),)),
        Section("rules", t("rules"), (rule_table(side),)),
        Section("certificate", t("certificate"), (certificate_table(side),)),
        Section("methods", t("methods"), (*(Text(t(name), "definition") for name in METHODS), version_table(side))),
    )
    subtitle = f"{forms[0].blueprint} · {t('n_papers_named', n=len(forms))}"
    return Report(meta.title, blocks, language, subtitle)


def papers_data(audit: Audit, forms: tuple[Form, ...], meta: PapersMeta, language: Language) -> tuple[Table, ...]:
    """Return the tables that are too long for a page: every curve, every pair of papers."""
    side = _side(audit, forms, meta, language)
    return (curve_table(side), pair_table(side))


def papers_note(audit: Audit, forms: tuple[Form, ...], meta: PapersMeta, language: Language) -> str:
    """Return what stands below the title of a picture: which papers, and what their parallelism rests on."""
    side = _side(audit, forms, meta, language)
    return f"{forms[0].blueprint} · {side.t('n_papers_named', n=len(forms))} · {basis(side)}"


def _side(audit: Audit, forms: tuple[Form, ...], meta: PapersMeta, language: Language) -> Side:
    return Side(audit, forms, meta, partial(papers_text, language), language)


__all__ = ["MAIN_FIGURES", "PapersMeta", "papers_data", "papers_note", "papers_report"]
