"""Why an item cannot stand on any paper of a blueprint: every reason, each with its place."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qbank.assemble.candidates import section_items
from qbank.assemble.pool import TRIAL_STATUSES
from qbank.assemble.program import Program
from qbank.assemble.setting import Setting
from qbank.assemble.uses import months_before
from qbank.core.item import PRACTICE_STATUSES, USABLE_STATUSES, Item
from qbank.kinds import KINDS
from qbank.kinds.questions import part_fingerprints
from qbank.problem import Span


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason: its word, what the sentence about it needs, where it stands."""

    word: str
    facts: tuple[tuple[str, str], ...]
    origin: Span


def refusals(item: Item, setting: Setting, program: Program) -> tuple[Refusal, ...]:
    """Return every reason that keeps an item of the bank from being a candidate; nothing where it is one.

    program : of the setting's papers, for the rules that keep items off
    """
    return (*_by_itself(item, setting), *_by_sections(item, setting), *_by_rules(item, setting, program))


def _refusal(word: str, origin: Span, **facts: object) -> Refusal:
    return Refusal(word, tuple((name, str(value)) for name, value in facts.items()), origin)


def _by_itself(item: Item, setting: Setting) -> Iterator[Refusal]:
    blueprint, bank, history = setting.blueprint, setting.bank, setting.history
    allowed = PRACTICE_STATUSES if blueprint.purpose == "practice" else USABLE_STATUSES
    unscored = TRIAL_STATUSES if any(role.rule >= 0 for role in setting.candidates.roles) else ()
    if item.status not in (*allowed, *unscored):
        yield _refusal("status", item.span, status=item.status, allowed=", ".join(allowed))
    if item.level != blueprint.level:
        yield _refusal("level", item.span, level=item.level, asked=blueprint.level)
    if item.competency not in bank.standard.competencies:
        yield _refusal("competency", item.span, competency=item.competency)
    for fingerprint in (bank.fingerprints[item.id], *part_fingerprints(item)):
        if fingerprint in history.held:
            yield _refusal("held", item.span, reason=history.held[fingerprint])


def _by_sections(item: Item, setting: Setting) -> Iterator[Refusal]:
    sections = setting.blueprint.sections
    own = [section for section in sections if section.kind == item.kind]
    if not own:
        kinds = ", ".join(dict.fromkeys(section.kind for section in sections))
        yield _refusal("kind", setting.blueprint.span, kind=item.kind, kinds=kinds)
        return
    fitting = own
    if KINDS[item.kind].own_marks:
        fitting = [section for section in own if section.marks_each == item.marks]
        if not fitting:
            asked = ", ".join(f"{section.marks_each:g}" for section in own)
            yield _refusal("marks", own[0].span, marks=f"{item.marks:g}", asked=asked)
    if item.id not in setting.pool.ids:
        return
    position = setting.pool.ids.index(item.id)
    if not any(bool(section_items(section, setting.pool)[position]) for section in fitting):
        for section in fitting:
            yield _refusal("where", section.span, section=section.title, where=section.where)


def _by_rules(item: Item, setting: Setting, program: Program) -> Iterator[Refusal]:
    if item.id not in setting.pool.ids:
        return
    position = setting.pool.ids.index(item.id)
    own = np.flatnonzero(program.item == position)
    rules = {rule.index: rule for rule in setting.rules}
    for ban in program.bans:
        if own.size and np.isin(own, ban.columns).all():
            rule = rules.get(ban.source.rule)
            if rule is not None and rule.word == "exposure" and rule.value.max_uses is not None:
                yield _worn(item, setting, int(rule.value.max_uses), int(rule.value.within_months), ban.source.label, rule.span)
            else:
                yield _refusal("rule", ban.source.origin, rule=ban.source.label)


def _worn(item: Item, setting: Setting, most: int, months: int, label: str, origin: Span) -> Refusal:
    """Return that an item is worn, and the first day on which it may be used again."""
    since = months_before(setting.as_of, months) if setting.as_of else ""
    dates = sorted(
        use.date for use in setting.history.uses
        if use.item == item.id and since <= use.date and (not setting.as_of or use.date <= setting.as_of)
    )  # fmt: skip
    back = ""
    if most and len(dates) >= most:
        ends = datetime.date.fromisoformat(_calendar(months_before(dates[-most], -months)))
        back = (ends + datetime.timedelta(days=1)).isoformat()
    return _refusal("exposure", origin, rule=label, uses=len(dates), dates=", ".join(dates), back=back)


def _calendar(date: str) -> str:
    """Return the last day of the month where a date names a day that its month has not.

    >>> _calendar("2027-02-30"), _calendar("2027-03-30")
    ('2027-02-28', '2027-03-30')
    """
    year, month, day = (int(part) for part in date.split("-"))
    for last in range(day, 27, -1):
        try:
            return datetime.date(year, month, last).isoformat()
        except ValueError:
            continue
    return date
