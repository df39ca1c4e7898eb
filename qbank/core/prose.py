"""Text as people read it: without the commands of formulae, and how wide it prints."""

from __future__ import annotations

import re
from functools import lru_cache

from qbank.core.chemistry import chemistry_in

MATHEMATICS = "\ufffc"
"""Stands in prose where a formula stood."""

_DOLLARS = re.compile(r"(?<!\\)\$[^$]*\$")
_PICTURE = re.compile(r"!\[([^\]]{0,500})\]\([^)]{0,500}\)")
_CHEMISTRY = re.compile(r"\\ce\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)|[{}$^_ ]")


@lru_cache(maxsize=1024)
def prose(text: str) -> str:
    """Return a text without its formulae and pictures: one mark stands for each formula, its words for each picture.

    >>> prose("碱度 $R$ 与 ![曲线](media/a.svg)").replace(MATHEMATICS, "#")
    '碱度 # 与 曲线'
    """
    if "\\ce" in text:
        text = _without_chemistry(text)
    if "$" in text:
        text = _DOLLARS.sub(MATHEMATICS, text)
    return _PICTURE.sub(r"\1", text) if "![" in text else text


def _without_chemistry(text: str) -> str:
    parts, position = [], 0
    for start, end, _ in chemistry_in(text):
        parts += [text[position:start], MATHEMATICS]
        position = end
    return "".join([*parts, text[position:]])


@lru_cache(maxsize=1024)
def shown(text: str) -> str:
    """Return about what is printed: formulae without their commands and braces.

    >>> shown("$w(\\\\mathrm{CaO})$ 与碱度")
    'w(CaO) 与碱度'
    """
    if "\\ce" in text:
        text = _CHEMISTRY.sub(lambda found: _COMMAND.sub("", found[1]), text)
    return _DOLLARS.sub(lambda found: _COMMAND.sub("", found.group()), text) if "$" in text else text


def columns(text: str) -> float:
    """Return the printed width of a text, a Chinese character counting two.

    >>> columns("碱度R")
    5.0
    """
    text = shown(text)
    return (len(text) + len(text.encode("utf-8", "replace"))) / 2
