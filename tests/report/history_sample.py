"""An item made up for the report of its history: two revisions, a sitting not analysed, a part of a case, a drift."""

from __future__ import annotations

import math

import numpy as np

from qbank.core.history import Estimate, Planned
from qbank.ledger import DatedEstimate, Decision, ItemHistory, SittingUse
from qbank.ledger.flags import ItemFlag
from qbank.ledger.item_records import revisions_of
from qbank.messages import Language
from qbank.report import Report
from qbank.report.history import (
    HistoryData,
    HistoryFlag,
    SittingLevel,
    control_report,
    history_report,
    item_chart,
)

ITEM = "BOF4-BCC-07"
FACILITY = (0.62, 0.66, 0.60, 0.64, 0.67, 0.63, 0.61, 0.45, math.nan, 0.47, 0.44, 0.62)
PERSONS = (320, 180, 410, 95, 260, 300, 40, 350, 200, 330, 280, 310)
FLAG = HistoryFlag("leak", ITEM, "c0ffee.b0b2", ("beyond", "trend"), "easier", 4.6, "2026-05-A", "2026-05-16", 0.62, 0.48, True, "2026-05-A", 4, True)


DRIFTED = {"found": 0.47, "expected": 0.43, "shift": -0.21, "shift_interval": [-0.35, -0.07], "share": 0.06, "n": 330, "sites": [], "where": []}
LEAKED = {
    "found": 0.62, "expected": 0.48, "shift": -0.6, "share": 0.27, "share_interval": [0.2, 0.34], "n": 310, "where": ["B02"],
    "sites": [["B02", 110, 0.81, 0.47, 0.64, 0.53, 0.74], ["A01", 200, 0.52, 0.48, 0.07, 0.0, 0.16]],
}  # fmt: skip


def uses(item: str, shift: float = 0.0) -> tuple[SittingUse, ...]:
    """Return the item in twelve sittings; the eighth had another key."""
    found, total = [], 0
    for n, (p, persons) in enumerate(zip(FACILITY, PERSONS, strict=True)):
        total += persons
        year, month = 2020 + (n + 1) // 2, ("05", "11")[(n + 1) % 2]
        analysed = math.isfinite(p)
        found.append(
            SittingUse(
                f"{year}-{month}-A", f"{year}-{month}-1{n % 10}", "c0ffee.b0b1" if n < 7 else "c0ffee.b0b2", persons, total,
                (f"bof-4-{n}-A", f"bof-4-{n}-B")[: 1 + n % 2], persons if analysed else 0, p + shift,
                0.31 if analysed else math.nan, 3, 1, ("low_discrimination",) if n == 6 else (), False,
            )
        )  # fmt: skip
    return tuple(found)


def dated(n: int, b: float, scale: str = "steelmaking:2020-11-A", held: bool = False) -> DatedEstimate:
    use = uses(ITEM)[n]
    estimate = Estimate(use.fingerprint, "2pl", scale, {"a": 1.1, "b": b}, {"a": 0.1, "b": 0.12}, use.n, use.sitting)
    return DatedEstimate(use.date, 1, estimate, b, 0.12, held)


def history(item: str = ITEM) -> ItemHistory:
    own = uses(item)
    estimates = (dated(0, 0.4, "steelmaking:old"), dated(1, -0.7), dated(2, -0.52), dated(4, -0.52, held=True), dated(7, 0.2), dated(9, 0.12), dated(11, -0.45))
    return ItemHistory(
        item, own, revisions_of(own), estimates, "steelmaking:2020-11-A",
        (Decision("2023-05-A", item, "c0ffee.b0b1", "keep", "两名专家复核，题目无误", "li", "2023-06-01T08:00:00+00:00"),),
        (Planned(item, "c0ffee.b0b1", 3.0, 1.0, -0.3, 0.3, 0.6, 0.5, 0.7, 40, "2023-05-A", "steelmaking:2020-11-A"),),
        (ItemFlag("2025-05-A", item, "c0ffee.b0b2", "drift", False, DRIFTED, "2025-05-19"),
         ItemFlag("2026-05-A", item, "c0ffee.b0b2", "leak", True, LEAKED, "2026-05-11")),
    )  # fmt: skip


def case() -> ItemHistory:
    """Return a case with one part: the case is seen, its part is answered."""
    parts = (ItemHistory("CASE.1", uses("CASE.1", 0.1), revisions_of(uses("CASE.1")), (), "", (), ()),)
    seen = tuple(
        SittingUse(u.sitting, u.date, "abc.def", u.n_seen, u.cumulative, u.papers, 0, math.nan, math.nan, 0, 0, (), False)
        for u in uses("CASE")
    )
    return ItemHistory("CASE", seen, revisions_of(seen), (), "", (), (), (), parts)


def data(whole: ItemHistory, *flags: HistoryFlag, present: str = "") -> HistoryData:
    return HistoryData(whole, item_chart(whole), flags, tuple((part, item_chart(part)) for part in whole.parts), present)


def sample(language: Language = "zh") -> Report:
    return history_report(data(history(), FLAG, present="c0ffee.b0b3"), language)


def control(language: Language = "zh") -> Report:
    other = HistoryFlag("trend", "BOF4-ABC-01", "a.b", ("run",), "harder", 2.9, "2025-11-A", "2025-11-10", 0.3, 0.41, False, "2026-05-A", 9)
    levels = [SittingLevel("2025-11-A", "2025-11-10", 0.31, True, 100), SittingLevel("2026-05-A", "2026-05-16", 0.0, False, 8)]
    return control_report((FLAG, other), levels, 57, 410, language)


def many(n: int) -> ItemHistory:
    """Return an item in so many sittings, with a new revision every hundred."""
    rng = np.random.default_rng(1)
    found = tuple(
        SittingUse(f"2026-{k:04}-站点", "2026-01-01", f"x.{k // 100}", 200, 200 * (k + 1), (), 200, float(rng.binomial(200, 0.6) / 200), 0.3, 0, 0, (), False)
        for k in range(n)
    )  # fmt: skip
    return ItemHistory("MANY", found, revisions_of(found), (), "", (), ())
