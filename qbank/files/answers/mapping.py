"""mapping.yaml: what the columns and words of a station's answer files mean, where they are not the customary ones."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from qbank.core.authored import Authored, FilledText, Many, WrittenText
from qbank.files.answers.reading import Layout, Reading
from qbank.files.bank import read_node, shown_path
from qbank.files.shape import shape
from qbank.files.yaml_text import Mapping as MappingNode
from qbank.files.yaml_text import Node, Scalar, locate
from qbank.files.yaml_text import Sequence as ListNode
from qbank.kinds.ratings import How, RaterRule, Third, Veto
from qbank.problem import Problem, Span, error

MAPPING_FILE = "mapping.yaml"
DELIMITERS = {"comma": ",", "tab": "\t", "semicolon": ";", "\\t": "\t"}

Word = Annotated[WrittenText, Field(max_length=200)]


class WordsText(Authored):
    """What stands in a cell, or in the column of states, for each way of having no answer."""

    omitted: Many[Word] = ()
    not_reached: Many[Word] = ()
    not_seen: Many[Word] = ()
    void: Many[Word] = ()
    withheld: Many[Word] = ()
    absent: Many[Word] = ()
    present: Many[Word] = ()


class RatersText(Authored):
    """How the marks of several raters become one: see `qbank.kinds.ratings.RaterRule`."""

    how: How = "mean"
    gap_limit: float | WrittenText = 0.30
    third: Third = "mean_of_three"
    rounding: Annotated[float, Field(ge=0, le=10)] = 0.5
    least: Annotated[int, Field(ge=0, le=10)] = 0
    veto: Veto = "any"


class MappingText(Authored):
    """The whole file; all of it may be left out."""

    columns: dict[Word, Word] = Field(default_factory=dict)
    ignore: Many[FilledText] = ()
    groups: Many[FilledText] = ()
    words: WordsText = Field(default_factory=WordsText)
    forms: dict[Word, Word] = Field(default_factory=dict)
    layout: Layout = "auto"
    scored: bool | Many[Word] = False
    not_reached: Literal["trailing", "never"] = "trailing"
    sheet: WrittenText = ""
    encoding: WrittenText = ""
    delimiter: WrittenText = ""
    skip_rows: Annotated[int, Field(ge=0, le=1000)] = 0
    format: Literal["", "table", "moodle", "qti", "ratings"] = ""
    raters: RatersText = Field(default_factory=RatersText)


def read_mapping(path: Path) -> tuple[Reading | None, list[Problem]]:
    """Return how the files beside a mapping file are read, or nothing and what is wrong with it."""
    shown = shown_path(path)
    node, problems = read_node(path, shown)
    if node is None:
        return None, problems
    text, wrong = shape(MappingText, node, shown)
    problems += wrong
    if text is None:
        return None, problems
    problems += _wrong_values(text, node, shown)
    return (None, problems) if problems else (_reading(text, node, shown), problems)


def _wrong_values(text: MappingText, node: Node, path: str) -> list[Problem]:
    problems = []
    if text.encoding:
        try:
            codecs.lookup(text.encoding)
        except (LookupError, ValueError):
            problems.append(error("R213", Span(path, *locate(node, ("encoding",))), encoding=text.encoding))
    mark = DELIMITERS.get(text.delimiter, text.delimiter)
    if mark and (len(mark) > 1 or not mark.isascii() or mark.isalnum() or mark in "\"\r\n '"):
        problems.append(error("R214", Span(path, *locate(node, ("delimiter",))), delimiter=text.delimiter))
    if _share(text.raters.gap_limit) is None:
        at = Span(path, *locate(node, ("raters", "gap_limit")))
        problems.append(error("R339", at, found=str(text.raters.gap_limit)[:40]))
    return problems


def _share(limit: float | str) -> float | None:
    """Return a share of the full marks, also of per cent, None where it is neither.

    >>> _share("30%"), _share(0.3), _share("30"), _share(-1)
    (0.3, 0.3, None, None)
    """
    match = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s*([%％]?)", str(limit).strip())
    if match is None:
        return None
    share = float(match.group(1)) / (100 if match.group(2) else 1)
    return share if 0 <= share <= 1 else None


def _raters(text: RatersText) -> RaterRule:
    return RaterRule(text.how, _share(text.gap_limit) or 0.0, text.third, text.rounding, text.least, text.veto)


def _reading(text: MappingText, node: Node, path: str) -> Reading:
    words = {name: tuple(getattr(text.words, name)) for name in WordsText.model_fields if getattr(text.words, name)}
    return Reading(
        layout=text.layout, scored=text.scored is True, not_reached=text.not_reached, columns=dict(text.columns),
        ignore=text.ignore, groups=text.groups, words=words, forms=dict(text.forms),
        scored_columns=text.scored if isinstance(text.scored, tuple) else (), sheet=text.sheet, encoding=text.encoding,
        delimiter=DELIMITERS.get(text.delimiter, text.delimiter), skip_rows=text.skip_rows, places=_places(node, path),
        format=text.format, raters=_raters(text.raters),
    )  # fmt: skip


def _places(node: Node, path: str) -> dict[tuple[str, str], Span]:
    """Return where each entry of columns, forms, ignore and groups stands."""
    found: dict[tuple[str, str], Span] = {}
    entries = node.entries if isinstance(node, MappingNode) else {}
    for name in ("columns", "forms", "ignore", "groups"):
        inner = entries.get(name)
        if isinstance(inner, MappingNode):
            found |= {(name, key): Span(path, one.line, one.column) for key, one in inner.entries.items()}
        elif inner is not None:
            listed = inner.entries if isinstance(inner, ListNode) else [inner]
            found |= {(name, one.text): Span(path, one.line, one.column) for one in listed if isinstance(one, Scalar)}
    return found
