"""Papers, keys and answer sheets: a `Paper` becomes PDF, HTML or plain text.

No files are read but the package's own.
"""

from qbank.render.failure import TextFailure, UnprintableText
from qbank.render.markup import html_fragments
from qbank.render.pdf import render_pdf
from qbank.render.renderers import RENDERERS, Renderer
from qbank.render.texts import PARTS, Part

__all__ = [
    "PARTS",
    "RENDERERS",
    "Part",
    "Renderer",
    "TextFailure",
    "UnprintableText",
    "html_fragments",
    "render_pdf",
]
