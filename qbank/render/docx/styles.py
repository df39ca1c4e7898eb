"""The styles of a Word paper: one for each thing that stands on it, so that a centre changes its look in Word.

They are written into every file; a centre's own file brings its own, found by name, and lacks none: what it does not
have is added.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qbank.messages import Language, text
from qbank.render.docx.flow import TEXT_WIDTH, mm

NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SONG, HEI, LATIN = "宋体", "黑体", "Times New Roman"
LANGUAGE_TAGS: dict[Language, str] = {"zh": "zh-CN", "en": "en-GB"}
FONTS = (
    # name, other names of it or of its kin on other machines, family, panose, charset
    (SONG, "SimSun,Songti SC,Noto Serif SC,Noto Serif CJK SC,Source Han Serif SC", "auto", "02010600030101010101", "86"),
    (HEI, "SimHei,Heiti SC,Noto Sans SC,Noto Sans CJK SC,Source Han Sans SC", "modern", "02010609060101010101", "86"),
    (LATIN, "Liberation Serif,Times", "roman", "02020603050405020304", "00"),
    ("Cambria Math", "Latin Modern Math,STIX Two Math", "roman", "02040503050406030204", "00"),
    ("Consolas", "DejaVu Sans Mono,Liberation Mono", "modern", "020B0609020204030204", "00"),
)


@dataclass(frozen=True, slots=True)
class Style:
    """One paragraph style.

    id : how the document names it ; built_in : Word's own name of it, "" of ours, whose names stand in the catalogue ;
    base : the style that it is made from ; paragraph, words : its properties in the order of the schema
    """

    id: str
    built_in: str
    base: str
    paragraph: str = ""
    words: str = ""


HEAVY = f'<w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{HEI}" w:cs="{LATIN}"/>'
BOX = (
    "<w:keepNext/><w:pBdr>"
    + "".join(f'<w:{side} w:val="single" w:sz="8" w:space="3" w:color="auto"/>' for side in ("top", "left", "bottom", "right"))
    + "</w:pBdr>"
)
USUAL_SIZE = 21  # half points
MIDDLE = '<w:jc w:val="center"/>'


def spacing(before: int = 0, after: int = 0, line: int = 330, rule: str = "atLeast") -> str:
    """Return the space above, below and of a line, in twips."""
    return f'<w:spacing w:before="{before}" w:after="{after}" w:line="{line}" w:lineRule="{rule}"/>'


def size(half_points: int) -> str:
    """Return a size of type."""
    return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


STYLES = (
    Style("Normal", "Normal", "", spacing() + '<w:jc w:val="both"/>'),
    Style("Title", "Title", "Normal", "<w:keepNext/>" + spacing(0, 60, 440) + MIDDLE, "<w:b/><w:bCs/>" + size(34)),
    Style("Subtitle", "Subtitle", "Normal", "<w:keepNext/>" + spacing(60, 40) + MIDDLE, HEAVY + size(26)),
    Style("Heading1", "heading 1", "Normal", "<w:keepNext/><w:keepLines/>" + spacing(280, 40, 280) + '<w:jc w:val="left"/><w:outlineLvl w:val="0"/>', HEAVY + "<w:b/><w:bCs/>" + size(23)),
    Style("Heading2", "heading 2", "Normal", "<w:keepNext/><w:keepLines/>" + spacing(240, 60) + '<w:jc w:val="left"/><w:outlineLvl w:val="1"/>', HEAVY + "<w:b/><w:bCs/>" + size(24)),
    Style("Heading3", "heading 3", "Normal", "<w:keepNext/><w:keepLines/>" + spacing(200, 60) + '<w:jc w:val="left"/><w:outlineLvl w:val="2"/>', HEAVY + "<w:b/><w:bCs/>" + size(21)),
    Style("Header", "header", "Normal", f'<w:tabs><w:tab w:val="center" w:pos="{TEXT_WIDTH // 2}"/><w:tab w:val="right" w:pos="{TEXT_WIDTH}"/></w:tabs>' + spacing(line=220) + MIDDLE, size(17)),
    Style("Footer", "footer", "Normal", f'<w:tabs><w:tab w:val="center" w:pos="{TEXT_WIDTH // 2}"/><w:tab w:val="right" w:pos="{TEXT_WIDTH}"/></w:tabs>' + spacing(line=220) + MIDDLE, size(17)),
    Style("QCentre", "", "Normal", "<w:keepNext/>" + spacing(0, 60, 240, "auto") + MIDDLE + '<w:textAlignment w:val="center"/>', HEAVY + size(24)),
    Style("QCentreLine", "", "Normal", spacing(20, 0, 220) + MIDDLE, size(15)),
    Style("QVersion", "", "Normal", BOX + spacing(60, 60, 240, "auto") + MIDDLE, HEAVY + "<w:b/><w:bCs/>" + size(52)),
    Style("QListTitle", "", "Heading1", spacing(0, 80, 440) + MIDDLE, size(36)),
    Style("QInfo", "", "Normal", spacing(40, 160) + MIDDLE, size(19)),
    Style("QNoticesTitle", "", "Normal", "<w:keepNext/>" + spacing(60, 40, 280) + MIDDLE, HEAVY + "<w:b/><w:bCs/>" + size(21)),
    Style("QNotice", "", "Normal", "<w:keepLines/>" + spacing(0, 20, 270), size(19)),
    Style("QSectionNote", "", "Normal", "<w:keepNext/><w:keepLines/>" + spacing(0, 140, 270), size(20)),
    Style("QStem", "", "Normal", "<w:keepLines/>" + spacing(110)),
    Style("QStemMore", "", "QStem", spacing()),
    Style("QOption", "", "Normal", "<w:keepLines/>" + spacing() + '<w:jc w:val="left"/>'),
    Style("QPrompt", "", "QOption"),
    Style("QAnswer", "", "Normal", "<w:keepLines/>" + spacing(40)),
    Style("QAnswerLine", "", "Normal", spacing(mm(8) - 241, 0, 240, "auto") + '<w:jc w:val="left"/>'),
    Style("QMaterialLabel", "", "Normal", "<w:keepNext/>" + spacing(160, 80), HEAVY),
    Style("QMaterialTitle", "", "Normal", "<w:keepNext/>" + spacing(60) + MIDDLE, HEAVY + "<w:b/><w:bCs/>"),
    Style("QMaterial", "", "Normal", spacing()),
    Style("QPicture", "", "Normal", spacing(60, 60, 240, "auto") + MIDDLE),
    Style("QCell", "", "Normal", spacing(40, 40, 270) + MIDDLE),
    Style("QCellText", "", "QCell", '<w:jc w:val="left"/>'),
    Style("QCellSmall", "", "QCell", "", size(18)),
    Style("QCode", "", "Normal", spacing(60, 60, 260) + '<w:jc w:val="left"/>', '<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:cs="Consolas"/>' + size(19)),
    Style("QFields", "", "Normal", spacing(60, 120) + '<w:jc w:val="left"/>'),
    Style("QSeal", "", "Normal", spacing(0, 60, 240) + MIDDLE, size(19)),
    Style("QGap", "", "Normal", spacing(0, 0, 240, "auto"), size(6)),
)  # fmt: skip


def half_points(id: str) -> int:
    """Return the size of the letters of a style in half points.

    >>> half_points("QStem"), half_points("QCellSmall"), half_points("Title")
    (21, 18, 34)
    """
    style = next((one for one in STYLES if one.id == id), None)
    if style is None:
        return USUAL_SIZE
    found = re.search(r'<w:sz w:val="(\d+)"/>', style.words)
    return int(found[1]) if found else half_points(style.base)


def style_name(style: Style, language: Language) -> str:
    """Return the name under which Word lists a style.

    >>> [style_name(one, "zh") for one in STYLES if one.id in ("Title", "QStem", "QOption")]
    ['Title', '题干', '选项']
    """
    return style.built_in or text(language, f"docx.style_{style.id}")


def style_xml(style: Style, language: Language) -> str:
    """Return one style."""
    own = "" if style.built_in else ' w:customStyle="1"'
    base = f'<w:basedOn w:val="{style.base}"/>' if style.base else ""
    default = ' w:default="1"' if style.id == "Normal" else ""
    return (
        f'<w:style w:type="paragraph"{default}{own} w:styleId="{style.id}"><w:name w:val="{style_name(style, language)}"/>'
        f"{base}<w:qFormat/><w:pPr>{style.paragraph}</w:pPr><w:rPr>{style.words}</w:rPr></w:style>"
    )


TABLE_STYLES = (
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority w:val="99"/>'
    '<w:semiHidden/><w:unhideWhenUsed/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/>'
    '<w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
    '<w:style w:type="table" w:customStyle="1" w:styleId="QTable"><w:name w:val="{name}"/><w:basedOn w:val="TableNormal"/>'
    "<w:qFormat/></w:style>"
)


def styles_xml(language: Language) -> str:
    """Return ``word/styles.xml``: Chinese text in 宋体 and 黑体, Latin letters in Times New Roman, in either language."""
    tag = LANGUAGE_TAGS[language]
    latin = tag if language == "en" else "en-US"
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{SONG}" w:cs="{LATIN}"/>'
        f'{size(USUAL_SIZE)}<w:lang w:val="{latin}" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault><w:pPr/></w:pPrDefault></w:docDefaults>"
    )
    shown = "".join(style_xml(style, language) for style in STYLES)
    character = (
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/>'
        '<w:uiPriority w:val="1"/><w:semiHidden/><w:unhideWhenUsed/></w:style>'
    )
    tables = TABLE_STYLES.format(name=text(language, "docx.style_QTable"))
    return f'<w:styles xmlns:w="{NAMESPACE}">{defaults}{shown}{character}{tables}</w:styles>'


def fonts_xml() -> str:
    """Return ``word/fontTable.xml``: the fonts, and what a machine that lacks one may take in its stead."""
    shown = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:panose1 w:val="{panose}"/><w:charset w:val="{charset}"/>'
        f'<w:family w:val="{family}"/><w:pitch w:val="variable"/></w:font>'
        for name, others, family, panose, charset in FONTS
    )
    return f'<w:fonts xmlns:w="{NAMESPACE}">{shown}</w:fonts>'
