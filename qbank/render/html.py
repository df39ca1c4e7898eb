"""One self-contained HTML file: style inlined, formulae as MathML, nothing fetched, no script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

import jinja2
from markupsafe import Markup

from qbank.core.presentation import Paper, PaperSection, Part
from qbank.messages import text
from qbank.render import labels, places
from qbank.render import version_map as versions
from qbank.render.readable import readable, width
from qbank.render.sheet import code_payload
from qbank.render.texts import converted, is_guided
from qbank.render.typst_page import paper_title
from qbank.render.typst_sheet import code_svg

IMAGE = "<img "
FOUR_COLUMNS, TWO_COLUMNS = 15, 34  # widest option in terminal columns, letter included


@cache
def environment() -> jinja2.Environment:
    """Return the templates of the package; what is not marked as converted is escaped."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates", encoding="utf-8")
    made = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["guided"] = is_guided
    made.filters["converted"] = Markup
    return made


def option_columns(options: Sequence[tuple[str, str]]) -> int:
    """Return 4, 2 or 1: how many options stand side by side; one that is drawn takes two columns."""
    lines = [line for _, body in options for line in shown_words(body).split("\n")]
    widest = max(map(width, lines), default=0)
    drawn = any(IMAGE in body or "<table" in body for _, body in options)
    if widest <= FOUR_COLUMNS and not drawn:
        return 4
    return 2 if widest <= TWO_COLUMNS else 1


def shown_words(body: str) -> str:
    """Return a converted text without its pictures, as plain text."""
    return readable(re.sub(rf"{IMAGE}[^>]*>", "", body))


def key_columns(section: PaperSection) -> int:
    """Return how many answers stand in a row of the key."""
    widest = max(
        (width(shown_words(place.question.answer)) for place in places.answer_places(section)), default=0
    )
    if widest <= 3:
        return 10
    return 5 if widest <= 12 else 1


def html_text(paper: Paper, part: Part) -> str:
    """Return one part of the paper as an HTML document."""
    shown = converted(paper, part, "html")
    template = environment().get_template(f"{part}.html")
    return template.render(
        paper=shown,
        title=paper_title(paper),
        say=partial(text, paper.language),
        converted=Markup,
        labels=labels,
        places=places,
        versions=versions,
        note=lambda section: Markup(labels.section_note(shown, section)),
        option_columns=option_columns,
        key_columns=key_columns,
        code_svg=Markup(code_svg(code_payload(paper, 1, 1))),
    )


def render_html(paper: Paper, part: Part) -> bytes:
    """Return one part of the paper as one UTF-8 HTML file. Raises `UnprintableText` as the PDF does."""
    return html_text(paper, part).encode("utf-8")
