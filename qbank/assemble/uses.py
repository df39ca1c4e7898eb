"""How often items were used of late."""

from __future__ import annotations

from qbank.core.blueprint import Blueprint
from qbank.core.history import History


def past_uses(blueprint: Blueprint, history: History, as_of: str, *, same_day: bool = True) -> dict[str, int]:
    """Return how often each item was used in the months before a date that the exposure rule looks at.

    same_day : whether sittings of that very day count; an audit after the sitting leaves its own papers out
    """
    months = max((int(r.value.get("within_months", 24)) for r in blueprint.rules
                  if r.word == "exposure" and isinstance(r.value, dict)), default=24)  # fmt: skip
    since = months_before(as_of, months) if as_of else ""
    counts: dict[str, int] = {}
    for use in history.uses:
        if since <= use.date and (not as_of or use.date < as_of or (same_day and use.date == as_of)):
            counts[use.item] = counts.get(use.item, 0) + 1
    return counts


def months_before(date: str, months: int) -> str:
    """Return the ISO date that lies so many months earlier.

    >>> months_before("2026-11-23", 24)
    '2024-11-23'
    """
    year, month, day = (int(part) for part in date.split("-"))
    total = year * 12 + (month - 1) - months
    return f"{total // 12:04d}-{total % 12 + 1:02d}-{day:02d}"
