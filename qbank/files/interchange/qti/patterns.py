r"""Accepted answers as regular expressions: what a blank takes, with the folding of case, width and space spelled out.

A player compares letters, or matches an expression of XML Schema; it cannot fold full-width forms or forget blanks. So
every letter becomes the class of all the letters that fold to it, ``[CcＣｃ]``, with room for blanks between them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any

_MARKUP = re.compile(r"\\(?:ce|mathrm|text|rm)(?![A-Za-z])|[${}_^]")
_SPECIAL = frozenset("\\|.?*+(){}-[]^")
_SPACES = "\\s\u3000\u00a0"
_SIGNS = "$_\\^{}"
"""What stands for an index or a formula in a text, and is passed over."""
_BEYOND = re.compile(r"\(\?|\\[bBAzZGQEpPC]|[*+?}]\?|\^|\$|&&|\[\[:")
"""What the pattern language of the bank has and XML Schema has not, or has in another sense."""


def accepted_pattern(text: str, fold: Mapping[str, bool]) -> str:
    """Return the expression that matches whatever is taken for an accepted text.

    >>> import re
    >>> one = accepted_pattern("CaO", {"case": True, "width": True, "space": True})
    >>> [bool(re.fullmatch(one, text)) for text in ("CaO", "ｃａＯ", " C a O。", "Ca", "CaOO")]
    [True, True, True, False, False]
    """
    width, case, space = fold["width"], fold["case"], fold["space"]
    words = folded(text, fold)
    between = f"[{_SPACES if space else ''}{_SIGNS}]*"
    long = _long_forms(width, case)
    parts: list[str] = []
    place = 0
    while place < len(words):
        part = _one_of(words[place], width, case)
        for length in (4, 3, 2):
            whole = words[place : place + length]
            if len(whole) == length and (letters := long.get(whole)):
                apart = between.join(_one_of(mark, width, case) for mark in whole)
                part = f"({_class(letters)}|{apart})"
                place += length - 1
                break
        parts.append(part)
        place += 1
    stops = "。｡、､" if width else "。，、"  # with the width a comma is folded to a plain one first, and that one stays
    return f"[{_SPACES}{_SIGNS}]*{between.join(parts)}[{stops}{_SPACES}{_SIGNS}]*"


def folded(text: str, fold: Mapping[str, bool]) -> str:
    """Return an accepted text as it is compared."""
    words = _MARKUP.sub("", text).strip()
    if fold["width"]:
        words = unicodedata.normalize("NFKC", words).strip()
    if fold["space"]:
        words = "".join(words.split())
    words = words.rstrip("。，、 ") or words
    return words.casefold() if fold["case"] else words


@cache
def _alike(width: bool, case: bool) -> Mapping[str, str]:
    """Return for each text of one to four characters the characters that fold to it."""
    found: dict[str, list[str]] = {}
    for number in range(0x21, 0xFFFE):
        if 0xD800 <= number < 0xF900:
            continue
        mark = chr(number)
        text = unicodedata.normalize("NFKC", mark) if width else mark
        text = text.casefold() if case else text
        if text != mark and 1 <= len(text) <= 4 and text.strip() == text and text:
            found.setdefault(text, []).append(mark)
    return {text: "".join(marks) for text, marks in found.items()}


def _long_forms(width: bool, case: bool) -> Mapping[str, str]:
    return _alike(width, case)


def _one_of(mark: str, width: bool, case: bool) -> str:
    return _class(mark + _alike(width, case).get(mark, ""))


def _class(marks: str) -> str:
    if len(marks) == 1 and marks not in _SPECIAL and marks not in "$/&" and not marks.isspace():
        return marks
    if any(ord(mark) > 0xFFFF for mark in marks):
        return marks  # no class: half of a pair would stand in it
    if marks.isspace():
        return f"[{_SPACES}]+"
    return "[" + "".join("\\" + mark if mark in _SPECIAL else mark for mark in marks) + "]"


def bank_pattern(pattern: str, fold: Mapping[str, bool]) -> str:
    """Return a pattern of the bank for XML Schema with blanks around it, or "" where it says more than that can.

    >>> bank_pattern("Mn?O", {"case": True, "width": True, "space": True})
    '[\\\\s\\u3000\\xa0]*([mM][nN]?[oO])[。、\\\\s\\u3000\\xa0]*'
    >>> bank_pattern(r"\\bCaO", {"case": False, "width": True, "space": True})
    ''
    """
    pattern = pattern.removeprefix("^").removesuffix("$")
    if _BEYOND.search(re.sub(r"\[\^|\\[\^$]", "", pattern)):
        return ""
    words = _either_case(pattern) if fold["case"] else pattern
    return f"[{_SPACES}]*({words})[。、{_SPACES}]*"


def _either_case(pattern: str) -> str:
    """Return a pattern that takes small letters for capitals.

    >>> _either_case(r"Ca[a-z0]\\d")
    '[cC][aA][a-zA-Z0]\\\\d'
    """
    parts: list[str] = []
    inside = False
    place = 0
    while place < len(pattern):
        mark = pattern[place]
        if mark == "\\":
            parts.append(pattern[place : place + 2])
            place += 2
            continue
        inside = (inside or mark == "[") and mark != "]"
        length = 3 if inside and re.match("[A-Za-z]-[A-Za-z]", pattern[place:]) else 1
        taken = pattern[place : place + length]
        small, capital = taken.lower(), taken.upper()
        if small == capital or len(small) != len(taken) or len(capital) != len(taken):
            parts.append(taken)
        else:
            parts.append(small + capital if inside else f"[{small}{capital}]")
        place += length
    return "".join(parts)


def takes(pattern: str, text: str) -> bool:
    """Return whether an expression matches a text, for checks."""
    compiled: Any = re.compile(pattern)
    return compiled.fullmatch(text) is not None
