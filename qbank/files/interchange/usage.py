"""Statistics of items → QTI 3 Usage Data, the standard's own carrier of what a sitting said about them.

The names that other programs write are used where they mean the same: `STATISTICS`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "http://www.imsglobal.org/xsd/imsqti_usagedata_v3p0"
STATISTICS: dict[str, str] = {
    "P-Value": "facility: mean marks / marks, 0 to 1 (easiness); stdError = s/√n / marks, s with n − 1",
    "AIS": "average item score, in marks; stdDeviation with n − 1",
    "PTbis": "Pearson's r of the item's marks with those of the other scored items of the paper (item left out)",
    "PTbis-Total": "Pearson's r of the item's marks with those of the paper, the item left in",
    "rbis": "biserial: PTbis·√(p(1−p)) / φ(Φ⁻¹(p)) (Lord & Novick 1968, 15.9.3); right/wrong items only",
    "Omitted": "share, 0 to 1, of those who saw the item and left it blank though they answered a later one",
    "NotReached": "share, 0 to 1, of those who had the item and answered nothing from it on",
    "NumberChoosingResponse": "how many chose the option (partIdentifier)",
    "PercentChoosingResponse": "per cent, 0 to 100, of those who saw the item",
    "PTbis-Response": "Pearson's r of choosing the option (1) or not (0) with the marks on the other items",
    "IRT-Model": "the word of the model that the parameters belong to",
    "IRT-Scale": "the name of the ability scale; parameters of two scales cannot be compared",
    "IRT-a": "discrimination, logistic metric (no D = 1.7)",
    "IRT-b": "difficulty on the scale; of an item with more than two categories the mean of IRT-b1, IRT-b2, …",
    "IRT-c": "lower asymptote",
    "IRT-u": "upper asymptote",
    "IRT-d": "intercept, d = −a·b",
    "Mean": "mean marks of a test form; stdDeviation with n − 1",
    "Alpha": "Cronbach's alpha of a test form (1951)",
    "SEM": "standard error of measurement of a test form, s·√(1 − alpha), in marks",
}
"""name → what the number is; steps of items with more categories are numbered: ``IRT-b1``, ``IRT-d2``"""


@dataclass(frozen=True, slots=True)
class UsageStatistic:
    """One number about an item, an option of it (``part``) or, ``object`` = test, a form.

    context : the words that say which persons, from wide to narrow: sitting, column, group ; n : persons it rests on ;
    error, deviation : NaN where there is none
    """

    name: str
    identifier: str
    value: float | int | str
    context: tuple[str, ...]
    n: int
    part: str = ""
    error: float = math.nan
    deviation: float = math.nan
    object: str = "item"


def write_usage(
    statistics: Iterable[UsageStatistic], *, updated: str = "", glossary: str = "", notes: Iterable[str] = ()
) -> bytes:
    """Return a usage data file; a number that does not exist is left out, never written as NaN.

    updated : the day of the sitting, left out unless it is one (YYYY-MM-DD) ; glossary : the page beside the file that
    defines the names ; notes : comments at its head. Characters that XML cannot hold become U+FFFD; `xml_name` makes an identifier of an option's word.

    >>> one = UsageStatistic("P-Value", "A<1>", 0.5, ("2026-05", "TOTAL"), 40, error=0.08)
    >>> print(write_usage([one], updated="2026-05-01").decode().splitlines()[2])
    <ordinaryStatistic name="P-Value" context="2026-05/TOTAL" caseCount="40" stdError="0.08" lastUpdated="2026-05-01">
    """
    day = f' lastUpdated="{updated}"' if _is_day(updated) else ""
    where = f" glossary={quoteattr(quote(glossary, safe='/#'))}" if glossary else ""
    said = (f"<!-- {_comment(words)} -->" for words in notes)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', *said, f'<usageData xmlns="{NAMESPACE}"{where}>']
    for one in statistics:
        if isinstance(one.value, float) and not math.isfinite(one.value):
            continue
        part = f" partIdentifier={quoteattr(xml_name(one.part))}" if one.part else ""
        what = "choice" if one.part else one.object
        lines += (
            f'<ordinaryStatistic name="{xml_name(one.name)}" context={quoteattr(_context(one.context))} caseCount="{one.n}"'
            f"{_number('stdError', one.error)}{_number('stdDeviation', one.deviation)}{day}>",
            f'<targetObject identifier={quoteattr(legal(one.identifier))}{part} objectType="{what}"/>',
            f"<value>{_value(one.value)}</value>",
            "</ordinaryStatistic>",
        )
    lines.append("</usageData>\n")
    return "\n".join(lines).encode("utf-8")


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_NAME = re.compile(r"[^\w.-]|_(?=x[0-9A-F]{4,6}_)")


def legal(text: str) -> str:
    """Return the text with what XML 1.0 cannot hold replaced.

    >>> legal("a\\x00b") == "a\\ufffdb"
    True
    """
    return _NOT_XML.sub("\ufffd", text)


def _comment(text: str) -> str:
    """Return the text without what ends a comment."""
    return legal(text).replace("--", "- -").rstrip("-")


@lru_cache(maxsize=4096)
def xml_name(text: str) -> str:
    """Return a name that XML allows (NCName), one for each text; other characters as their code, as SQL/XML does.

    >>> xml_name("A"), xml_name("√"), xml_name("12.5 t"), xml_name("正确")
    ('A', '_x221A_', '_x0031_2.5_x0020_t', '正确')
    """
    coded = _NOT_NAME.sub(lambda found: _coded(found.group()), text)
    # Of what Python calls a letter, names of XML know the plain ones for certain: anything rarer is written as its code.
    coded = "".join(character if _plain(character) else _coded(character) for character in coded)
    return _coded(coded[0]) + coded[1:] if coded and not (coded[0] == "_" or _starts(coded[0])) else coded or "_"


def _coded(character: str) -> str:
    return f"_x{ord(character):04X}_"


def _starts(character: str) -> bool:
    return (character.isascii() and character.isalpha()) or "\u4e00" <= character <= "\u9fa5"


def _plain(character: str) -> bool:
    return character in "_.-" or _starts(character) or (character.isascii() and character.isdigit())


@lru_cache(maxsize=4096)
def _context(words: tuple[str, ...]) -> str:
    """Return the words as a path, each made safe by itself, so that a slash in a group's name starts no new word."""
    return "/".join(quote(legal(word), safe="") for word in words)


def _number(attribute: str, value: float) -> str:
    return f' {attribute}="{value!r}"' if math.isfinite(value) else ""


def _value(value: float | int | str) -> str:
    return escape(legal(value)) if isinstance(value, str) else repr(value)


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
