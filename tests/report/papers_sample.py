"""Papers and their audit made by hand: reports of them change only where reports do."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from qbank.assemble.curves import Measured, curves
from qbank.assemble.lines import short_names
from qbank.assemble.pool import make_pool
from qbank.assemble.verify import Audit, Check
from qbank.core.form import Certificate, Form, FormItem, FormSection
from qbank.core.history import NO_HISTORY
from qbank.messages import Language
from qbank.report import Report
from qbank.report.papers import PapersMeta, papers_report
from tests.assemble.samples import mixed_items, tiny_bank

CERTIFICATE = Certificate(0.02, 0.01, 0.01, (), "HiGHS, one thread, optimal", "judged", 3.0)
META = PapersMeta(
    "Papers side by side: tiny", {"A-A": "甲一", "A-B": "甲二", "B": "乙"}, 1.0,
    (("blueprint", "tiny", "0a1b"), ("bank", "tiny", "2c3d"), ("statistics", "2026-11-23", "none"), ("program", "qbank", "test")),
)  # fmt: skip
LEAVES = ("A-A", "A-B", "B")


def sample(n_forms: int, *, calibrated: bool = False) -> tuple[Audit, tuple[Form, ...]]:
    """Return papers of eight items out of a bank of 24; paper 3 misses a weight, neighbours share four items."""
    bank = tiny_bank(mixed_items(24))
    pool = make_pool(bank, NO_HISTORY, level=4, kinds=frozenset({"single", "true_false"}), uses={})
    n = len(pool.ids)
    if calibrated:
        pool = replace(
            pool, calibrated=np.ones(n, dtype=np.bool_), slope_se=np.full(n, 0.1), difficulty_se=np.full(n, 0.15),
            difficulty=np.linspace(-2, 1.5, n), slope=np.linspace(0.7, 1.4, n),
        )  # fmt: skip
    marks = np.zeros((n_forms, n))
    forms = []
    for index in range(n_forms):
        chosen = [(4 * index + k) % n for k in range(8)]
        marks[index, chosen] = 1.0
        places = tuple(
            FormItem(pool.ids[p], pool.items[p].kind, "", "", 1.0, {}, LEAVES[p % 3], pool.items[p].competency) for p in chosen
        )
        section = FormSection("选择题", "single", 1.0, places)
        forms.append(
            Form(f"tiny-1-{_letter(index)}", "tiny", "小试卷", "", "zh", 4, 10, 8.0, 5.0, "tiny", "0a1b", "2c3d", "none",
                 "2026-11-23", "test", 1, (section,), replace(CERTIFICATE, basis="calibrated") if calibrated else CERTIFICATE)
        )  # fmt: skip
    grid = np.linspace(-4, 4, 9)
    cut = np.array([-0.3])
    measured = Measured(curves(pool, marks, grid), curves(pool, marks, cut), np.linspace(-0.4, -0.2, n_forms))
    ids = tuple(form.id for form in forms)
    return Audit(ids, _checks(ids), _lines(n_forms), "calibrated" if calibrated else "judged", 3.0, measured), tuple(forms)


def _letter(index: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[index] if index < 26 else str(index + 1)


def _checks(ids: tuple[str, ...]) -> tuple[Check, ...]:
    checks = []
    for index, id in enumerate(ids):
        checks.append(Check(id, "marks", 8.0, 8.0, 8.0))
        checks.append(Check(id, "count: {where: 'grade >= 4', min: 2}", 2.0 if index == 3 else 3.0, 2.0, np.inf))
        checks.append(Check(id, "weights: A-A", 5.0 if index == 3 else 3.0, 2.0, 4.0))
    checks += [Check(f"{one} / {other}", "overlap: {max: 4}", 4.0, -np.inf, 4.0) for one, other in pairwise(ids)]
    return tuple(checks)


def _lines(n: int) -> tuple[tuple[str, tuple[float, ...], float | None], ...]:
    at_three = tuple(5.0 if index == 3 else 3.0 for index in range(n))
    return (
        ("domain A-A", at_three, 3.0),
        ("domain A-B", tuple(8.0 - 3.0 - value for value in at_three), 2.5),
        ("domain B", (3.0,) * n, 2.5),
        *((f"importance {word}", tuple(float(4 - k + (index % 2) * (k - 1)) for index in range(n)), None) for k, word in enumerate("XYZ")),
        *((f"grade {grade}", tuple(float(1 + (grade + index) % 2) for index in range(n)), None) for grade in range(1, 6)),
        ("seconds", tuple(300.0 + 7 * index for index in range(n)), None),
        ("expected mean", tuple(5.25 + index / 64 for index in range(n)), None),
        ("expected score at θ=-0.30", tuple(5.0 + index / 32 for index in range(n)), None),
        ("calibrated items", (0.0,) * n, None),
    )


def sample_report(n_forms: int, language: Language = "en", *, calibrated: bool = False) -> Report:
    audit, forms = sample(n_forms, calibrated=calibrated)
    assert len(set(short_names(audit.forms))) == n_forms
    return papers_report(audit, forms, META, language)
