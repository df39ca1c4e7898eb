"""What stands round the text of a page: the title above, the code and page below, the strip beside the first page."""

from __future__ import annotations

from dataclasses import dataclass

from qbank.core.presentation import Paper
from qbank.messages import Language, text
from qbank.render.docx.runs import field, run
from qbank.render.labels import joined, page_words
from qbank.render.readable import width
from qbank.render.typst_page import paper_title

EMU_PER_MM = 36_000
STRIP_WIDTH, STRIP_HEIGHT = 19.0, 269.0  # as in the PDF: from 14 mm below the page's top to 14 mm above its end
STRIP_LEFT, STRIP_TOP = 5.0, 14.0
STRIP_LENGTH = 156  # half-width letters of the strip's type beside each other


@dataclass(frozen=True, slots=True)
class Surround:
    """What a document says of itself: above and below its pages, in the strip, in its properties.

    title : above the pages ; code, digest : below them, as ``line``, a centre's own words ; strip : the fields that a
    candidate fills in, none without a strip ; name, subject, keywords : the properties
    """

    language: Language
    title: str
    code: str
    digest: str
    line: str = ""
    strip: tuple[str, ...] = ()
    name: str = ""
    subject: str = ""
    keywords: str = ""

    @property
    def values(self) -> dict[str, str]:
        """Return what stands in the content controls, by their tag."""
        return {"qbank.title": self.title, "qbank.code": self.code, "qbank.digest": self.digest, "qbank.footer": self.line}


def surround_of(paper: Paper, heading: str, line: str, *, sealed: bool) -> Surround:
    """Return what stands round a part of a paper.

    heading : the part's own word behind the title, "" of the paper itself ; line : the centre's words below each page ;
    sealed : whether the first page has the strip
    """
    name = " ".join(one for one in (paper_title(paper), heading) if one)
    strip = paper.fields if sealed else ()
    return Surround(
        paper.language, joined(paper, heading), paper.code, paper.digest, line, strip, name, paper.subject,
        f"{paper.code} {paper.digest}",
    )  # fmt: skip


def control(tag: str, words: str, *, properties: str = "") -> str:
    """Return words in a content control, which a file that was printed before is filled anew by.

    >>> "qbank.code" in control("qbank.code", "A-1")
    True
    """
    return f'<w:sdt><w:sdtPr><w:tag w:val="{tag}"/></w:sdtPr><w:sdtContent>{run(words, properties) or "<w:r/>"}</w:sdtContent></w:sdt>'


def header_xml(around: Surround) -> str:
    """Return the head of each page but the first of a paper."""
    return f'<w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr>{control("qbank.title", around.title)}</w:p>'


def footer_xml(around: Surround) -> str:
    """Return the foot of each page: code, digest, page X of Y."""
    before, between, after = page_words(around.language)
    gap = run("\u2002·\u2002")
    pages = run(before) + field("PAGE") + run(between) + field("NUMPAGES") + run(after)
    shown = control("qbank.code", around.code) + gap
    shown += control("qbank.digest", around.digest) + gap if around.digest else ""
    return f'<w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>{shown}{pages}</w:p>'


def line_xml(around: Surround) -> str:
    """Return the centre's own words below the foot of each page."""
    return f'<w:p><w:pPr><w:pStyle w:val="QCentreLine"/></w:pPr>{control("qbank.footer", around.line)}</w:p>'


def seal_xml(around: Surround) -> str:
    """Return the strip in the binding margin: what the candidate fills in, and the line behind which it is sealed."""
    shown = "".join(sealed_lines(around))
    across, along = round(STRIP_WIDTH * EMU_PER_MM), round(STRIP_HEIGHT * EMU_PER_MM)
    name = text(around.language, "paper.seal") or text(around.language, "docx.style_QSeal")
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


def sealed_lines(around: Surround) -> list[str]:
    """Return the paragraphs of the strip: fields, the warning, the dashed line with its letters.

    Lines are written as letters: programs set tab stops in turned text each in their own way.
    """
    room = STRIP_LENGTH - sum(width(name) + 4 for name in around.strip)
    ruled = "_" * max(6, room // max(len(around.strip), 1))
    letters = text(around.language, "paper.seal")
    dashes = "- " * (int(STRIP_LENGTH * 0.8) // (len(letters) + 1))
    notice = run(text(around.language, "paper.seal_notice"), '<w:sz w:val="15"/><w:szCs w:val="15"/>')
    lines = (run("  ".join(f"{name} {ruled}" for name in around.strip)), notice, run(dashes + "".join(f" {letter} {dashes}" for letter in letters)))
    return [f'<w:p><w:pPr><w:pStyle w:val="QSeal"/></w:pPr>{line}</w:p>' for line in lines]
