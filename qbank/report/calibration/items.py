"""The items: their values, how well they fit, and what to do about those that do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qbank.messages import has_text, text
from qbank.report.blocks import MISSING, Badge, Block, Cell, Column, Kind, Table, Tone, shown
from qbank.report.calibration.data import Page

TONES: dict[str, Tone] = {"look": "hold", "missing": "warn", "untested": "info", "fits": "info"}
"""verdict → how much it matters; worst first"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """code : look (fits badly), missing (not estimated), untested (no statistic), fits ; why : in words, "" if it fits"""

    code: str
    why: str


def verdicts(page: Page) -> dict[str, Verdict]:
    """Return what is to be said of each calibrated item."""
    return {item: _verdict(page, n) for n, item in enumerate(page.data.items)}


def _verdict(page: Page, n: int) -> Verdict:
    data, t = page.data, page.t
    if not data.estimated[n]:
        return Verdict("missing", t("why_" + data.fit.status[n].replace(" ", "_")))
    found = data.fit_of_items
    effects = _effects(page, n) if data.items[n] in data.misfits else []
    if data.a[n] <= 0:
        effects.insert(0, t("effect_negative"))
    if effects:
        return Verdict("look", t("list_semicolon").join(effects))
    if not np.isfinite(found.s_x2_p[n]):
        return Verdict("untested", t("why_untested"))
    return Verdict("fits", "")


def _effects(page: Page, n: int) -> list[str]:
    """Return what shows that an item fits badly."""
    t, found, limits = page.t, page.data.fit_of_items, page.data.limits
    words = [t("effect_s_x2", p=probability(float(found.s_x2_p[n])), rmsea=shown(float(found.s_x2_rmsea[n]), "number", 3))]
    for name in ("infit", "outfit"):
        value = float(getattr(found, name)[n])
        if np.isfinite(value) and not limits.low <= value <= limits.high:
            side = "high" if value > limits.high else "low"
            words.append(t(f"effect_{side}", name=t(f"col_{name}"), value=shown(value, "number", 2)))
    return words


def probability(value: float) -> str:
    """Return a probability as it is written after its letter.

    >>> probability(0.00004), probability(0.0312), probability(float("nan"))
    ('< 0.001', '= 0.031', '–')
    """
    if not np.isfinite(value):
        return MISSING
    return "< 0.001" if value < 0.001 else f"= {value:.3f}"


def item_blocks(page: Page) -> tuple[Block, ...]:
    """Return the table of items, worst first; left-out ones have their reason and no values."""
    data, t = page.data, page.t
    said = verdicts(page)
    rank = {code: place for place, code in enumerate(TONES)}
    p = np.where(np.isfinite(data.fit_of_items.s_x2_p), data.fit_of_items.s_x2_p, 2.0)
    order = sorted(range(len(data.items)), key=lambda n: (rank[said[data.items[n]].code], p[n], n))
    rows = [_row(page, n, said[data.items[n]]) for n in order]
    left = [_left_out_row(page, item, why) for item, why in sorted(data.left_out.items())]
    n_look = sum(verdict.code == "look" for verdict in said.values())
    limits = data.limits
    verdict_note = t(
        "note_verdict", level=f"{100 * limits.level:g}", rmsea=f"{limits.rmsea:g}", low=f"{limits.low:g}", high=f"{limits.high:g}"
    )
    notes = (verdict_note, t("note_errors"), t("note_held")) if data.held else (verdict_note, t("note_errors"))
    return (Table("items", t("table_items"), _columns(page), (*rows[:n_look], *left, *rows[n_look:]), notes, sortable=True),)


_SPECS: tuple[tuple[str, Kind, int], ...] = (
    ("n_answers", "integer", 0), ("a", "number", 2), ("se_a", "number", 2), ("b", "signed", 2), ("se_b", "number", 2),
    ("infit", "number", 2), ("outfit", "number", 2), ("z_infit", "signed", 2), ("z_outfit", "signed", 2),
    ("s_x2", "number", 1), ("s_x2_df", "integer", 0), ("s_x2_p", "number", 3), ("s_x2_rmsea", "number", 3), ("rmsd", "number", 3),
)  # fmt: skip
_DATA_ONLY = ("z_infit", "z_outfit", "s_x2_rmsea")


def _columns(page: Page) -> tuple[Column, ...]:
    t = page.t
    defined = {"infit": "mean_squares", "outfit": "mean_squares", "rmsd": "rmsd", "s_x2": "s_x2", "s_x2_p": "s_x2"}
    return (
        Column("item", t("col_item")),
        Column("verdict", t("col_verdict"), "badges"),
        *(
            Column(name, t(f"col_{name}"), kind, digits, t(f"short_{defined[name]}") if name in defined else "", name in _DATA_ONLY)
            for name, kind, digits in _SPECS
        ),
        *((Column("more", t("col_more"), "prose"),) if _further(page) else ()),
        Column("status", t("col_status"), "text"),
        Column("why", t("col_why"), "prose"),
    )


def _row(page: Page, n: int, verdict: Verdict) -> tuple[Cell, ...]:
    fit, found = page.data.fit, page.data.fit_of_items
    errors = fit.parameters.errors
    numbers = {
        "n_answers": int(fit.n_answers[n]), "a": float(page.data.a[n]), "b": float(page.data.b[n]),
        # A value that is held, or 1 by the model, has no error here.
        **{f"se_{name}": (float(errors[name][n]) or None) if name in errors else None for name in ("a", "b")},
    }  # fmt: skip
    cells: list[Cell] = []
    for name, kind, _ in _SPECS:
        # Without degrees of freedom the statistic says nothing.
        none = name.startswith("s_x2") and not np.isfinite(found.s_x2_p[n])
        cells.append(numbers[name] if name in numbers else None if none else _whole(float(getattr(found, name)[n]), kind))
    word = page.t("status_fixed" if fit.status[n] == "fixed" else "status_ok" if page.data.estimated[n] else "status_missing")
    more = (_more(page, n),) if _further(page) else ()
    return (page.data.items[n], (_badge(page, verdict),), *cells, *more, word, verdict.why)


def _further(page: Page) -> tuple[str, ...]:
    """Return the names of the values beyond a and b that any item has; intercepts say the same as difficulties."""
    names = page.data.fit.parameters.names
    return tuple(name for name in names if name not in ("a", "b") and not name.startswith("d"))


def _more(page: Page, n: int) -> str:
    """Return an item's values beyond a and b, each with its error where it has one."""
    found = page.data.fit.parameters
    known = [(name, float(found.values[name][n]), float(found.errors[name][n])) for name in _further(page)]
    return page.t("list_semicolon").join(
        f"{name} {value:.2f} ({error:.2f})" if error > 0 else f"{name} {value:.2f}"
        for name, value, error in known
        if np.isfinite(value)
    )


def _whole(value: float, kind: Kind) -> Cell:
    return round(value) if kind == "integer" and np.isfinite(value) else value


def _left_out_row(page: Page, item: str, why: str) -> tuple[Cell, ...]:
    t = page.t
    codes = [code.strip() for code in why.split(",")]
    flag = t("list_comma").join(
        text(page.language, f"report.flag_{code}") if has_text(page.language, f"report.flag_{code}") else code for code in codes
    )
    reason = t(f"why_{why}") if why in ("credit", "dropped") else t("why_flagged", flag=flag)
    nothing: tuple[Cell, ...] = (None,) * len(_SPECS)
    more = ("",) if _further(page) else ()
    return (item, (_badge(page, Verdict("missing", reason)),), *nothing, *more, t("status_left_out"), reason)


def _badge(page: Page, verdict: Verdict) -> Badge:
    return Badge(verdict.code, page.t(f"verdict_{verdict.code}"), verdict.why, TONES[verdict.code])
