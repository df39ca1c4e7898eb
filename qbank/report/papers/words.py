"""How the report of papers words its lines."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qbank.assemble import Audit
from qbank.assemble.lines import MANY
from qbank.core.form import Form, form_items
from qbank.kinds import KINDS
from qbank.messages import Language, text
from qbank.report.blocks import shown
from qbank.report.sitting.words import Texts


@dataclass(frozen=True, slots=True)
class PapersMeta:
    """title ; domains : titles by code ; tolerance : marks by which a domain may miss the standard, None where the
    blueprint does not ask ; versions : (what, name, version) of everything that the papers rest on"""

    title: str
    domains: dict[str, str]
    tolerance: float | None
    versions: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """The papers that stand side by side, their audit and their report's texts."""

    audit: Audit
    forms: tuple[Form, ...]
    meta: PapersMeta
    t: Texts
    language: Language

    @property
    def many(self) -> bool:
        """Return whether the papers are too many for a column or a line each."""
        return len(self.forms) >= MANY


def papers_text(language: Language, name: str, **fields: object) -> str:
    return text(language, f"comparison.{name}", **fields)


def basis(side: Side, key: str = "basis") -> str:
    """Return what parallelism rests on: for a caption, or (``basis_text``) in a sentence."""
    if side.audit.basis == "calibrated":
        return side.t(f"{key}_calibrated")
    if len(side.forms) < 2:
        return side.t(f"{key}_{side.audit.basis}_one")
    interval = f"{side.audit.interval:.1f}"
    if side.audit.basis == "planned":
        return side.t(f"{key}_planned", interval=interval)
    known = next((sum(values) for name, values, _ in side.audit.lines if name == "calibrated items"), 0.0)
    if not known:
        return side.t(f"{key}_judged", interval=interval)
    places = sum(len(form_items(form)) for form in side.forms)
    return side.t(f"{key}_mixed", n=f"{places - known:.0f}", of=places, interval=interval)


def gives_parts(side: Side) -> bool:
    """Return whether an answer can earn a part of its marks on any of the papers; then the SEM is an upper bound."""
    return any(
        KINDS[place.kind].rated or KINDS[place.kind].own_marks or KINDS[place.kind].partial(place.marked)
        for form in side.forms
        for place in form_items(form)
        if place.scored
    )


def marks(value: float) -> str:
    """Return marks as they are written: no decimals where there are none.

    >>> marks(60.0), marks(0.5), marks(1 / 3)
    ('60', '0.5', '0.33')
    """
    if not math.isfinite(value):
        return shown(value, "number", 2)
    return shown(value, "number", 0 if float(value).is_integer() else 1 if (10 * value).is_integer() else 2)
