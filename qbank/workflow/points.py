"""Which competency of a standard a knowledge point of another system means: code, path, title, part of a title."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from qbank.core.standard import Standard

How = Literal["code", "path", "title", "part", "ambiguous", "none"]


@dataclass(frozen=True, slots=True)
class Match:
    """code : the competency, empty where none is meant ; how : what matched ; near : what else it might be"""

    code: str
    how: How
    near: tuple[str, ...] = ()


def _key(title: str) -> str:
    """Return a title as it is compared: no blanks, no width, no case, no brackets around it."""
    return re.sub(r"[\s·、，,。()（）\-—_]+", "", unicodedata.normalize("NFKC", title)).casefold()


_LEADING_CODE = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)(?:[\s:：、]+|(?=[\u4e00-\u9fff]))")


@dataclass(frozen=True, slots=True)
class Points:
    """The competencies of a standard by everything that can name them."""

    codes: Mapping[str, str]
    paths: Mapping[tuple[str, ...], tuple[str, ...]]
    titles: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    levels: Mapping[str, tuple[int, ...]]


def points_of(standard: Standard) -> Points:
    """Return the competencies of a standard by code, by the titles on their path, and by their own title."""
    domain_titles = {domain.code: domain.title for domain in standard.domains}
    domain_path = {domain.code: domain.path for domain in standard.domains}
    paths: dict[tuple[str, ...], tuple[str, ...]] = {}
    titles: dict[str, tuple[str, ...]] = {}
    for code, competency in standard.competencies.items():
        path = (*(_key(domain_titles[part]) for part in domain_path[competency.domain]), _key(competency.title))
        paths[path] = (*paths.get(path, ()), code)
        titles[path[-1]] = (*titles.get(path[-1], ()), code)
    return Points(
        {code.casefold(): code for code in standard.competencies}, paths, titles,
        {code: f"{code} {competency.title}" for code, competency in standard.competencies.items()},
        {code: competency.levels for code, competency in standard.competencies.items()},
    )  # fmt: skip


def match_point(points: Points, written: Sequence[str], level: int) -> Match:
    """Return the competency that cells from the widest to the narrowest knowledge point mean.

    In this order: a code that the last cell is or begins with; the titles of the whole path; the last cell's title;
    a title that holds it or that it holds. Where several fit, those that the level examines are preferred.
    """
    cells = [cell.strip() for cell in written if cell.strip()]
    if not cells:
        return Match("", "none")
    last = cells[-1]
    lead = _LEADING_CODE.match(last)
    for word in (last, lead.group(1) if lead else ""):
        if (code := points.codes.get(word.casefold())) is not None:
            return Match(code, "code")
    keys = tuple(_key(_LEADING_CODE.sub("", cell, count=1)) or _key(cell) for cell in cells)
    whole = tuple(_key(cell) for cell in cells)
    for path in (keys, whole):
        if len(path) > 1 and (found := points.paths.get(path)):
            return _one(points, found, level, "path")
    for title in (keys[-1], whole[-1]):
        if found := points.titles.get(title):
            return _one(points, found, level, "title")
    if len(keys[-1]) >= 2:
        parts = tuple(
            code for title, codes in points.titles.items() for code in codes
            if len(title) >= 2 and (keys[-1] in title or title in keys[-1])
        )  # fmt: skip
        if parts:
            return _one(points, parts, level, "part")
    near = difflib.get_close_matches(keys[-1][:60], points.titles, n=2, cutoff=0.4)
    return Match("", "none", tuple(points.names[code] for title in near for code in points.titles[title]))


def _one(points: Points, found: tuple[str, ...], level: int, how: How) -> Match:
    if len(found) > 1 and level:
        found = tuple(code for code in found if level in points.levels[code]) or found
    if len(found) == 1:
        return Match(found[0], how)
    return Match("", "ambiguous", tuple(points.names[code] for code in found[:4]))
