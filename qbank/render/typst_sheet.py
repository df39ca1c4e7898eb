"""The Typst source of an answer sheet: every thing drawn where the record of the sheet says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import segno

from qbank.core.presentation import Paper
from qbank.messages import text
from qbank.render import sheet as places
from qbank.render.labels import box_label, joined
from qbank.render.own import Candidate, own_digits, own_values
from qbank.render.sheet_layout import answer_sheet
from qbank.render.typst_literals import array, dictionary, strings, typst_string
from qbank.render.typst_page import paper_title


def sheet_source(paper: Paper, *, personal: bool = False, title: str = "", own: Candidate | None = None) -> str:
    """Return the source of the answer sheet; of a personal one without what is the candidate's own, or filled in for one.

    title : of the document, that of the paper where none is said
    """
    layout = answer_sheet(paper)
    title = title or f"{paper_title(paper)} {text(paper.language, 'paper.sheet')}"
    arguments = f"title: {typst_string(title)}, language: {typst_string(paper.language)}"
    lines = ['#import "sheet.typ": *', f"#show: sheet.with({arguments})"]
    for page in range(1, layout.n_pages + 1):
        lines += ["#pagebreak()"] if page > 1 else []
        lines += sheet_page(paper, layout, page, personal=personal, own=own)
    return "\n".join([*lines, ""])


def sheet_page(
    paper: Paper, layout: places.Sheet, page: int, *, personal: bool, own: Candidate | None = None
) -> Iterator[str]:
    """Yield the calls that draw one page of the answer sheet."""
    title = joined(paper, text(paper.language, "paper.sheet"))
    width = places.CODE_LEFT - places.LEFT - 2 if page == 1 else places.ID_LEFT - places.LEFT - 6
    yield f"#titles(17, {width}, {typst_string(title)}, {typst_string(paper.subject)})"
    yield from sheet_head(paper, page, personal=personal, own=own)
    if not personal or own:
        yield sheet_code(paper, page, layout.n_pages, own.number if own else "")
    yield f"#fiducials({array(f'({x}, {y})' for x, y in places.FIDUCIALS)}, {places.FIDUCIAL_SIZE})"
    words = sorted(layout.headings + layout.numbers, key=lambda one: (one.y, one.x))
    yield f"#headings({placed(words, page, lambda one: one in layout.headings)})"
    yield f"#numbers({placed(words, page, lambda one: one in layout.numbers)})"
    bubbles = [one for one in layout.bubbles if one.page == page]
    yield bubble_call(paper, places.ID_BUBBLE, (one for one in bubbles if one.question < 0))
    yield bubble_call(paper, places.BUBBLE, (one for one in bubbles if one.question > 0))
    if own:
        yield f"#filled({places.ID_BUBBLE[0]}, {places.ID_BUBBLE[1]}, {array(own_digits(own.number, page))})"
    areas = [one for one in layout.areas if one.page == page]
    boxes = (
        f"({one.x:.2f}, {one.y:.2f}, {one.width:.2f}, {one.height:.2f}, {one.n_lines})" for one in areas
    )
    yield f"#areas({array(boxes)})"
    foot = text(paper.language, "paper.page", page=page, pages=layout.n_pages)
    yield f"#foot({typst_string(f'{paper.code} · {paper.digest} · {foot}')})"


def bubble_call(paper: Paper, size: tuple[float, float], bubbles: Iterable[places.Bubble]) -> str:
    """Return the call that draws boxes of one size."""
    boxes = (f"({one.x:.2f}, {one.y:.2f}, {typst_string(box_label(paper, one.value))})" for one in bubbles)
    return f"#bubbles({size[0]}, {size[1]}, {array(boxes)})"


def placed(words: Sequence[places.Words], page: int, wanted: Callable[[places.Words], bool]) -> str:
    """Return the wanted words of one page as an array of (x, y, text)."""
    shown = (one for one in words if one.page == page and wanted(one))
    return array(f"({one.x:.2f}, {one.y:.2f}, {typst_string(one.text)})" for one in shown)


def sheet_head(paper: Paper, page: int, *, personal: bool, own: Candidate | None = None) -> Iterator[str]:
    """Yield the calls that draw the candidate's fields, the grid for the candidate's number, and first the rules."""
    say = {name: text(paper.language, f"paper.sheet_{name}") for name in ("how", "right", "wrong", "id")}
    rules = [text(paper.language, f"paper.sheet_rule_{number}") for number in (1, 2, 3)]
    words = {name: typst_string(say[name]) for name in ("how", "right", "wrong")} | {"rules": strings(rules)}
    if not personal or own:
        values = f", values: {own_values(paper, own)}" if own else ""
        yield f"#fields({places.LEFT}, {32 if page == 1 else 47}, 76, 29, {strings(paper.fields)}{values})"
    if page == 1:
        yield f"#rules({places.LEFT}, 62, 76, 28.5, {dictionary(words)})"
    grid = (places.ID_LEFT, places.id_top(page), places.ID_PITCH, places.ID_ROW, places.ID_DIGITS)
    yield f"#id-box({', '.join(map(str, grid))}, {typst_string(say['id'])})"


def sheet_code(paper: Paper, page: int, n_pages: int, number: str = "") -> str:
    """Return the call that draws the QR code and the words that say the same to the eye."""
    picture = code_svg(places.code_payload(paper, page, n_pages, number))
    alt = text(paper.language, "paper.sheet_code_alt", code=paper.code, digest=paper.digest, page=page)
    caption = f"{paper.code} · {paper.digest}"
    where = f"{places.CODE_LEFT}, {places.CODE_TOP}, {places.CODE_SIZE}"
    return f"#code({where}, {typst_string(picture)}, {typst_string(alt)}, {typst_string(caption)})"


def code_svg(payload: str) -> str:
    """Return the QR code of the payload as SVG, error correction Q (a quarter may be soiled)."""
    code = segno.make(payload, error="q", micro=False)
    return str(code.svg_inline(border=0, svgclass=None, lineclass=None, omitsize=True))
