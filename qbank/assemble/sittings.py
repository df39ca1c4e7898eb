"""How many sittings a bank lasts: papers are built month by month, items rest as the exposure rule says."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.capacity import MAX_NODES, build_papers, refused_whole
from qbank.assemble.program import Program
from qbank.assemble.relaxed import is_empty
from qbank.assemble.scene import PastPaper
from qbank.assemble.setting import Setting, make_setting
from qbank.assemble.sums import looks_back, papers_program, summed_program
from qbank.assemble.uses import months_before
from qbank.core.form import Form, form_items
from qbank.core.history import History, Use

Indices = NDArray[np.int64]

MONTHS_BEFORE_GIVING_UP = 120


@dataclass(frozen=True, slots=True)
class Sitting:
    """built : whether the papers could be built ; rested : items that the rule lets on them ; date : ISO"""

    date: str
    built: bool
    rested: int


@dataclass(frozen=True, slots=True)
class Policy:
    """What a way of using the bank leads to.

    exposure : the rule in the blueprint's words, "" where there is none ; n_forms : papers a sitting ; every : months
    between sittings ; window : sittings within which the rule counts an item's uses, today's included ; sittings : as
    built one after the other ; for_ever : whether they can go on without end: as many sittings as the window holds
    were built, and the same papers may then come round again ; bound : sittings in a row of which more are excluded,
    −1 where nothing is ; lasting_every : the fewest months between sittings for which nothing is excluded, 0 : none
    """

    exposure: str
    n_forms: int
    every: int
    window: int
    sittings: tuple[Sitting, ...]
    for_ever: bool
    bound: int
    lasting_every: int

    @property
    def n_built(self) -> int:
        """Return how many sittings in a row could be held."""
        return sum(sitting.built for sitting in self.sittings)


def play_policy(setting: Setting, *, every: int) -> Policy:
    """Return how many sittings can be held from the setting's day on, one every so many months.

    Where as many sittings as the rule's window holds (months within // months between + 1) can be held, the papers of
    the first may be printed again after the last, and so on: every window then holds the same papers. So the bank
    lasts for ever exactly where it lasts for one window; with a rule about earlier papers that is not said.
    """
    rule = next((entry for entry in setting.rules if entry.word == "exposure" and entry.value.max_uses is not None), None)
    most, months = _exposure(rule)
    window = _window(months, every) if rule else 1
    overlap = _overlap(setting)
    sittings: list[Sitting] = []
    held: list[tuple[str, tuple[Form, ...]]] = []
    for number in range(window):
        date = months_before(setting.as_of, -every * number)
        found = _setting_on(setting, date, held)
        forms = build_papers(found, setting.blueprint.n_forms, overlap=overlap) if found else ()
        rested = int((found.pool.columns.numbers["uses"] < most).sum()) if found else 0
        sittings.append(Sitting(date, bool(forms), rested))
        if not forms:
            break
        held.append((date, forms))
    lasts = all(sitting.built for sitting in sittings)
    backward = any(entry.word == "overlap" and looks_back(entry) for entry in setting.rules)
    bound = -1 if lasts else _bound(setting, every, most, months, window, overlap)
    return Policy(
        rule.label if rule else "", setting.blueprint.n_forms, every, window, tuple(sittings), lasts and not backward, bound,
        every if lasts else _lasting(setting, every, most, months, overlap),
    )  # fmt: skip


def _exposure(rule: Any) -> tuple[float, int]:
    if rule is None or rule.value.max_uses is None:  # a bound on persons alone cannot be played through
        return math.inf, int(rule.value.within_months) if rule else 0
    return float(rule.value.max_uses), int(rule.value.within_months)


def _window(months: int, every: int) -> int:
    """Return how many sittings, today's included, a rule over some months sees; a use that many months ago counts.

    >>> _window(24, 6), _window(24, 7), _window(24, 30)
    (5, 4, 1)
    """
    return months // every + 1


def _overlap(setting: Setting) -> int:
    """Return what two papers of one sitting may share: everything where no rule speaks of it."""
    bounds = [entry.value for entry in setting.rules if entry.word == "overlap" and not looks_back(entry)]
    found = [int(bound.high) for bound in bounds if math.isfinite(bound.high)]
    return min(found, default=sum(section.items for section in setting.blueprint.sections))


def _setting_on(setting: Setting, date: str, held: list[tuple[str, tuple[Form, ...]]]) -> Setting | None:
    """Return the setting of a later day, after the sittings that were held until then."""
    uses = tuple(
        Use(id, fingerprint, f"what-if {day}", day, 0, math.nan, math.nan, ())
        for day, forms in held
        for id, fingerprint in sorted({(e.id, e.fingerprint) for form in forms for e in form_items(form)})
    )
    past = tuple(
        PastPaper(f"what-if {day} {n}", day, frozenset(entry.id for entry in form_items(form)))
        for day, forms in held
        for n, form in enumerate(forms, start=1)
    )
    history: History = replace(setting.history, uses=setting.history.uses + uses)
    return make_setting(
        setting.blueprint, setting.bank, history, as_of=date, same_day=setting.same_day, past=setting.past + past,
        alike=setting.alike,
    )[0]  # fmt: skip


def _bound(setting: Setting, every: int, most: float, months: int, window: int, overlap: int) -> int:
    """Return how many sittings in a row the sums admit, −1 where they admit as many as the window holds.

    An item stands in no more of them than the rule lets it, after what it was used for already.
    """
    for number in range(1, window + 1):
        dates = [months_before(setting.as_of, -every * k) for k in range(number)]
        if _excluded(setting, number, _turns(setting, dates, most, months), overlap):
            return number - 1
    return -1


def _turns(setting: Setting, dates: list[str], most: float, months: int) -> Indices:
    """Return of how many of some sittings each item can be part; the earliest turns leave the most for later."""
    past: dict[str, list[str]] = {}
    for use in setting.history.uses:
        past.setdefault(use.item, []).append(use.date)
    turns = np.zeros(len(setting.pool.ids), dtype=np.int64)
    for item, id in enumerate(setting.pool.ids):
        used = list(past.get(id, ()))
        for date in dates:
            since = months_before(date, months) if math.isfinite(most) else ""
            if sum(since <= day <= date for day in used) < most:
                used.append(date)
                turns[item] += 1
    return turns


def _excluded(setting: Setting, n_sittings: int, turns: Indices, overlap: int) -> bool:
    """Return whether it is proven that so many sittings cannot be held with so many turns of each item."""
    n_forms = setting.blueprint.n_forms
    uses = turns * (1 if overlap == 0 else n_forms)
    fresh = tuple(rule for rule in setting.rules if rule.word != "exposure")
    program: Program = papers_program(replace(setting, rules=fresh), n_sittings * n_forms, uses=uses)
    linear = summed_program(program)
    return is_empty(linear, whole=False, max_nodes=MAX_NODES) or refused_whole(linear)


def _lasting(setting: Setting, every: int, most: float, months: int, overlap: int) -> int:
    """Return the fewest months between sittings, more than now, for which a whole window is not excluded; 0: none."""
    n_items = len(setting.pool.ids)
    for longer in range(every + 1, max(months + 2, every + 2)):
        window = _window(months, longer)
        if window == _window(months, longer - 1):
            continue
        turns = np.full(n_items, min(window, most), dtype=np.int64)
        if not _excluded(setting, window, turns, overlap):
            return longer
    return 0
