"""Everything a report says about dimension, in one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from qbank.analysis.arrays import ratio
from qbank.analysis.calibrated import CalibratedItems
from qbank.analysis.dimension.categories import PaperCategories, paper_categories
from qbank.analysis.dimension.dependence import PAIR_SCHEMA, neighbour_table
from qbank.analysis.dimension.detect import detect
from qbank.analysis.dimension.dimtest import dimtest
from qbank.analysis.dimension.parallel import Correlation, latent_kind, parallel_analyses
from qbank.analysis.sitting import SittingData
from qbank.analysis.tiers import Tiers
from qbank.irt import Calibration

NAN = float("nan")
REPLICATIONS = 20
WEAK, MODERATE = 0.2, 0.4
PAPER_SCHEMA = pl.Schema(
    {"form": pl.String(), "n": pl.Int64(), "n_items": pl.Int64(), "n_left_out": pl.Int64(), "correlation": pl.String(),
     "first": pl.Float64(), "second": pl.Float64(), "first_share": pl.Float64(), "n_factors": pl.Int64(),
     "n_factors_pearson": pl.Int64(), "detect": pl.Float64(), "detect_other": pl.Float64(), "ratio": pl.Float64(),
     "assi": pl.Float64(), "n_clusters": pl.Int64(), "dimtest": pl.Float64(), "dimtest_p": pl.Float64(),
     "n_enemies": pl.Int64(), "smoothed": pl.Boolean(), "verdict": pl.String(), "status": pl.String()}
)  # fmt: skip
EIGEN_SCHEMA = pl.Schema(
    {"form": pl.String(), "correlation": pl.String(), "position": pl.Int64(), "observed": pl.Float64(),
     "random_mean": pl.Float64(), "random_95": pl.Float64(), "above": pl.Boolean()}
)  # fmt: skip
CLUSTER_SCHEMA = pl.Schema({"form": pl.String(), "item": pl.String(), "cluster": pl.Int64()})


@dataclass(frozen=True, slots=True, eq=False)
class DimensionAnalysis:
    """papers, eigenvalues, clusters : `dimension_analysis` ; pairs : `neighbour_table` ; withheld : `Tiers.withheld`."""

    papers: pl.DataFrame
    eigenvalues: pl.DataFrame
    clusters: pl.DataFrame
    pairs: pl.DataFrame
    withheld: pl.DataFrame
    seed: int
    replications: int


def dimension_analysis(
    data: SittingData,
    *,
    calibrations: Mapping[str, Calibration] | None = None,
    calibrated: CalibratedItems | None = None,
    tiers: Tiers | None = None,
    seed: int = 1,
    replications: int = REPLICATIONS,
    dependent_above: float = 0.2,
) -> DimensionAnalysis:
    """Return by paper how many dimensions its scored items have, and which pairs depend on each other.

    eigenvalues: of the tetrachoric (polychoric) and of the Pearson correlations, beside mean and 95th percentile of shuffled
    answers (`parallel_analysis`). papers: first, second eigenvalue, first_share of all, n_factors by each correlation, DETECT
    (`detect`) on the persons that made the partition and on the others, DIMTEST's T for the smallest cluster of three and more
    items (`dimtest`, right/wrong items) on the others. Of more than 20,000 persons of a paper that many are drawn (seed).
    verdict: ``one``: DETECT on the other persons below .2 or one factor alone with DETECT below .4; ``several``: DETECT at least .4
    and two factors or more; ``weak``: anything between; ``none`` where it cannot be told. status: ok, few_items, too_few.
    calibrations : form → calibration of exactly its items that vary, for Q3 ; calibrated : the sitting's items with
    parameters, for Q3 of the papers of which every counted item has some. No rows where forms are pooled: nobody answered
    the same items.
    """
    limits = tiers or Tiers()
    needed = limits.needs("dimension")
    rows: list[tuple[object, ...]] = []
    eigen, clusters, pairs, asked = [], [], [], []
    for form, name in () if data.pooled else enumerate(data.forms):
        paper = paper_categories(data, form, seed=seed)
        n, k = paper.n, paper.category.shape[1]
        asked.append((name, n))
        if n < needed:
            continue
        given = (calibrations or {}).get(name)
        pairs.append(neighbour_table(data, form, paper, calibration=given, calibrated=calibrated, tiers=limits, seed=seed, dependent_above=dependent_above))
        if k < 4:
            rows.append((name, n, k, len(paper.left_out), "", *[NAN] * 3, None, None, *[NAN] * 4, None, NAN, NAN,
                         _n_enemies(pairs[-1]), None, "none", "few_items"))  # fmt: skip
            continue
        row, own_eigen, own_clusters = _paper(data, name, paper, pairs[-1], seed, replications)
        rows.append(row)
        eigen.append(own_eigen)
        clusters.append(own_clusters)
    return DimensionAnalysis(
        pl.DataFrame(rows, schema=PAPER_SCHEMA, orient="row"),
        pl.concat([pl.DataFrame(schema=EIGEN_SCHEMA), *eigen]),
        pl.concat([pl.DataFrame(schema=CLUSTER_SCHEMA), *clusters]),
        pl.concat([pl.DataFrame(schema=PAIR_SCHEMA), *pairs]),
        limits.withheld([("dimension", name, n) for name, n in asked]),
        seed,
        replications,
    )


def _paper(
    data: SittingData, name: str, paper: PaperCategories, pairs: pl.DataFrame, seed: int, replications: int
) -> tuple[tuple[object, ...], pl.DataFrame, pl.DataFrame]:
    n, k = paper.category.shape
    kinds: tuple[Correlation, ...] = (latent_kind(paper.category), "pearson")
    latent, plain = parallel_analyses(paper.category, kinds, replications=replications, seed=seed)
    found = detect(paper.marks, paper.category, seed=seed)
    t, p = NAN, NAN
    sizes = np.bincount(found.cluster)
    fit = np.flatnonzero((sizes >= 3) & (sizes <= k - 3))
    if len(fit) and paper.category.max(initial=0) == 1:
        others = np.random.default_rng(seed).permutation(n)[n // 2 :]
        smallest = int(fit[np.argmin(sizes[fit])])
        t, p = dimtest(paper.category[others], found.cluster == smallest, seed=seed)
    eigen = pl.concat([
        pl.DataFrame(
            {"form": [name] * k, "correlation": [each.kind] * k, "position": np.arange(1, k + 1), "observed": each.observed,
             "random_mean": each.random_mean, "random_95": each.random_95, "above": np.arange(k) < each.n_factors},
            schema=EIGEN_SCHEMA,
        )
        for each in (latent, plain)
    ])  # fmt: skip
    words = [data.items[item] for item in paper.items]
    clusters = pl.DataFrame({"form": [name] * k, "item": words, "cluster": found.cluster}, schema=CLUSTER_SCHEMA)
    row = (
        name, paper.n, k, len(paper.left_out), latent.kind, float(latent.observed[0]), float(latent.observed[1]),
        float(ratio(latent.observed[0], k)), latent.n_factors, plain.n_factors, found.detect, found.detect_other, found.ratio,
        found.assi, int(found.cluster.max()), t, p, _n_enemies(pairs), latent.smoothed,
        verdict(latent.n_factors, found.detect_other), "ok",
    )  # fmt: skip
    return row, eigen, clusters


def verdict(n_factors: int, detect_other: float) -> str:
    """Return one, weak, several or none of the number of factors and DETECT on persons that did not make the partition.

    >>> verdict(1, 0.1), verdict(3, 0.6), verdict(3, 0.3), verdict(1, 0.3), verdict(2, float("nan"))
    ('one', 'several', 'weak', 'one', 'none')
    """
    if not np.isfinite(detect_other):
        return "none"
    if detect_other < WEAK or (n_factors <= 1 and detect_other < MODERATE):
        return "one"
    return "several" if detect_other >= MODERATE and n_factors >= 2 else "weak"


def _n_enemies(pairs: pl.DataFrame) -> int:
    return pairs.filter(pl.col("enemy") & (pl.col("item") < pl.col("other"))).height
