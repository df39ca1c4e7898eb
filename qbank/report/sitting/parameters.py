"""Which papers have items without parameters, what that leaves out, and the command that estimates them."""

from __future__ import annotations

import polars as pl

from qbank.messages import Language, text
from qbank.messages.lists import some_papers
from qbank.report.blocks import Block, Text


def lacking_blocks(lacking: pl.DataFrame | None, sitting: str, what: str, language: Language) -> tuple[Block, ...]:
    """Return a note on the papers whose items lack parameters, () where all have some.

    lacking : `lacking_table` ; what : ``decisions``, ``errors``, ``equating``: what is left out
    """
    if lacking is None:
        return ()
    some = lacking.filter((pl.col("n_lacking") > 0) & (pl.col("n_items") > 0))
    if some.is_empty():
        return ()
    without = text(language, f"report_equating.without_{what}")
    if some.height == lacking.height and (some["n_lacking"] == some["n_items"]).all():
        return (Text(text(language, "report_equating.lacking_all", what=without, id=sitting), "note"),)
    if some["form"].to_list() == [""]:
        (_, of, n) = some.row(0)
        return (Text(text(language, "report_equating.lacking_of_all", n=n, of=of, what=without, id=sitting), "note"),)
    each = [text(language, "report_equating.lacking_paper", paper=form, n=n, of=of).strip() for form, of, n in some.iter_rows()]
    papers = some_papers(each, language)
    return (Text(text(language, "report_equating.lacking_some", papers=papers, what=without, id=sitting), "note"),)
