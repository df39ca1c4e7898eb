"""What stands round the text of a page: the title above, the code and page below, the strip beside the first page."""

from __future__ import annotations

from collections.abc import Mapping

from qbank.core.presentation import Paper
from qbank.messages import text
from qbank.render.docx.runs import field, run
from qbank.render.labels import page_words
from qbank.render.readable import width

EMU_PER_MM = 36_000
STRIP_WIDTH, STRIP_HEIGHT = 19.0, 269.0  # as in the PDF: from 14 mm below the page's top to 14 mm above its end
STRIP_LEFT, STRIP_TOP = 5.0, 14.0
STRIP_LENGTH = 146  # half-width letters of the strip's type beside each other


def control(tag: str, words: str, *, properties: str = "") -> str:
    """Return words in a content control, which a file that was printed before is filled anew by.

    >>> "qbank.code" in control("qbank.code", "A-1")
    True
    """
    return f'<w:sdt><w:sdtPr><w:tag w:val="{tag}"/></w:sdtPr><w:sdtContent>{run(words, properties) or "<w:r/>"}</w:sdtContent></w:sdt>'


def header_xml(values: Mapping[str, str]) -> str:
    """Return the head of each page but the first of a paper."""
    return f'<w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr>{control("qbank.title", values["qbank.title"])}</w:p>'


def footer_xml(paper: Paper, values: Mapping[str, str]) -> str:
    """Return the foot of each page: code, digest, page X of Y."""
    before, between, after = page_words(paper)
    gap = run("\u2002·\u2002")
    pages = run(before) + field("PAGE") + run(between) + field("NUMPAGES") + run(after)
    shown = control("qbank.code", values["qbank.code"]) + gap + control("qbank.digest", values["qbank.digest"]) + gap + pages
    return f'<w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>{shown}</w:p>'


def seal_xml(paper: Paper) -> str:
    """Return the strip in the binding margin: what the candidate fills in, and the line behind which it is sealed."""
    shown = "".join(sealed_lines(paper))
    across, along = round(STRIP_WIDTH * EMU_PER_MM), round(STRIP_HEIGHT * EMU_PER_MM)
    name = text(paper.language, "paper.seal") or text(paper.language, "docx.style_QSeal")
    return (
        '<w:sdt><w:sdtPr><w:tag w:val="qbank.seal"/></w:sdtPr><w:sdtContent><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr><w:r>'
        '<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor distT="0" distB="0" distL="0" distR="0" '
        'simplePos="0" relativeHeight="1" behindDoc="0" locked="0" layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>'
        f'<wp:positionH relativeFrom="page"><wp:posOffset>{round(STRIP_LEFT * EMU_PER_MM)}</wp:posOffset></wp:positionH>'
        f'<wp:positionV relativeFrom="page"><wp:posOffset>{round(STRIP_TOP * EMU_PER_MM)}</wp:posOffset></wp:positionV>'
        f'<wp:extent cx="{across}" cy="{along}"/><wp:wrapNone/><wp:docPr id="1" name="{name}" descr="{name}"/>'
        "<wp:cNvGraphicFramePr/><a:graphic><a:graphicData "
        'uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr>'
        f'<a:xfrm><a:off x="0" y="0"/><a:ext cx="{across}" cy="{along}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        "<a:noFill/><a:ln><a:noFill/></a:ln></wps:spPr><wps:txbx><w:txbxContent>"
        f'{shown}</w:txbxContent></wps:txbx><wps:bodyPr rot="0" vert="vert270" lIns="0" tIns="0" rIns="0" bIns="0" anchor="ctr">'
        "<a:noAutofit/></wps:bodyPr></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice></mc:AlternateContent>"
        "</w:r></w:p></w:sdtContent></w:sdt>"
    )


def sealed_lines(paper: Paper) -> list[str]:
    """Return the paragraphs of the strip: fields, the warning, the dashed line with its letters.

    Lines are written as letters: programs set tab stops in turned text each in their own way.
    """
    room = STRIP_LENGTH - sum(width(name) + 4 for name in paper.fields)
    ruled = "_" * max(6, room // max(len(paper.fields), 1))
    letters = text(paper.language, "paper.seal")
    dashes = "- " * (int(STRIP_LENGTH * 0.8) // (len(letters) + 1))
    notice = run(text(paper.language, "paper.seal_notice"), '<w:sz w:val="15"/><w:szCs w:val="15"/>')
    lines = (run("  ".join(f"{name} {ruled}" for name in paper.fields)), notice, run(dashes + "".join(f" {letter} {dashes}" for letter in letters)))
    return [f'<w:p><w:pPr><w:pStyle w:val="QSeal"/></w:pPr>{line}</w:p>' for line in lines]
