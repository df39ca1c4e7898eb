"""Lists that Word numbers itself: one entry of ``word/numbering.xml`` for each list of a document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from docx.document import Document as WordDocument
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import XmlPart
from docx.oxml import parse_xml
from docx.oxml.ns import qn

BULLET = "bullet"
FORMATS = {
    "LowerAlpha": "lowerLetter", "UpperAlpha": "upperLetter", "LowerRoman": "lowerRoman", "UpperRoman": "upperRoman",
}  # fmt: skip
MARKS = {"OneParen": "%1)", "TwoParens": "(%1)"}
NUMBER = re.compile(r'<w:numId w:val="(\d+)"/>')
NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
ABOVE = 420  # twips that a list stands to the right of the text


@dataclass(slots=True)
class Numbering:
    """The lists of one document, in order: each its format, the mark with ``%1`` for the number, and where it begins."""

    lists: list[tuple[str, str, int]] = field(default_factory=list)

    def new(self, format: str, mark: str, start: int = 1) -> int:
        """Return the number by which the paragraphs of a new list name it, counted from 1.

        >>> lists = Numbering()
        >>> lists.new("decimal", "%1."), lists.new("bullet", "•")
        (1, 2)
        """
        self.lists.append((format, mark, start))
        return len(self.lists)

    def mark(self, number: int, place: int) -> str:
        """Return the mark of an entry, counted from 1, as words: where no program counts.

        >>> lists = Numbering()
        >>> number = lists.new("lowerLetter", "(%1)", 2)
        >>> lists.mark(number, 2)
        '(c)'
        """
        format, mark, start = self.lists[number - 1]
        value = start + place - 1
        lettered = format in ("lowerLetter", "upperLetter") and value <= 26
        shown = chr(ord("a") + value - 1) if lettered else str(value)
        return mark.replace("%1", shown.upper() if format == "upperLetter" else shown)

    def ordered(self, attributes: Sequence[Any]) -> int:
        """Return the number of a new list as its author counts it: (where it begins, kind of number, what stands round it)."""
        start, style, delimiter = attributes
        return self.new(FORMATS.get(style["t"], "decimal"), MARKS.get(delimiter["t"], "%1."), start)


def abstract_xml(id: int, format: str, mark: str, start: int) -> str:
    """Return how one list counts."""
    return (
        f'<w:abstractNum xmlns:w="{NAMESPACE}" w:abstractNumId="{id}"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0">'
        f'<w:start w:val="{start}"/><w:numFmt w:val="{format}"/><w:suff w:val="tab"/><w:lvlText w:val="{mark}"/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="{ABOVE}" w:hanging="{ABOVE}"/></w:pPr></w:lvl></w:abstractNum>'
    )


def put_numbering(document: WordDocument, numbering: Numbering) -> int:
    """Put the lists into the document behind those that it has; returns what is to be added to their numbers."""
    if not numbering.lists:
        return 0
    root = numbering_root(document)
    abstracts = [int(one.get(qn("w:abstractNumId"), "0")) for one in root.iterchildren(qn("w:abstractNum"))]
    numbers = [int(one.get(qn("w:numId"), "0")) for one in root.iterchildren(qn("w:num"))]
    first_abstract, offset = max(abstracts, default=-1) + 1, max(numbers, default=0)
    before = sum(one.tag in (qn("w:numPicBullet"), qn("w:abstractNum")) for one in root)
    for place, (format, mark, start) in enumerate(numbering.lists):
        root.insert(before + place, parse_xml(abstract_xml(first_abstract + place, format, mark, start)))
        root.append(parse_xml(
            f'<w:num xmlns:w="{NAMESPACE}" w:numId="{offset + place + 1}"><w:abstractNumId w:val="{first_abstract + place}"/></w:num>'
        ))  # fmt: skip
    return offset


def numbering_root(document: WordDocument) -> Any:
    """Return the element with the lists of a document, made where there is none."""
    found = next((one for one in document.part.rels.values() if one.reltype == RELATIONSHIP_TYPE.NUMBERING), None)
    if found is not None:
        return found.target_part._element
    element = parse_xml(f'<w:numbering xmlns:w="{NAMESPACE}"/>')
    part = XmlPart(PackURI("/word/numbering.xml"), CONTENT_TYPE.WML_NUMBERING, element, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.NUMBERING)
    return element


def moved(xml: str, offset: int) -> str:
    """Return XML with the numbers of its lists moved.

    >>> moved('<w:numId w:val="2"/>', 7)
    '<w:numId w:val="9"/>'
    """
    return NUMBER.sub(lambda found: f'<w:numId w:val="{int(found[1]) + offset}"/>', xml) if offset else xml
