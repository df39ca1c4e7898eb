"""The cut of a sitting in words: one for all, or with those of equated papers behind it."""

from __future__ import annotations

from collections.abc import Sequence

from qbank.ledger import PaperCut, StoredSitting
from qbank.messages import Language, text

NAMED = 12
"""More papers than these are told by their number: everyone of a family has another."""


def cut_words(stored: StoredSitting, language: Language) -> str:
    """Return the cut of the sitting, with the cuts of papers that were accepted after equating."""
    return with_papers(stored.record.cut, stored.cuts, language)


def with_papers(cut: float, cuts: Sequence[PaperCut], language: Language) -> str:
    """Return a cut with those of papers.

    >>> with_papers(60.0, (), "en")
    '60'
    >>> with_papers(60.0, [PaperCut("s", "B", 57.0, 56.4, "A", 60.0, "linear", 0.8, "", "agreed")], "en")
    '60 (paper B: 57, equated)'
    """
    if not cuts:
        return f"{cut:g}"
    if len(cuts) > NAMED:
        ends = {"low": f"{min(each.cut for each in cuts):g}", "high": f"{max(each.cut for each in cuts):g}"}
        key = "result.cut_of_all" if ends["low"] == ends["high"] else "result.cut_of_papers"
        papers = text(language, key, n=len(cuts), **ends)
        return text(language, "result.cut_with_papers", cut=f"{cut:g}", papers=papers)
    papers = text(language, "report.list_comma").join(
        text(language, "result.cut_of_paper", paper=each.paper, cut=f"{each.cut:g}") for each in cuts
    )
    return text(language, "result.cut_with_papers", cut=f"{cut:g}", papers=papers)
