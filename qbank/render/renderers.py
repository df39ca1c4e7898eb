"""The forms in which a paper leaves: the user's word → how it is made, its file ending and its media type.

Every renderer makes every part (`qbank.core.presentation.PARTS`); the same paper gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qbank.core.presentation import Paper, Part
from qbank.render.docx import render_docx
from qbank.render.html import render_html
from qbank.render.pdf import render_pdf
from qbank.render.txt import render_txt


@dataclass(frozen=True, slots=True)
class Renderer:
    """One form: what makes the bytes, the ending of the file's name with its dot, the media type."""

    render: Callable[[Paper, Part], bytes]
    suffix: str
    media_type: str


RENDERERS: dict[str, Renderer] = {
    "pdf": Renderer(render_pdf, ".pdf", "application/pdf"),
    "docx": Renderer(
        render_docx, ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ),
    "html": Renderer(render_html, ".html", "text/html; charset=utf-8"),
    "txt": Renderer(render_txt, ".txt", "text/plain; charset=utf-8"),
}
