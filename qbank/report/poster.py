"""Some figures of a report as one picture with a title: SVG for the page of another document, PNG for a slide."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from markupsafe import escape

from qbank.report.blocks import Figure, Report, walk
from qbank.report.drawing import draw
from qbank.report.figures import INK, MUTED

FONTS = "'Noto Sans SC','Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','Segoe UI',Arial,sans-serif"
GAP, HEAD, CAPTION = 28, 84, 24


def poster(report: Report, names: Sequence[str], note: str = "") -> str:
    """Return the named figures, two beside each other, below the report's title; one that is not there leaves no gap.

    note : stands below the title in place of the report's subtitle
    """
    found = {block.name: block for block in walk(report.blocks) if isinstance(block, Figure)}
    figures = [found[name] for name in names if name in found]
    wide = max((_size(figure)[0] for figure in figures), default=0)
    parts: list[str] = []
    top = HEAD
    for start in range(0, len(figures), 2):
        row = figures[start : start + 2]
        for place, (figure, drawing) in enumerate(zip(row, draw(row), strict=True)):
            left = GAP + place * (wide + GAP)
            title = escape(figure.caption.split(" · ")[0])
            parts.append(f'<text x="{left}" y="{top + 12}" font-size="15" font-weight="bold" fill="{INK}">{title}</text>')
            parts.append(drawing.replace("<svg ", f'<svg x="{left}" y="{top + CAPTION}" ', 1))
        top += max(_size(figure)[1] for figure in row) + CAPTION + GAP
    width = GAP + min(len(figures), 2) * (wide + GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" width="{width}" height="{top}" '
        f'font-family="{FONTS}" role="img" aria-label="{escape(report.title)}">'
        f'<rect width="{width}" height="{top}" fill="#ffffff"/>'
        f'<text x="{GAP}" y="40" font-size="22" font-weight="bold" fill="{INK}">{escape(report.title)}</text>'
        f'<text x="{GAP}" y="64" font-size="13.5" fill="{MUTED}">{escape(note or report.subtitle)}</text>'
        f"{''.join(parts)}</svg>\n"
    )


def _size(figure: Figure) -> tuple[int, int]:
    left, top, right, bottom = figure.margin
    return figure.spec["width"] + left + right, figure.spec["height"] + top + bottom


def to_png(svg: str, scale: float = 1.5) -> bytes:
    """Return the picture as PNG, drawn with the fonts of this package."""
    import vl_convert

    import qbank.render

    vl_convert.register_font_directory(str(Path(qbank.render.__file__).parent / "fonts"))
    return bytes(vl_convert.svg_to_png(svg, scale=scale))
