"""Item kinds: one module a family, one line a kind in `KINDS`.

A kind owns its body's schema, its checks, how an answer is read and marked, and how the item is shown.
"""

from __future__ import annotations

from qbank.kinds.kind import ItemKind
from qbank.kinds.numeric import NUMERIC
from qbank.kinds.single import SINGLE
from qbank.kinds.true_false import TRUE_FALSE

KINDS: dict[str, ItemKind] = {
    "single": SINGLE,
    "true_false": TRUE_FALSE,
    "numeric": NUMERIC,
}

__all__ = ["KINDS", "ItemKind"]
