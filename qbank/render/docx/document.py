"""A Word file from what is written, piece by piece: centre, pictures and the file around it put together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from qbank.core.presentation import Paper
from qbank.messages import text
from qbank.render.docx.flow import Flow, xml_of
from qbank.render.docx.frame import Surround
from qbank.render.docx.numbering import Numbering
from qbank.render.docx.package import blank_of, word_file
from qbank.render.docx.pictures import Drawings
from qbank.render.docx.runs import Texts
from qbank.render.docx.writer import Writer
from qbank.render.failure import TextFailure, UnprintableText
from qbank.render.layout import Layout, logo_name

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what no XML may hold


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
    texts = Texts(drawings.draw, Numbering(), blank.page.text_width)
    writer = Writer(paper, texts, centre, drawn, layout.plain)
    body = xml_of(list(flow(writer)))
    pictures = drawings.files(paper, {path: items.get(path, "") for path in drawings.used})
    whole = "".join((body, around.title, around.subject, around.code, around.digest, around.line, *around.strip))
    if found := FORBIDDEN.search(whole):
        raise UnprintableText([forbidden("", text(paper.language, "paper.fail_head"), found[0])], paper.language)
    return word_file(blank, around, body, pictures, texts.numbering)


def forbidden(item: str, place: str, character: str) -> TextFailure:
    """Return the failure of a character that no Word file may hold."""
    return TextFailure(item, place, "control", f"U+{ord(character):04X}")
