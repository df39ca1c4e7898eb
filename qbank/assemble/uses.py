"""How often items were used of late, and by how many persons they were seen."""

from __future__ import annotations

from collections import Counter

from qbank.core.blueprint import Blueprint
from qbank.core.history import History

USUAL_MONTHS = 24


def past_uses(blueprint: Blueprint, history: History, as_of: str, *, same_day: bool = True) -> dict[str, int]:
    """Return how often each item was used in the months before a date: the most that any exposure rule looks at.

    same_day : whether sittings of that very day count; an audit after the sitting leaves its own papers out
    """
    values = [rule.value for rule in blueprint.rules if rule.word == "exposure" and isinstance(rule.value, dict)]
    written = [value.get("within_months", USUAL_MONTHS) for value in values]
    # what is no number of months has a problem of its own
    months = max((n for n in written if isinstance(n, int) and n > 0), default=USUAL_MONTHS)
    return past_use(history, as_of, months, same_day=same_day)[0]


def past_use(
    history: History, as_of: str, months: int, *, same_day: bool
) -> tuple[dict[str, int], dict[str, int]]:
    """Return by item in how many sittings it was used, and by how many persons it was seen, in the months before a
    date; without a date, ever."""
    since = months_before(as_of, months) if as_of else ""
    uses: Counter[str] = Counter()
    persons: Counter[str] = Counter()
    for use in history.uses:
        if since <= use.date and (not as_of or use.date < as_of or (same_day and use.date == as_of)):
            uses[use.item] += 1
            persons[use.item] += use.n_seen
    return dict(uses), dict(persons)


def months_before(date: str, months: int) -> str:
    """Return the ISO date that lies so many months earlier.

    >>> months_before("2026-11-23", 24)
    '2024-11-23'
    """
    year, month, day = (int(part) for part in date.split("-"))
    total = year * 12 + (month - 1) - months
    return f"{total // 12:04d}-{total % 12 + 1:02d}-{day:02d}"
