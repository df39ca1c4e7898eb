"""Pictures in a Word document: drawn from the bytes that came with the paper, with their alternative text.

Word draws PNG and JPEG; an SVG goes in as it is, for Word 2016 and later, with a PNG of it for older programs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import typst

from qbank.core.picture import Picture
from qbank.core.presentation import Paper
from qbank.render.complaints import broken_pictures
from qbank.render.docx.flow import attribute
from qbank.render.failure import UnprintableText
from qbank.render.pictures import MEDIA_TYPES, WHOLE_WIDTH, drawn_size, file_name, usable
from qbank.render.typesetting import fonts
from qbank.render.typst_literals import item_comment

EMU_PER_POINT = 12_700
PIXELS_PER_INCH = 300.0
LOGO_HEIGHT, LOGO_WIDTH = 10 * 72 / 25.4, 80 * 72 / 25.4  # ten millimetres high, at most eighty wide
SVG_EXTENSION = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"


@dataclass(slots=True)
class Drawings:
    """The pictures of one document, numbered as they are drawn; ``most`` is the width of the page's text in points."""

    media: Mapping[str, bytes]
    most: float = WHOLE_WIDTH
    known: dict[str, tuple[bytes, Picture]] = field(init=False)
    used: dict[str, int] = field(default_factory=dict)
    n_drawn: int = 0

    def __post_init__(self) -> None:
        self.known = usable(self.media)

    def draw(self, path: str, alt: str, alone: bool) -> str:
        """Return the run that draws a picture, as large as in the PDF."""
        width, height = drawn_size(self.known[path][1], alone=alone)
        less = min(1.0, self.most / width)
        return self.run_of(path, alt, width * less, height * less)

    def logo(self, path: str, alt: str) -> str:
        """Return the run that draws a centre's logo, ten millimetres high."""
        picture = self.known[path][1]
        height = min(LOGO_HEIGHT, LOGO_WIDTH * picture.height / picture.width)
        return self.run_of(path, alt, height * picture.width / picture.height, height)

    def run_of(self, path: str, alt: str, width_in_points: float, height_in_points: float) -> str:
        """Return the run that draws a picture in a size."""
        data, picture = self.known[path]
        number = self.used.setdefault(path, len(self.used) + 1)
        self.n_drawn += 1
        width, height = (round(length * EMU_PER_POINT) for length in (width_in_points, height_in_points))
        vector = ""
        if picture.type == "svg":
            vector = (
                f'<a:extLst><a:ext uri="{SVG_EXTENSION}"><asvg:svgBlip '
                'xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main" '
                f'r:embed="rIdVector{number}"/></a:ext></a:extLst>'
            )
        name = f'id="{self.n_drawn + 100}" name="{file_name(data, picture)}" descr="{attribute(alt)}"'
        return (
            f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/>'
            f"<wp:docPr {name}/><wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect=\"1\"/></wp:cNvGraphicFramePr>"
            '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
            f'<pic:cNvPr {name}/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="rIdPicture{number}">{vector}</a:blip>'
            "<a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/>"
            f'<a:ext cx="{width}" cy="{height}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
            "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )

    def files(self, paper: Paper, items: Mapping[str, str]) -> list[tuple[str, str, str, bytes]]:
        """Return (relation, file name, media type, bytes) of each picture that was drawn.

        items : path → the first item that shows it. Raises `UnprintableText` for pictures that cannot be decoded.
        """
        found = []
        for (path, number), preview in zip(self.used.items(), previews(paper, self.used, items), strict=True):
            data, picture = self.known[path]
            name = file_name(data, picture)
            if picture.type == "svg":
                found.append((f"rIdVector{number}", name, MEDIA_TYPES["svg"], data))
                found.append((f"rIdPicture{number}", f"{name}.png", MEDIA_TYPES["png"], preview))
            else:
                found.append((f"rIdPicture{number}", name, MEDIA_TYPES[picture.type], data))
        return found


def previews(paper: Paper, paths: Mapping[str, int], items: Mapping[str, str]) -> list[bytes]:
    """Return each picture as PNG, drawn by the same compiler as the PDF's, so that what it cannot decode is told alike."""
    if not paths:
        return []
    known = usable(paper.media)
    lines = ["#set page(width: auto, height: auto, margin: 0pt)"]
    for path in paths:
        data, picture = known[path]
        # a raster picture goes into the document as it is: it is only decoded here, a stamp of it
        width = drawn_size(picture, alone=True)[0] if picture.type == "svg" else 4
        lines += [item_comment(items.get(path, "")), f'#page(image("{file_name(data, picture)}", width: {width}pt))']
    source = "\n".join(lines)
    with tempfile.TemporaryDirectory(prefix="qbank-") as name:
        root = Path(name)
        for path in paths:
            data, picture = known[path]
            (root / file_name(data, picture)).write_bytes(data)
        (root / "main.typ").write_text(source, encoding="utf-8")
        try:
            made = typst.compile(root / "main.typ", root=root, font_paths=fonts(), format="png", ppi=PIXELS_PER_INCH)
        except typst.TypstError as found:
            failures = broken_pictures(source, paper, root)
            if failures:
                raise UnprintableText(failures, paper.language) from None
            raise RuntimeError(f"typst: {found.diagnostic}") from found
    return [bytes(one) for one in made] if isinstance(made, list) else [bytes(made)]
