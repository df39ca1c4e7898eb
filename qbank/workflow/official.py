"""The official results of a sitting, person by person, with how far each score may stray; only of a released sitting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.conditional_errors import conditional_error
from qbank.core.form import answer_places, paper_of
from qbank.core.history import Estimate
from qbank.core.responses import STANDINGS, Standing
from qbank.irt import from_reported
from qbank.irt.parameters import first_rows, log_probability_table
from qbank.ledger import Ledger, Step, calibrations_of, persons_of, scorings_of, steps_of, totals
from qbank.ledger.estimates import estimates_of
from qbank.problem import Problem, has_errors
from qbank.workflow.family_marks import accepted_marks
from qbank.workflow.gate import release_problems
from qbank.workflow.ranking import RankedSitting, rank_sitting
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.scoring_run import passed
from qbank.workflow.workspace import Workspace

GRID = np.linspace(-8.0, 8.0, 321)
"""Abilities between which expected scores and their errors are interpolated."""
BAND = 1.959963984540054
"""Standard errors to both sides of a score that make 95 per cent of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Result:
    """One person's line.

    number, name : "" of who was forgotten; ``person`` is the pseudonym ; sections : marks in the order of the list's
    sections, None where the person's paper has no such section ; total, passed, error, low, high, irt_error : None of
    who has no result ; low, high : the 95 % band, None where the error is 0: all or nothing right says nothing of it ;
    family_marks : on the scale of the family that the papers come from, where accepted cuts do ; rank : in a competition only
    """

    person: str
    number: str
    name: str
    form: str
    site: str
    room: str
    seat: str
    groups: Mapping[str, str]
    standing: Standing
    sections: tuple[float | None, ...]
    total: float | None = None
    passed: bool | None = None
    error: float | None = None
    low: float | None = None
    high: float | None = None
    irt_error: float | None = None
    family_marks: float | None = None
    rank: int | None = None

    @property
    def shown(self) -> str:
        """Return the number, or the pseudonym of who was forgotten."""
        return self.number or self.person

    @property
    def state(self) -> str:
        """Return what became of the person, ``waiting`` where marks are yet to come."""
        return "waiting" if self.standing == "present" and self.total is None else self.standing


@dataclass(frozen=True, slots=True)
class Change:
    """A result that is another one than at the release before; None: there was none, or there is none now.

    standing : of the person now, None of who is in no file any more
    """

    person: str
    number: str
    name: str
    before: float | None
    after: float | None
    passed_before: bool | None
    passed_after: bool | None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class OfficialList:
    """sections : titles ; group_names : of other columns ; left_out : sections of which the error knows nothing, by paper ;
    not_calibrated : questions of the papers without estimates, for which there is no error by calibration ;
    ranked : of a competition ; estimates : of the sitting's calibration, by item ; ability : mean and sd of its persons ;
    family : on whose scale marks stand as well, "" none ; release : the step of the gate ; number : the how-manieth release ; changes : since the
    release before
    """

    scored: ScoredSitting
    sections: tuple[str, ...]
    group_names: tuple[str, ...]
    results: tuple[Result, ...]
    left_out: Mapping[str, tuple[str, ...]]
    calibrated: bool
    not_calibrated: int
    ranked: RankedSitting | None
    estimates: Mapping[str, Estimate]
    ability: tuple[float, float]
    family: str
    release: Step
    number: int
    changes: tuple[Change, ...]

    @property
    def competition(self) -> bool:
        """Return whether ranks are given."""
        return self.ranked is not None


def official_list(id: str, workspace: Workspace) -> tuple[OfficialList | None, list[Problem]]:
    """Return the official results of a released sitting, or which stage is missing."""
    problems = release_problems(id, workspace)
    if has_errors(problems):
        return None, problems
    scored, problems = score_sitting(id, workspace)
    if scored is None:
        return None, problems
    ledger = workspace.open()
    try:
        estimates, ability = estimates_of(ledger, id), _ability(ledger, id)
        releases = [step for step in steps_of(ledger, id) if step.stage == "released" and step.passed]
        changes = _changes(ledger, scored, releases)
    finally:
        ledger.close()
    error, left_out = raw_errors(scored)
    irt, missing = irt_errors(scored, estimates)
    ranked, wrong = rank_sitting(scored, workspace)
    problems += wrong
    by_family, wrong = accepted_marks(scored, workspace)
    problems += wrong
    groups = [name for name, _ in scored.stored.responses.groups if name not in ("site", "room", "seat")]
    results = _results(scored, error, irt)
    if ranked is not None:
        results = tuple(replace(line, rank=int(rank) or None) for line, rank in zip(results, ranked.ranks.rank, strict=True))
    if by_family is not None:
        results = tuple(replace(line, family_marks=_number(mark)) for line, mark in zip(results, by_family.marks.marks.tolist(), strict=True))
    return OfficialList(
        scored, scored.scores.sections, tuple(groups), results, left_out,
        bool(estimates), missing, ranked, estimates, ability, by_family.family.id if by_family else "", releases[-1], len(releases), changes,
    ), problems  # fmt: skip


def raw_errors(scored: ScoredSitting) -> tuple[NDArray[np.float64], dict[str, tuple[str, ...]]]:
    """Return the standard error of each person's marks, (n_persons,), and by paper the sections that it leaves out.

    A stratum is the questions of a section with equal marks; what has one such question only is put together with the
    like of it into one stratum. An item whose marks went to everybody has no error.
    """
    responses, scores = scored.stored.responses, scored.scores
    column = {item: n for n, item in enumerate(responses.items)}
    error = np.full(len(responses.persons), np.nan)
    left_out: dict[str, tuple[str, ...]] = {}
    for number, form in enumerate(scored.forms):
        rows = np.flatnonzero((responses.form == number) & scores.present)
        strata = np.full(len(responses.items), -1, dtype=np.int64)
        titles: list[str] = []
        alone: dict[int, str] = {}
        for section in form.sections:
            places = [column[entry.id] for entry in answer_places(section) if entry.id not in scored.credited]
            worth = scores.counted[number, places] if places else np.zeros(0)
            for marks in np.unique(worth[worth > 0]).tolist():
                here = [place for place, each in zip(places, worth, strict=True) if each == marks]
                if len(here) == 1:
                    alone[here[0]] = section.title
                else:
                    strata[here] = len(titles)
                    titles.append(section.title)
        if alone:
            strata[list(alone)] = len(titles)
            titles.append(next(iter(alone.values())))
        error[rows], without = conditional_error(
            scores.share[rows] * scores.counted[number], strata, np.maximum(scores.counted[number], 1e-12)
        )
        if without:
            left_out[form.id] = tuple(dict.fromkeys(titles[n] for n in without))
    return error, left_out


def irt_errors(scored: ScoredSitting, estimates: Mapping[str, Estimate]) -> tuple[NDArray[np.float64], int]:
    """Return the standard error of each total by the calibration, (n_persons,), and how many questions lack estimates.

    At the ability whose expected marks are the person's: the square root of the sum of the variances of the marks of
    all questions, Lord (1980), ch. 4. NaN where the paper has a question without estimate, and where a total lies
    outside what any ability on [−8, 8] expects.
    """
    responses, scores = scored.stored.responses, scored.scores
    error, missing = np.full(len(responses.persons), np.nan), 0
    for number, _ in enumerate(scored.forms):
        worth = scores.counted[number]
        asked = [n for n, item in enumerate(responses.items) if worth[n] > 0 and item not in scored.credited]
        known = {responses.items[n]: estimates[responses.items[n]] for n in asked if responses.items[n] in estimates}
        missing += len(asked) - len(known)
        rows = np.flatnonzero((responses.form == number) & scores.present)
        if not asked or len(known) < len(asked) or not rows.size:
            continue
        given = sum(worth[n] for n, item in enumerate(responses.items) if item in scored.credited)
        mean, variance = _moments(known, worth[asked])
        at = np.where((scores.total[rows] >= mean[0] + given) & (scores.total[rows] <= mean[-1] + given), scores.total[rows] - given, np.nan)
        error[rows] = np.sqrt(np.interp(at, mean, variance))
    return error, missing


def _moments(known: Mapping[str, Estimate], worth: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return expected marks and their variance at each ability of the grid, (n_grid,) each."""
    found = list(known.values())
    parameters = from_reported(
        [one.model for one in found], [one.n_categories for one in found], [one.values for one in found], items=tuple(known)
    )
    table = np.exp(log_probability_table(parameters, GRID))
    first = first_rows(parameters.n_categories)
    mean, variance = np.zeros(GRID.size), np.zeros(GRID.size)
    for n, one in enumerate(found):
        marks = np.array(one.shares, dtype=np.float64)[:, None] * worth[n]
        here = table[first[n] : first[n + 1]]
        expected = (marks * here).sum(axis=0)
        mean += expected
        variance += ((marks - expected) ** 2 * here).sum(axis=0)
    return np.maximum.accumulate(mean), variance


def _results(scored: ScoredSitting, error: NDArray[np.float64], irt: NDArray[np.float64]) -> tuple[Result, ...]:
    responses, scores = scored.stored.responses, scored.scores
    columns = dict(responses.groups)
    holds = [{section.title for section in form.sections} for form in scored.forms]
    verdict = passed(scores.total, scored.cut)
    found = []
    for row, person in enumerate(responses.persons):
        known, form = scored.identities.get(person), int(responses.form[row])
        site, room, seat = (columns[name][row] if name in columns else "" for name in ("site", "room", "seat"))
        rest = {name: words[row] for name, words in responses.groups if name not in ("site", "room", "seat")}
        line = Result(
            person, known.number if known else "", known.name if known else "", responses.forms[form], site, room, seat,
            rest, STANDINGS[int(responses.standing[row])], (None,) * len(scores.sections),
        )  # fmt: skip
        if scores.present[row] and np.isfinite(scores.total[row]):
            marks = [float(each) if title in holds[form] else None for title, each in zip(scores.sections, scores.by_section[row], strict=True)]
            total, own, most = float(scores.total[row]), float(error[row]), float(scored.forms[form].marks)
            band = (max(0.0, total - BAND * own), min(most, total + BAND * own)) if own > 0 else (None, None)
            line = replace(
                line, sections=tuple(marks), total=total, passed=bool(verdict[row]), error=own, low=band[0], high=band[1],
                irt_error=float(irt[row]) if np.isfinite(irt[row]) else None,
            )  # fmt: skip
        found.append(line)
    return tuple(found)


def _ability(ledger: Ledger, id: str) -> tuple[float, float]:
    """Return mean and sd of the abilities of those who sat, by the calibration that holds."""
    current = next((one.record for one in calibrations_of(ledger, id) if one.current), None)
    return (current.ability_mean, current.ability_sd) if current is not None else (0.0, 1.0)


def _changes(ledger: Ledger, scored: ScoredSitting, releases: list[Step]) -> tuple[Change, ...]:
    """Return whose result is another one than at the release before, in the order of the list."""
    if len(releases) < 2:
        return ()
    id, facts = scored.stored.record.id, releases[-2].facts
    run = next((run for run in scorings_of(ledger, id) if run.number == facts.get("run")), None)
    if run is None:
        return ()
    old = dict(zip(persons_of(ledger, run.intakes), totals(ledger, id, run.number).tolist(), strict=True))
    new = dict(zip(scored.stored.responses.persons, scored.scores.total.tolist(), strict=True))
    standings = dict(zip(scored.stored.responses.persons, scored.stored.responses.standing.tolist(), strict=True))
    stored = scored.stored
    paper = dict(zip(stored.responses.persons, (paper_of(scored.forms[form]) for form in stored.responses.form), strict=True))
    former = dict(facts.get("cuts", {}))
    changes = []
    for person in dict.fromkeys([*new, *old]):
        before, after = (_number(totals_of.get(person)) for totals_of in (old, new))
        mine = paper.get(person, "")
        cuts = (float(former.get(mine, facts.get("cut", stored.record.cut))), stored.cut_of(mine))
        verdicts = [None if total is None else bool(passed(np.array([total]), cut)[0]) for total, cut in zip((before, after), cuts, strict=True)]
        if before != after or verdicts[0] != verdicts[1]:
            known = scored.identities.get(person)
            here = STANDINGS[standings[person]] if person in standings else None
            number, name = (known.number, known.name) if known else ("", "")
            changes.append(Change(person, number, name, before, after, verdicts[0], verdicts[1], here))
    return tuple(changes)


def _number(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)
