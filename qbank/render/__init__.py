"""Papers, keys, answer sheets, marking guides, sheets of tasks: a `Paper` becomes PDF, HTML or plain text.

No files are read but the package's own.
"""

from qbank.render.failure import TextFailure, UnprintableText
from qbank.render.markup import html_fragments, page_and_print_fragments, typst_fragments
from qbank.render.pdf import render_pdf
from qbank.render.renderers import RENDERERS, Renderer
from qbank.render.texts import parts_of

__all__ = [
    "RENDERERS",
    "Renderer",
    "TextFailure",
    "UnprintableText",
    "html_fragments",
    "page_and_print_fragments",
    "parts_of",
    "render_pdf",
    "typst_fragments",
]
