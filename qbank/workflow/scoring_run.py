"""score: a new scoring run beside the old ones, and who flips at the cut between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qbank.core.form import paper_of
from qbank.core.responses import STANDINGS
from qbank.core.scoring_changes import Changes, changes_record, read_changes
from qbank.core.scoring_rules import ScoringRules, as_settings, overlaid
from qbank.files.scoring_rules import read_rules
from qbank.kinds.scoring import SLACK
from qbank.ledger import (
    N_BANDS,
    ResultRow,
    Scoring,
    ScoringRecord,
    counts_of,
    list_sittings,
    persons_of,
    scorings_of,
    write_scoring,
)
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.rekeying import Asked, known_by_marks, read_asked
from qbank.workflow.scoring import (
    ScoredSitting,
    SittingToScore,
    cuts_record,
    outdated_cuts,
    scored_with,
    sitting_to_score,
    unheeded,
    usual_rules,
    waiting,
)
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Flip:
    """A person whose verdict another run changed.

    person : pseudonym ; number : 准考证号, "" where it is not known any more ; before, after : totals ; passed : now
    """

    person: str
    number: str
    form: str
    before: float
    after: float
    passed: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run against the one before.

    before : its number ; flips : in the order of the answers ; n_compared : persons present in both ; n_changed : those
    with another total ; mean_change : of the total, NaN for nobody
    """

    before: int
    flips: tuple[Flip, ...]
    n_compared: int
    n_changed: int
    mean_change: float


@dataclass(frozen=True, slots=True)
class ScoringRun:
    """What a run came to.

    number : 0 where it was only tried ; outcome : ``added``, ``unchanged`` or ``tried`` ; mean : of the totals, NaN for
    nobody ; comparison : None for a first run and an unchanged one
    """

    number: int
    outcome: str
    scored: ScoredSitting
    n_present: int
    mean: float
    n_passed: int
    comparison: Comparison | None


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run as it stands in the ledger, with what its counts add up to; mean : NaN for nobody."""

    run: Scoring
    n_present: int
    mean: float
    n_passed: int


def run_scoring(
    id: str, workspace: Workspace, asked: Asked | None = None, *, bank_path: Path | None = None, why: str = "",
    who: str = "", dry_run: bool = False,
) -> tuple[ScoringRun | None, list[Problem]]:  # fmt: skip
    """Score the stored answers as asked, by what was printed where nothing else is, and store it as another run.

    The old runs stay. The same rules, changes and answers as those of the current run add nothing.
    """
    asked = asked or Asked()
    found, problems = sitting_to_score(id, workspace, bank_path)
    if found is None:
        return None, problems
    rules, wrong = _rules(asked, usual_rules(found, workspace))
    changes, more = read_asked(asked, id, found.forms, found.printed, found.corrected)
    if has_errors(wrong + more):
        return None, problems + wrong + more
    scored = scored_with(found, rules, changes)
    problems += [*wrong, *more, *known_by_marks(id, changes, found.stored.responses), *unheeded(found, scored.changes), *waiting(scored), *outdated_cuts(scored)]
    problems += _left_out(id, found.runs, scored.changes)
    if not scored.scores.present.any():
        problems.append(warning("M114", Span(id), id=id))
    return stored_run(found, scored, workspace, why=why, who=who, dry_run=dry_run), problems


def list_runs(id: str, workspace: Workspace) -> tuple[tuple[PastRun, ...], list[Problem]]:
    """Return the runs of a sitting, oldest first."""
    if not workspace.has_ledger():
        return (), [error("L102", Span(id), id=id)]
    ledger = workspace.open()
    try:
        known = any(record.id == id for record, _ in list_sittings(ledger))
        runs = scorings_of(ledger, id)
        rows = [counts_of(ledger, id, run.number) for run in runs]
    finally:
        ledger.close()
    past = []
    for run, counts in zip(runs, rows, strict=True):
        n = sum(row.present for row in counts)
        mean = sum(row.sum for row in counts) / n if n else float("nan")
        past.append(PastRun(run, n, mean, sum(row.passed for row in counts)))
    return tuple(past), [] if past else [error("M116" if known else "L102", Span(id), id=id)]


def _left_out(id: str, runs: Sequence[Scoring], changes: Changes) -> list[Problem]:
    """Return a warning where items that the last run re-keyed or dropped are as printed again."""
    if not runs:
        return []
    last = read_changes(runs[-1].changes)
    kept = {*(each.item for each in changes.rekey), *changes.drop, *changes.credit, *changes.decided, *changes.decided_drop}
    former = (each.item for each in last.rekey if each.source != "decided")
    gone = sorted({*former, *last.drop, *last.credit} - kept)
    return [warning("M117", Span(id), id=id, number=runs[-1].number, items=", ".join(gone))] if gone else []


def _rules(asked: Asked, usual: ScoringRules) -> tuple[ScoringRules, list[Problem]]:
    if asked.rules is None:
        return usual, []
    nearer, problems = read_rules(asked.rules)
    return (usual if nearer is None else overlaid(usual, nearer)), problems


def stored_run(
    found: SittingToScore, scored: ScoredSitting, workspace: Workspace, *, why: str, who: str, dry_run: bool
) -> ScoringRun:
    """Return the run, stored unless it is only tried, and compared with the last one."""
    last = found.runs[-1] if found.runs else None
    record, total = scored.stored.record, scored.scores.total
    cuts = cuts_record(scored.stored)
    changes = changes_record(scored.changes) | ({"cuts": cuts} if cuts else {})
    new = ScoringRecord(record.id, as_settings(scored.scores.rules), changes, scored.stored.intakes, total, why)
    ledger = workspace.open(who=who)
    try:
        number, added = (0, True) if dry_run else write_scoring(ledger, new, result_rows(scored))
        comparison = None
        if last is not None and added:
            persons = () if last.intakes == scored.stored.intakes else persons_of(ledger, last.intakes)
            before = _in_order(found.last_total, last, scored, persons)
            comparison = compare(scored, before, last.number, cuts=cuts_of_run(last, scored))
    finally:
        ledger.close()
    here = total[np.isfinite(total)]
    return ScoringRun(
        number, "tried" if dry_run else ("added" if added else "unchanged"), scored, here.size,
        float(here.mean()) if here.size else float("nan"), int(passed(total, scored.cut).sum()), comparison,
    )  # fmt: skip


def _in_order(
    before: NDArray[np.float64], last: Scoring, scored: ScoredSitting, persons: tuple[str, ...]
) -> NDArray[np.float64]:
    """Return the totals of the last run in the order of the answers as they stand now, NaN for who was not there."""
    if last.intakes == scored.stored.intakes:
        return before
    known = dict(zip(persons, before.tolist(), strict=True))
    return np.array([known.get(person, np.nan) for person in scored.stored.responses.persons], dtype=np.float64)


def cuts_of_run(run: Scoring, scored: ScoredSitting) -> NDArray[np.float64]:
    """Return the marks that each person needed to pass in a former run, (n_persons,)."""
    accepted, record = run.changes.get("cuts", {}), scored.stored.record
    cuts = [float(accepted.get(paper_of(form), record.cut)) for form in scored.forms]
    return np.array(cuts, dtype=np.float64)[scored.stored.responses.form]


def compare(
    scored: ScoredSitting, before: NDArray[np.float64], number: int, *, cuts: NDArray[np.float64] | None = None
) -> Comparison:
    """Return who flips at the cut; before : (n_persons,) totals of run ``number``, NaN where there was none.

    cuts : (n_persons,) by which they passed in that run, None: the same as now
    """
    responses, after, cut = scored.stored.responses, scored.scores.total, scored.cut
    both = np.isfinite(before) & np.isfinite(after)
    now = passed(after, cut)
    flipped = np.flatnonzero(both & (passed(before, cut if cuts is None else cuts) != now))
    flips = []
    for row in flipped.tolist():
        person = responses.persons[row]
        known = scored.identities.get(person)
        form = responses.forms[int(responses.form[row])]
        flips.append(
            Flip(person, known.number if known else "", form, float(before[row]), float(after[row]), bool(now[row]))
        )
    change = (after - before)[both]
    mean = float(change.mean()) if change.size else float("nan")
    return Comparison(number, tuple(flips), int(both.sum()), int((np.abs(change) > SLACK).sum()), mean)


def passed(total: NDArray[np.float64], cut: float | NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return who reached the cut, one for all or one a person; nobody without a total did.

    >>> passed(np.array([60.0, 59.5, np.nan]), 60.0).tolist()
    [True, False, False]
    """
    return np.asarray(np.nan_to_num(total, nan=-np.inf) >= cut - SLACK)


def result_rows(scored: ScoredSitting) -> tuple[ResultRow, ...]:
    """Return the counts of a scored sitting by site and paper: registered = present + waiting + void + withheld + absent."""
    responses, total = scored.stored.responses, scored.scores.total
    sat = np.isfinite(total)
    site = dict(responses.groups).get("site", ("",) * len(responses.persons))
    sites, where = np.unique(np.array(site, dtype=np.str_), return_inverse=True)
    cell = where * len(responses.forms) + responses.form
    size = sites.size * len(responses.forms)
    marks = np.array([form.marks for form in scored.forms], dtype=np.float64)[responses.form]
    share = np.divide(total, marks, out=np.zeros_like(total), where=sat & (marks > 0))
    band = np.clip(np.floor(np.nan_to_num(share) * N_BANDS + SLACK), 0, N_BANDS - 1).astype(np.intp)

    def count(rows: NDArray[np.bool_]) -> NDArray[np.intp]:
        return np.bincount(cell[rows], minlength=size)

    standing = {word: count(responses.standing == code) for code, word in enumerate(STANDINGS)}
    registered, n_passed = count(np.ones_like(sat)), count(passed(total, scored.cut))
    n_scored, n_waiting = count(sat), count(scored.scores.present & ~sat)
    sums = np.bincount(cell[sat], weights=total[sat], minlength=size)
    squares = np.bincount(cell[sat], weights=total[sat] ** 2, minlength=size)
    bands = np.bincount(cell[sat] * N_BANDS + band[sat], minlength=size * N_BANDS).reshape(size, N_BANDS)
    return tuple(
        ResultRow(
            str(sites[n // len(responses.forms)]), responses.forms[n % len(responses.forms)], int(registered[n]),
            int(n_scored[n]), int(standing["void"][n]), int(standing["withheld"][n]), int(n_waiting[n]), int(n_passed[n]),
            float(sums[n]), float(squares[n]), tuple(bands[n].tolist()),
        )
        for n in np.flatnonzero(registered).tolist()
    )  # fmt: skip
