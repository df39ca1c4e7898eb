"""Formulae for players that take MathML for unknown elements: a style that sets them out all the same.

Some players copy an item element by element and leave the name spaces behind; the browser then knows no formula, and
shows its letters in a row. The style is for these only: ``:read-only`` fits elements of HTML that nobody can write in,
and never those of MathML. It travels in the address itself, as players do not agree where a relative address begins.
"""

from __future__ import annotations

import urllib.parse
from typing import Any

from qbank.files.interchange.qti.markup import MATH
from qbank.files.interchange.qti.tree import element

_ROW = "display:inline-flex;flex-direction:column;align-items:center;vertical-align:middle"
STYLE = (
    "annotation:read-only{display:none}math:read-only{font-family:serif;white-space:nowrap}math[display=block]:read-only{display:block;text-align:center}"
    "mi:read-only{font-style:italic}mi[mathvariant=normal]:read-only{font-style:normal}mo:read-only{margin:0 .2em}mo[form]:read-only{margin:0}"
    "msub:read-only>:nth-child(2),msubsup:read-only>:nth-child(2){font-size:.7em;vertical-align:sub}"
    "msup:read-only>:nth-child(2),msubsup:read-only>:nth-child(3){font-size:.7em;vertical-align:super}"
    f"mfrac:read-only{{{_ROW};font-size:.85em;margin:0 .15em}}mfrac:read-only>:first-child{{border-bottom:1px solid;padding:0 .2em}}"
    "msqrt:read-only,mroot:read-only>:first-child{border-top:1px solid}msqrt:read-only::before,mroot:read-only>:first-child::before{content:'\\221A'}"
    "mroot:read-only{display:inline-flex;flex-direction:row-reverse}mroot:read-only>:nth-child(2){font-size:.6em}"
    f"munder:read-only,mover:read-only,munderover:read-only{{{_ROW}}}munder:read-only>:nth-child(2),munderover:read-only>:nth-child(2){{order:3;font-size:.7em}}"
    "mover:read-only>:nth-child(2),munderover:read-only>:nth-child(3){order:-1;font-size:.7em}"
    "mtable:read-only{display:inline-table;vertical-align:middle}mtr:read-only{display:table-row}mtd:read-only{display:table-cell;padding:.1em .4em;text-align:center}"
    "mspace:read-only{display:inline-block;width:.2em}mphantom:read-only{visibility:hidden}menclose:read-only{border:1px solid}"
)


def stylesheet(body: Any) -> Any:
    """Return the reference to the style where the body holds a formula, else nothing."""
    if next(body.iter(MATH + "math"), None) is None:
        return None
    return element("qti-stylesheet", href="data:text/css," + urllib.parse.quote(STYLE, safe=":;,.()-"), type="text/css")
