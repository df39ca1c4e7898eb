"""Item kinds: one module a family, one line a kind in `KINDS`.

A kind owns its body's schema, its checks, how an answer is read and marked, and how the item is shown.
"""

from __future__ import annotations

from qbank.kinds.case import CASE
from qbank.kinds.fill import FILL
from qbank.kinds.kind import ItemKind
from qbank.kinds.matching import MATCHING
from qbank.kinds.multiple import MULTIPLE
from qbank.kinds.numeric import NUMERIC
from qbank.kinds.ordering import ORDERING
from qbank.kinds.single import SINGLE
from qbank.kinds.task import TASK
from qbank.kinds.true_false import TRUE_FALSE
from qbank.kinds.written import ESSAY, SHORT

KINDS: dict[str, ItemKind] = {
    "single": SINGLE,
    "multiple": MULTIPLE,
    "true_false": TRUE_FALSE,
    "fill": FILL,
    "numeric": NUMERIC,
    "short": SHORT,
    "essay": ESSAY,
    "matching": MATCHING,
    "ordering": ORDERING,
    "case": CASE,
    "task": TASK,
}

__all__ = ["KINDS", "ItemKind"]
