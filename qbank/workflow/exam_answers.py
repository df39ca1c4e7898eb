"""What taking in answers given on screen needs of the bank, and the table of what people must mark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from qbank.core.bank import Bank
from qbank.core.exam import shown_digest
from qbank.core.form import Form
from qbank.files.answers.intake import Written
from qbank.files.paths import shown_path
from qbank.files.tables import Cell, write_csv, write_xlsx
from qbank.kinds.presentation import present_paper
from qbank.messages import Language, text
from qbank.problem import Problem, Span, warning


def shown_texts(forms: tuple[Form, ...], bank: Bank | None) -> Callable[[str], str | None]:
    """Return what gives for a paper the digest of the texts that candidates were shown, None where the bank no longer has its
    items as they were: worked out for a paper when answers to it are met."""
    by_id = {form.id: form for form in forms}

    @cache
    def digest_of(paper: str) -> str | None:
        shown = present_paper(by_id[paper], bank)[0] if bank is not None and paper in by_id else None
        return None if shown is None else shown_digest(shown)

    return digest_of


def written_answers(written: Sequence[Written], into: Path | None, source: Path, language: Language) -> Problem:
    """Write what people must mark into a table with columns for rater and marks, and return what to say of it.

    The table is a file of answers itself: with the marks in it `qbank sitting add` reads it as those of raters.
    """
    where = Span(shown_path(source))
    if into is None:
        return warning("Z724", where, n=len(written))
    header = [text(language, f"exam.column_{word}") for word in ("person", "form", "number", "item", "text", "rater", "marks")]
    rows: list[list[Cell]] = [
        [one.person, one.form, one.number, one.item, one.text, None, None]
        for one in sorted(written, key=lambda one: (one.item, one.person))
    ]
    if into.suffix.lower() == ".xlsx":
        write_xlsx(into, text(language, "exam.column_text"), header, rows)
    else:
        write_csv(into, header, rows)
    return Problem("Z723", "note", where, (("n", str(len(written))), ("file", shown_path(into))))
