"""Rules over where the key stands: references and the standards that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qbank.lint.rule import ItemInput, RuleInput
from qbank.problem import Problem, note, warning

SUPERSEDED = {
    "GB/T 221": ("2008", ("1979", "2000")), "GB/T 222": ("2006", ("1984",)), "GB/T 228": ("2021", ("1976", "1987", "2002")),
    "GB/T 228.1": ("2021", ("2010",)), "GB/T 229": ("2020", ("1984", "1994", "2007")), "GB/T 231.1": ("2018", ("2002", "2009")),
    "GB/T 699": ("2015", ("1988", "1999")), "GB/T 700": ("2006", ("1979", "1988")), "GB/T 1591": ("2018", ("1988", "1994", "2008")),
    "GB/T 3077": ("2015", ("1982", "1988", "1999")), "GB/T 13304": ("2008", ("1991",)), "GB/T 1.1": ("2020", ("2000", "2009")),
    "GB/T 8170": ("2008", ("1987",)), "GB/T 19000": ("2016", ("2000", "2008")), "GB/T 19001": ("2016", ("2000", "2008")),
    "GB/T 24001": ("2016", ("1996", "2004")), "GB/T 28001": ("GB/T 45001-2020", ("2001", "2011")),
    "GB/T 11651": ("2008", ("1989",)), "GB 11651": ("2008", ("1989",)), "GB 6222": ("2005", ("1986",)),
    "GB 8958": ("2006", ("1988",)), "GB 5082": ("2019", ("1985",)), "GB 18218": ("2018", ("2000", "2009")),
    "GBZ 2.1": ("2019", ("2007",)), "AQ 2001": ("2018", ("2004",)), "GB 2894": ("2008", ("1982", "1988", "1996")),
    "GB 3100": ("1993", ("1982", "1986")), "GB 12158": ("2006", ("1990",)),
}  # fmt: skip
"""Standard → (the edition that replaced them, editions withdrawn). Only what is certain; a missing entry says nothing."""

_STANDARD = re.compile(
    r"(?<![A-Za-z])(?P<body>GB/T|GBZ/T|GBZ|GB|YB/T|YB|AQ/T|AQ|JB/T|HG/T|DL/T|ISO)\s*(?P<number>\d{1,5}(?:\.\d{1,3})?)(?!\d|\.\d)(?:\s*[-—–－:：]+\s*(?P<year>\d{4}|\d{2})(?!\d))?"
)
_CAPITALS = re.compile("[A-Z]{2}")
_EDITION = re.compile(r"(?:19|20)\d\d(?:\s*年?版)?|第\s*[一二三四五六七八九十\d]+\s*版|\b\d+(?:st|nd|rd|th) ed(?:ition)?\b", re.IGNORECASE)


def superseded_standard(given: ItemInput) -> Iterator[Problem]:
    """W183: a standard that an item names is not a withdrawn edition.

    What a withdrawn edition asked for may have changed; the key must be compared with the edition in force. The table
    of editions is small and holds only what is certain: silence means nothing.

    Bad: ``reference: GB/T 1591-2008 低合金高强度结构钢``. Good: ``reference: GB/T 1591-2018 低合金高强度结构钢``.
    """
    for steps, text in _citations(given):
        for match in _STANDARD.finditer(text):
            year = match["year"]
            name = f"{match['body']} {match['number']}"
            if year and name in SUPERSEDED:
                current, withdrawn = SUPERSEDED[name]
                if (year if len(year) == 4 else f"19{year}") in withdrawn:
                    yield warning("W183", given.place(*steps), found=match.group().strip(), current=current)


def standard_without_year(given: ItemInput) -> Iterator[Problem]:
    """W184: a reference to a standard gives its year.

    Editions differ; without the year nobody can tell which one the key follows when a new one comes out.

    Bad: ``reference: GB/T 700 碳素结构钢``. Good: ``reference: GB/T 700-2006 碳素结构钢``.
    """
    if _CAPITALS.search(given.item.reference):
        for match in _STANDARD.finditer(given.item.reference):
            if not match["year"]:
                yield note("W184", given.place("reference"), found=match.group().strip())


def _citations(given: ItemInput) -> Iterator[tuple[tuple[str, ...], str]]:
    item = given.item
    for key, text in (("stem", item.stem), ("reference", item.reference), ("rationale", item.rationale)):
        if "GB" in text or "AQ" in text:
            yield (key,), text


def stale_reference(given: RuleInput) -> Iterator[Problem]:
    """W187: an item's reference names the edition that the bank works from.

    bank.yaml may declare its sources: ``references: [{title: 炼钢工艺学, edition: "2021"}]``. A reference to a declared
    title with another year or edition is out of date; one without an edition is taken to mean the declared one.

    Bad: ``reference: 炼钢工艺学（2009 年版）第 3 章``. Good: ``reference: 炼钢工艺学（2021 年版）第 3 章``.
    """
    declared = given.bank.references
    if not declared:
        return
    for item in given.bank.items.values():
        for title, edition in declared:
            if title in item.reference:
                rest = item.reference.replace(title, " ").replace(edition, " ") if edition not in title else item.reference
                match = _EDITION.search(rest)
                if match and edition not in item.reference:
                    place = given.place(item.id, "reference")
                    yield warning("W187", place, title=title, found=match.group(), edition=edition)
