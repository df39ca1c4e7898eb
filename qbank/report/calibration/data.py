"""What the report of a calibration is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qbank.irt import Drift, ItemFit, PlannedDifficulties, marginal_reliability, score_persons
from qbank.irt.parameters import Calibration
from qbank.messages import Language
from qbank.report.sitting.words import Texts

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FitLimits:
    """When an item is to be looked at: S-X² significant at ``level`` after Holm's correction, and the effect not small:
    its RMSEA above ``rmsea``, or a mean square outside ``low`` to ``high``."""

    level: float
    rmsea: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SatPaper:
    """One paper: its name, what each calibrated item adds to its marks (n_items,), all its marks, its cut or None."""

    name: str
    marks: Array
    full: float
    cut: float | None


@dataclass(frozen=True)
class CalibrationData:
    """title, subtitle : of the page ; model : the user's word ; fit, scores, groups : the calibration and what went in
    limits, misfits, fit_of_items : how the items fit ; left_out : item → why (a flag's code, "credit", "partial")
    held : items held at earlier values ; warnings : sentences ; versions : (what, version)
    """

    title: str
    subtitle: str
    model: str
    fit: Calibration
    scores: NDArray[np.int8]
    groups: list[str] | None
    papers: tuple[SatPaper, ...]
    fit_of_items: ItemFit
    misfits: tuple[str, ...]
    limits: FitLimits
    left_out: Mapping[str, str]
    held: int
    drift: Drift | None
    planned: PlannedDifficulties | None
    warnings: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()

    @property
    def items(self) -> tuple[str, ...]:
        return self.fit.parameters.items

    @property
    def words(self) -> tuple[str, ...]:
        """Return the models of the items, each once."""
        return tuple(dict.fromkeys(self.fit.parameters.model))

    @property
    def estimated(self) -> NDArray[np.bool_]:
        """Return which items have values that may be used, (n_items,)."""
        usable = np.array([word in ("ok", "fixed", "at an edge") for word in self.fit.status], dtype=np.bool_)
        nominal = np.array([word == "nominal" for word in self.fit.parameters.model], dtype=np.bool_)
        return usable & np.asarray(self.fit.parameters.estimated) & (np.isfinite(self.b) | nominal)

    @cached_property
    def a(self) -> Array:
        """Return the slopes, NaN where the model has none, (n_items,)."""
        return self._value("a")

    @cached_property
    def b(self) -> Array:
        """Return the difficulties, of ordered categories the mean of the steps, NaN where the model has none."""
        return self._value("b")

    def _value(self, name: str) -> Array:
        found = self.fit.parameters
        return np.asarray(found.values[name] if name in found.names else np.full(len(found.items), np.nan))

    @property
    def steps(self) -> Array:
        """Return how many steps lead to the full marks of each item, 1 of right and wrong, (n_items,)."""
        return np.asarray(self.fit.parameters.n_categories - 1, dtype=np.float64)

    @cached_property
    def weights(self) -> Array:
        """Return the ability distribution of all who sat, on the calibration's nodes: (n_nodes,), sum 1."""
        weights = np.atleast_2d(self.fit.weights)
        share = np.ones(1)
        if self.groups is not None and len(weights) == len(self.fit.groups):
            share = np.array([self.groups.count(name) for name in self.fit.groups], dtype=np.float64)
        mixed = share @ weights if share.size == len(weights) else weights.mean(axis=0)
        return np.asarray(mixed / mixed.sum())

    @cached_property
    def spread(self) -> tuple[float, float]:
        """Return mean and standard deviation of the abilities of all who sat."""
        mean = float(self.weights @ self.fit.nodes)
        return mean, float(np.sqrt(self.weights @ (self.fit.nodes - mean) ** 2))

    @cached_property
    def theta(self) -> Array:
        """Return abilities from three standard deviations below the mean to three above."""
        mean, sd = self.spread
        return np.linspace(mean - 3 * sd, mean + 3 * sd, 61)

    @cached_property
    def abilities(self) -> Array:
        """Return the EAP estimates of those who answered anything."""
        found = score_persons(self.scores, self.fit, groups=self.groups)
        return np.asarray(found.theta[(found.n_answers > 0) & np.isfinite(found.theta)])

    @cached_property
    def reliability(self) -> float:
        """Return the marginal reliability of the EAP estimates, averaged over groups."""
        return float(np.mean(marginal_reliability(self.fit)))


@dataclass(frozen=True, slots=True)
class Page:
    """The data and the words of one page."""

    data: CalibrationData
    t: Texts
    language: Language
