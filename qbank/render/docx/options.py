"""Options of a question in one, two, three or four columns, whichever holds the longest, set by tab stops."""

from __future__ import annotations

from collections.abc import Sequence

from qbank.render.docx.flow import Flow, Paragraph
from qbank.render.docx.runs import LETTER, Texts, run, words_width

GAP = 200


def n_columns(widths: Sequence[int], room: int) -> int:
    """Return how many options stand side by side, from their widths in half-width letters.

    >>> n_columns([6, 8, 8, 6], 8900), n_columns([30, 8, 8, 6], 8900), n_columns([50, 8, 8], 8900)
    (4, 2, 1)
    """
    widest = LETTER * max(widths, default=0) + GAP
    choices = (3, 2) if len(widths) == 3 else (4, 2)
    return next((n for n in choices if widest <= room // n), 1)


def option_paragraphs(texts: Texts, options: Sequence[tuple[str, str]], room: int) -> list[Flow]:
    """Return labelled options as paragraphs: several to a line parted by tabs, or each on its own."""
    flows = [(label, texts.blocks(body, "QOption", room)) for label, body in options]
    if any(len(blocks) != 1 or not isinstance(blocks[0], Paragraph) or blocks[0].style != "QOption" or blocks[0].number for _, blocks in flows):
        return [block for label, blocks in flows for block in long_option(label, blocks)]
    bodies = [run(label) + block.body for label, (block,) in flows if isinstance(block, Paragraph)]
    widths = list(map(words_width, bodies))
    n = n_columns(widths, room)
    if n == 1 or any("<w:br/>" in body for body in bodies):
        return [block for label, blocks in flows for block in long_option(label, blocks)]
    stops = tuple(room * place // n for place in range(1, n))
    rows = (bodies[start : start + n] for start in range(0, len(bodies), n))
    return [Paragraph("QOption", run("\t").join(row), left=0, tabs=stops) for row in rows]


def long_option(label: str, blocks: Sequence[Flow]) -> list[Flow]:
    """Return an option by itself, its label hanging before it."""
    if blocks and isinstance(first := blocks[0], Paragraph) and not first.number:
        return [Paragraph("QOption", run(label) + first.body, left=380, hanging=380), *blocks[1:]]
    return [Paragraph("QOption", run(label), left=380, hanging=380), *blocks]
