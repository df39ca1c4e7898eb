"""One pass over a sitting: every table of the report, with small groups suppressed in one place."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import polars as pl

from qbank.analysis.arrays import read_only
from qbank.analysis.calibrated import CalibratedItems
from qbank.analysis.classical import item_table
from qbank.analysis.classification import DecisionAccuracy, decision_accuracy
from qbank.analysis.compare import Design, compare_papers
from qbank.analysis.curves import item_curves, model_curves
from qbank.analysis.decisions import borderline_table, pass_rates, score_distribution
from qbank.analysis.dif import DifAnalysis, dif_analysis, dif_columns, groups_of, with_item_response
from qbank.analysis.dimension import DimensionAnalysis, dimension_analysis
from qbank.analysis.disclosure import disclosure
from qbank.analysis.distractors import option_table, quantile_table
from qbank.analysis.equating import EquatingAnalysis, equate_papers
from qbank.analysis.keys import likely_keys
from qbank.analysis.paper_model import lacking_table
from qbank.analysis.person_fit import PersonFitAnalysis, person_fit_analysis
from qbank.analysis.reliability import ReliabilityAnalysis, reliability_analysis
from qbank.analysis.review import Thresholds, flag_table
from qbank.analysis.settings import AnalysisSettings
from qbank.analysis.sitting import Excluded, SittingData
from qbank.analysis.speed import SpeedAnalysis, speed_analysis
from qbank.analysis.spread import PaperSpread, paper_spread
from qbank.analysis.subscores import SubscoreAnalysis, subscore_analysis


@dataclass(frozen=True, slots=True, eq=False)
class SittingAnalysis:
    """The tables of one sitting, fit to be shown: null where persons are fewer than ``suppress_below``.

    cut : of the sitting ; cuts : by form, other ones where papers were equated and that was accepted
    held : items that stand outside matching scores and anchors, a flag of theirs being undecided.
    lacking : by paper, how many of its counted items have no parameters (`lacking_table`): where any, the figures that come
    from parameters (Lee, Rudner, IRT errors, IRT equating, Q3 by the calibration) are left out of that paper.
    spread : of very many papers (`SittingData.pooled`): then tables by paper have one row for all, form ""
    Each table's columns are described at the function that makes it.
    """

    n_persons: int
    n_items: int
    forms: tuple[str, ...]
    cut: float
    design: Design
    excluded: Excluded
    thresholds: Thresholds
    held: tuple[str, ...]
    items: pl.DataFrame
    options: pl.DataFrame
    quantiles: pl.DataFrame
    reliability: pl.DataFrame
    rates: pl.DataFrame
    distribution: pl.DataFrame
    borderline: pl.DataFrame
    papers: pl.DataFrame
    flags: pl.DataFrame
    curves: pl.DataFrame | None = None
    model_curves: pl.DataFrame | None = None
    decision_accuracy: DecisionAccuracy | None = None
    reliability_detail: ReliabilityAnalysis | None = None
    dimension: DimensionAnalysis | None = None
    subscores: SubscoreAnalysis | None = None
    speed: SpeedAnalysis | None = None
    equating: EquatingAnalysis | None = None
    dif: tuple[DifAnalysis, ...] = ()
    cuts: tuple[float, ...] = ()
    lacking: pl.DataFrame | None = None
    settings: AnalysisSettings = field(default_factory=AnalysisSettings)
    person_fit: PersonFitAnalysis | None = None
    spread: PaperSpread | None = None


def analyse(
    data: SittingData,
    *,
    design: Design,
    settings: AnalysisSettings | None = None,
    thresholds: Thresholds | None = None,
    calibrated: CalibratedItems | None = None,
    decided: Collection[str] = (),
    answered: SittingData | None = None,
    credited: Collection[str] = (),
) -> SittingAnalysis:
    """Return every table of the sitting, small groups suppressed.

    settings : every choice; thresholds : those alone, all else as usual
    calibrated : what item parameters are known; None where the sitting and its items were never calibrated
    decided : items about which people decided already; what a flag of this analysis holds besides them, and what
    ``data.held`` holds, stays out of the matching scores of DIF and out of the anchors of equating
    credited, answered : items whose marks went to everybody, and the sitting as it was answered, marked by their keys: their
    rows of the item, option and quantile tables, and their flags, are of the answers

    Cost: linear in persons × items; 20,000 × 100 takes about a second.
    """
    if settings is not None and thresholds is not None:
        raise ValueError("thresholds stand in settings: give one of both")
    chosen = settings or AnalysisSettings(thresholds or Thresholds())
    limits, seed = chosen.thresholds, chosen.seed
    least, confidence = limits.suppress_below, limits.confidence
    own = answered if answered is not None and credited else data
    items = _of_answers(data, own, credited, partial(item_table, confidence=confidence))
    options = _of_answers(data, own, credited, partial(option_table, confidence=confidence))
    quantiles = _of_answers(data, own, credited, partial(quantile_table, n_groups=chosen.ability_groups))
    flags = _flags(own, items, options, limits)
    data = _held_back(data, flags, decided)
    detail = reliability_analysis(data, parameters=calibrated, tiers=limits.tiers, seed=seed, confidence=confidence)
    enough = items.select("item", enough=pl.col("n") >= least)
    names, persons = ([""], [data.n_persons]) if data.pooled else (list(data.forms), np.bincount(data.form, minlength=data.n_forms).tolist())
    sizes = pl.DataFrame({"form": names, "persons": persons}, schema={"form": pl.String, "persons": pl.Int64})
    return SittingAnalysis(
        n_persons=data.n_persons,
        n_items=data.n_items,
        forms=data.forms,
        cut=data.cut,
        design=design,
        excluded=data.excluded,
        thresholds=limits,
        held=tuple(item for item, held in zip(data.items, data.held, strict=True) if held),
        items=suppressed(items, pl.col("n") >= least, keep=("n", "marks_max", "n_left_out")),
        options=_of_items(options, enough, keep=("position",)),
        quantiles=_of_items(quantiles, enough, keep=("position", "group")),
        reliability=suppressed(
            detail.papers, pl.col("n") >= least, keep=("n", "n_left_out", "n_items", "marks_max")
        ),
        rates=_shown_rates(data, least=least, confidence=confidence),
        distribution=score_distribution(data).join(
            sizes.filter(pl.col("persons") >= least).select("form"),
            on="form",
            how="semi",
            maintain_order="left",
        ),
        borderline=suppressed(borderline_table(data, confidence=confidence), pl.col("n") >= least, keep=("n", "cut")),
        papers=suppressed(
            compare_papers(data, design, confidence=confidence),
            pl.min_horizontal("n_first", "n_second") >= least,
            keep=("n_first", "n_second"),
            words={"verdict": "suppressed"},
        ),
        flags=flags,
        curves=item_curves(calibrated, confidence=confidence) if calibrated is not None else None,
        model_curves=model_curves(calibrated) if calibrated is not None else None,
        reliability_detail=detail,
        dimension=dimension_analysis(
            data, calibrated=calibrated, tiers=limits.tiers, seed=seed, dependent_above=limits.dependent_above
        ),
        subscores=subscore_analysis(data, tiers=limits.tiers, seed=seed, confidence=confidence),
        speed=speed_analysis(data, tiers=limits.tiers, confidence=confidence),
        decision_accuracy=decision_accuracy(
            data, parameters=calibrated, needed=limits.tiers.needs("decision_accuracy"), seed=seed, confidence=confidence
        ),
        equating=equate_papers(data, design, settings=chosen.of_equating(), parameters=calibrated),
        lacking=lacking_table(data, calibrated),
        cuts=tuple(data.cuts.tolist()),
        dif=tuple(
            with_item_response(_dif(data, column, chosen), data, calibrated, tiers=limits.tiers, seed=seed)
            for column in dif_columns(data)
        ),
        settings=chosen,
        person_fit=person_fit_analysis(data, calibrated, tiers=limits.tiers),
        spread=paper_spread(data),
    )


def _of_answers(
    data: SittingData, answered: SittingData, credited: Collection[str], tabulate: Callable[[SittingData], pl.DataFrame]
) -> pl.DataFrame:
    """Return a table of items, in their order, with the rows of the credited ones taken from that of the answers."""
    table = tabulate(data)
    if answered is data:
        return table
    order = table.select("item").unique(maintain_order=True).with_row_index("_place")
    its_own = pl.col("item").is_in(list(credited))
    joined = pl.concat([table.filter(~its_own), tabulate(answered).filter(its_own)]).join(order, on="item", maintain_order="left")
    return joined.sort("_place", maintain_order=True).drop("_place")


def held_back(data: SittingData, *, thresholds: Thresholds | None = None, decided: Collection[str] = ()) -> SittingData:
    """Return the sitting with those items held too that a flag of its analysis holds and nobody decided on."""
    limits = thresholds or Thresholds()
    return _held_back(data, _flags(data, item_table(data), option_table(data), limits), decided)


def _dif(data: SittingData, column: str, settings: AnalysisSettings) -> DifAnalysis:
    """Return the DIF of a column; a reference that nobody of this sitting belongs to is passed over (`unknown_groups`)."""
    there = groups_of(data, column)
    reference = settings.reference.get(column)
    focal = settings.focal.get(column)
    return dif_analysis(
        data, column, reference=reference if reference in there else None, focal=None if focal is None else [one for one in focal if one in there],
        settings=settings.of_dif(),
    )  # fmt: skip


def unknown_groups(data: SittingData, settings: AnalysisSettings) -> tuple[tuple[str, str], ...]:
    """Return (column, word) of the reference and focal groups that are set and that this sitting has nobody of.

    A column that the sitting has not is no mistake: settings are for all sittings.
    """
    asked = [(column, word) for column, word in settings.reference.items()]
    asked += [(column, word) for column, words in settings.focal.items() for word in words]
    return tuple((column, word) for column, word in asked if column in dif_columns(data) and word not in groups_of(data, column))


def _flags(data: SittingData, items: pl.DataFrame, options: pl.DataFrame, limits: Thresholds) -> pl.DataFrame:
    choice = pl.Series(data.choice.tolist(), dtype=pl.Boolean)
    return flag_table(items, options, choice, limits, keys=likely_keys(data, confidence=limits.miskey_certainty))


def _held_back(data: SittingData, flags: pl.DataFrame, decided: Collection[str]) -> SittingData:
    """Return the sitting with the items held that a flag of this analysis holds, undecided."""
    found = set(flags.filter(pl.col("holds"))["item"]) - set(decided)
    held = data.held | np.array([item in found for item in data.items], bool)
    return replace(data, held=read_only(held))


def suppressed(
    table: pl.DataFrame, shown: pl.Expr, *, keep: tuple[str, ...], words: dict[str, str] | None = None
) -> pl.DataFrame:
    """Return the table with every number that is not to be shown null, except in the columns kept.

    words : for a column of text, what stands there instead
    """
    numeric = [name for name, kind in table.schema.items() if kind.is_numeric() and name not in keep]
    hidden = [pl.when(shown).then(pl.col(name)).otherwise(None).alias(name) for name in numeric]
    hidden += [
        pl.when(shown).then(pl.col(name)).otherwise(pl.lit(word)).alias(name)
        for name, word in (words or {}).items()
    ]
    return table.with_columns(hidden)


def _shown_rates(data: SittingData, *, least: int, confidence: float) -> pl.DataFrame:
    """Return the pass rates without those of small groups, and of groups by which a small one would follow."""
    rates = pass_rates(data, confidence=confidence)
    withheld = disclosure(np.ones((data.n_persons, 1), bool), dict(data.groups), least=least).withheld
    open_to = pl.Series([pair not in withheld for pair in rates.select("by", "value").iter_rows()], dtype=pl.Boolean)
    return suppressed(rates.with_columns(open_to=open_to), (pl.col("n") >= least) & pl.col("open_to"), keep=("n",)).drop("open_to")


def _of_items(table: pl.DataFrame, enough: pl.DataFrame, *, keep: tuple[str, ...]) -> pl.DataFrame:
    joined = table.join(enough, on="item", how="left", maintain_order="left")
    return suppressed(joined, pl.col("enough"), keep=keep).drop("enough")
