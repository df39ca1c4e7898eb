"""Who stands where in a competition: by the rule that its papers were printed with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.ranking import Ranks, award_classes, rank_persons
from qbank.core.form import Form, FormItem, FormSection
from qbank.core.history import Estimate
from qbank.core.ranking import Ranking, TieBreak
from qbank.files.answers.header import group_name
from qbank.files.blueprint import read_blueprint
from qbank.kinds.scoring import calibration_share, score
from qbank.messages.lists import some
from qbank.problem import Problem, Span, warning
from qbank.workflow.paper_files import find_blueprint
from qbank.workflow.scoring import ScoredSitting
from qbank.workflow.workspace import Workspace

Array = NDArray[np.float64]

_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{1,2}(?:\.\d+)?)")
_WORDS = re.compile(r"(?:(\d+)(?:小时|时|hours?|hrs?|h))?(?:(\d+(?:\.\d+)?)(?:分钟|分|minutes?|mins?|min|m))?(?:(\d+(?:\.\d+)?)(?:秒钟|秒|seconds?|secs?|s))?")
_NUMBER = re.compile(r"\d{1,7}(?:\.\d+)?")
MOST_NAMED = 5
"""Cells and columns that a sentence names before it says how many more there are."""


@dataclass(frozen=True, slots=True, eq=False)
class RankedSitting:
    """The ranks of those who have a total.

    rule : of the papers ; values : (n_ties, n_persons) marks or minutes, NaN not known ; classes : (n_persons,) of the
    prize, 0 none ; printed : whether the papers say the rule themselves, or only their blueprint that they are a competition's
    """

    rule: Ranking
    values: Array
    ranks: Ranks
    classes: NDArray[np.int64]
    printed: bool


def rank_sitting(scored: ScoredSitting, workspace: Workspace) -> tuple[RankedSitting | None, list[Problem]]:
    """Return the ranks of a sitting, None where its papers rank nobody or not by the same rule; and what is odd about them."""
    id = scored.stored.record.id
    rules = [form.ranking for form in scored.forms]
    known = [rule for rule in rules if rule is not None]
    if not known:
        competition = any(_is_competition(form, workspace) for form in scored.forms)
        return (_ranked(scored, Ranking(), printed=False) if competition else None), []
    if len(known) < len(rules) or len({rule.words for rule in known}) > 1:
        return None, [warning("H131", Span(id), papers=some([form.id for form in scored.forms]))]
    found = _ranked(scored, known[0], printed=True)
    return found, [*_time_problems(scored, found), *_award_problems(id, found)]


def _ranked(scored: ScoredSitting, rule: Ranking, *, printed: bool) -> RankedSitting:
    values = np.full((len(rule.ties), len(scored.stored.responses.persons)), np.nan)
    for row, tie in enumerate(rule.ties):
        values[row] = _minutes(scored, tie) if tie.is_time else _marks(scored, row)
    sign = np.array([1.0 if tie.first == "higher" else -1.0 for tie in rule.ties])
    ranks = rank_persons(scored.scores.total, values * sign[:, None])
    return RankedSitting(rule, values, ranks, award_classes(ranks.rank, rule.awards), printed)


def _is_competition(form: Form, workspace: Workspace) -> bool:
    path = find_blueprint(form, workspace)
    blueprint = read_blueprint(path)[0] if path is not None else None
    return blueprint is not None and blueprint.purpose == "competition"


def _marks(scored: ScoredSitting, row: int) -> Array:
    """Return what each person earned on the questions of a tie-break, (n_persons,): scored as a section of the paper is,
    with penalties, items given to everybody and items left out as they are in the total."""
    forms = tuple(_parted(form, form.ranking.ties[row]) for form in scored.forms if form.ranking)
    found = score(
        scored.stored.responses, scored.marking, forms, scored.scores.rules, credited=scored.credited, dropped=scored.dropped
    )
    if "in" not in found.sections:
        return np.where(found.present, 0.0, np.nan)
    return np.asarray(found.by_section[:, found.sections.index("in")])


def _parted(form: Form, tie: TieBreak) -> Form:
    """Return a paper in two sections: the questions of a tie-break, and all others."""
    wanted = set(tie.items)
    parts: dict[str, list[FormItem]] = {"in": [], "out": []}
    for section in form.sections:
        for entry in section.items:
            parts["in" if entry.id in wanted else "out"].append(entry)
    return replace(form, sections=tuple(FormSection(title, "", 0.0, tuple(items)) for title, items in parts.items() if items))


def _minutes(scored: ScoredSitting, tie: TieBreak) -> Array:
    cells = _column(scored, tie.column)
    if cells is None:
        return np.full(len(scored.stored.responses.persons), np.nan)
    return np.array([read_minutes(cell) for cell in cells], dtype=np.float64)


def _column(scored: ScoredSitting, name: str) -> tuple[str, ...] | None:
    folded = {title.strip().casefold(): cells for title, cells in scored.stored.responses.groups}
    return next((folded[one] for one in column_names(name) if one in folded), None)


def column_names(name: str) -> tuple[str, str]:
    """Return under which names the column of a tie-break may be kept: its own, and what a column of that title is known as.

    >>> column_names("用时")
    ('用时', 'minutes')
    """
    return name.strip().casefold(), group_name(name.strip()).casefold()


def read_minutes(cell: str) -> float:
    """Return a time in minutes, NaN of what is none: a number of minutes, m:ss, h:mm:ss, or in words.

    >>> read_minutes("75.5"), read_minutes("1:15:30"), read_minutes("75:30"), read_minutes("1小时15分30秒"), read_minutes("about 60")
    (75.5, 75.5, 75.5, 75.5, nan)
    """
    plain = "".join(cell.replace("：", ":").split()).lower()
    if _NUMBER.fullmatch(plain):
        return float(plain)
    found = _CLOCK.fullmatch(plain) or (_WORDS.fullmatch(plain) if plain else None)
    if found is None:
        return float("nan")
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return 60 * hours + minutes + seconds / 60


def _time_problems(scored: ScoredSitting, found: RankedSitting) -> list[Problem]:
    """Return warnings of times that the answers do not hold, or not of everybody who is ranked."""
    id, problems = scored.stored.record.id, []
    for tie, values in zip(found.rule.ties, found.values, strict=True):
        if not tie.is_time:
            continue
        cells = _column(scored, tie.column)
        if cells is None:
            there = [name for name, _ in scored.stored.responses.groups]
            problems.append(warning("H132", Span(id), column=tie.column, columns=_named(there)))
            continue
        without = np.flatnonzero(np.isnan(values) & (found.ranks.rank > 0))
        if without.size:
            odd = list(dict.fromkeys(cells[row] for row in without.tolist() if cells[row].strip()))
            problems.append(warning("H133", Span(id), n=int(without.size), column=tie.column, cells=_named(odd)))
    return problems


def _named(words: Sequence[str]) -> str:
    return ", ".join([*words[:MOST_NAMED], *(["…"] if len(words) > MOST_NAMED else [])]) or "–"


def _award_problems(id: str, found: RankedSitting) -> list[Problem]:
    """Return a warning of every class of prizes that more persons share than there are prizes."""
    problems = []
    for at, planned in enumerate(found.rule.awards, start=1):
        n = int((found.classes == at).sum())
        if n > planned:
            last = int(found.ranks.rank[found.classes == at].max())
            shared = int((found.ranks.rank == last).sum())
            problems.append(warning("H134", Span(id), award=at, n=n, planned=planned, rank=last, shared=shared))
    return problems


def abilities(scored: ScoredSitting, estimates: Mapping[str, Estimate], ability: tuple[float, float]) -> Array:
    """Return the ability of everybody who is ranked by the calibration of the sitting, EAP, (n_persons,), NaN of nobody's.

    estimates : by item ; ability : mean and sd of those who sat, towards which the abilities are drawn. Bock & Mislevy (1982)
    """
    from qbank.irt import score_persons
    from qbank.workflow.calibration.anchors import parameters_of
    from qbank.workflow.calibration.categories import placed, right_or_wrong

    theta = np.full(len(scored.stored.responses.persons), np.nan)
    place = {item: n for n, item in enumerate(scored.stored.responses.items)}
    settled = scored.credited | scored.dropped
    known = {item: one for item, one in estimates.items() if item in place and item not in settled}
    scales = {one.scale for one in known.values()}
    rows = np.flatnonzero(np.isfinite(scored.scores.total))
    if len(scales) != 1 or not rows.size:
        return theta
    share = calibration_share(scored.scores, scored.stored.responses)[rows]
    codes = [
        right_or_wrong(share[:, place[item]]) if one.shares == (0.0, 1.0) else placed(share[:, place[item]], one.tops)
        for item, one in known.items()
    ]
    given = np.stack(codes, axis=1)
    found = score_persons(given, parameters_of(known, scales.pop()), ability=ability)
    theta[rows] = np.where((given >= 0).any(axis=1), found.theta, np.nan)
    return theta
