"""Word files of every part of a paper: styles and tables to be edited, equations that are Word's own.

The texts are read by pandoc in one run, which also makes the equations (OMML); what stands round them is written here.
"""

from __future__ import annotations

from qbank.core.presentation import Paper, Part
from qbank.messages import text
from qbank.render.docx.booklet import booklet_docx
from qbank.render.docx.document import FORBIDDEN, document_of, forbidden
from qbank.render.docx.frame import surround_of
from qbank.render.docx.key import guide_flow, key_flow, map_flow
from qbank.render.docx.paper import paper_flow
from qbank.render.docx.room import lists_docx
from qbank.render.docx.sheet import sheet_flow
from qbank.render.docx.task import notice_flow, record_flow, task_paper_flow
from qbank.render.docx.template import UnusableTemplate, open_template
from qbank.render.failure import UnprintableText
from qbank.render.layout import A4, Layout
from qbank.render.markup import Source
from qbank.render.pdf import layout_of
from qbank.render.texts import converted, of_part, turned_paper

__all__ = ["UnusableTemplate", "booklet_docx", "lists_docx", "open_template", "render_docx"]

PARTS = {
    "paper": paper_flow, "key": key_flow, "answer-sheet": sheet_flow, "marking-guide": guide_flow,
    "version-map": map_flow,
    "task-notice": notice_flow, "task-paper": task_paper_flow, "task-record": record_flow,
}  # fmt: skip
HEADINGS = {
    "key": "key", "answer-sheet": "sheet", "marking-guide": "guide", "version-map": "version_map", "task-notice": "task_notice",
    "task-paper": "task_paper", "task-record": "task_record",
}  # fmt: skip


def render_docx(paper: Paper, part: Part, template: bytes | None = None, *, layout: Layout = A4) -> bytes:
    """Return a part of the paper as a Word file.

    template : a centre's .docx or .dotx whose styles, page, head and foot are taken in place of ours ; layout : A4 or
    A3 is that of the paper itself, large letters are for what candidates read, as in the PDF. Raises `UnprintableText`
    as the PDF does: LaTeX that does not parse, a picture that cannot be decoded, a control character;
    `UnusableTemplate` for a template that is no Word file, too large, or fetches from elsewhere.
    """
    layout = layout_of(part, layout)
    heading = text(paper.language, f"paper.{HEADINGS[part]}") if part in HEADINGS else ""
    around = surround_of(of_part(paper, part), heading, layout.centre.footer, sealed=part == "paper" and not layout.plain)
    return document_of(converted(paper, part, "docx"), checked(paper, part), PARTS[part], around, layout, template)


def checked(paper: Paper, part: Part) -> dict[str, str]:
    """Return the first item that shows each picture; raise `UnprintableText` for characters that no XML may hold."""
    sources: list[Source] = []

    def note(source: Source) -> str:
        sources.append(source)
        return source.text

    turned_paper(of_part(paper, part), part, note)
    failures = [forbidden(one.item, one.place, found[0]) for one in sources if (found := FORBIDDEN.search(one.text))]
    if failures:
        raise UnprintableText(failures, paper.language)
    items: dict[str, str] = {}
    for path in paper.media:
        items[path] = next((one.item for one in sources if path in one.text), "")
    return items
