"""How a file of answers is read: what the mapping file, sitting.yaml and the command line say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from qbank.kinds.ratings import RaterRule, rule_settings
from qbank.problem import Span

Layout = Literal["auto", "wide", "long"]
Role = Literal[
    "person", "name", "document", "form", "status", "site", "room", "seat", "sex", "group", "batch", "team", "minutes",
    "item", "answer", "marks", "step", "rater",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read.

    layout : one row a person (wide) or a response (long), or told by the header (auto) ; scored : cells are marks ;
    not_reached : blanks after the last answer are not reached but the first, or every blank is omitted ;
    columns : header → role, item id or printed number ; ignore : headers of no interest ; groups : further columns to
    keep of each person ; words : omitted, not_reached, not_seen, void, withheld → what stands in a cell for it ;
    forms : what stands in the file for a paper → its id ; scored_columns : of the columns, those that hold marks ;
    places : where the mapping file says it, by (key, word) ; format : what the file is, "" where its content tells ;
    raters : how the marks of several raters become one
    """

    layout: Layout = "auto"
    scored: bool = False
    not_reached: Literal["trailing", "never"] = "trailing"
    columns: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    scored_columns: tuple[str, ...] = ()
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    skip_rows: int = 0
    places: Mapping[tuple[str, str], Span] = field(default_factory=dict)
    format: str = ""
    raters: RaterRule = field(default_factory=RaterRule)


def as_settings(reading: Reading) -> dict[str, Any]:
    """Return what of a reading is printed with the answers: only what is not customary, and how blanks count.

    >>> as_settings(Reading(scored=True))
    {'layout': 'auto', 'scored': True, 'not_reached': 'trailing'}
    """
    settings: dict[str, Any] = {
        "layout": reading.layout, "scored": reading.scored, "not_reached": reading.not_reached,
    }  # fmt: skip
    for name in ("columns", "words", "forms"):
        if value := getattr(reading, name):
            settings[name] = {key: list(one) if isinstance(one, tuple) else one for key, one in value.items()}
    for name in ("ignore", "groups", "scored_columns"):
        if value := getattr(reading, name):
            settings[name] = list(value)
    for name in ("sheet", "encoding", "delimiter", "skip_rows"):
        if value := getattr(reading, name):
            settings[name] = value
    if reading.raters != RaterRule():
        settings["raters"] = rule_settings(reading.raters)
    return settings
