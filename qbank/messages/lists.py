"""How long lists of names stand in what a person reads: the first few of them, and that or how many there are more."""

from __future__ import annotations

from collections.abc import Sequence

from qbank.messages import Language, text


def some(names: Sequence[str], most: int = 5) -> str:
    """Return the first names, and whether there are more, in a form for either language.

    >>> some(["A", "B"]), some("ABCDEF"), some("ABCDEF", most=2)
    ('A, B', 'A, B, C, D, E, …', 'A, B, …')
    """
    return ", ".join([*names[:most], *(["…"] if names[most:] else [])])


def some_papers(papers: Sequence[str], language: Language, most: int = 5) -> str:
    """Return the names of papers or, of more than `most`, the first three and how many there are.

    >>> some_papers(["A", "B"], "en"), some_papers("ABCDEF", "en"), some_papers("ABCDEF", "zh")
    ('A, B', 'A, B, C, … (6 papers)', 'A、B、C 等 6 份')
    """
    comma = text(language, "report.list_comma")
    if len(papers) <= most:
        return comma.join(papers)
    return text(language, "report.papers_among", papers=comma.join(papers[:3]), n=f"{len(papers):,}" if language == "en" else len(papers))
