"""Word files of every part of a paper: styles and tables to be edited, equations that are Word's own.

The texts are read by pandoc in one run, which also makes the equations (OMML); what stands round them is written here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from qbank.core.presentation import Paper, Part
from qbank.messages import text
from qbank.render.docx.flow import Flow, xml_of
from qbank.render.docx.frame import Surround, surround_of
from qbank.render.docx.key import guide_flow, key_flow, map_flow
from qbank.render.docx.package import blank_of, word_file
from qbank.render.docx.paper import paper_flow
from qbank.render.docx.pictures import Drawings
from qbank.render.docx.runs import Texts
from qbank.render.docx.sheet import sheet_flow
from qbank.render.docx.task import notice_flow, record_flow, task_paper_flow
from qbank.render.docx.template import UnusableTemplate
from qbank.render.docx.writer import Writer
from qbank.render.failure import TextFailure, UnprintableText
from qbank.render.layout import A4, Layout, logo_name
from qbank.render.markup import Source
from qbank.render.pdf import layout_of
from qbank.render.texts import converted, of_part, turned_paper

__all__ = ["UnusableTemplate", "render_docx"]

PARTS = {
    "paper": paper_flow, "key": key_flow, "answer-sheet": sheet_flow, "marking-guide": guide_flow,
    "version-map": map_flow,
    "task-notice": notice_flow, "task-paper": task_paper_flow, "task-record": record_flow,
}  # fmt: skip
HEADINGS = {
    "key": "key", "answer-sheet": "sheet", "marking-guide": "guide", "version-map": "version_map", "task-notice": "task_notice",
    "task-paper": "task_paper", "task-record": "task_record",
}  # fmt: skip
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what no XML may hold


def render_docx(paper: Paper, part: Part, template: bytes | None = None, *, layout: Layout = A4) -> bytes:
    """Return a part of the paper as a Word file.

    template : a centre's .docx or .dotx whose styles, page, head and foot are taken in place of ours ; layout : A4 or
    A3 is that of the paper itself, large letters are for what candidates read, as in the PDF. Raises `UnprintableText`
    as the PDF does: LaTeX that does not parse, a picture that cannot be decoded, a control character;
    `UnusableTemplate` for a template that is no Word file, too large, or fetches from elsewhere.
    """
    layout = layout_of(part, layout)
    heading = text(paper.language, f"paper.{HEADINGS[part]}") if part in HEADINGS else ""
    around = surround_of(paper, heading, layout.centre.footer, sealed=part == "paper" and not layout.plain)
    return document_of(converted(paper, part, "docx"), checked(paper, part), PARTS[part], around, layout, template)


def document_of(
    paper: Paper, items: Mapping[str, str], flow: Callable[[Writer], Iterable[Flow]], around: Surround, layout: Layout,
    template: bytes | None,
) -> bytes:  # fmt: skip
    """Return a Word file of a paper whose texts are converted.

    items : the first item that shows each picture ; flow : what is written, piece by piece ; around : what stands round it
    """
    blank = blank_of(paper.language, layout, template)
    logo = logo_name(layout.centre)
    paper = replace(paper, media={**paper.media, logo: layout.centre.logo}) if logo else paper
    drawings = Drawings(paper.media, blank.page.text_width / 20)
    centre = layout.centre.name
    drawn = drawings.logo(logo, centre or "logo") if logo else ""
    writer = Writer(paper, Texts(drawings.draw, blank.page.text_width), centre, drawn, layout.plain)
    body = xml_of(list(flow(writer)))
    pictures = drawings.files(paper, {path: items.get(path, "") for path in drawings.used})
    whole = "".join((body, around.title, around.subject, around.code, around.digest, around.line, *around.strip))
    if found := FORBIDDEN.search(whole):
        raise UnprintableText([forbidden("", text(paper.language, "paper.fail_head"), found[0])], paper.language)
    return word_file(blank, around, body, pictures)


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


def forbidden(item: str, place: str, character: str) -> TextFailure:
    """Return the failure of a character that no Word file may hold."""
    return TextFailure(item, place, "control", f"U+{ord(character):04X}")
