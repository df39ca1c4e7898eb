"""Flags that the ledger holds of items, from their history or a calibration, as findings of the analysis."""

from __future__ import annotations

from qbank.analysis import Raised
from qbank.ledger import ItemFlag

NAN = float("nan")
CONTROL_LIMIT = 3.0


def raised_of(flag: ItemFlag) -> Raised:
    """Return a flag of the ledger as a finding: the share or shift it rests on, with its interval.

    >>> facts = {"share": 0.64, "share_interval": [0.53, 0.74], "n": 310, "where": ["B02"]}
    >>> raised_of(ItemFlag("s", "Q-1", "a.b", "leak", True, facts))
    Raised(item='Q-1', code='leak', holds=True, value=0.64, low=0.53, high=0.74, limit=0.0, n=310, about='B02')
    """
    facts = flag.facts
    name, limit = {"drift": ("shift", 0.0), "trend": ("distance", CONTROL_LIMIT)}.get(flag.code, ("share", 0.0))
    low, high = (*facts.get(f"{name}_interval", ()), NAN, NAN)[:2]
    about = facts.get("direction", "") if flag.code == "trend" else ", ".join(str(site) for site in facts.get("where", ()))
    return Raised(
        flag.item, flag.code, flag.open, float(facts.get(name, NAN)), float(low), float(high), limit, int(facts.get("n", 0)),
        str(about),
    )  # fmt: skip
