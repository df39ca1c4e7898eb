"""One self-contained HTML file: style inlined, formulae as MathML, nothing fetched, no script."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

import jinja2
from markupsafe import Markup

from qbank.core.presentation import Paper, PaperSection
from qbank.messages import text
from qbank.render.labels import (
    conditions,
    letter_label,
    number_label,
    ordinal,
    section_heading,
    section_note,
)
from qbank.render.readable import readable, width
from qbank.render.sheet import bubble_values, code_payload
from qbank.render.texts import Part, answer_lines, converted, needs_answer_line, needs_bracket
from qbank.render.typst_source import code_svg, paper_title

FOUR_COLUMNS, TWO_COLUMNS = 15, 34  # widest option in terminal columns, letter included


@cache
def environment() -> jinja2.Environment:
    """Return the templates of the package; what is not marked as converted is escaped."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates", encoding="utf-8")
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def option_columns(options: Sequence[tuple[str, str]]) -> int:
    """Return 4, 2 or 1: how many options stand side by side."""
    widest = max((width(readable(body)) for _, body in options), default=0)
    if widest <= FOUR_COLUMNS:
        return 4
    return 2 if widest <= TWO_COLUMNS else 1


def key_columns(section: PaperSection) -> int:
    """Return how many answers stand in a row of the key."""
    widest = max((width(readable(question.answer)) for question in section.questions), default=0)
    if widest <= 3:
        return 10
    return 5 if widest <= 12 else 1


def note_of(paper: Paper, section: PaperSection) -> Markup:
    """Return the line under a section's heading, its instruction already converted."""
    return Markup(section_note(paper, section))


def html_text(paper: Paper, part: Part) -> str:
    """Return one part of the paper as an HTML document."""
    shown = converted(paper, part, "html")
    template = environment().get_template(f"{part}.html")
    return template.render(
        paper=shown,
        title=paper_title(paper),
        say=partial(text, paper.language),
        converted=Markup,
        conditions=conditions(paper),
        heading=partial(section_heading, paper),
        ordinal=partial(ordinal, paper),
        note=partial(note_of, shown),
        number=partial(number_label, paper),
        letter=partial(letter_label, paper),
        option_columns=option_columns,
        key_columns=key_columns,
        answer_lines=answer_lines,
        needs_bracket=needs_bracket,
        needs_answer_line=needs_answer_line,
        bubbles=bubble_values,
        code_svg=Markup(code_svg(code_payload(paper, 1, 1))),
    )


def render_html(paper: Paper, part: Part) -> bytes:
    """Return one part of the paper as one UTF-8 HTML file. Raises `UnprintableText` as the PDF does."""
    return html_text(paper, part).encode("utf-8")
