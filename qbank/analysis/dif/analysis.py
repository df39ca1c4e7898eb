"""DIF of one group column: who is compared with whom, on which matching score, and every table of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qbank.analysis.arrays import BoolArray
from qbank.analysis.dif.compared import Columns, Compared
from qbank.analysis.dif.comparison import compared_items, purified
from qbank.analysis.dif.logistic import JODOIN, ZUMBO, effect_class, logistic_dif
from qbank.analysis.dif.many_groups import generalised_mantel_haenszel
from qbank.analysis.dif.multiplicity import benjamini_hochberg, holm
from qbank.analysis.dif.persons import FORM, compared, group_words, pair_of, paper_share
from qbank.analysis.dif.purification import Purified
from qbank.analysis.dif.settings import DifSettings
from qbank.analysis.dif.tables import GROUPS, ITEMS, OMNIBUS, PURIFICATION
from qbank.analysis.sitting import SittingData


@dataclass(frozen=True, slots=True, eq=False)
class DifAnalysis:
    """The DIF of one group column. Tables are described at `dif_analysis`.

    status : ok ; one_group (nobody to compare) ; withheld (too few persons: ``n`` there are, ``needs`` must be) ;
    item_response : `with_item_response` ; pooled : persons sat papers too many to match within any
    """

    column: str
    reference: str
    focal: tuple[str, ...]
    status: str
    n: int
    needs: int
    settings: DifSettings
    groups: pl.DataFrame
    items: pl.DataFrame
    omnibus: pl.DataFrame
    purification: pl.DataFrame
    item_response: pl.DataFrame | None = None
    pooled: bool = False


def dif_columns(data: SittingData) -> tuple[str, ...]:
    """Return the columns by which groups can be compared: those with two words or more, and ``form`` where papers share items."""
    columns = [name for name, words in data.groups if len({word for word in words if word}) > 1]
    if data.n_forms > 1 and not data.pooled and FORM not in columns and (data.in_form.sum(axis=0) > 1).sum() > 1:
        columns.append(FORM)
    return tuple(columns)


def groups_of(data: SittingData, column: str) -> frozenset[str]:
    """Return the words of a column, or of ``form`` the papers that somebody sat."""
    return frozenset(str(word) for word in group_words(data, column) if word)


def dif_analysis(
    data: SittingData, column: str, *, reference: str | None = None, focal: Collection[str] | None = None,
    settings: DifSettings | None = None,
) -> DifAnalysis:
    """Return the DIF of every item between the groups of a column: each focal group against the reference, and all at once.

    column : a name of ``data.groups``, or ``form`` ; reference : its word for the reference group (None: the largest;
    of equal ones the first by name) ; focal : the groups to compare with it (None: all). Persons whose word is empty are left out.

    Matching: the score on the anchors and the item itself, within the paper sat. Anchors are the items that are scored on every paper
    that holds them and not held; items of class B or C are taken out until the list stands still (`purify`).
    Where forms are pooled persons of all papers are matched by their marks above expectation (`score_above_expectation`). For ``form`` the anchors are the items common to both papers.

    groups: group, role (reference, focal, pooled, too_few), n, mean (share of full marks on the own paper), needs.
    items: one row an item and focal group: item, group, n_reference, n_focal, facility_reference, facility_focal, dichotomous,
    anchor, held, status (ok, too_few, not_seen, no_common_score, constant); of the status ok:
    odds_ratio, log_odds, log_odds_se, delta, delta_se, delta_low, delta_high (`mantel_haenszel`; of partial marks `liu_agresti`);
    chi2, p (with continuity correction), chi2_uncorrected, p_uncorrected (of partial marks Mantel's χ² in both), p_exact, p_bh, p_holm;
    ets (A, B, C: `ets_class`, of partial marks `smd_class`), simple (|Δ| alone), favours (reference, focal), kind (uniform, nonuniform, "");
    p_dif, p_dif_low, p_dif_high, standardised, smd_effect (`standardisation`); breslow_day…; lr_…, p_…, r2_…, zumbo, jodoin
    (`logistic_dif`, `ordinal_dif`); sibtest…, crossing… (`sibtest`, shares of full marks); delta_plot (distance);
    detectable (smallest |Δ| found with the power of the settings).
    omnibus: with more than two groups, one row an item: item, n, n_groups, gmh, gmh_df, gmh_p, gmh_p_bh, lr_uniform, p_uniform,
    lr_nonuniform, p_nonuniform, lr_both, p_both, r2_both, zumbo, jodoin (logistic: up to ``most_groups`` focal groups), status.
    purification: group, status (`Purified`), steps, n_anchors, n_removed, removed, merged (scores were merged), alone (share of the group
    that met nobody at its score).

    Raises ValueError for a column or a reference that does not exist. Cost: a pass over the persons for each step of the
    purification and each focal group; 20,000 × 100 takes about a third of a second.
    """
    chosen = settings or DifSettings()
    words = group_words(data, column)
    names, sizes = np.unique(words[words != ""], return_counts=True)
    order = np.lexsort((names, -sizes))
    if reference is not None and reference not in names:
        raise ValueError(f"no person has {reference!r} in column {column!r}; it holds {', '.join(names[:10])}")
    first = str(names[order[0]]) if len(names) and reference is None else reference or ""
    others = [(str(names[place]), int(sizes[place])) for place in order if names[place] != first]
    if focal is not None:
        others = [(name, n) for name, n in others if name in focal]
    n_first = int(sizes[names == first].sum())
    fit = [name for name, n in others if min(n, n_first) >= chosen.focal_from and n + n_first >= chosen.total_from]
    compared_with = tuple(fit[: chosen.most_groups])
    whole = compared(data, words, (first, *compared_with), column)
    comparisons = [_compare(pair_of(whole, place + 1), chosen) for place in range(len(compared_with))]
    status, needs = "ok", 0
    second = max((n for _, n in others), default=0)
    if not compared_with:
        status = "withheld" if others else "one_group"
        needs = chosen.total_from if second + n_first < chosen.total_from else chosen.focal_from
    return DifAnalysis(
        column=column,
        reference=first,
        focal=compared_with,
        status=status,
        n=min(second, n_first) if needs == chosen.focal_from else second + n_first,
        needs=needs,
        settings=chosen,
        groups=_group_table(data, words, first, n_first, others, fit, compared_with, chosen),
        items=pl.concat([ITEMS.to_frame(), *(_item_table(data, pair) for pair in zip(compared_with, comparisons, strict=True))]),
        omnibus=_omnibus(data, compared(data, words, (first, *fit), column), [one.pure for one in comparisons], chosen),
        purification=_purification_table(data, compared_with, comparisons),
        pooled=data.pooled,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Comparison:
    columns: Columns
    pure: Purified
    merged: bool
    alone: float


def _compare(pair: Compared, settings: DifSettings) -> _Comparison:
    pure = purified(pair, settings)
    alone = pair.alone(pure.anchors)
    return _Comparison(compared_items(pair, pure.anchors, settings), pure, alone > settings.lost_at_most, alone)


def _item_table(data: SittingData, pair: tuple[str, _Comparison]) -> pl.DataFrame:
    name, found = pair
    own = {"item": list(data.items), "group": [name] * data.n_items, "held": data.held}
    return pl.DataFrame({word: own.get(word, found.columns.get(word)) for word in ITEMS}, schema=ITEMS)


def _purification_table(data: SittingData, focal: tuple[str, ...], comparisons: list[_Comparison]) -> pl.DataFrame:
    rows = []
    for name, found in zip(focal, comparisons, strict=True):
        removed = [data.items[place] for place in np.flatnonzero(found.pure.flagged & ~found.pure.anchors)]
        n_anchors = int(found.pure.anchors.sum())
        rows.append((name, found.pure.status, found.pure.steps, n_anchors, len(removed), removed, found.merged, found.alone))
    return pl.DataFrame(rows, schema=PURIFICATION, orient="row")


def _group_table(
    data: SittingData, words: NDArray[np.str_], reference: str, n_reference: int, others: list[tuple[str, int]], fit: list[str],
    focal: tuple[str, ...], settings: DifSettings,
) -> pl.DataFrame:  # fmt: skip
    share = paper_share(data)
    rows = []
    for name, n in [(reference, n_reference), *others] if n_reference else []:
        role = "reference" if name == reference else "focal" if name in focal else "pooled" if name in fit else "too_few"
        own = share[words == name]
        mean = float(np.nanmean(own)) if np.isfinite(own).any() else float("nan")
        needs = 0 if role != "too_few" else settings.focal_from if n < settings.focal_from else settings.total_from
        rows.append((name, role, n, mean, needs))
    return pl.DataFrame(rows, schema=GROUPS, orient="row")


def _omnibus(data: SittingData, whole: Compared, pures: list[Purified], settings: DifSettings) -> pl.DataFrame:
    """Return the tests of all groups at once, on the anchors that no comparison removed."""
    if whole.n_groups < 3:
        return OMNIBUS.to_frame()
    anchors: BoolArray = np.all([whole.may_match, *(pure.anchors for pure in pures)], axis=0)
    anchors = anchors if anchors.sum() >= settings.anchors_at_least else whole.may_match
    counts = whole.counts(anchors, settings)
    gmh = generalised_mantel_haenszel(counts.total, counts.n, square=counts.square)
    n = counts.n.sum(axis=2)
    ok = ((n > 0).sum(axis=1) > 1) & np.isfinite(gmh.chi2)
    few = whole.n_groups <= settings.most_groups + 1
    items = np.flatnonzero(whole.dichotomous & ok & few)
    part = counts.of(items)
    found = logistic_dif(part.total, part.n, part.score, part.form)
    columns: Columns = {
        "item": np.array(data.items, dtype=np.str_), "n": n.sum(axis=1).astype(np.int64), "n_groups": (n > 0).sum(axis=1).astype(np.int64),
        "status": np.where(ok, "ok", "not_seen"), "gmh": gmh.chi2, "gmh_df": gmh.df, "gmh_p": gmh.p,
        "gmh_p_bh": benjamini_hochberg(gmh.p), "gmh_p_holm": holm(gmh.p),
    }  # fmt: skip
    for name in ("lr_uniform", "p_uniform", "lr_nonuniform", "p_nonuniform", "lr_both", "p_both", "r2_both"):
        values = np.full(data.n_items, np.nan)
        values[items] = getattr(found, name)
        columns[name] = values
    r2 = np.asarray(columns["r2_both"], float)
    columns |= {"zumbo": effect_class(r2, ZUMBO), "jodoin": effect_class(r2, JODOIN)}
    return pl.DataFrame({name: columns[name] for name in OMNIBUS}, schema=OMNIBUS)
