"""The Word file around a text: styles, fonts, settings, head and foot of the pages; the same paper, the same bytes.

A centre's own file may stand in for all that. Its text goes; its styles, its page, its head and foot stay, and what is
marked in them as the paper's (content controls ``qbank.title``, ``qbank.code``, ``qbank.digest``) is filled anew.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part as FilePart
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from qbank.messages import Language, text
from qbank.render.docx.flow import PAGE_HEIGHT, PAGE_WIDTH, mm
from qbank.render.docx.frame import Surround, footer_xml, header_xml, line_xml, seal_xml
from qbank.render.docx.numbering import Numbering, moved, put_numbering
from qbank.render.docx.page import Page, enlarge, enlarge_styles, page_of, set_page
from qbank.render.docx.runs import sized_formulae
from qbank.render.docx.styles import (
    LANGUAGE_TAGS,
    NAMESPACE,
    STYLES,
    fonts_xml,
    half_points,
    style_name,
    style_xml,
    styles_xml,
)
from qbank.render.docx.template import open_template, refused
from qbank.render.layout import Layout

DATE = (1980, 1, 1, 0, 0, 0)
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": NAMESPACE, "m": f"{OFFICE}/math", "r": f"{OFFICE}/relationships",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    }.items()
)  # fmt: skip
STYLE_CALL = re.compile(r'<w:(pStyle|tblStyle) w:val="(\w+)"/>')
CLOCK = ("dcterms:created", "dcterms:modified", "cp:lastModifiedBy", "cp:revision", "cp:lastPrinted")


@cache
def blank_file(language: Language) -> bytes:
    """Return an empty Word file with the styles, fonts and page of a paper."""
    section = (
        f'<w:sectPr><w:pgSz w:w="{PAGE_WIDTH}" w:h="{PAGE_HEIGHT}"/><w:pgMar w:top="{mm(17)}" w:right="{mm(16)}" '
        f'w:bottom="{mm(19)}" w:left="{mm(28)}" w:header="{mm(8)}" w:footer="{mm(9)}" w:gutter="0"/></w:sectPr>'
    )
    tag = LANGUAGE_TAGS[language]
    latin = tag if language == "en" else "en-US"
    settings = (
        '<w:zoom w:percent="100"/><w:mirrorMargins/><w:defaultTabStop w:val="420"/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:compatSetting w:name="compatibilityMode" '
        'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><m:mathPr><m:mathFont m:val="Cambria Math"/>'
        f'</m:mathPr><w:themeFontLang w:val="{latin}" w:eastAsia="zh-CN"/>'
    )
    parts = {"styles": "styles", "settings": "settings", "fontTable": "fontTable"}
    types = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{WORD_TYPE}.{kind}+xml"/>'
        for name, kind in {"document": "document.main", **parts}.items()
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/relationships/{kind}" Target="{name}.xml"/>'
        for number, (name, kind) in enumerate(parts.items(), start=1)
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/>{types}<Override PartName="/docProps/core.xml" '
        'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/relationships/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" '
        f'Type="{PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>',
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/>',
        "word/document.xml": f"<w:document {NAMESPACES}><w:body>{section}</w:body></w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
        "word/styles.xml": styles_xml(language),
        "word/settings.xml": f'<w:settings xmlns:w="{NAMESPACE}" xmlns:m="{OFFICE}/math">{settings}</w:settings>',
        "word/fontTable.xml": fonts_xml(),
    }
    return zipped({name: (XML + body).encode("utf-8") for name, body in files.items()})


def zipped(files: dict[str, bytes]) -> bytes:
    """Return files as a ZIP archive without a clock: names in order, the list of types first, all of one date."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files, key=lambda one: (one != "[Content_Types].xml", one != "_rels/.rels", one)):
            entry = zipfile.ZipInfo(name, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Blank:
    """A Word file to be filled, and the page that its text is laid out on; own : whether a centre gave it."""

    document: WordDocument
    page: Page
    layout: Layout
    own: bool


def blank_of(language: Language, layout: Layout, template: bytes | None) -> Blank:
    """Return the file that a text goes into: a centre's, or one of ours. Raises `UnusableTemplate`."""
    if template is None:
        document = Document(io.BytesIO(blank_file(language)))
        return Blank(document, page_of(document, layout, own=False), layout, own=False)
    document = open_template(template)
    with refused():
        return Blank(document, page_of(document, layout, own=True), layout, own=True)


def word_file(
    blank: Blank, around: Surround, body: str, pictures: Sequence[tuple[str, str, str, bytes]], numbering: Numbering
) -> bytes:
    """Return a Word file with the body in place of its text; head, foot, styles and properties made the paper's.

    pictures : relation, file name, media type and bytes of each ; numbering : the lists that the body's paragraphs name
    """
    if not blank.own:
        return filled(blank, around, body, pictures, numbering)
    with refused():
        return filled(blank, around, body, pictures, numbering)


def filled(
    blank: Blank, around: Surround, body: str, pictures: Sequence[tuple[str, str, str, bytes]], numbering: Numbering
) -> bytes:
    """Return what `word_file` does; errors of a file that is not whole are python-docx's."""
    document = blank.document
    names = with_styles(document, around.language)
    if blank.layout.large:
        enlarge_styles(document, names["QSeal"])
    if not blank.own or blank.layout.sheet == "a3":
        set_page(document, blank.page)

    def elements(xml: str) -> list[Any]:
        shown = STYLE_CALL.sub(lambda found: f'<w:{found[1]} w:val="{names.get(found[2], found[2])}"/>', xml)
        return list(parse_xml(f"<w:body {NAMESPACES}>{shown}</w:body>"))

    inside = document.element.body
    for child in list(inside)[:-1] if inside[-1].tag == qn("w:sectPr") else list(inside):
        inside.remove(child)
    body = moved(body, put_numbering(document, numbering))
    if blank.layout.large:
        body = sized_formulae(body, half_points)
    for place, element in enumerate(elements(body)):
        enlarge(element, blank.page.scale)
        inside.insert(place, element)
    for relation, name, media_type, data in pictures:
        package = document.part.package
        part = FilePart(PackURI(f"/word/media/{name}"), media_type, data, package)
        document.part.load_rel(RELATIONSHIP_TYPE.IMAGE, part, relation)
    dress_pages(document, around, elements)
    describe(document, around)
    return without_clock(document)


def with_styles(document: WordDocument, language: Language) -> dict[str, str]:
    """Return for each of our styles its id in the document, in which those that it lacks are put.

    Word gives styles of Chinese names ids of its own, so a centre's styles are known by their names in either language.
    """
    styles = document.styles.element
    there = {one.find(qn("w:name")).get(qn("w:val")).casefold(): one.get(qn("w:styleId")) for one in styles.iterchildren(qn("w:style")) if one.find(qn("w:name")) is not None}
    names = {}
    for style in STYLES:
        wanted = [style_name(style, each).casefold() for each in LANGUAGE_TAGS]
        names[style.id] = next((there[name] for name in wanted if name in there), style.id)
        if not any(name in there for name in wanted):
            styles.append(parse_xml(style_xml(style, language).replace("<w:style ", f'<w:style xmlns:w="{NAMESPACE}" ', 1)))
    tables = [text(each, "docx.style_QTable").casefold() for each in LANGUAGE_TAGS]
    names["QTable"] = next((there[name] for name in tables if name in there), "QTable")
    if not any(name in there for name in tables):
        styles.append(parse_xml(
            f'<w:style xmlns:w="{NAMESPACE}" w:type="table" w:customStyle="1" w:styleId="QTable"><w:name '
            f'w:val="{text(language, "docx.style_QTable")}"/><w:qFormat/></w:style>'
        ))  # fmt: skip
    return names


def dress_pages(document: WordDocument, around: Surround, elements: Any) -> None:
    """Put head and foot on the pages: the title above, code, digest and page below, the strip beside the first."""
    section = document.sections[-1]
    values = around.values
    section.different_first_page_header_footer = True  # the first page has the title in its text
    for place, head in enumerate((section.header._element, section.first_page_header._element)):
        fill_controls(head, values)
        if is_empty(head):
            replace_children(head, elements("<w:p/>" if place else header_xml(around)))
        if place and around.strip:
            replace_children(head, [*elements(seal_xml(around)), *head])
    for foot in (section.footer._element, section.first_page_footer._element):
        fill_controls(foot, values)
        if not any(tag.get(qn("w:val")) == "qbank.code" for tag in foot.iter(qn("w:tag"))):
            added = elements(footer_xml(around))
            replace_children(foot, added if is_empty(foot) else [*foot, *added])
        shown = "".join(one.text or "" for one in foot.iter(qn("w:t")))
        if around.line and around.line not in shown:
            replace_children(foot, [*foot, *elements(line_xml(around))])


def is_empty(element: Any) -> bool:
    """Return whether nothing is to be seen in a head or foot."""
    return not any(one.text for one in element.iter(qn("w:t"))) and element.find(f".//{qn('w:drawing')}") is None


def replace_children(element: Any, children: Sequence[Any]) -> None:
    """Put children in place of those that an element has."""
    for child in list(element):
        element.remove(child)
    for child in children:
        element.append(child)


def fill_controls(element: Any, values: dict[str, str]) -> None:
    """Write the paper's words into the content controls that are named after them; strips of another paper go."""
    for control in list(element.iter(qn("w:sdt"))):
        tag = control.find(f"{qn('w:sdtPr')}/{qn('w:tag')}")
        name = "" if tag is None else tag.get(qn("w:val"))
        if name == "qbank.seal":
            control.getparent().remove(control)
        elif name in values:
            texts = list(control.iter(qn("w:t")))
            for place, one in enumerate(texts):
                one.text = values[name] if place == 0 else ""


def describe(document: WordDocument, around: Surround) -> None:
    """Set the document's properties: title, subject, code, language; no clock and no person."""
    properties = document.core_properties
    properties.title = around.name[:255]
    properties.subject = around.subject[:255]
    properties.keywords = around.keywords[:255]
    properties.language = "zh-CN" if around.language == "zh" else "en"
    properties.author = ""
    element = document.part.package.core_properties._element
    for name in CLOCK:
        for child in element.findall(qn(name)):
            element.remove(child)


def without_clock(document: WordDocument) -> bytes:
    """Return the file, its entries sorted and dated alike."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a template may name a part twice: the later one stands
        document.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist()})
