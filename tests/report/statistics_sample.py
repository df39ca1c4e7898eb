"""Sittings made up for the report of statistics."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from qbank.analysis import Thresholds
from qbank.ledger import Selection, UnscoredSitting, grouped, results_of
from qbank.messages import Language
from qbank.report import Report
from qbank.report.statistics import StatisticsData, statistics_report

Row = namedtuple("Row", "site form registered present void withheld waiting passed sum sum_of_squares bands sitting date occupation level cut marks")
SITES = ("武汉站", "鞍山站", "上海宝山钢铁职业技能等级认定站第三考点", "", "小站")


def rows(n_sittings: int = 7, seed: int = 4) -> list[Row]:
    """Return what a ledger would: one row a sitting, site and paper; the last site has a handful of persons."""
    rng = np.random.default_rng(seed)
    found = []
    for n in range(n_sittings):
        able = rng.normal(66, 3)
        for k, site in enumerate(SITES):
            for form in "AB":
                size = 1 if site == "小站" else int(rng.integers(20, 60))
                if site == "小站" and n > 2:
                    continue
                totals = np.clip(np.round(rng.normal(able - 2 * k, 10, size)), 0, 100)
                bands = np.bincount(np.minimum(totals // 5, 19).astype(int), minlength=20).tolist()
                found.append(
                    Row(site, f"p{n}-{form}", size + 3, size, 1, int(n == 2), int(n == 4), int((totals >= 60).sum()), float(totals.sum()),
                        float((totals**2).sum()), str(bands), f"202{n // 2}-{'05' if n % 2 else '11'}-A", f"202{n // 2}-{'05' if n % 2 else '11'}-20",
                        ("6-17-02-02 炼钢工", "6-17-09-02 金属轧制工")[n % 3 == 2], (4, 3)[n % 2], 60.0, 100.0)
                )  # fmt: skip
    return found


def data(n_sittings: int = 7, by: tuple[str, ...] = ("occupation", "level")) -> StatisticsData:
    unscored = (UnscoredSitting("2026-05-A", "2026-05-20", "6-17-02-02 炼钢工", 4, 120, False), UnscoredSitting("2024-01-A", "2024-01-20", "", 0, 30, True))
    results = results_of(rows(n_sittings), unscored, Selection(since="2020-01-01"))
    tables = [grouped(results, names) for names in (by, ("site",), ("sitting",))]  # type: ignore[arg-type]
    return StatisticsData(*tables, {one: date for one, (date, _, _) in results.sittings.items()}, Thresholds())


def sample(language: Language = "zh") -> Report:
    return statistics_report(data(), language)
